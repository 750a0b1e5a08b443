/* SPDX-License-Identifier: BSD-2-Clause */
/* web.key: one or two lines `ID HEX`, 32 bytes as 64 hex digits. The first makes tokens, both
 * verify them, so that a key can be replaced while forms are open. */
#ifndef WEB_KEY_H
#define WEB_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "web/secret.h"

#define WEB_KEYS_MAX 2
#define WEB_KEY_ID_SIZE 17

struct web_keys {
	size_t count;
	struct {
		char id[WEB_KEY_ID_SIZE];
		unsigned char key[SECRET_KEY_LEN];
	} list[WEB_KEYS_MAX];
};

/* False: *why says what is wrong. Who owns out wipes it. */
bool web_key_read(const char *path, struct web_keys *out, const char **why);
/* The same of a text, which is cut up. */
bool web_key_parse(char *text, struct web_keys *out, const char **why);

#endif
