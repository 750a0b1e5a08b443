/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading: attribute values into records. */
#include "core/item.h"

#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

#define DEPTH_MAX 32 /* levels that DynamoDB nests */

static const struct type_row {
	const char *name;
	enum item_type type;
	enum json_type inner;
} types[] = {
    {"S", ITEM_S, JSON_STRING},
    {"N", ITEM_N, JSON_STRING},
    {"B", ITEM_B, JSON_STRING},
    {"BOOL", ITEM_BOOL, JSON_BOOL},
    {"NULL", ITEM_NULL, JSON_BOOL},
    {"M", ITEM_M, JSON_OBJECT},
    {"L", ITEM_L, JSON_ARRAY},
    {"SS", ITEM_SS, JSON_ARRAY},
    {"NS", ITEM_NS, JSON_ARRAY},
    {"BS", ITEM_BS, JSON_ARRAY},
};

struct found {
	enum item_type type;
	const struct json *inner;
	unsigned members;
};

static bool
find_type(void *ctx, const char *name, const struct json *value)
{
	struct found *found = ctx;

	found->members++;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0 && json_type(value) == types[i].inner) {
			found->type = types[i].type;
			found->inner = value;
		}
	return found->members == 1;
}

enum item_type
item_type(const struct json *value, const struct json **inner)
{
	struct found found = {0};

	if (inner != NULL)
		*inner = NULL;
	if (json_type(value) != JSON_OBJECT || !json_each(value, find_type, &found) ||
	    found.members != 1)
		return ITEM_INVALID;
	if (inner != NULL)
		*inner = found.inner;
	return found.type;
}

static int
base64_digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* Strict RFC 4648 4 with padding. out (NULL: only checked) takes len / 4 * 3 bytes. */
static bool
base64_decode(const char *text, size_t len, char *out, size_t *out_len)
{
	size_t n = 0;
	unsigned group = 0;
	int digit;

	if (len % 4 != 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool pad = text[i] == '=' && i + 2 >= len && (i + 1 == len || text[i + 1] == '=');

		digit = pad ? 0 : base64_digit(text[i]);
		if (digit < 0)
			return false;
		group = group << 6 | (unsigned)digit;
		if (i % 4 != 3)
			continue;
		for (unsigned j = 0; j < 3; j++, n++)
			if (out != NULL)
				out[n] = (char)(group >> (16 - 8 * j) & 0xff);
		group = 0;
	}
	for (size_t i = len; i > 0 && text[i - 1] == '='; i--)
		n--;
	*out_len = n;
	return true;
}

static bool valid_deep(const struct json *value, unsigned depth);

struct deep {
	unsigned depth;
};

static bool
valid_member(void *ctx, const char *name, const struct json *value)
{
	(void)name;
	return valid_deep(value, ((struct deep *)ctx)->depth);
}

static bool
valid_scalar(enum item_type type, const struct json *inner)
{
	size_t len;
	const char *text = json_string(inner, &len);
	bool flag;

	if (type == ITEM_NULL || type == ITEM_BOOL)
		return json_bool(inner, &flag) && (type == ITEM_BOOL || flag);
	if (text == NULL)
		return false;
	if (type == ITEM_N)
		return strlen(text) == len && item_number_valid(text);
	return type != ITEM_B || base64_decode(text, len, NULL, &len);
}

static bool
valid_deep(const struct json *value, unsigned depth)
{
	const struct json *inner;
	enum item_type type = item_type(value, &inner);
	struct deep deeper = {depth + 1};

	if (type == ITEM_INVALID || depth > DEPTH_MAX)
		return false;
	if (type == ITEM_M)
		return json_each(inner, valid_member, &deeper);
	for (size_t i = 0; json_type(inner) == JSON_ARRAY && i < json_length(inner); i++) {
		const struct json *one = json_at(inner, i);
		bool good = type == ITEM_L ? valid_deep(one, depth + 1)
					   : valid_scalar(type == ITEM_SS ? ITEM_S
						     : type == ITEM_NS    ? ITEM_N
									  : ITEM_B,
						 one);

		if (!good)
			return false;
	}
	return json_type(inner) == JSON_ARRAY || valid_scalar(type, inner);
}

bool
item_valid(const struct json *value)
{
	return valid_deep(value, 0);
}

/* A malloc'ed C string; PD_CORRUPT where it holds a NUL byte. */
static enum pd_error
take_text(const char *data, size_t len, char **out)
{
	if (data == NULL || memchr(data, '\0', len) != NULL)
		return PD_CORRUPT;
	*out = malloc(len + 1);
	if (*out == NULL)
		return PD_NO_MEMORY;
	memcpy(*out, data, len);
	(*out)[len] = '\0';
	return PD_OK;
}

static enum pd_error
read_binary(const char *text, size_t len, char **out)
{
	size_t size = len / 4 * 3 + 1, used;
	char *raw = malloc(size);
	enum pd_error error;

	if (raw == NULL)
		return PD_NO_MEMORY;
	error = base64_decode(text, len, raw, &used) ? take_text(raw, used, out) : PD_CORRUPT;
	secret_wipe(raw, size);
	free(raw);
	return error;
}

static enum pd_error
read_string(void *record, const struct field *field, enum item_type type, const struct json *inner)
{
	char **out = record_string(record, field);
	size_t len;
	const char *text = json_string(inner, &len);

	if ((type != ITEM_S && type != ITEM_B) || text == NULL)
		return PD_CORRUPT;
	if (len == 0)
		return PD_OK;
	return type == ITEM_B ? read_binary(text, len, out) : take_text(text, len, out);
}

static enum pd_error
read_number(void *record, const struct field *field, enum item_type type, const struct json *inner)
{
	const char *text = json_string(inner, NULL);

	if ((type != ITEM_N && type != ITEM_S) || text == NULL)
		return PD_CORRUPT;
	/* A condition on the version compares types too: one that cannot be met is not read. */
	if (type == ITEM_S && (field->flags & FIELD_VERSION) != 0)
		return PD_CORRUPT;
	if (type == ITEM_S && *text == '\0')
		return PD_OK;
	/* 0 is how an absent number looks in memory: one that is stored must be allowed to be 0. */
	if (!item_number(text, record_number(record, field)) ||
	    (*record_number(record, field) == 0 && field->min > 0))
		return PD_CORRUPT;
	return PD_OK;
}

static enum pd_error
read_bool(void *record, const struct field *field, enum item_type type, const struct json *inner)
{
	const char *text = json_string(inner, NULL);
	bool *out = record_bool(record, field);
	int64_t number;

	if (type == ITEM_BOOL)
		return json_bool(inner, out) ? PD_OK : PD_CORRUPT;
	if (type != ITEM_N || text == NULL || !item_number(text, &number) || number < 0 ||
	    number > 1)
		return PD_CORRUPT;
	*out = number == 1;
	return PD_OK;
}

/* SS, or L of S; either serves sets and lists. */
static enum pd_error
read_list(void *record, const struct field *field, enum item_type type, const struct json *inner)
{
	struct strlist *list = record_list(record, field);
	const struct json *one;
	const char *text;

	if (type != ITEM_SS && type != ITEM_L)
		return PD_CORRUPT;
	for (size_t i = 0; i < json_length(inner); i++) {
		one = json_at(inner, i);
		if (type == ITEM_L && item_type(one, &one) != ITEM_S)
			return PD_CORRUPT;
		text = json_string(one, NULL);
		if (text == NULL)
			return PD_CORRUPT;
		if (field->type == FIELD_SET && strlist_has(list, text))
			continue;
		if (!strlist_add(list, text))
			return PD_NO_MEMORY;
	}
	return list->len == 0 && (field->flags & FIELD_LIMIT) != 0 ? PD_CORRUPT : PD_OK;
}

struct map_read {
	struct pairs *pairs;
	enum pd_error error;
};

static bool
read_map_member(void *ctx, const char *name, const struct json *value)
{
	struct map_read *read = ctx;
	const struct json *inner;
	enum item_type type = item_type(value, &inner);
	const char *text = json_string(inner, NULL);
	bool flag;

	if (type == ITEM_BOOL && json_bool(inner, &flag))
		text = flag ? "true" : "false";
	else if (type == ITEM_NULL)
		return true;
	else if (type != ITEM_S && type != ITEM_N)
		text = NULL;
	if (text == NULL)
		read->error = PD_CORRUPT;
	else if (!pairs_set(read->pairs, name, text))
		read->error = PD_NO_MEMORY;
	return read->error == PD_OK;
}

static enum pd_error
read_map(void *record, const struct field *field, enum item_type type, const struct json *inner)
{
	struct map_read read = {record_pairs(record, field), PD_OK};

	if (type != ITEM_M)
		return PD_CORRUPT;
	json_each(inner, read_map_member, &read);
	return read.error;
}

typedef enum pd_error read_fn(
    void *record, const struct field *field, enum item_type type, const struct json *inner);

static read_fn *const readers[] = {
    [FIELD_STRING] = read_string,
    [FIELD_NUMBER] = read_number,
    [FIELD_BOOL] = read_bool,
    [FIELD_SET] = read_list,
    [FIELD_LIST] = read_list,
    [FIELD_MAP] = read_map,
};

enum pd_error
item_read_field(const struct field *field, const struct json *value, void *record)
{
	const struct json *inner;
	enum item_type found = item_type(value, &inner);

	if (found == ITEM_NULL)
		return PD_OK;
	if (found == ITEM_INVALID)
		return PD_CORRUPT;
	return readers[field->type](record, field, found, inner);
}

enum pd_error
item_read(
    const struct record_type *type, const struct json *item, void *record, const struct field **bad)
{
	enum pd_error error = PD_OK;

	memset(record, 0, type->size);
	for (size_t i = 0; error == PD_OK && i < type->field_count; i++) {
		const struct field *field = &type->fields[i];
		const struct json *value = json_get(item, field->name);

		if (value == NULL)
			continue;
		error = item_read_field(field, value, record);
		if (error == PD_CORRUPT && bad != NULL)
			*bad = field;
	}
	if (error != PD_OK)
		record_free(type, record);
	return error;
}
