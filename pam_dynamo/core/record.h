/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plain C structs that a field table describes: one table drives the engines, the command's output,
 * copying, comparing and wiping. user.h and state.h hold the two tables.
 *
 * Absence: a string NULL, a number 0, a boolean false, an empty list or map is absent and is not
 * written. A stored number outside its bounds - 0 too, where min is above it -, a wrong type, or a
 * missing FIELD_REQUIRED is PD_CORRUPT.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pd_error.h"
#include "core/strlist.h"

enum field_type {
	FIELD_STRING, /* char *, owned */
	FIELD_NUMBER, /* int64_t */
	FIELD_BOOL,   /* bool */
	FIELD_SET,    /* struct strlist; item type SS, order means nothing, no duplicates */
	FIELD_LIST,   /* struct strlist; item type L of S */
	FIELD_MAP,    /* struct pairs; item type M of S */
};

enum field_flag {
	FIELD_KEY = 1 << 0,      /* the partition key */
	FIELD_SECRET = 1 << 1,   /* wiped on free, never shown or logged */
	FIELD_REQUIRED = 1 << 2, /* a stored record without it is corrupt */
	FIELD_EDITABLE = 1 << 3, /* `pam-dynamo set` may change it */
	FIELD_TIME = 1 << 4,     /* Unix seconds: shown as a date too */
	FIELD_VERSION = 1 << 5,  /* the optimistic lock */
	FIELD_LIMIT = 1 << 6, /* a list that narrows, absent: no limit; so a stored empty one, which
				 may have meant "none", is corrupt */
};

/* Names and values side by side. */
struct pairs {
	struct strlist names;
	struct strlist values;
};

void pairs_free(struct pairs *pairs);
bool pairs_set(struct pairs *pairs, const char *name, const char *value); /* false: no memory */
const char *pairs_get(const struct pairs *pairs, const char *name);       /* NULL: absent */

struct field {
	const char *name; /* attribute, column, JSON and command-line name */
	enum field_type type;
	unsigned flags;
	size_t offset;
	int64_t min;      /* FIELD_NUMBER: bounds of a present value; others: unused */
	int64_t max;      /* FIELD_NUMBER: bound; others: longest string in bytes */
	size_t max_items; /* sets, lists, maps: most elements */
	const char *help; /* one phrase for man page and command */
};

struct record_type {
	const char *name; /* "user", "state" */
	const struct field *fields;
	size_t field_count;
	size_t size; /* of the struct */
};

const struct field *record_field(const struct record_type *type, const char *name); /* NULL: none */

/* Typed access to one field of a record. */
char **record_string(void *record, const struct field *field);
int64_t *record_number(void *record, const struct field *field);
bool *record_bool(void *record, const struct field *field);
struct strlist *record_list(void *record, const struct field *field);
struct pairs *record_pairs(void *record, const struct field *field);

bool record_absent(const struct field *field, const void *record);
bool record_field_equal(const struct field *field, const void *a, const void *b);
bool record_equal(const struct record_type *type, const void *a, const void *b);

/* Wipes and frees everything, then zeroes the struct. */
void record_free(const struct record_type *type, void *record);

/* Wipes and frees one field: it is absent afterwards. */
void record_clear_field(const struct field *field, void *record);

/* Deep copies; PD_NO_MEMORY leaves out (of record_copy_field: the field) zeroed. What stood in out
 * is overwritten without being freed: zero it or clear it before. */
enum pd_error record_copy(const struct record_type *type, void *out, const void *from);
enum pd_error record_copy_field(const struct field *field, void *out, const void *from);

/* Checks bounds, lengths, valid UTF-8 without control bytes, and required fields. On PD_CORRUPT
 * *bad is the first field that breaks its rule. */
enum pd_error record_check(
    const struct record_type *type, const void *record, const struct field **bad);

/* Sets a field from text, as `pam-dynamo set NAME=VALUE` does: numbers decimal, booleans
 * yes/no/true/false, lists split at commas (FIELD_LIST: at newlines), maps name=value split at
 * commas; "" makes it absent. PD_INVALID: not of the type or out of bounds; PD_NO_MEMORY. The
 * record is then unchanged. */
enum pd_error record_set_text(const struct field *field, void *record, const char *text);

#endif
