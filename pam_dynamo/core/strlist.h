/* SPDX-License-Identifier: BSD-2-Clause */
/* An owned list of owned C strings. An empty list and an absent one are the same. */
#ifndef STRLIST_H
#define STRLIST_H

#include <stdbool.h>
#include <stddef.h>

struct strlist {
	char **items;
	size_t len;
};

void strlist_free(struct strlist *list);
bool strlist_add(struct strlist *list, const char *text);                   /* false: no memory */
bool strlist_add_bytes(struct strlist *list, const char *data, size_t len); /* false: no memory */
bool strlist_remove(struct strlist *list, const char *text); /* false: was not in it */
bool strlist_has(const struct strlist *list, const char *text);
bool strlist_copy(
    struct strlist *out, const struct strlist *from); /* false: no memory, out empty */
bool strlist_equal(const struct strlist *a, const struct strlist *b);     /* in order */
bool strlist_equal_set(const struct strlist *a, const struct strlist *b); /* in any order */

/* Splits at runs of blanks and commas; false: no memory. out must be empty. */
bool strlist_split(struct strlist *out, const char *text);

#endif
