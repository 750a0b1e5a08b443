/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * application/x-www-form-urlencoded, of a body or a query, strictly: at most FORM_PAIRS_MAX pairs,
 * two hex digits after every %, UTF-8 without controls. Which names mean something is the route's
 * to say: others are ignored, a known one may come once.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "web/field.h"

#define FORM_PAIRS_MAX 32

struct form_pair {
	const char *name;
	const char *value;
};

struct form {
	size_t count;
	struct form_pair pairs[FORM_PAIRS_MAX]; /* point into the decoded data */
};

/* Decodes data[0..len) in place; data[len] is there to be written. False: refuse it with 400; out
 * is empty then. Who owns data wipes it. */
bool form_parse(struct form *out, char *data, size_t len);

/* Known fields: none repeated, none too long, CR and LF only where lines are allowed. */
bool form_check(const struct form *form, const struct field *fields);

const char *form_get(const struct form *form, const char *name); /* "" if absent */

#endif
