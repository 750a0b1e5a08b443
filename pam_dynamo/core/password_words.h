/* SPDX-License-Identifier: BSD-2-Clause */
/* The words that a guesser tries first against one user: names, mail address, host, service. */
#ifndef PASSWORD_WORDS_H
#define PASSWORD_WORDS_H

#include <stddef.h>

#include "core/user.h"

#define PASSWORD_WORDS_MAX 64
#define PASSWORD_WORDS_BYTES 4096
#define PASSWORD_WORDS_PART 3 /* bytes of the shortest part of a text that is a word by itself */

/* Folded (nfc_fold), none empty, none twice; NULL ends the list. No secret. */
struct password_words {
	const char *list[PASSWORD_WORDS_MAX + 1];
	size_t count;
	size_t used;
	char text[PASSWORD_WORDS_BYTES];
};

/* From the record and where it is used; host and service may be NULL or "". The pointers stay
 * inside *out: it is not copied. */
void password_words_fill(
    struct password_words *out, const struct user *user, const char *host, const char *service);

/* Adds a text (NULL and "" are no-ops) and its parts: up to and from its "@", the runs between
 * spaces and punctuation, and all of these run together. What finds no room is left out. */
void password_words_add(struct password_words *words, const char *text);

#endif
