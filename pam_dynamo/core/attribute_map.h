/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A users table that other software made: its items as records (FORMAT.md, "Tables that exist
 * already"). Pure: items in, records out; the configuration says which attribute is which field.
 */
#ifndef ATTRIBUTE_MAP_H
#define ATTRIBUTE_MAP_H

#include <stdbool.h>

#include "core/conf.h"
#include "core/item.h"
#include "core/json.h"
#include "core/user.h"

#define ATTRIBUTE_MAP_FIELDS 32 /* more than user_type has */

struct attribute_map {
	const struct conf *conf; /* borrowed */
	bool mapped;             /* false: the table is ours, every field has its own name */
	const char *key;         /* attribute that holds the name */
	const char *partition;   /* NULL: key is the partition key; else the realm's attribute */
	const struct strlist *names[ATTRIBUTE_MAP_FIELDS]; /* by row of user_type; mapped only */
};

/* What made an item corrupt: both constant or borrowed from the map. */
struct attribute_fault {
	const char *attribute;
	const char *text; /* "not of its type", ... */
};

void attribute_map_init(struct attribute_map *map, const struct conf *conf);

/* The field is in the table. */
bool attribute_map_has(const struct attribute_map *map, const struct field *field);

/* {"key": {"S": name}}, with the partition before it where there is one. NULL: no memory. */
struct json *attribute_map_key(const struct attribute_map *map, const char *name);

/* The name in an item or key, borrowed; NULL: there is none, or it is of another partition. */
const char *attribute_map_name(const struct attribute_map *map, const struct json *item);

/* A record from an item, checked with user_check. PD_CORRUPT: fault says which attribute of the
 * table; out is empty. PD_NO_MEMORY. Free with user_free. Of a mapped table alone. */
enum pd_error attribute_map_read(const struct attribute_map *map, const struct json *item,
    struct user *out, struct attribute_fault *fault);

/* Why `after` cannot be written over `before`: a field that the table has not, that has several
 * attributes, or that we would have to keep unique. NULL: it can; else a constant text, and *field
 * is which. What only tells of the write itself (version, epoch, times) may be missing. */
const char *attribute_map_refuses(const struct attribute_map *map, const struct user *before,
    const struct user *after, const struct field **field);

/* "SET ... REMOVE ..." of the fields that differ and are in the table, and after it, in condition
 * (which shares the placeholders), that the version or else the password is still the one of
 * before. */
void attribute_map_update(const struct attribute_map *map, struct item_expression *expression,
    const struct user *before, const struct user *after);
void attribute_map_condition(
    const struct attribute_map *map, struct item_expression *expression, const struct user *before);

#endif
