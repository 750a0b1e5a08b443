/* SPDX-License-Identifier: BSD-2-Clause */
/* The page's languages, and the one home of gettext. English is what the source says. */
#ifndef WEB_LANGUAGE_H
#define WEB_LANGUAGE_H

#include <stddef.h>

#define LANGUAGE_DEFAULT "en"

struct language {
	const char *code; /* "de" */
	const char *name; /* in itself: "Deutsch" */
};

extern const struct language languages[]; /* up to a code that is NULL */

/* The language whose code this is; NULL: none of ours. */
const struct language *language_find(const char *code);

/* The first of ours that an Accept-Language header wants most (RFC 9110, 12.5.4): its q values are
 * honoured, regions are not. NULL or nonsense: English. */
const struct language *language_negotiate(const char *accept_language);

/* Makes language_text speak it; catalogues lie in dir. Once per process, before threads. */
void language_use(const struct language *language, const char *dir);

/* The sentence in that language, or itself. */
const char *language_text(const char *sentence);

/* One or the other word for a number of things, as the language counts. */
const char *language_plural(const char *one, const char *many, unsigned long count);

/* Marks a sentence in a table for the catalogue; the table's user calls language_text. */
#define MESSAGE(sentence) sentence

#endif
