/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic code, run over every row of both tables. */
#include "record_fixture.h"

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
				assert_true(field->min >= 0 && field->max >= field->min);
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
	    cmocka_unit_test(pairs_are_set_once_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
