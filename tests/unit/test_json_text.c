/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"

static struct json *
parse(const char *text)
{
	struct json *json = NULL;

	assert_int_equal(json_parse(text, strlen(text), &json), PD_OK);
	return json;
}

static void
values_read_back_as_they_were(void **state)
{
	static const struct {
		const char *text;
		const char *compact;
		enum json_type type;
	} rows[] = {
	    {"null", "null", JSON_NULL},
	    {" true\n", "true", JSON_BOOL},
	    {"false", "false", JSON_BOOL},
	    {"0", "0", JSON_NUMBER},
	    {"-12", "-12", JSON_NUMBER},
	    {"1.5e3", "1.5e3", JSON_NUMBER},
	    {"\"\"", "\"\"", JSON_STRING},
	    {"\"a/\\u00e9\\n\\ud83d\\ude00\"", "\"a/\xc3\xa9\\n\xf0\x9f\x98\x80\"", JSON_STRING},
	    {"\"\\u0001\\b\\f\\r\\t\\\\\\u007f\\u001f\"", "\"\\u0001\\b\\f\\r\\t\\\\\x7f\\u001f\"",
		JSON_STRING},
	    {"[ ]", "[]", JSON_ARRAY},
	    {"[1 , [2],null]", "[1,[2],null]", JSON_ARRAY},
	    {"{ }", "{}", JSON_OBJECT},
	    {"{\"b\":1,\"a\":{\"b\":[{}]},\"\":0}", "{\"b\":1,\"a\":{\"b\":[{}]},\"\":0}",
		JSON_OBJECT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json *json = parse(rows[i].text);
		char *text = json_text(json, false);

		assert_int_equal(json_type(json), rows[i].type);
		assert_string_equal(text, rows[i].compact);
		free(text);
		json_free(json);
	}
}

static void
pretty_text_is_indented(void **state)
{
	static const struct {
		const char *text;
		const char *pretty;
	} rows[] = {
	    {"7", "7"},
	    {"[]", "[]"},
	    {"{}", "{}"},
	    {"[1,2]", "[\n  1,\n  2\n]"},
	    {"[[],{}]", "[\n  [],\n  {}\n]"},
	    {"{\"a\":[{\"b\":null}],\"c\":{}}",
		"{\n  \"a\":[\n    {\n      \"b\":null\n    }\n  ],\n  \"c\":{}\n}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json *json = parse(rows[i].text);
		char *text = json_text(json, true);

		assert_string_equal(text, rows[i].pretty);
		free(text);
		json_free(json);
	}
}

/* Every byte below 0x20, the quote and the backslash are escaped, in names too, and come back. */
static void
control_bytes_are_escaped(void **state)
{
	(void)state;
	for (char c = 1; c > 0; c++) {
		char name[3] = {'n', c, '\0'};
		struct json *json = json_new_object(), *back = NULL;
		char *text;

		assert_true(json_put(json, name, json_new_string_len("a\0b", 3)));
		text = json_text(json, false);
		for (const char *p = text; *p != '\0'; p++)
			assert_true(*p >= 0x20);
		assert_non_null(strstr(text, "\"a\\u0000b\""));
		assert_int_equal(json_parse(text, strlen(text), &back), PD_OK);
		assert_non_null(json_get(back, name));
		free(text);
		json_free(json);
		json_free(back);
	}
}

/* Numbers are written as they were read: what is signed does not change under way. */
static void
numbers_keep_their_notation(void **state)
{
	static const char *const rows[] = {"0", "-12", "9223372036854775807", "1.50", "1E3", "-0.0",
	    "1e-7", "0.1000000000000000055511151231257827"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json *json = parse(rows[i]);
		char *text = json_text(json, false);

		assert_string_equal(text, rows[i]);
		free(text);
		json_free(json);
	}
}

static void
nothing_is_null(void **state)
{
	char *text = json_text(NULL, true);

	(void)state;
	assert_string_equal(text, "null");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_read_back_as_they_were),
	    cmocka_unit_test(pretty_text_is_indented),
	    cmocka_unit_test(control_bytes_are_escaped),
	    cmocka_unit_test(numbers_keep_their_notation),
	    cmocka_unit_test(nothing_is_null),
	};

	return cmocka_run_group_tests_name("json_text", tests, NULL, NULL);
}
