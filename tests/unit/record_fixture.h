/* SPDX-License-Identifier: BSD-2-Clause */
/* Both tables of records, and records in which every row has a value. */
#ifndef RECORD_FIXTURE_H
#define RECORD_FIXTURE_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/record.h"
#include "core/state.h"
#include "core/user.h"

static const struct record_type *const types[] = {&user_type, &state_type};

union record {
	struct user user;
	struct state state;
};

/* A value of the row's type that no other row has. */
static inline void
fill_field(const struct field *field, void *record, int seed)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "value%d", seed);
	switch (field->type) {
	case FIELD_STRING:
		*record_string(record, field) = strdup(text);
		break;
	case FIELD_NUMBER:
		*record_number(record, field) = field->min > 0 ? field->min : 1; /* 0 is absent */
		break;
	case FIELD_BOOL:
		*record_bool(record, field) = true;
		break;
	case FIELD_SET:
	case FIELD_LIST:
		assert_true(strlist_add(record_list(record, field), text));
		assert_true(strlist_add(record_list(record, field), "second"));
		break;
	case FIELD_MAP:
		assert_true(pairs_set(record_pairs(record, field), text, "v"));
		assert_true(pairs_set(record_pairs(record, field), "second", ""));
		break;
	}
}

static inline void
fill(const struct record_type *type, void *record)
{
	memset(record, 0, sizeof(union record));
	for (size_t i = 0; i < type->field_count; i++)
		fill_field(&type->fields[i], record, (int)i);
}

#endif
