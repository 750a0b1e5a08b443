/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/csrf.h"

#include <stdio.h>
#include <string.h>

static void
make(const unsigned char *key, const struct csrf_binding *binding, char out[CSRF_TOKEN_SIZE])
{
	unsigned char mac[SECRET_SHA256_LEN];
	char text[256];
	int len = snprintf(text, sizeof(text), "csrf1|%s|%s|%s", binding->form,
	    binding->session[0] == '\0' ? "-" : binding->session, binding->form_cookie);

	/* all parts are ours and short; a cut text would bind to less */
	if (len < 0 || (size_t)len >= sizeof(text))
		secret_random(text, sizeof(text));
	secret_hmac(key, text, strnlen(text, sizeof(text)), mac);
	secret_to_base64(mac, sizeof(mac), out, CSRF_TOKEN_SIZE);
	secret_wipe(text, sizeof(text));
}

void
csrf_make(
    const struct web_keys *keys, const struct csrf_binding *binding, char out[CSRF_TOKEN_SIZE])
{
	make(keys->list[0].key, binding, out);
}

bool
csrf_good(const struct web_keys *keys, const struct csrf_binding *binding, const char *token)
{
	char expected[CSRF_TOKEN_SIZE];
	bool good = false;

	if (strlen(token) != CSRF_TOKEN_SIZE - 1 || binding->form_cookie[0] == '\0')
		return false;
	for (size_t i = 0; i < keys->count; i++) {
		make(keys->list[i].key, binding, expected);
		if (secret_equal(expected, token, CSRF_TOKEN_SIZE - 1))
			good = true;
	}
	return good;
}

bool
csrf_origin_good(const char *origin, const char *fetch_site, const char *own)
{
	if (fetch_site != NULL && strcmp(fetch_site, "same-origin") != 0)
		return false;
	if (origin != NULL && strcmp(origin, own) != 0)
		return false;
	return origin != NULL || fetch_site != NULL;
}
