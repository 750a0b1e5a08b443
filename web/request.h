/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One CGI request (RFC 3875), judged in a fixed order before anything looks at it: secure
 * connection, method, type and length of the body, path, query. Host and X-Forwarded-Host are not
 * read at all; a forwarded address only from a proxy that the configuration names.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "web/web_conf.h"

#include "ipc/web.h"

#define REQUEST_BODY_MAX 16384
#define REQUEST_QUERY_MAX 2048
#define REQUEST_PATH_SIZE 256
#define REQUEST_AGENT_SIZE 33

enum request_method { REQUEST_GET, REQUEST_HEAD, REQUEST_POST };

struct request {
	enum request_method method;
	bool secure;
	char path[REQUEST_PATH_SIZE]; /* PATH_INFO; "/" if empty */
	char network[WEB_NETWORK_SIZE];
	char agent[REQUEST_AGENT_SIZE]; /* class of the browser, one of ours */
	char id[WEB_REQUEST_ID_SIZE];
	char query[REQUEST_QUERY_MAX + 1];
	size_t query_len;
	char body[REQUEST_BODY_MAX + 1]; /* secrets; request_free wipes */
	size_t body_len;
	const char *cookie; /* headers, NULL: absent; the environment's own memory */
	const char *origin;
	const char *fetch_site;
	const char *accept_language;
};

/* Where CGI variables come from; NULL: not set. */
typedef const char *request_variable(void *context, const char *name);

/* Reads the request and its body from fd. Answers 0, or the HTTP status that refuses it: 400 403
 * 404 405 411 413 415. What could be read before stays in out. */
int request_read(const struct web_conf *conf, request_variable *variable, void *context, int fd,
    struct request *out);
void request_free(struct request *request);

#endif
