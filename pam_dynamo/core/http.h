/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One HTTP/1.1 exchange over a kept-alive connection: libcurl's only home. TLS 1.2 or newer,
 * verified against a hashed CA directory, always. No proxy, no redirect, no netrc, no cookies, no
 * compression, no environment.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/pd_error.h"
#include "core/resolve.h"
#include "core/sigv4.h"

/* Where http without TLS may go, judged on the address of the socket when it is connected. */
enum http_plain {
	HTTP_PLAIN_NEVER,
	HTTP_PLAIN_LOOPBACK, /* 127.0.0.0/8, ::1 */
	HTTP_PLAIN_METADATA, /* and 169.254.169.254, .170.2, .170.23, fd00:ec2::23, fd00:ec2::254 */
};

struct http; /* one connection, for one thread at a time */

struct http_options {
	const char *ca_path; /* hashed directory of certificates; borrowed while open */
	enum http_plain plain;
	struct resolver *resolver; /* borrowed while open; NULL: literal addresses only */
};

struct http_request {
	const char *method; /* GET, POST, PUT */
	const char *url;
	const char *host; /* to resolve; as in url, without brackets */
	unsigned port;
	const struct sigv4_header *headers;
	size_t header_count;
	const void *body;
	size_t body_len;
	int connect_timeout_ms;
	int timeout_ms;   /* the whole exchange */
	size_t reply_max; /* bytes of body; more fails */
	bool resend;      /* a kept-alive connection that died may be replaced unseen: reads only */
};

#define HTTP_DATE_SIZE 40
#define HTTP_ID_SIZE 96
#define HTTP_CRC_SIZE 16
#define HTTP_ERROR_SIZE 256

struct http_reply {
	long status;
	struct buf body;
	char date[HTTP_DATE_SIZE];     /* Date; "" where absent, as the next two */
	char request_id[HTTP_ID_SIZE]; /* x-amzn-RequestId */
	char crc32[HTTP_CRC_SIZE];     /* x-amz-crc32 */
	char error[HTTP_ERROR_SIZE];   /* of a failure: what happened, for the log */
	bool answered;                 /* bytes of a reply arrived, whole or not */
	bool timed_out;                /* the failure is a timeout */
	bool stale; /* the kept connection had died under the request, which was not repeated */
};

/* Once per process before threads use the rest; thread-safe itself. False: libcurl refused. */
bool http_global_init(void);

/* PD_NO_MEMORY. */
enum pd_error http_open(const struct http_options *options, struct http **out);
void http_close(struct http *http);

/* PD_OK: a complete reply of any status. PD_UNAVAILABLE: the request was not sent. PD_UNCERTAIN: it
 * was sent and no complete reply came, be it for want of memory. PD_NO_MEMORY: not sent. Free reply
 * with http_reply_free always. What libcurl frees is wiped: it held keys and records. */
enum pd_error http_exchange(
    struct http *http, const struct http_request *request, struct http_reply *reply);
void http_reply_free(struct http_reply *reply);

/* A Date header (RFC 9110 5.6.7) as Unix seconds; false: not one. */
bool http_date_parse(const char *date, int64_t *out);

/* Whether an address may be spoken to without TLS; address is a struct sockaddr. */
struct sockaddr;
bool http_plain_allowed(enum http_plain plain, const struct sockaddr *address);

#endif
