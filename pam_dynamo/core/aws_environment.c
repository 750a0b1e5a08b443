/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/aws_environment.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [AWS_VARIABLE_ACCESS_KEY_ID] = "AWS_ACCESS_KEY_ID",
    [AWS_VARIABLE_SECRET_ACCESS_KEY] = "AWS_SECRET_ACCESS_KEY",
    [AWS_VARIABLE_SESSION_TOKEN] = "AWS_SESSION_TOKEN",
    [AWS_VARIABLE_PROFILE] = "AWS_PROFILE",
    [AWS_VARIABLE_CREDENTIALS_FILE] = "AWS_SHARED_CREDENTIALS_FILE",
    [AWS_VARIABLE_CONFIG_FILE] = "AWS_CONFIG_FILE",
    [AWS_VARIABLE_REGION] = "AWS_REGION",
    [AWS_VARIABLE_DEFAULT_REGION] = "AWS_DEFAULT_REGION",
    [AWS_VARIABLE_CONTAINER_RELATIVE_URI] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    [AWS_VARIABLE_CONTAINER_FULL_URI] = "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    [AWS_VARIABLE_CONTAINER_TOKEN] = "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    [AWS_VARIABLE_CONTAINER_TOKEN_FILE] = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    [AWS_VARIABLE_EC2_DISABLED] = "AWS_EC2_METADATA_DISABLED",
    [AWS_VARIABLE_HOME] = "HOME",
};

const char *
aws_environment_get(enum store_caller caller, enum aws_variable variable)
{
	const char *value = caller == STORE_CALLER_COMMAND ? secure_getenv(names[variable]) : NULL;

	return value == NULL || value[0] == '\0' ? NULL : value;
}

enum pd_error
aws_environment_fetch(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out)
{
	const char *id = aws_environment_get(context->caller, AWS_VARIABLE_ACCESS_KEY_ID);
	const char *key = aws_environment_get(context->caller, AWS_VARIABLE_SECRET_ACCESS_KEY);
	const char *token = aws_environment_get(context->caller, AWS_VARIABLE_SESSION_TOKEN);

	(void)deadline_ms;
	memset(out, 0, sizeof(*out));
	if (id == NULL && key == NULL)
		return PD_NOT_FOUND;
	if (id == NULL || key == NULL) {
		log_line(context->log, LOG_LEVEL_ERROR,
		    "credentials: %s is set without %s: set both or none",
		    names[id != NULL ? AWS_VARIABLE_ACCESS_KEY_ID : AWS_VARIABLE_SECRET_ACCESS_KEY],
		    names[id != NULL ? AWS_VARIABLE_SECRET_ACCESS_KEY
				     : AWS_VARIABLE_ACCESS_KEY_ID]);
		return PD_CONFIG;
	}
	out->access_key = strdup(id);
	out->secret_key = strdup(key);
	out->session_token = token == NULL ? NULL : strdup(token);
	if (out->access_key != NULL && out->secret_key != NULL &&
	    (token == NULL || out->session_token != NULL))
		return PD_OK;
	aws_credentials_free(out);
	return PD_NO_MEMORY;
}
