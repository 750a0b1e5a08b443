/* SPDX-License-Identifier: BSD-2-Clause */
/* web.conf (web.conf(5)): `key = value` lines, strictly. Everything that is decided about users is
 * the service's and stands in pam_dynamo.conf. */
#ifndef WEB_CONF_H
#define WEB_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "web/address.h"

#define WEB_CONF_DEFAULT "/etc/pam-dynamo/web.conf"
#define WEB_CONF_TEXT_SIZE 256 /* of a value, with its NUL */
#define WEB_CONF_PROXIES_MAX 16
#define WEB_CONF_WHY_SIZE 512

struct web_conf {
	char base_url[WEB_CONF_TEXT_SIZE];  /* without the last slash */
	char origin[WEB_CONF_TEXT_SIZE];    /* scheme://host[:port] of it */
	char base_path[WEB_CONF_TEXT_SIZE]; /* the rest, "" or "/account" */
	bool local;                         /* http on this machine alone: for trying it out */
	char brand[WEB_CONF_TEXT_SIZE];
	char socket[WEB_CONF_TEXT_SIZE];
	char key_file[WEB_CONF_TEXT_SIZE];
	char static_path[WEB_CONF_TEXT_SIZE]; /* of the URL, "/pam-dynamo-static" */
	char locale_dir[WEB_CONF_TEXT_SIZE];
	char terms_url[WEB_CONF_TEXT_SIZE]; /* "": no terms */
	char contact[WEB_CONF_TEXT_SIZE];
	char forwarded_header[WEB_CONF_TEXT_SIZE]; /* "X-Forwarded-For"; "": none is believed */
	bool lax;                                  /* SameSite=Lax for the session */
	struct address_range proxies[WEB_CONF_PROXIES_MAX];
	size_t proxy_count;
};

/* False: why says file, line, key and what is wrong; for the log, never for the browser. */
bool web_conf_read(const char *path, struct web_conf *out, char why[WEB_CONF_WHY_SIZE]);
/* The same of a text, which is cut up; path is what why says. */
bool web_conf_parse(
    const char *path, char *text, struct web_conf *out, char why[WEB_CONF_WHY_SIZE]);

#endif
