/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys from the endpoints that AWS puts beside a program: the container endpoint of ECS and EKS,
 * and the instance metadata service, version 2 only. Plain http there, judged on the address.
 */
#ifndef AWS_METADATA_H
#define AWS_METADATA_H

#include <stddef.h>

#include "core/aws_credentials.h"

#define AWS_METADATA_BUDGET_MS 1000  /* for all requests of one fetch */
#define AWS_METADATA_REPLY_MAX 32768 /* bytes of one reply */
#define AWS_METADATA_TOKEN_SIZE 8192 /* a token with its NUL */

/* A session token of the metadata service, good for some hours. Zero it; wipe it at the end. */
struct aws_metadata_session {
	char token[AWS_METADATA_TOKEN_SIZE]; /* secret; "": none */
	int64_t good_until_ms;               /* clock_monotonic_ms */
};

/* A reply of either endpoint: AccessKeyId, SecretAccessKey, Token, Expiration, and Code where there
 * is one. PD_CORRUPT. */
enum pd_error aws_metadata_parse(const char *text, size_t len, struct aws_credentials *out);

/* "2026-11-22T10:00:00Z" as Unix seconds; false: not of that form. */
bool aws_metadata_time(const char *text, int64_t *out);

/* struct aws_source's fetch functions. */
enum pd_error aws_metadata_fetch_container(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out);
enum pd_error aws_metadata_fetch_imds(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out);

#endif
