/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/utf8.h"

static void
valid_characters_have_length_and_point(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		uint32_t point;
	} rows[] = {
	    {"A", 1, 'A'},
	    {"\x7f", 1, 0x7f},
	    {"\xc2\x80", 2, 0x80},
	    {"\xdf\xbf", 2, 0x7ff},
	    {"\xe0\xa0\x80", 3, 0x800},
	    {"\xed\x9f\xbf", 3, 0xd7ff},
	    {"\xee\x80\x80", 3, 0xe000},
	    {"\xef\xbf\xbf", 3, 0xffff},
	    {"\xf0\x90\x80\x80", 4, 0x10000},
	    {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint32_t point = 0;

		assert_int_equal(
		    utf8_next(rows[i].text, strlen(rows[i].text), &point), rows[i].len);
		assert_int_equal(point, rows[i].point);
		for (size_t len = 0; len < rows[i].len; len++)
			assert_int_equal(utf8_next(rows[i].text, len, NULL), 0);
	}
}

static void
invalid_sequences_are_refused(void **state)
{
	static const char *const rows[] = {
	    "\x80",
	    "\xbf",
	    "\xc0\x80",
	    "\xc1\xbf", /* overlong, 2 */
	    "\xe0\x80\x80",
	    "\xe0\x9f\xbf",
	    "\xf0\x80\x80\x80",
	    "\xf0\x8f\xbf\xbf",
	    "\xed\xa0\x80",
	    "\xed\xbf\xbf", /* surrogates */
	    "\xf4\x90\x80\x80",
	    "\xf5\x80\x80\x80",
	    "\xf8\x88\x80\x80\x80", /* too large */
	    "\xfe",
	    "\xff",
	    "\xc2"
	    "A",
	    "\xe2\x82"
	    "A",
	    "\xf0\x9f\x98"
	    "A",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(utf8_next(rows[i], strlen(rows[i]), NULL), 0);
		assert_false(utf8_valid(rows[i], strlen(rows[i]), NULL));
	}
}

static void
code_points_are_counted(void **state)
{
	size_t points = 99;

	(void)state;
	assert_true(utf8_valid("a\xc3\xa4\xf0\x9f\x98\x80", 7, &points));
	assert_int_equal(points, 3);
	assert_true(utf8_valid("", 0, &points));
	assert_int_equal(points, 0);
}

static void
plain_text_has_no_controls(void **state)
{
	static const char *const bad[] = {"\x01", "a\n", "\t", "\x7f", "\xc2\x80", "\xc2\x9f",
	    "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6", "\xd8\x9c", "\xe2\x80\x8e"};

	(void)state;
	assert_true(utf8_plain("Ren\xc3\xa9 \xe6\x9d\x8e\xc2\xa0~", 12));
	assert_false(utf8_plain("a\0b", 3));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(utf8_plain(bad[i], strlen(bad[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(valid_characters_have_length_and_point),
	    cmocka_unit_test(invalid_sequences_are_refused),
	    cmocka_unit_test(code_points_are_counted),
	    cmocka_unit_test(plain_text_has_no_controls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
