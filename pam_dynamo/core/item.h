/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DynamoDB attribute values <-> records, driven by the field table (record.h, FORMAT.md). Reading
 * tolerates other writers where the meaning is plain: a number as S (but the version), in any
 * notation that is an integer; SS for L and L for SS; B for S; 0 and 1 for BOOL; NULL and "" for
 * absent. Writing touches only attributes that changed, so that those we do not know survive.
 */
#ifndef ITEM_H
#define ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/pd_error.h"
#include "core/record.h"

enum item_type {
	ITEM_INVALID = 0, /* not an object with exactly one known type as its only member */
	ITEM_S,
	ITEM_N,
	ITEM_B,
	ITEM_BOOL,
	ITEM_NULL,
	ITEM_M,
	ITEM_L,
	ITEM_SS,
	ITEM_NS,
	ITEM_BS,
};

/* The type of an attribute value and, through inner (may be NULL), what stands under it. */
enum item_type item_type(const struct json *value, const struct json **inner);

/* True if the value is well-formed all the way down. */
bool item_valid(const struct json *value);

/* Well-formed as a DynamoDB number: an optional sign, digits with at most one point, an exponent.
 */
bool item_number_valid(const char *text);

/* A DynamoDB number that is an integer of 64 bits, in any notation ("12", "1.20E+1", "12.0");
 * fractions and longer ones are false. */
bool item_number(const char *text, int64_t *out);

/* Fills record (overwritten, not freed first) from an item. PD_CORRUPT: *bad is the field whose
 * value is not of its type; record is then empty. PD_NO_MEMORY. Bounds and required fields are
 * record_check's part. Free with record_free. */
enum pd_error item_read(const struct record_type *type, const struct json *item, void *record,
    const struct field **bad);

/* One field from its attribute's value; the field of record must be absent. PD_CORRUPT: not of the
 * type, and the field may hold a part of it. PD_NO_MEMORY. */
enum pd_error item_read_field(const struct field *field, const struct json *value, void *record);

/* The attribute value of one present field; NULL: no memory, or the field is absent. */
struct json *item_value(const struct field *field, const void *record);

/* {"S": text} and {"N": "number"}; NULL: no memory. */
struct json *item_new_string(const char *text);
struct json *item_new_number(int64_t number);

/* {"B": ...} of the bytes of a text; NULL: no memory. */
struct json *item_new_binary(const char *text);

/* The whole record as an item, present fields only. NULL: no memory. */
struct json *item_write(const struct record_type *type, const void *record);

/* An update or condition under construction: expression text, names (#n0 ...) and values (:v0 ...).
 */
struct item_expression {
	struct buf text;
	struct json *names;
	struct json *values;
	unsigned count;
	bool failed; /* no memory; later calls do nothing */
};

void item_expression_init(struct item_expression *expression);
void item_expression_free(struct item_expression *expression);

/* Adds text in which every '#' becomes the placeholder of `name` and every ':' that of `value`
 * (consumed; NULL where the text has none). */
void item_expression_add(
    struct item_expression *expression, const char *text, const char *name, struct json *value);

/* "SET ... REMOVE ..." from the fields in which after differs from before (both of `type`, before
 * NULL: empty); key fields are left out. Nothing is added where nothing differs. */
void item_expression_update(struct item_expression *expression, const struct record_type *type,
    const void *before, const void *after);

#endif
