/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/item.h"

static const struct {
	const char *text;
	bool good;
	int64_t value;
} numbers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"12", true, 12},
    {"+12", true, 12},
    {"-12", true, -12},
    {"0012", true, 12},
    {"1E+3", true, 1000},
    {"1e3", true, 1000},
    {"12.0", true, 12},
    {"12.", true, 12},
    {"1.20E+1", true, 12},
    {"1.25E2", true, 125},
    {"0.5E1", true, 5},
    {".5E1", true, 5},
    {"1200E-2", true, 12},
    {"0E-999", true, 0},
    {"0.000", true, 0},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9.223372036854775807E18", true, INT64_MAX},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"1E19", false, 0},
    {"1E9999", false, 0},
    {"1E99999", false, 0},
    {"0.5", false, 0},
    {"12.5", false, 0},
    {"125E-1", false, 0},
    {"1E-1", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {".", false, 0},
    {"E5", false, 0},
    {"1E", false, 0},
    {"1E+", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1,000", false, 0},
    {"0x10", false, 0},
    {"NaN", false, 0},
    {"--1", false, 0},
    {"1.2.3", false, 0},
};

static void
numbers_in_any_notation(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		int64_t value = 77;
		bool good = item_number(numbers[i].text, &value);

		if (good != numbers[i].good || value != (good ? numbers[i].value : 77))
			fail_msg("%s: %d %ld", numbers[i].text, good, (long)value);
	}
}

/* Well-formed is more than an integer that fits. */
static const struct {
	const char *text;
	bool valid;
} forms[] = {
    {"0", true}, {"-1.5E-130", true}, {"+.5", true}, {"5.", true}, {"1e9999", true},
    {"9223372036854775808", true}, {"1e10000", false}, {"1e-00001", false}, {"", false},
    {"+", false}, {"+-1", false}, {"1e", false}, {"1e+-1", false}, {"1..2", false},
    {"1e1.5", false}, {"e1", false}, {"-.", false}, {"1 ", false}, {"inf", false},
    {"\xd9\xa1", false}, /* an Arabic digit */
};

static void
forms_of_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (item_number_valid(forms[i].text) != forms[i].valid)
			fail_msg("%s", forms[i].text);
}

/* 160 digits, on both sides of the point, are the most. */
static void
long_numbers(void **state)
{
	char text[200];
	int64_t value = 77;

	(void)state;
	memset(text, '0', sizeof(text));
	text[159] = '7';
	text[160] = '\0';
	assert_true(item_number(text, &value));
	assert_int_equal(value, 7);
	text[0] = '-';
	text[80] = '.';
	text[162] = '\0';
	text[160] = text[161] = '0';
	text[79] = '8';
	text[159] = '0';
	assert_true(item_number_valid(text)); /* 79 before it, 81 behind it */
	assert_true(item_number(text, &value));
	assert_int_equal(value, -8);
	text[162] = '0';
	text[163] = '\0';
	assert_false(item_number_valid(text));
	assert_false(item_number(text, &value));
	assert_int_equal(value, -8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_in_any_notation),
	    cmocka_unit_test(forms_of_numbers),
	    cmocka_unit_test(long_numbers),
	};

	return cmocka_run_group_tests_name("item_number", tests, NULL, NULL);
}
