/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/template.h"

#include <string.h>

#include "web/language.h"

static const struct template_value *
find(const struct template_values *values, const char *name, size_t len)
{
	for (size_t i = values->count; i-- > 0;) {
		if (strncmp(values->list[i].name, name, len) == 0 &&
		    values->list[i].name[len] == '\0')
			return &values->list[i];
	}
	return NULL;
}

static void
set(struct template_values *values, const struct template_value *value)
{
	if (values->count == TEMPLATE_VALUES_MAX) {
		values->failed = true;
		return;
	}
	values->list[values->count++] = *value;
}

void
template_set(struct template_values *values, const char *name, const char *text)
{
	set(values, &(struct template_value){.name = name, .text = text});
}

void
template_set_slot(
    struct template_values *values, const char *name, template_slot *slot, const void *argument)
{
	set(values, &(struct template_value){.name = name, .slot = slot, .argument = argument});
}

const char *
template_get(const struct template_values *values, const char *name)
{
	const struct template_value *value = find(values, name, strlen(name));

	return value != NULL && value->text != NULL ? value->text : "";
}

void
template_message(struct html *html, const char *sentence, const struct template_values *values)
{
	const char *at = language_text(sentence);

	while (*at != '\0') {
		const char *open = strchr(at, '{');
		const char *close = open == NULL ? NULL : strchr(open, '}');
		const struct template_value *value;

		if (close == NULL) {
			html_text(html, at);
			return;
		}
		html_text_part(html, at, (size_t)(open - at));
		value = find(values, open + 1, (size_t)(close - open - 1));
		if (value != NULL)
			html_text(html, value->text);
		at = close + 1;
	}
}

static bool
present(const struct template_values *values, const char *name)
{
	const struct template_value *value = find(values, name, strlen(name));

	return value != NULL &&
	    (value->slot != NULL || (value->text != NULL && value->text[0] != '\0'));
}

/* The piece that closes the section at open; sections of one name do not nest. */
static const struct piece *
skip(const struct piece *open)
{
	const struct piece *at = open + 1;

	while (at->kind != PIECE_END &&
	    !(at->kind == PIECE_CLOSE && strcmp(at->text, open->text) == 0))
		at++;
	return at->kind == PIECE_END ? at - 1 : at;
}

static void
write_slot(struct html *html, const struct template_values *values, const char *name)
{
	const struct template_value *value = find(values, name, strlen(name));

	if (value != NULL && value->slot != NULL)
		value->slot(html, value->argument);
}

void
template_write(
    struct html *html, const struct template *template, const struct template_values *values)
{
	if (values->failed)
		html->failed = true;
	for (const struct piece *at = template->pieces; at->kind != PIECE_END; at++) {
		switch (at->kind) {
		case PIECE_LITERAL:
			html_literal(html, at->text);
			break;
		case PIECE_VALUE:
			html_text(html, template_get(values, at->text));
			break;
		case PIECE_MESSAGE:
			template_message(html, at->text, values);
			break;
		case PIECE_IF:
		case PIECE_UNLESS:
			if (present(values, at->text) != (at->kind == PIECE_IF))
				at = skip(at);
			break;
		case PIECE_SLOT:
			write_slot(html, values, at->text);
			break;
		case PIECE_CLOSE:
		case PIECE_END:
			break;
		}
	}
}

const struct template *
template_find(const char *name)
{
	for (const struct template *at = templates; at->name != NULL; at++) {
		if (strcmp(at->name, name) == 0)
			return at;
	}
	return NULL;
}
