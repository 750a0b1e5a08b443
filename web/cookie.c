/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/cookie.h"

#include <stdio.h>
#include <string.h>

#include "web/language.h"
#include "web/secret.h"

#include "ipc/web.h"

static bool
good_session(const char *value)
{
	unsigned char bytes[WEB_SESSION_LEN];
	bool good = secret_from_base64(value, bytes, sizeof(bytes));

	secret_wipe(bytes, sizeof(bytes));
	return good;
}

static bool
good_form(const char *value)
{
	unsigned char bytes[COOKIE_FORM_LEN];

	return secret_from_base64(value, bytes, sizeof(bytes));
}

static bool
good_language(const char *value)
{
	return language_find(value) != NULL;
}

static const struct {
	const char *name;
	bool (*good)(const char *value);
	const char *life;
} kinds[COOKIE_COUNT] = {
    [COOKIE_SESSION] = {"__Host-pd_session", good_session, ""},
    [COOKIE_FORM] = {"__Host-pd_form", good_form, ""},
    [COOKIE_LANGUAGE] = {"__Host-pd_lang", good_language, "; Max-Age=31536000"},
};

static void
take(const char *pair, size_t len, struct cookies *out, unsigned seen[COOKIE_COUNT])
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - pair);
	size_t value_len = equals == NULL ? 0 : len - name_len - 1;

	for (size_t i = 0; i < COOKIE_COUNT; i++) {
		char *value = out->value[i];

		if (strlen(kinds[i].name) != name_len || memcmp(kinds[i].name, pair, name_len) != 0)
			continue;
		if (++seen[i] == 1 && value_len > 0 && value_len < COOKIE_VALUE_SIZE) {
			memcpy(value, equals + 1, value_len);
			value[value_len] = '\0';
		}
		if (seen[i] > 1 || !kinds[i].good(value))
			secret_wipe(value, COOKIE_VALUE_SIZE);
	}
}

void
cookie_read(const char *header, struct cookies *out)
{
	unsigned seen[COOKIE_COUNT] = {0};

	memset(out, 0, sizeof(*out));
	for (const char *at = header; at != NULL && *at != '\0';) {
		size_t blank = strspn(at, " \t");
		size_t len = strcspn(at + blank, ";");
		size_t end = len;

		while (end > 0 && (at[blank + end - 1] == ' ' || at[blank + end - 1] == '\t'))
			end--;
		take(at + blank, end, out, seen);
		at += blank + len;
		at += *at == ';';
	}
}

void
cookie_line(enum cookie cookie, const char *value, bool strict, char out[COOKIE_LINE_SIZE])
{
	bool forget = value == NULL || !kinds[cookie].good(value);

	(void)snprintf(out, COOKIE_LINE_SIZE,
	    "Set-Cookie: %s=%s; Path=/; Secure; HttpOnly; SameSite=%s%s", kinds[cookie].name,
	    forget ? "" : value, strict ? "Strict" : "Lax",
	    forget ? "; Max-Age=0" : kinds[cookie].life);
}
