/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing: records into attribute values and update expressions. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/item.h"

/* {name: inner}; consumes inner. */
static struct json *
typed(const char *name, struct json *inner)
{
	struct json *value = json_new_object();

	if (!json_put(value, name, inner)) {
		json_free(value);
		return NULL;
	}
	return value;
}

struct json *
item_new_string(const char *text)
{
	return typed("S", json_new_string(text));
}

struct json *
item_new_number(int64_t number)
{
	char text[24];

	if (snprintf(text, sizeof(text), "%" PRId64, number) < 0)
		return NULL;
	return typed("N", json_new_string(text));
}

struct json *
item_new_binary(const char *text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text);
	struct json *value = NULL;
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned group = 0;

		for (size_t j = 0; j < 3; j++)
			group = group << 8 | (j < n ? (unsigned char)text[i + j] : 0u);
		for (size_t j = 0; j < 4; j++)
			buf_add_char(&out, j <= n ? digits[group >> (18 - 6 * j) & 63] : '=');
	}
	if (!out.failed)
		value = typed("B", json_new_string(buf_string(&out)));
	buf_free(&out);
	return value;
}

static struct json *
write_list(const struct strlist *list, bool set)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < list->len; i++) {
		const char *text = list->items[i];

		if (!json_append(array, set ? json_new_string(text) : item_new_string(text))) {
			json_free(array);
			return NULL;
		}
	}
	return typed(set ? "SS" : "L", array);
}

static struct json *
write_map(const struct pairs *pairs)
{
	struct json *map = json_new_object();

	for (size_t i = 0; i < pairs->names.len; i++)
		if (!json_put(
			map, pairs->names.items[i], item_new_string(pairs->values.items[i]))) {
			json_free(map);
			return NULL;
		}
	return typed("M", map);
}

struct json *
item_value(const struct field *field, const void *record)
{
	void *from = (void *)record; /* the accessors serve writers too; nothing is written here */

	if (record_absent(field, record))
		return NULL;
	switch (field->type) {
	case FIELD_STRING:
		return item_new_string(*record_string(from, field));
	case FIELD_NUMBER:
		return item_new_number(*record_number(from, field));
	case FIELD_BOOL:
		return typed("BOOL", json_new_bool(*record_bool(from, field)));
	case FIELD_SET:
		return write_list(record_list(from, field), true);
	case FIELD_LIST:
		return write_list(record_list(from, field), false);
	case FIELD_MAP:
		return write_map(record_pairs(from, field));
	}
	return NULL;
}

struct json *
item_write(const struct record_type *type, const void *record)
{
	struct json *item = json_new_object();

	for (size_t i = 0; i < type->field_count; i++) {
		const struct field *field = &type->fields[i];

		if (record_absent(field, record))
			continue;
		if (!json_put(item, field->name, item_value(field, record))) {
			json_free(item);
			return NULL;
		}
	}
	return item;
}

void
item_expression_init(struct item_expression *expression)
{
	memset(expression, 0, sizeof(*expression));
	buf_init(&expression->text, 0);
	expression->names = json_new_object();
	expression->values = json_new_object();
	expression->failed = expression->names == NULL || expression->values == NULL;
}

void
item_expression_free(struct item_expression *expression)
{
	buf_free(&expression->text);
	json_free(expression->names);
	json_free(expression->values);
	memset(expression, 0, sizeof(*expression));
}

void
item_expression_add(
    struct item_expression *expression, const char *text, const char *name, struct json *value)
{
	bool has_name = strchr(text, '#') != NULL, has_value = strchr(text, ':') != NULL;
	char name_key[16], value_key[16];

	if (snprintf(name_key, sizeof(name_key), "#n%u", expression->count) < 0 ||
	    snprintf(value_key, sizeof(value_key), ":v%u", expression->count) < 0)
		expression->failed = true;
	expression->count++;
	for (; *text != '\0'; text++) {
		if (*text == '#')
			buf_add_string(&expression->text, name_key);
		else if (*text == ':')
			buf_add_string(&expression->text, value_key);
		else
			buf_add_char(&expression->text, *text);
	}
	if (has_name && !json_put(expression->names, name_key, json_new_string(name)))
		expression->failed = true;
	if (!has_value)
		json_free(value);
	else if (!json_put(expression->values, value_key, value))
		expression->failed = true;
	expression->failed |= expression->text.failed;
}

/* One of the two clauses; `set` says which fields belong into it. */
static void
add_clause(struct item_expression *expression, const struct record_type *type, const void *before,
    const void *after, bool set)
{
	const char *lead = set ? "SET " : "REMOVE ";

	for (size_t i = 0; i < type->field_count; i++) {
		const struct field *field = &type->fields[i];
		bool same = before == NULL ? record_absent(field, after)
					   : record_field_equal(field, before, after);

		if ((field->flags & FIELD_KEY) != 0 || same || record_absent(field, after) == set)
			continue;
		if (*lead != ',' && expression->text.len > 0)
			buf_add_char(&expression->text, ' ');
		buf_add_string(&expression->text, lead);
		if (set)
			item_expression_add(
			    expression, "#=:", field->name, item_value(field, after));
		else
			item_expression_add(expression, "#", field->name, NULL);
		lead = ",";
	}
}

void
item_expression_update(struct item_expression *expression, const struct record_type *type,
    const void *before, const void *after)
{
	add_clause(expression, type, before, after, true);
	add_clause(expression, type, before, after, false);
}
