/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json-c's only home: strict parsing of foreign bytes (one complete value, bounded depth and size,
 * valid UTF-8, no trailing text, no embedded NUL in strings that are read as C strings) and
 * building. Objects are owned as in json-c: json_free drops the root; what json_get returns is
 * borrowed from its parent; json_put hands a value over to its parent.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pd_error.h"

#define JSON_DEPTH_MAX 72 /* DynamoDB nests 32 levels, two of JSON each, inside a reply */

struct json; /* a value; never instantiated: json-c's own object behind it */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* PD_CORRUPT: not strict JSON, a repeated name, or too deep. PD_NO_MEMORY. */
enum pd_error json_parse(const char *text, size_t len, struct json **out);
void json_free(struct json *json); /* wipes every string of the tree */

enum json_type json_type(const struct json *json); /* NULL pointer: JSON_NULL */
const struct json *json_get(
    const struct json *object, const char *name); /* NULL: absent or not an object */
const char *json_string(const struct json *json,
    size_t *len); /* NULL: not a string, or (len NULL) it holds a NUL byte */
bool json_int(const struct json *json, int64_t *out); /* false: not an integer in range */
/* A number's text, as it was written; lives as long as json. NULL: not a number, or no memory. */
const char *json_number(const struct json *json);
bool json_bool(const struct json *json, bool *out);
size_t json_length(const struct json *array); /* arrays; 0 for everything else */
const struct json *json_at(const struct json *array, size_t i);

/* Calls fn for each member in order until it returns false; false if it did. */
typedef bool json_member_fn(void *ctx, const char *name, const struct json *value);
bool json_each(const struct json *object, json_member_fn *fn, void *ctx);

/* Building. Every function takes NULL for out of memory, so that calls nest: a NULL child makes the
 * root NULL only where json_put reports false; check the bool of each put. The child is always
 * consumed. */
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_string(const char *text);
struct json *json_new_string_len(const char *text, size_t len);
struct json *json_new_int(int64_t number);
struct json *json_new_bool(bool value);
struct json *json_copy(const struct json *json);
bool json_put(struct json *object, const char *name, struct json *value);
bool json_append(struct json *array, struct json *value);

/* Serialised, compact (pretty: indented); malloc'ed, NULL: no memory. free(3) it, or
 * secret_free_string where it may hold a hash: it has no NUL inside, and no other copy is left. */
char *json_text(const struct json *json, bool pretty);

#endif
