/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/json_scan.h"

static void
what_is_not_json_is_refused(void **state)
{
	static const char *const rows[] = {"", " ", "nul", "nulll", "True", "NaN", "Infinity",
	    "-Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x1", "1 2", "'a'", "\"",
	    "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\t\"", "\"\n\"", "\"\xff\"",
	    "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\ude00\"",
	    "\"\\ud83d\\ud83d\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}", "{1:2}",
	    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":1}}", "[1}", "{} x",
	    "/* c */ 1", "1 // c", "\xef\xbb\xbf{}"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t members = 77;

		if (json_scan(rows[i], strlen(rows[i]), &members))
			fail_msg("taken: %s", rows[i]);
		assert_int_equal(members, 0);
	}
}

static const struct {
	const char *text;
	size_t members;
} good[] = {
    {"null", 0},
    {" \t\r\n true \t\r\n ", 0},
    {"false", 0},
    {"-0", 0},
    {"0.0e-0", 0},
    {"10E+5", 0},
    {"1e999", 0}, /* the grammar knows no bounds */
    {"\"\"", 0},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fF\"", 0},
    {"\"\\ud83d\\uDE00\\udbff\\udfff\"", 0},
    {"\"\\u0000\"", 0},
    {"\"\x7f\xc3\xa4\xf0\x9f\x98\x80\"", 0},
    {"[]", 0},
    {"[ 1 , [ ] , { } ]", 0},
    {"{}", 0},
    {"{ \"a\" : 1 }", 1},
    {"{\"a\":1,\"a\":1}", 2}, /* who counts members again finds the repetition */
    {"[{\"a\":{\"b\":[],\"c\":{}}},{\"\":\"{}:\"}]", 4},
};

static void
members_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		size_t members = 77;

		if (!json_scan(good[i].text, strlen(good[i].text), &members) ||
		    members != good[i].members)
			fail_msg("%s: %zu", good[i].text, members);
	}
}

/* A NUL may stand in a value, escaped, but in no name and nowhere bare. */
static void
nul_bytes(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
	    {"{\"a\\u0000\":1}", 13},
	    {"{\"\\u0000\":1}", 12},
	    {"1\0", 2},
	    {"\0", 1},
	    {"\"a\0b\"", 5},
	    {"\"\\\0\"", 4},
	    {"\"\\u00\0f\"", 8},
	};
	size_t members;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (json_scan(rows[i].text, rows[i].len, &members))
			fail_msg("row %zu", i);
	assert_false(json_scan(NULL, 0, &members));
}

/* Each opening bracket counts, of whichever kind; what was closed does not. */
static void
depth_is_bounded(void **state)
{
	char text[8 * JSON_DEPTH_MAX + 8] = "";
	size_t members;

	(void)state;
	for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		text[0] = '\0';
		for (int i = 0; i < depth; i++)
			strcat(text, i % 2 == 0 ? "{\"a\":" : "[");
		strcat(text, "1");
		for (int i = depth - 1; i >= 0; i--)
			strcat(text, i % 2 == 0 ? "}" : "]");
		assert_int_equal(json_scan(text, strlen(text), &members), depth == JSON_DEPTH_MAX);
	}
	strcpy(text, "[");
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		strcat(text, "[],");
	strcat(text, "[]]");
	assert_true(json_scan(text, strlen(text), &members));
}

/* Every beginning of a text ends inside an allocation of its size: the address sanitizer sees a
 * step beyond it. */
static void
nothing_behind_the_end_is_read(void **state)
{
	static const char text[] =
	    "{\"a\\u00e4\\ud83d\\ude00\xc3\xa4\":[null,true,false,-1.5e+3,{}]}";
	size_t members;

	(void)state;
	for (size_t len = 1; len <= sizeof(text) - 1; len++) {
		char *copy = malloc(len);

		memcpy(copy, text, len);
		assert_int_equal(json_scan(copy, len, &members), len == sizeof(text) - 1);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_json_is_refused),
	    cmocka_unit_test(members_are_counted),
	    cmocka_unit_test(nul_bytes),
	    cmocka_unit_test(depth_is_bounded),
	    cmocka_unit_test(nothing_behind_the_end_is_read),
	};

	return cmocka_run_group_tests_name("json_scan", tests, NULL, NULL);
}
