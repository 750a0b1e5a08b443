/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic code, run over every row of both tables. */
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
static void
fill_field(const struct field *field, void *record, int seed)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "value%d", seed);
	switch (field->type) {
	case FIELD_STRING:
		*record_string(record, field) = strdup(text);
		break;
	case FIELD_NUMBER:
		*record_number(record, field) = field->min;
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

static void
fill(const struct record_type *type, void *record)
{
	memset(record, 0, sizeof(union record));
	for (size_t i = 0; i < type->field_count; i++)
		fill_field(&type->fields[i], record, (int)i);
}

static void
rows_are_complete_and_distinct(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		size_t keys = 0;
		size_t versions = 0;

		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];

			assert_non_null(field->name);
			assert_true(strlen(field->help) > 3);
			assert_true(field->offset < types[t]->size);
			assert_ptr_equal(record_field(types[t], field->name), field);
			keys += (field->flags & FIELD_KEY) != 0;
			versions += (field->flags & FIELD_VERSION) != 0;
			if (field->type == FIELD_NUMBER)
				assert_true(field->min >= 1 && field->max >= field->min);
			else if (field->type != FIELD_BOOL)
				assert_true(field->max > 0);
			if (field->type == FIELD_SET || field->type == FIELD_LIST ||
			    field->type == FIELD_MAP)
				assert_true(field->max_items > 0);
			if ((field->flags & FIELD_TIME) != 0)
				assert_true(field->max == 253402300799);
			for (size_t j = 0; j < i; j++)
				assert_true(types[t]->fields[j].offset != field->offset);
		}
		assert_int_equal(keys, 1);
		assert_int_equal(versions, 1);
		assert_null(record_field(types[t], "absent"));
	}
}

/* No member was forgotten: the rows' sizes cover the struct but for padding. */
static void
tables_cover_their_structs(void **state)
{
	static const size_t sizes[] = {
	    [FIELD_STRING] = sizeof(char *),
	    [FIELD_NUMBER] = sizeof(int64_t),
	    [FIELD_BOOL] = sizeof(bool),
	    [FIELD_SET] = sizeof(struct strlist),
	    [FIELD_LIST] = sizeof(struct strlist),
	    [FIELD_MAP] = sizeof(struct pairs),
	};

	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		size_t covered = 0;

		for (size_t i = 0; i < types[t]->field_count; i++) {
			size_t size = sizes[types[t]->fields[i].type];

			covered += size < sizeof(void *) ? sizeof(void *) : size;
		}
		assert_int_equal(covered, types[t]->size);
	}
}

static void
absence_is_the_zeroed_struct(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		union record empty = {0};
		union record full;

		fill(types[t], &full);
		for (size_t i = 0; i < types[t]->field_count; i++) {
			assert_true(record_absent(&types[t]->fields[i], &empty));
			assert_false(record_absent(&types[t]->fields[i], &full));
		}
		record_free(types[t], &full);
		assert_memory_equal(&full, &(union record){0}, types[t]->size);
	}
	record_free(&user_type, NULL);
}

static void
every_field_is_copied_and_compared(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		union record full;
		union record copy;

		fill(types[t], &full);
		assert_int_equal(record_copy(types[t], &copy, &full), PD_OK);
		assert_true(record_equal(types[t], &full, &copy));
		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];

			record_clear_field(field, &copy);
			assert_true(record_absent(field, &copy));
			assert_false(record_field_equal(field, &full, &copy));
			assert_false(record_field_equal(field, &copy, &full));
			assert_false(record_equal(types[t], &full, &copy));
			assert_int_equal(record_copy_field(field, &copy, &full), PD_OK);
			assert_true(record_field_equal(field, &full, &copy));
		}
		record_free(types[t], &full);
		record_free(types[t], &copy);
	}
}

static void
different_values_are_different(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			union record a = {0};
			union record b = {0};

			if (field->type == FIELD_BOOL)
				continue;
			fill_field(field, &a, 1);
			fill_field(field, &b, 2);
			if (field->type == FIELD_NUMBER)
				*record_number(&b, field) += 1;
			assert_false(record_field_equal(field, &a, &b));
			record_free(types[t], &a);
			record_free(types[t], &b);
		}
	}
}

static void
order_counts_in_lists_alone(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			union record a = {0};
			union record b = {0};

			if (field->type != FIELD_SET && field->type != FIELD_LIST)
				continue;
			assert_true(strlist_split(record_list(&a, field), "one two"));
			assert_true(strlist_split(record_list(&b, field), "two one"));
			assert_int_equal(
			    record_field_equal(field, &a, &b), field->type == FIELD_SET);
			record_free(types[t], &a);
			record_free(types[t], &b);
		}
	}
}

/* Strings, elements and numbers at their bound are good, one beyond it is not. */
static void
bounds_of_every_row_are_exact(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			struct field row = *field;
			struct record_type one = {.fields = &row, .field_count = 1};
			const struct field *bad = NULL;
			union record record = {0};
			char *text;

			if (field->type == FIELD_BOOL)
				continue;
			if (field->type == FIELD_NUMBER) {
				*record_number(&record, field) = field->max;
				assert_int_equal(record_check(&one, &record, &bad), PD_OK);
				*record_number(&record, field) = field->max + 1;
				assert_int_equal(record_check(&one, &record, &bad), PD_CORRUPT);
				assert_ptr_equal(bad, &row);
				*record_number(&record, field) = -1;
				assert_int_equal(record_check(&one, &record, &bad), PD_CORRUPT);
				continue;
			}
			text = calloc(1, (size_t)field->max + 2);
			memset(text, 'x', (size_t)field->max);
			assert_int_equal(record_set_text(field, &record,
					     field->type == FIELD_MAP ? "a=b" : text),
			    PD_OK);
			assert_int_equal(record_check(&one, &record, &bad), PD_OK);
			text[field->max] = 'x';
			assert_int_equal(record_set_text(field, &record, text), PD_INVALID);
			if (field->type == FIELD_STRING) {
				free(*record_string(&record, field));
				*record_string(&record, field) = strdup(text);
			} else if (field->type == FIELD_MAP) {
				assert_true(pairs_set(record_pairs(&record, field), "name", text));
			} else {
				assert_true(strlist_add(record_list(&record, field), text));
			}
			assert_int_equal(record_check(&one, &record, &bad), PD_CORRUPT);
			free(text);
			one.size = types[t]->size;
			record_free(&one, &record);
		}
	}
}

static void
required_fields_are_missed(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		size_t required = 0;

		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			const struct field *bad = NULL;
			bool needed = (field->flags & FIELD_REQUIRED) != 0;
			union record record;

			fill(types[t], &record);
			record_clear_field(field, &record);
			assert_int_equal(
			    record_check(types[t], &record, &bad), needed ? PD_CORRUPT : PD_OK);
			assert_ptr_equal(bad, needed ? field : NULL);
			required += needed;
			record_free(types[t], &record);
		}
		assert_true(required >= 3);
	}
}

static void
text_that_is_not_plain_is_corrupt(void **state)
{
	static const char *const rows[] = {
	    "a\nb", "\x1b[0m", "a\x7f", "\xff", "\xc2\x85", "\xe2\x80\xae"};
	const struct field *name = record_field(&user_type, "full_name");
	const struct field *keys = record_field(&user_type, "ssh_keys");
	struct user user = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct field *bad = NULL;

		assert_int_equal(record_set_text(name, &user, rows[i]), PD_INVALID);
		assert_null(user.full_name);
		user.full_name = strdup(rows[i]);
		assert_int_equal(
		    record_check(
			&(struct record_type){.fields = name, .field_count = 1}, &user, &bad),
		    PD_CORRUPT);
		user_free(&user);
		assert_true(strlist_add(&user.ssh_keys, rows[i]));
		assert_int_equal(
		    record_check(
			&(struct record_type){.fields = keys, .field_count = 1}, &user, &bad),
		    PD_CORRUPT);
		user_free(&user);
	}
}

static void
collections_have_bounds(void **state)
{
	const struct field *groups = record_field(&user_type, "groups");
	const struct field *keys = record_field(&user_type, "ssh_keys");
	const struct record_type set = {.fields = groups, .field_count = 1};
	const struct record_type list = {.fields = keys, .field_count = 1};
	struct user user = {0};

	(void)state;
	for (size_t i = 0; i <= groups->max_items; i++) {
		char text[16];

		assert_int_equal(record_check(&set, &user, NULL), PD_OK);
		(void)snprintf(text, sizeof(text), "g%zu", i);
		assert_true(strlist_add(&user.groups, text));
	}
	assert_int_equal(record_check(&set, &user, NULL), PD_CORRUPT);
	user_free(&user);
	assert_true(strlist_add(&user.groups, "a") && strlist_add(&user.groups, "a"));
	assert_int_equal(record_check(&set, &user, NULL), PD_CORRUPT);
	assert_true(strlist_add(&user.ssh_keys, "a") && strlist_add(&user.ssh_keys, "a"));
	assert_int_equal(record_check(&list, &user, NULL), PD_OK);
	assert_true(strlist_add(&user.ssh_keys, ""));
	assert_int_equal(record_check(&list, &user, NULL), PD_CORRUPT);
	user_free(&user);
}

static void
pairs_are_set_once_a_name(void **state)
{
	struct pairs a = {0};
	struct pairs b = {0};

	(void)state;
	assert_null(pairs_get(&a, "x"));
	assert_true(pairs_set(&a, "x", "1"));
	assert_true(pairs_set(&a, "y", "2"));
	assert_true(pairs_set(&a, "x", "3"));
	assert_int_equal(a.names.len, 2);
	assert_string_equal(pairs_get(&a, "x"), "3");
	assert_string_equal(pairs_get(&a, "y"), "2");
	assert_true(pairs_set(&b, "y", "2"));
	assert_true(pairs_set(&b, "x", "3"));
	assert_true(record_field_equal(record_field(&user_type, "profile"),
	    &(struct user){.profile = a}, &(struct user){.profile = b}));
	pairs_free(&a);
	pairs_free(&b);
	pairs_free(NULL);
}

static void
text_sets_fields_of_every_type(void **state)
{
	struct user user = {0};

	(void)state;
#define SET(name, text) record_set_text(record_field(&user_type, name), &user, text)
	assert_int_equal(SET("full_name", "Ren\xc3\xa9"), PD_OK);
	assert_string_equal(user.full_name, "Ren\xc3\xa9");
	assert_int_equal(SET("uid", "1234"), PD_OK);
	assert_int_equal(user.uid, 1234);
	assert_int_equal(SET("email_verified", "yes"), PD_OK);
	assert_true(user.email_verified);
	assert_int_equal(SET("email_verified", "false"), PD_OK);
	assert_false(user.email_verified);
	assert_int_equal(SET("hosts", "a, b ,,c"), PD_OK);
	assert_int_equal(user.hosts.len, 3);
	assert_string_equal(user.hosts.items[1], "b");
	assert_int_equal(SET("ssh_keys", "ssh-ed25519 A, x\n\nssh-rsa B"), PD_OK);
	assert_int_equal(user.ssh_keys.len, 2);
	assert_string_equal(user.ssh_keys.items[0], "ssh-ed25519 A, x");
	assert_int_equal(SET("profile", "city=K=\xc3\xb6ln, room=, x=1"), PD_OK);
	assert_string_equal(pairs_get(&user.profile, "city"), "K=\xc3\xb6ln");
	assert_string_equal(pairs_get(&user.profile, "room"), "");
	for (size_t i = 0; i < user_type.field_count; i++) {
		assert_int_equal(record_set_text(&user_type.fields[i], &user, ""), PD_OK);
		assert_true(record_absent(&user_type.fields[i], &user));
	}
	user_free(&user);
}

static void
bad_text_changes_nothing(void **state)
{
	static const struct {
		const char *field;
		const char *text;
	} rows[] = {
	    {"uid", "0"},
	    {"uid", "-1"},
	    {"uid", "2147483647"},
	    {"uid", "12x"},
	    {"uid", " 12"},
	    {"uid", "01"},
	    {"account_expires_at", "253402300800"},
	    {"email_verified", "maybe"},
	    {"email_verified", "YES"},
	    {"groups", "a,a"},
	    {"groups", "a,b\n"},
	    {"profile", "novalue"},
	    {"profile", "=v"},
	    {"profile", "a=1,a=2"},
	    {"username", "a234567890123456789012345678901x"},
	};
	union record record;
	union record before;

	(void)state;
	fill(&user_type, &record);
	assert_int_equal(record_copy(&user_type, &before, &record), PD_OK);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(
		    record_set_text(record_field(&user_type, rows[i].field), &record, rows[i].text),
		    PD_INVALID);
		assert_true(record_equal(&user_type, &record, &before));
	}
	record_free(&user_type, &record);
	record_free(&user_type, &before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_complete_and_distinct),
	    cmocka_unit_test(tables_cover_their_structs),
	    cmocka_unit_test(absence_is_the_zeroed_struct),
	    cmocka_unit_test(every_field_is_copied_and_compared),
	    cmocka_unit_test(different_values_are_different),
	    cmocka_unit_test(order_counts_in_lists_alone),
	    cmocka_unit_test(bounds_of_every_row_are_exact),
	    cmocka_unit_test(required_fields_are_missed),
	    cmocka_unit_test(text_that_is_not_plain_is_corrupt),
	    cmocka_unit_test(collections_have_bounds),
	    cmocka_unit_test(pairs_are_set_once_a_name),
	    cmocka_unit_test(text_sets_fields_of_every_type),
	    cmocka_unit_test(bad_text_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
