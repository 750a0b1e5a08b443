/* SPDX-License-Identifier: BSD-2-Clause */
/* One answer: kept whole in memory, written once. No byte of a header comes from a request. */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "web/cookie.h"
#include "web/html.h"

#define RESPONSE_LOCATION_SIZE 512

struct response {
	int status;
	bool head_only;                        /* HEAD */
	bool secure;                           /* https: Strict-Transport-Security */
	const char *allow;                     /* 405: a list of ours */
	uint32_t retry_s;                      /* 0: none */
	char location[RESPONSE_LOCATION_SIZE]; /* 303: base_url and a path of ours */
	char cookies[COOKIE_COUNT][COOKIE_LINE_SIZE];
	struct html body;
};

void response_cookie(struct response *response, enum cookie cookie, const char *value, bool strict);

/* Headers and body to fd. An answer that could not be made whole becomes a plain 500. False: it did
 * not go out; nobody is left to tell. */
bool response_write(const struct response *response, int fd);
void response_free(struct response *response);

#endif
