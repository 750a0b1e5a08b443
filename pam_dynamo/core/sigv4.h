/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AWS Signature Version 4 in three pure stages, for any service: canonical request, string to sign,
 * authorization header (AWS Identity and Access Management User Guide, "Create a signed AWS API
 * request"). The headers handed in are those that are sent; the clock is a parameter.
 */
#ifndef SIGV4_H
#define SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

#define SIGV4_HEADERS_MAX 24    /* signed headers of one request */
#define SIGV4_QUERY_MAX 64      /* parameters of one query */
#define SIGV4_DATE_SIZE 17      /* "20150830T123600Z" with its NUL */
#define SIGV4_SIGNATURE_SIZE 65 /* lower-case hex with its NUL */

struct sigv4_header {
	const char *name; /* any case; repeated names are joined in order */
	const char *value;
};

/* Everything borrowed. */
struct sigv4_request {
	const char *method;
	const char *path;                   /* as sent, "" means "/" */
	const char *query;                  /* as sent, without '?'; NULL: none */
	const struct sigv4_header *headers; /* all of them are signed: host and x-amz-date too */
	size_t header_count;
	const void *body;
	size_t body_len;
	bool keep_path; /* do not remove dot segments and repeated slashes (S3) */
};

/* Who signs, when and for what. */
struct sigv4_scope {
	const char *access_key;
	const char *secret_key;
	const char *region;
	const char *service;
	int64_t now; /* Unix seconds, the same as in x-amz-date */
};

/* The X-Amz-Date value of `now`; false: not a year of four digits. */
bool sigv4_date(int64_t now, char out[SIGV4_DATE_SIZE]);

/* Stage 1. Adds to both buffers; false: too many headers or parameters, no memory. */
bool sigv4_canonical(
    const struct sigv4_request *request, struct buf *canonical, struct buf *signed_headers);

/* Stage 2. */
bool sigv4_string_to_sign(
    const struct sigv4_scope *scope, const struct buf *canonical, struct buf *string_to_sign);

/* Stage 3. The signature in hex, and the value of the Authorization header. */
bool sigv4_signature(const struct sigv4_scope *scope, const struct buf *string_to_sign,
    char out[SIGV4_SIGNATURE_SIZE]);
bool sigv4_authorization(const struct sigv4_scope *scope, const char *signed_headers,
    const char *signature, struct buf *authorization);

/* All three: the Authorization value of a request is added to `authorization`. */
bool sigv4_sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
    struct buf *authorization);

#endif
