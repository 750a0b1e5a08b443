/* SPDX-License-Identifier: BSD-2-Clause */
/* Records to SQLite parameters and back. Absent is NULL; sets and lists are JSON arrays, maps JSON
 * objects of strings, so that the sqlite3 command and its json functions read them. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/store_sqlite.h"

static struct json *
list_json(const struct strlist *list)
{
	struct json *array = json_new_array();

	for (size_t i = 0; array != NULL && i < list->len; i++) {
		if (!json_append(array, json_new_string(list->items[i]))) {
			json_free(array);
			return NULL;
		}
	}
	return array;
}

static struct json *
map_json(const struct pairs *pairs)
{
	struct json *object = json_new_object();

	for (size_t i = 0; object != NULL && i < pairs->names.len; i++) {
		if (!json_put(
			object, pairs->names.items[i], json_new_string(pairs->values.items[i]))) {
			json_free(object);
			return NULL;
		}
	}
	return object;
}

static enum pd_error
bound(int code)
{
	switch (code) {
	case SQLITE_OK:
		return PD_OK;
	case SQLITE_NOMEM:
		return PD_NO_MEMORY;
	case SQLITE_TOOBIG:
		return PD_INVALID;
	default: /* SQLite's codes are no enum */
		return PD_BUG;
	}
}

static enum pd_error
bind_json(sqlite3_stmt *stmt, int index, struct json *json)
{
	char *text = json == NULL ? NULL : json_text(json, false);

	json_free(json);
	if (text == NULL)
		return PD_NO_MEMORY;
	return bound(sqlite3_bind_text(stmt, index, text, -1, free));
}

enum pd_error
store_sqlite_bind_field(
    sqlite3_stmt *stmt, int index, const struct field *field, const void *record)
{
	const void *value = (const char *)record + field->offset;

	if (record_absent(field, record))
		return bound(sqlite3_bind_null(stmt, index));
	switch (field->type) {
	case FIELD_STRING:
		return bound(
		    sqlite3_bind_text(stmt, index, *(char *const *)value, -1, SQLITE_TRANSIENT));
	case FIELD_NUMBER:
		return bound(sqlite3_bind_int64(stmt, index, *(const int64_t *)value));
	case FIELD_BOOL:
		return bound(sqlite3_bind_int64(stmt, index, 1));
	case FIELD_SET:
	case FIELD_LIST:
		return bind_json(stmt, index, list_json(value));
	case FIELD_MAP:
		return bind_json(stmt, index, map_json(value));
	}
	return PD_BUG;
}

enum pd_error
store_sqlite_bind_record(
    sqlite3_stmt *stmt, const struct record_type *type, const void *record, int *next)
{
	enum pd_error error = PD_OK;
	int index = 1;

	for (size_t i = 0; i < type->field_count && error == PD_OK; i++)
		error = store_sqlite_bind_field(stmt, index++, &type->fields[i], record);
	if (next != NULL)
		*next = index;
	return error;
}

static enum pd_error
read_text(sqlite3_stmt *stmt, int column, const char **text, size_t *len)
{
	if (sqlite3_column_type(stmt, column) != SQLITE_TEXT)
		return PD_CORRUPT;
	*text = (const char *)sqlite3_column_text(stmt, column);
	*len = (size_t)sqlite3_column_bytes(stmt, column);
	if (*text == NULL)
		return PD_NO_MEMORY;
	return strlen(*text) == *len ? PD_OK : PD_CORRUPT;
}

static enum pd_error
read_string(sqlite3_stmt *stmt, int column, char **out)
{
	const char *text = NULL;
	size_t len = 0;
	enum pd_error error = read_text(stmt, column, &text, &len);

	if (error != PD_OK || len == 0)
		return error; /* an empty string is an absent one */
	*out = strdup(text);
	return *out == NULL ? PD_NO_MEMORY : PD_OK;
}

static enum pd_error
read_number(sqlite3_stmt *stmt, int column, int64_t min, int64_t max, int64_t *out)
{
	int64_t number;

	if (sqlite3_column_type(stmt, column) != SQLITE_INTEGER)
		return PD_CORRUPT;
	number = sqlite3_column_int64(stmt, column);
	if (number < min || number > max)
		return PD_CORRUPT;
	*out = number;
	return PD_OK;
}

static enum pd_error
read_list(const struct json *json, const struct field *field, struct strlist *out)
{
	if (json_type(json) != JSON_ARRAY)
		return PD_CORRUPT;
	for (size_t i = 0; i < json_length(json); i++) {
		const char *text = json_string(json_at(json, i), NULL);

		if (text == NULL)
			return PD_CORRUPT;
		if (!strlist_add(out, text))
			return PD_NO_MEMORY;
	}
	return out->len == 0 && (field->flags & FIELD_LIMIT) != 0 ? PD_CORRUPT : PD_OK;
}

struct map_read {
	struct pairs *out;
	enum pd_error error;
};

static bool
read_member(void *ctx, const char *name, const struct json *value)
{
	struct map_read *read = ctx;
	const char *text = json_string(value, NULL);

	if (text == NULL)
		read->error = PD_CORRUPT;
	else if (!pairs_set(read->out, name, text))
		read->error = PD_NO_MEMORY;
	return read->error == PD_OK;
}

static enum pd_error
read_map(const struct json *json, struct pairs *out)
{
	struct map_read read = {.out = out, .error = PD_OK};

	if (json_type(json) != JSON_OBJECT)
		return PD_CORRUPT;
	json_each(json, read_member, &read);
	return read.error;
}

static enum pd_error
read_json(sqlite3_stmt *stmt, int column, const struct field *field, void *value)
{
	struct json *json = NULL;
	const char *text = NULL;
	size_t len = 0;
	enum pd_error error = read_text(stmt, column, &text, &len);

	if (error == PD_OK)
		error = json_parse(text, len, &json);
	if (error == PD_OK)
		error = field->type == FIELD_MAP ? read_map(json, value)
						 : read_list(json, field, value);
	json_free(json);
	return error;
}

static enum pd_error
read_field(sqlite3_stmt *stmt, int column, const struct field *field, void *record)
{
	void *value = (char *)record + field->offset;
	int64_t number = 0;
	enum pd_error error;

	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		return PD_OK;
	switch (field->type) {
	case FIELD_STRING:
		return read_string(stmt, column, value);
	case FIELD_NUMBER:
		return read_number(stmt, column, field->min, field->max, value);
	case FIELD_BOOL:
		error = read_number(stmt, column, 0, 1, &number);
		*(bool *)value = number == 1;
		return error;
	case FIELD_SET:
	case FIELD_LIST:
	case FIELD_MAP:
		return read_json(stmt, column, field, value);
	}
	return PD_BUG;
}

enum pd_error
store_sqlite_read_record(
    sqlite3_stmt *stmt, const struct record_type *type, void *out, const struct field **bad)
{
	for (size_t i = 0; i < type->field_count; i++) {
		enum pd_error error = read_field(stmt, (int)i, &type->fields[i], out);

		*bad = &type->fields[i];
		if (error != PD_OK)
			return error;
	}
	*bad = NULL;
	return PD_OK;
}
