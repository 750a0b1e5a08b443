/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>
#include <math.h>
#include <string.h>

/* json-c has two types under names of json.h; here they go by others. */
#define json_type jsonc_type
#define json_bool jsonc_bool
#include <json-c/json.h>
#include <json-c/printbuf.h>
#undef json_type
#undef json_bool

#include "core/json.h"
#include "core/json_scan.h"
#include "core/secret.h"

/* struct json is json-c's object under another name; json-c takes no const. */
static struct json_object *
object_of(const struct json *json)
{
	return (struct json_object *)(uintptr_t)json;
}

static struct json *
json_of(struct json_object *object)
{
	return (struct json *)(void *)object;
}

/* Members of all objects in the tree; *finite is cleared at a number that became infinite. */
static size_t
count_members(struct json_object *object, bool *finite)
{
	size_t count = 0;

	if (json_object_is_type(object, json_type_double) &&
	    !isfinite(json_object_get_double(object)))
		*finite = false;
	if (json_object_is_type(object, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(object); i++)
			count += count_members(json_object_array_get_idx(object, i), finite);
	}
	if (json_object_is_type(object, json_type_object)) {
		json_object_object_foreach(object, name, value)
		{
			(void)name;
			count += 1 + count_members(value, finite);
		}
	}
	return count;
}

/* An item of a user holds the password's hash. json-c keeps a string's bytes inside its object. */
static void
wipe_strings(struct json_object *object)
{
	if (json_object_is_type(object, json_type_string))
		secret_wipe((void *)(uintptr_t)json_object_get_string(object),
		    (size_t)json_object_get_string_len(object));
	if (json_object_is_type(object, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(object); i++)
			wipe_strings(json_object_array_get_idx(object, i));
	}
	if (json_object_is_type(object, json_type_object)) {
		json_object_object_foreach(object, name, value)
		{
			(void)name;
			wipe_strings(value);
		}
	}
}

/* The tokener gathers each string in a buffer. With room for all from the start it never moves and
 * leaves no copy behind. */
static struct json_tokener *
new_tokener(size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);

	if (tokener == NULL)
		return NULL;
	if (printbuf_memset(tokener->pb, 0, '\0', (int)len) < 0) {
		json_tokener_free(tokener);
		return NULL;
	}
	printbuf_reset(tokener->pb);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	return tokener;
}

static void
free_tokener(struct json_tokener *tokener)
{
	secret_wipe(tokener->pb->buf, (size_t)tokener->pb->size);
	json_tokener_free(tokener);
}

enum pd_error
json_parse(const char *text, size_t len, struct json **out)
{
	struct json_tokener *tokener = NULL;
	struct json_object *object = NULL;
	enum pd_error error = PD_CORRUPT;
	bool finite = true;
	size_t members;

	*out = NULL;
	if (len > INT_MAX - 1 || !json_scan(text, len, &members))
		return PD_CORRUPT;
	tokener = new_tokener(len);
	if (tokener == NULL)
		return PD_NO_MEMORY;
	object = json_tokener_parse_ex(tokener, text, (int)len);
	/* A number or word at the very end is complete only once something follows it. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		object = json_tokener_parse_ex(tokener, "", 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		goto out;
	/* json-c keeps the last of two members of one name: fewer in the tree than in the text. */
	if (count_members(object, &finite) != members || !finite)
		goto out;
	*out = json_of(object);
	object = NULL;
	error = PD_OK;
out:
	json_free(json_of(object));
	free_tokener(tokener);
	return error;
}

void
json_free(struct json *json)
{
	/* Nothing here takes a second reference: this is the end of the whole tree. */
	wipe_strings(object_of(json));
	json_object_put(object_of(json));
}

enum json_type
json_type(const struct json *json)
{
	switch (json_object_get_type(object_of(json))) {
	case json_type_null:
		return JSON_NULL;
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_double:
	case json_type_int:
		return JSON_NUMBER;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_string:
		return JSON_STRING;
	}
	return JSON_NULL;
}

const struct json *
json_get(const struct json *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(object_of(object), json_type_object) ||
	    !json_object_object_get_ex(object_of(object), name, &value))
		return NULL;
	return json_of(value);
}

const char *
json_string(const struct json *json, size_t *len)
{
	const char *text;
	size_t bytes;

	if (!json_object_is_type(object_of(json), json_type_string))
		return NULL;
	text = json_object_get_string(object_of(json));
	bytes = (size_t)json_object_get_string_len(object_of(json));
	if (len == NULL)
		return text != NULL && strlen(text) == bytes ? text : NULL;
	*len = bytes;
	return text;
}

bool
json_int(const struct json *json, int64_t *out)
{
	int64_t number;

	if (!json_object_is_type(object_of(json), json_type_int))
		return false;
	number = json_object_get_int64(object_of(json));
	/* json-c answers the nearest bound for what does not fit: neither bound is believed. */
	if (number == INT64_MIN || number == INT64_MAX)
		return false;
	*out = number;
	return true;
}

const char *
json_number(const struct json *json)
{
	return json_type(json) == JSON_NUMBER ? json_object_get_string(object_of(json)) : NULL;
}

bool
json_bool(const struct json *json, bool *out)
{
	if (!json_object_is_type(object_of(json), json_type_boolean))
		return false;
	*out = json_object_get_boolean(object_of(json));
	return true;
}

size_t
json_length(const struct json *array)
{
	if (!json_object_is_type(object_of(array), json_type_array))
		return 0;
	return json_object_array_length(object_of(array));
}

const struct json *
json_at(const struct json *array, size_t i)
{
	if (i >= json_length(array))
		return NULL;
	return json_of(json_object_array_get_idx(object_of(array), i));
}

bool
json_each(const struct json *object, json_member_fn *fn, void *ctx)
{
	if (!json_object_is_type(object_of(object), json_type_object))
		return true;
	json_object_object_foreach(object_of(object), name, value)
	{
		if (!fn(ctx, name, json_of(value)))
			return false;
	}
	return true;
}

struct json *
json_new_object(void)
{
	return json_of(json_object_new_object());
}

struct json *
json_new_array(void)
{
	return json_of(json_object_new_array());
}

struct json *
json_new_string(const char *text)
{
	return text != NULL ? json_new_string_len(text, strlen(text)) : NULL;
}

struct json *
json_new_string_len(const char *text, size_t len)
{
	if (text == NULL || len > INT_MAX)
		return NULL;
	return json_of(json_object_new_string_len(text, (int)len));
}

struct json *
json_new_int(int64_t number)
{
	return json_of(json_object_new_int64(number));
}

struct json *
json_new_bool(bool value)
{
	return json_of(json_object_new_boolean(value));
}

struct json *
json_copy(const struct json *json)
{
	struct json_object *copy = NULL;

	if (json == NULL || json_object_deep_copy(object_of(json), &copy, NULL) != 0)
		return NULL;
	return json_of(copy);
}

bool
json_put(struct json *object, const char *name, struct json *value)
{
	wipe_strings(object_of(json_get(object, name))); /* replaced */
	if (value != NULL && json_object_is_type(object_of(object), json_type_object) &&
	    json_object_object_add(object_of(object), name, object_of(value)) == 0)
		return true;
	json_free(value);
	return false;
}

bool
json_append(struct json *array, struct json *value)
{
	if (value != NULL && json_object_is_type(object_of(array), json_type_array) &&
	    json_object_array_add(object_of(array), object_of(value)) == 0)
		return true;
	json_free(value);
	return false;
}
