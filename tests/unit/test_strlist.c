/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/strlist.h"

static struct strlist
list_of(const char *text)
{
	struct strlist list = {0};

	assert_true(strlist_split(&list, text));
	return list;
}

static void
texts_are_added_and_found(void **state)
{
	struct strlist list = {0};

	(void)state;
	assert_false(strlist_has(&list, "a"));
	assert_true(strlist_add(&list, "a"));
	assert_true(strlist_add_bytes(&list, "bcd", 2));
	assert_true(strlist_add_bytes(&list, NULL, 0));
	assert_int_equal(list.len, 3);
	assert_true(strlist_has(&list, "bc"));
	assert_true(strlist_has(&list, ""));
	assert_false(strlist_has(&list, "b"));
	assert_false(strlist_add_bytes(&list, "x", SIZE_MAX));
	assert_int_equal(list.len, 3);
	strlist_free(&list);
	assert_null(list.items);
	strlist_free(&list);
	strlist_free(NULL);
}

static void
removal_takes_one_and_keeps_order(void **state)
{
	struct strlist list = list_of("a b c b");
	struct strlist rest = list_of("a c b");

	(void)state;
	assert_false(strlist_remove(&list, "x"));
	assert_true(strlist_remove(&list, "b"));
	assert_true(strlist_equal(&list, &rest));
	assert_true(strlist_remove(&list, "b"));
	assert_true(strlist_remove(&list, "a"));
	assert_true(strlist_remove(&list, "c"));
	assert_int_equal(list.len, 0);
	assert_null(list.items);
	strlist_free(&rest);
}

static void
copies_are_deep(void **state)
{
	struct strlist list = list_of("a b");
	struct strlist copy;

	(void)state;
	assert_true(strlist_copy(&copy, &list));
	assert_true(strlist_equal(&copy, &list));
	assert_ptr_not_equal(copy.items[0], list.items[0]);
	strlist_free(&list);
	assert_string_equal(copy.items[1], "b");
	strlist_free(&copy);
	assert_true(strlist_copy(&copy, &list));
	assert_int_equal(copy.len, 0);
}

static void
order_matters_for_lists_and_not_for_sets(void **state)
{
	static const struct {
		const char *a, *b;
		bool list, set;
	} rows[] = {
	    {"", "", true, true},
	    {"a b", "a b", true, true},
	    {"a b", "b a", false, true},
	    {"a b", "a", false, false},
	    {"a", "a b", false, false},
	    {"a a b", "a b b", false, false},
	    {"a b", "a c", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct strlist a = list_of(rows[i].a);
		struct strlist b = list_of(rows[i].b);

		assert_int_equal(strlist_equal(&a, &b), rows[i].list);
		assert_int_equal(strlist_equal_set(&a, &b), rows[i].set);
		strlist_free(&a);
		strlist_free(&b);
	}
}

static void
splitting_skips_runs_of_blanks_and_commas(void **state)
{
	struct strlist list = list_of(" ,a,, b\t,c ,");

	(void)state;
	assert_int_equal(list.len, 3);
	assert_string_equal(list.items[0], "a");
	assert_string_equal(list.items[1], "b");
	assert_string_equal(list.items[2], "c");
	strlist_free(&list);
	list = list_of(" , ");
	assert_int_equal(list.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_are_added_and_found),
	    cmocka_unit_test(removal_takes_one_and_keeps_order),
	    cmocka_unit_test(copies_are_deep),
	    cmocka_unit_test(order_matters_for_lists_and_not_for_sets),
	    cmocka_unit_test(splitting_skips_runs_of_blanks_and_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
