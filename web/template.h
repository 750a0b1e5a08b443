/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages' texts: files web/templates/NAME.html, compiled in by templates.awk. In a template
 *
 *   {{name}}            the value, escaped
 *   {{_Sentence}}       the sentence in the page's language; {name} in it is a value
 *   {{?name}} {{/name}} what lies between only if the value is there and not empty
 *   {{!name}} {{/name}} only if not
 *   {{>name}}           what the value's function writes
 *
 * Nothing else is special. A name without a value is an empty one.
 */
#ifndef WEB_TEMPLATE_H
#define WEB_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "web/html.h"

enum piece_kind {
	PIECE_END,
	PIECE_LITERAL,
	PIECE_VALUE,
	PIECE_MESSAGE,
	PIECE_IF,
	PIECE_UNLESS,
	PIECE_CLOSE,
	PIECE_SLOT
};

struct piece {
	enum piece_kind kind;
	const char *text; /* a literal, a sentence, or a name */
};

struct template
{
	const char *name;
	const struct piece *pieces; /* up to PIECE_END */
};

typedef void template_slot(struct html *html, const void *argument);

#define TEMPLATE_VALUES_MAX 64

struct template_value {
	const char *name;
	const char *text;
	template_slot *slot;
	const void *argument;
};

/* Borrowed texts: they live as long as the page is written. */
struct template_values {
	size_t count;
	struct template_value list[TEMPLATE_VALUES_MAX];
	bool failed; /* too many */
};

void template_set(struct template_values *values, const char *name, const char *text);
void template_set_slot(
    struct template_values *values, const char *name, template_slot *slot, const void *argument);
const char *template_get(const struct template_values *values, const char *name); /* "" if absent */

void template_write(
    struct html *html, const struct template *template, const struct template_values *values);
/* A sentence as {{_Sentence}} writes it. */
void template_message(
    struct html *html, const char *sentence, const struct template_values *values);

/* All of them, up to a name that is NULL; the generated templates.c. */
extern const struct template templates[];
const struct template *template_find(const char *name); /* NULL: none */

#endif
