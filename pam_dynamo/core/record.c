/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/record.h"

#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

void
pairs_free(struct pairs *pairs)
{
	if (pairs == NULL)
		return;
	strlist_free(&pairs->names);
	strlist_free(&pairs->values);
}

bool
pairs_set(struct pairs *pairs, const char *name, const char *value)
{
	for (size_t i = 0; i < pairs->names.len; i++) {
		char *copy;

		if (strcmp(pairs->names.items[i], name) != 0)
			continue;
		copy = strdup(value);
		if (copy == NULL)
			return false;
		free(pairs->values.items[i]);
		pairs->values.items[i] = copy;
		return true;
	}
	if (!strlist_add(&pairs->values, value))
		return false;
	if (strlist_add(&pairs->names, name))
		return true;
	free(pairs->values.items[--pairs->values.len]);
	return false;
}

const char *
pairs_get(const struct pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->names.len; i++) {
		if (strcmp(pairs->names.items[i], name) == 0)
			return pairs->values.items[i];
	}
	return NULL;
}

static bool
pairs_equal(const struct pairs *a, const struct pairs *b)
{
	if (a->names.len != b->names.len)
		return false;
	for (size_t i = 0; i < a->names.len; i++) {
		const char *value = pairs_get(b, a->names.items[i]);

		if (value == NULL || strcmp(value, a->values.items[i]) != 0)
			return false;
	}
	return true;
}

static bool
pairs_copy(struct pairs *out, const struct pairs *from)
{
	*out = (struct pairs){0};
	if (strlist_copy(&out->names, &from->names) && strlist_copy(&out->values, &from->values))
		return true;
	pairs_free(out);
	return false;
}

const struct field *
record_field(const struct record_type *type, const char *name)
{
	for (size_t i = 0; i < type->field_count; i++) {
		if (strcmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	}
	return NULL;
}

static const void *
at(const void *record, const struct field *field)
{
	return (const char *)record + field->offset;
}

char **
record_string(void *record, const struct field *field)
{
	return (void *)((char *)record + field->offset);
}

int64_t *
record_number(void *record, const struct field *field)
{
	return (void *)((char *)record + field->offset);
}

bool *
record_bool(void *record, const struct field *field)
{
	return (void *)((char *)record + field->offset);
}

struct strlist *
record_list(void *record, const struct field *field)
{
	return (void *)((char *)record + field->offset);
}

struct pairs *
record_pairs(void *record, const struct field *field)
{
	return (void *)((char *)record + field->offset);
}

bool
record_absent(const struct field *field, const void *record)
{
	const void *value = at(record, field);

	switch (field->type) {
	case FIELD_STRING:
		return *(char *const *)value == NULL;
	case FIELD_NUMBER:
		return *(const int64_t *)value == 0;
	case FIELD_BOOL:
		return !*(const bool *)value;
	case FIELD_SET:
	case FIELD_LIST:
		return ((const struct strlist *)value)->len == 0;
	case FIELD_MAP:
		return ((const struct pairs *)value)->names.len == 0;
	}
	return true;
}

bool
record_field_equal(const struct field *field, const void *a, const void *b)
{
	const void *left = at(a, field);
	const void *right = at(b, field);

	if (record_absent(field, a) || record_absent(field, b))
		return record_absent(field, a) == record_absent(field, b);
	switch (field->type) {
	case FIELD_STRING:
		return strcmp(*(char *const *)left, *(char *const *)right) == 0;
	case FIELD_NUMBER:
		return *(const int64_t *)left == *(const int64_t *)right;
	case FIELD_BOOL:
		return *(const bool *)left == *(const bool *)right;
	case FIELD_SET:
		return strlist_equal_set(left, right);
	case FIELD_LIST:
		return strlist_equal(left, right);
	case FIELD_MAP:
		return pairs_equal(left, right);
	}
	return false;
}

bool
record_equal(const struct record_type *type, const void *a, const void *b)
{
	for (size_t i = 0; i < type->field_count; i++) {
		if (!record_field_equal(&type->fields[i], a, b))
			return false;
	}
	return true;
}

void
record_clear_field(const struct field *field, void *record)
{
	switch (field->type) {
	case FIELD_STRING:
		secret_free_string(*record_string(record, field));
		*record_string(record, field) = NULL;
		break;
	case FIELD_NUMBER:
		*record_number(record, field) = 0;
		break;
	case FIELD_BOOL:
		*record_bool(record, field) = false;
		break;
	case FIELD_SET:
	case FIELD_LIST:
		strlist_free(record_list(record, field));
		break;
	case FIELD_MAP:
		pairs_free(record_pairs(record, field));
		break;
	}
}

void
record_free(const struct record_type *type, void *record)
{
	if (record == NULL)
		return;
	for (size_t i = 0; i < type->field_count; i++)
		record_clear_field(&type->fields[i], record);
	secret_wipe(record, type->size);
}

enum pd_error
record_copy_field(const struct field *field, void *out, const void *from)
{
	const void *value = at(from, field);
	bool copied = true;

	switch (field->type) {
	case FIELD_STRING: {
		const char *text = *(char *const *)value;
		char **copy = record_string(out, field);

		*copy = text != NULL ? strdup(text) : NULL;
		copied = text == NULL || *copy != NULL;
		break;
	}
	case FIELD_NUMBER:
		*record_number(out, field) = *(const int64_t *)value;
		break;
	case FIELD_BOOL:
		*record_bool(out, field) = *(const bool *)value;
		break;
	case FIELD_SET:
	case FIELD_LIST:
		copied = strlist_copy(record_list(out, field), value);
		break;
	case FIELD_MAP:
		copied = pairs_copy(record_pairs(out, field), value);
		break;
	}
	return copied ? PD_OK : PD_NO_MEMORY;
}

enum pd_error
record_copy(const struct record_type *type, void *out, const void *from)
{
	memset(out, 0, type->size);
	for (size_t i = 0; i < type->field_count; i++) {
		if (record_copy_field(&type->fields[i], out, from) != PD_OK) {
			record_free(type, out);
			return PD_NO_MEMORY;
		}
	}
	return PD_OK;
}
