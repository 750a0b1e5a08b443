/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/language.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DOMAIN "pam-dynamo-web"

const struct language languages[] = {
    {"en", "English"},
    {"de", "Deutsch"},
    {NULL, NULL},
};

static const struct language *
find(const char *code, size_t len)
{
	for (const struct language *at = languages; at->code != NULL; at++) {
		if (strlen(at->code) == len && strncasecmp(at->code, code, len) == 0)
			return at;
	}
	return NULL;
}

const struct language *
language_find(const char *code)
{
	return find(code, strlen(code));
}

/* Thousandths of "; q=0.8" at text, which may be anything; 1000 if there is none. */
static int
quality(const char *text, size_t len)
{
	const char *at = memchr(text, '=', len);
	int value = 0;
	int unit = 1000;

	if (at == NULL)
		return 1000;
	for (at++; at < text + len && unit > 0; at++) {
		if (*at >= '0' && *at <= '9') {
			value += (*at - '0') * unit;
			unit /= 10;
		} else if (*at != '.') {
			break;
		}
	}
	return value > 1000 ? 1000 : value;
}

const struct language *
language_negotiate(const char *accept_language)
{
	const struct language *best = languages;
	int best_quality = 0;

	for (const char *at = accept_language; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, ",");
		size_t blank = strspn(at, " \t");
		size_t code = blank > len ? 0 : strcspn(at + blank, ",;- \t");
		const struct language *found = blank > len ? NULL : find(at + blank, code);
		const char *more = memchr(at, ';', len);
		int q = more == NULL ? 1000 : quality(more, (size_t)(at + len - more));

		if (found != NULL && q > best_quality) {
			best = found;
			best_quality = q;
		}
		at += len;
		at += *at == ',';
	}
	return best;
}

void
language_use(const struct language *language, const char *dir)
{
	if (strcmp(language->code, LANGUAGE_DEFAULT) == 0)
		return;
	if (setlocale(LC_ALL, "C.UTF-8") == NULL || setenv("LANGUAGE", language->code, 1) != 0)
		return;
	bindtextdomain(DOMAIN, dir);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}

const char *
language_text(const char *sentence)
{
	return sentence[0] == '\0' ? sentence : gettext(sentence);
}

const char *
language_plural(const char *one, const char *many, unsigned long count)
{
	return ngettext(one, many, count);
}
