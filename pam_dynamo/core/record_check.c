/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules on the values of a record, and setting a value from text under the same rules. */
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/record.h"
#include "core/secret.h"
#include "core/utf8.h"

static bool
string_good(const struct field *field, const char *text)
{
	size_t len = strlen(text);

	if (len == 0 && (field->flags & (FIELD_KEY | FIELD_REQUIRED)) != 0)
		return false;
	return len <= (size_t)field->max && utf8_plain(text, len);
}

/* `unique`: no text may stand in it twice. */
static bool
list_good(const struct field *field, const struct strlist *list, bool unique)
{
	if (list->len > field->max_items)
		return false;
	for (size_t i = 0; i < list->len; i++) {
		if (list->items[i][0] == '\0' || !string_good(field, list->items[i]))
			return false;
		for (size_t j = 0; unique && j < i; j++) {
			if (strcmp(list->items[i], list->items[j]) == 0)
				return false;
		}
	}
	return true;
}

static bool
pairs_good(const struct field *field, const struct pairs *pairs)
{
	if (pairs->names.len != pairs->values.len || !list_good(field, &pairs->names, true))
		return false;
	for (size_t i = 0; i < pairs->values.len; i++) {
		if (!string_good(field, pairs->values.items[i]))
			return false;
	}
	return true;
}

static bool
field_good(const struct field *field, const void *record)
{
	const void *value = (const char *)record + field->offset;

	if (record_absent(field, record))
		return (field->flags & FIELD_REQUIRED) == 0;
	switch (field->type) {
	case FIELD_STRING:
		return string_good(field, *(char *const *)value);
	case FIELD_NUMBER:
		return *(const int64_t *)value >= field->min &&
		    *(const int64_t *)value <= field->max;
	case FIELD_BOOL:
		return true;
	case FIELD_SET:
	case FIELD_LIST:
		return list_good(field, value, field->type == FIELD_SET);
	case FIELD_MAP:
		return pairs_good(field, value);
	}
	return false;
}

enum pd_error
record_check(const struct record_type *type, const void *record, const struct field **bad)
{
	for (size_t i = 0; i < type->field_count; i++) {
		if (!field_good(&type->fields[i], record)) {
			if (bad != NULL)
				*bad = &type->fields[i];
			return PD_CORRUPT;
		}
	}
	return PD_OK;
}

static enum pd_error
set_string(const struct field *field, char **value, const char *text)
{
	char *copy;

	if (!string_good(field, text))
		return PD_INVALID;
	copy = strdup(text);
	if (copy == NULL)
		return PD_NO_MEMORY;
	secret_free_string(*value);
	*value = copy;
	return PD_OK;
}

static enum pd_error
set_bool(bool *value, const char *text)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"yes", true}, {"true", true}, {"no", false}, {"false", false}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].word) == 0) {
			*value = words[i].value;
			return PD_OK;
		}
	}
	return PD_INVALID;
}

/* The next part of *text up to `separator`, without blanks around it. NULL: no further one. */
static const char *
next_part(const char **text, char separator, size_t *len)
{
	const char *part = *text;
	const char *end;

	if (part == NULL)
		return NULL;
	end = strchrnul(part, separator);
	*text = *end != '\0' ? end + 1 : NULL;
	while (part < end && (*part == ' ' || *part == '\t'))
		part++;
	while (end > part && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*len = (size_t)(end - part);
	return part;
}

static enum pd_error
set_list(const struct field *field, struct strlist *value, const char *text)
{
	struct strlist list = {0};
	enum pd_error error = PD_NO_MEMORY;
	const char *part;
	size_t len;

	while ((part = next_part(&text, field->type == FIELD_LIST ? '\n' : ',', &len)) != NULL) {
		if (len > 0 && !strlist_add_bytes(&list, part, len))
			goto out;
	}
	error = PD_INVALID;
	if (!list_good(field, &list, field->type == FIELD_SET))
		goto out;
	strlist_free(value);
	*value = list;
	list = (struct strlist){0};
	error = PD_OK;
out:
	strlist_free(&list);
	return error;
}

static enum pd_error
set_pairs(const struct field *field, struct pairs *value, const char *text)
{
	struct pairs pairs = {0};
	enum pd_error error = PD_NO_MEMORY;
	const char *part;
	size_t len;

	while ((part = next_part(&text, ',', &len)) != NULL) {
		const char *equals = memchr(part, '=', len);

		if (equals == NULL) {
			error = PD_INVALID;
			goto out;
		}
		if (!strlist_add_bytes(&pairs.names, part, (size_t)(equals - part)) ||
		    !strlist_add_bytes(
			&pairs.values, equals + 1, len - (size_t)(equals + 1 - part)))
			goto out;
	}
	error = PD_INVALID;
	if (!pairs_good(field, &pairs))
		goto out;
	pairs_free(value);
	*value = pairs;
	pairs = (struct pairs){0};
	error = PD_OK;
out:
	pairs_free(&pairs);
	return error;
}

enum pd_error
record_set_text(const struct field *field, void *record, const char *text)
{
	if (text[0] == '\0') {
		record_clear_field(field, record);
		return PD_OK;
	}
	switch (field->type) {
	case FIELD_STRING:
		return set_string(field, record_string(record, field), text);
	case FIELD_NUMBER:
		return number_parse(text, field->min, field->max, record_number(record, field))
		    ? PD_OK
		    : PD_INVALID;
	case FIELD_BOOL:
		return set_bool(record_bool(record, field), text);
	case FIELD_SET:
	case FIELD_LIST:
		return set_list(field, record_list(record, field), text);
	case FIELD_MAP:
		return set_pairs(field, record_pairs(record, field), text);
	}
	return PD_BUG;
}
