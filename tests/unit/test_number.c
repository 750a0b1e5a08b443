/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include "core/number.h"

static void
numbers_in_bounds_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max, number;
	} rows[] = {
	    {"0", 0, 10, 0},
	    {"10", 0, 10, 10},
	    {"-10", -10, 10, -10},
	    {"9223372036854775807", 0, INT64_MAX, INT64_MAX},
	    {"-9223372036854775808", INT64_MIN, 0, INT64_MIN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t number = 77;

		assert_true(number_parse(rows[i].text, rows[i].min, rows[i].max, &number));
		assert_true(number == rows[i].number);
	}
}

static void
everything_else_is_refused_and_changes_nothing(void **state)
{
	static const char *const rows[] = {"", "-", "+1", " 1", "1 ", "01", "00", "-0", "-01",
	    "1.0", "1e3", "0x1", "1_0", "--1", "a", "1a", "9223372036854775808",
	    "-9223372036854775809", "99999999999999999999999999", "\xd9\xa1"};
	int64_t number = 77;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_false(number_parse(rows[i], INT64_MIN, INT64_MAX, &number));
	assert_false(number_parse(NULL, 0, 1, &number));
	assert_false(number_parse("11", 0, 10, &number));
	assert_false(number_parse("4", 5, 10, &number));
	assert_false(number_parse("-1", 0, 10, &number));
	assert_int_equal(number, 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_in_bounds_are_read),
	    cmocka_unit_test(everything_else_is_refused_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
