/* SPDX-License-Identifier: BSD-2-Clause */
/* The AWS variables of the environment, for the command only: the one file below core/ that reads
 * the environment, through secure_getenv(3). */
#ifndef AWS_ENVIRONMENT_H
#define AWS_ENVIRONMENT_H

#include "core/aws_credentials.h"

enum aws_variable {
	AWS_VARIABLE_ACCESS_KEY_ID,
	AWS_VARIABLE_SECRET_ACCESS_KEY,
	AWS_VARIABLE_SESSION_TOKEN,
	AWS_VARIABLE_PROFILE,
	AWS_VARIABLE_CREDENTIALS_FILE,
	AWS_VARIABLE_CONFIG_FILE,
	AWS_VARIABLE_REGION,
	AWS_VARIABLE_DEFAULT_REGION,
	AWS_VARIABLE_CONTAINER_RELATIVE_URI,
	AWS_VARIABLE_CONTAINER_FULL_URI,
	AWS_VARIABLE_CONTAINER_TOKEN,
	AWS_VARIABLE_CONTAINER_TOKEN_FILE,
	AWS_VARIABLE_EC2_DISABLED,
	AWS_VARIABLE_HOME,
};

/* The variable's value for this caller: NULL where it is unset or empty, and always for the
 * service. Valid until the environment changes. */
const char *aws_environment_get(enum store_caller caller, enum aws_variable variable);

/* struct aws_source's fetch. */
enum pd_error aws_environment_fetch(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out);

#endif
