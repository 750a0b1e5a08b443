/* SPDX-License-Identifier: BSD-2-Clause */
/* The page's three cookies: reading them from a request, and the one writer of Set-Cookie. */
#ifndef WEB_COOKIE_H
#define WEB_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

enum cookie {
	COOKIE_SESSION,  /* base64url of 32 random bytes */
	COOKIE_FORM,     /* base64url of 16 */
	COOKIE_LANGUAGE, /* the code of a language of ours */
	COOKIE_COUNT,
};

#define COOKIE_FORM_LEN 16   /* bytes */
#define COOKIE_VALUE_SIZE 44 /* the longest value with its NUL */
#define COOKIE_LINE_SIZE 192 /* "Set-Cookie: ...", without CR LF, with its NUL */

struct cookies {
	char value[COOKIE_COUNT][COOKIE_VALUE_SIZE]; /* "": none that is good */
};

/* header NULL: none. A name of ours that comes twice counts as none, since somebody else set one of
 * them; a value outside its alphabet or length too. */
void cookie_read(const char *header, struct cookies *out);

/* value NULL or "": the browser forgets it. strict: SameSite=Strict, else Lax. */
void cookie_line(enum cookie cookie, const char *value, bool strict, char out[COOKIE_LINE_SIZE]);

#endif
