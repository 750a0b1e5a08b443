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

/* The grammar's refusals are json_scan's (test_json_scan.c); numbers that no double holds are more.
 */
static void
what_is_not_json_is_refused(void **state)
{
	static const char *const rows[] = {"", "nul", "NaN", "01", "\"\\ud800\"", "\"\xff\"",
	    "[1,]", "{\"a\":1}}", "1e999", "[-1e999]"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json *json = (struct json *)(void *)&json;

		if (json_parse(rows[i], strlen(rows[i]), &json) != PD_CORRUPT)
			fail_msg("taken: %s", rows[i]);
		assert_null(json);
	}
}

static void
a_name_may_stand_once(void **state)
{
	static const char *const rows[] = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}",
	    "[{\"x\":{\"a\":{},\"b\":1,\"a\":{}}}]", "{\"a\\u0000\":1}",
	    "{\"a\\u0000b\":1,\"a\\u0000c\":2}"};
	struct json *json;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(json_parse(rows[i], strlen(rows[i]), &json), PD_CORRUPT);
	/* The same name in different objects, and as text, is no repetition. */
	json = parse("{\"a\":{\"a\":\"a:\"},\"b\":[{\"a\":1},{\"a\":2}]}");
	json_free(json);
}

static void
depth_and_nul_bytes_are_bounded(void **state)
{
	char text[4 * JSON_DEPTH_MAX];
	struct json *json;

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_int_equal(json_parse(text, 2 * JSON_DEPTH_MAX, &json), PD_OK);
	json_free(json);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_int_equal(json_parse(text, 2 * JSON_DEPTH_MAX + 2, &json), PD_CORRUPT);
	assert_int_equal(json_parse("1\0", 2, &json), PD_CORRUPT);
	assert_int_equal(json_parse("\"a\0b\"", 5, &json), PD_CORRUPT);
	assert_int_equal(json_parse("{}", SIZE_MAX, &json), PD_CORRUPT);
}

static void
parsing_stops_at_len(void **state)
{
	struct json *json = NULL;
	int64_t number = 0;

	(void)state;
	assert_int_equal(json_parse("123", 2, &json), PD_OK);
	assert_true(json_int(json, &number));
	assert_int_equal(number, 12);
	json_free(json);
}

static void
getters_answer_only_their_type(void **state)
{
	struct json *json = parse(
	    "{\"s\":\"text\",\"z\":\"a\\u0000b\",\"n\":7,\"f\":1.5,\"t\":true,"
	    "\"l\":[1,\"x\"],\"o\":{\"k\":null}}");
	int64_t number = 99;
	bool truth = false;
	size_t len = 99;

	(void)state;
	assert_string_equal(json_string(json_get(json, "s"), NULL), "text");
	assert_string_equal(json_string(json_get(json, "s"), &len), "text");
	assert_int_equal(len, 4);
	assert_null(json_string(json_get(json, "z"), NULL));
	assert_memory_equal(json_string(json_get(json, "z"), &len), "a\0b", 3);
	assert_int_equal(len, 3);
	assert_null(json_string(json_get(json, "n"), NULL));
	assert_null(json_string(NULL, &len));
	assert_false(json_int(json_get(json, "s"), &number));
	assert_false(json_int(json_get(json, "f"), &number));
	assert_int_equal(number, 99);
	assert_true(json_int(json_get(json, "n"), &number));
	assert_int_equal(number, 7);
	assert_false(json_bool(json_get(json, "n"), &truth));
	assert_true(json_bool(json_get(json, "t"), &truth));
	assert_true(truth);
	assert_int_equal(json_length(json_get(json, "l")), 2);
	assert_int_equal(json_length(json), 0);
	assert_string_equal(json_string(json_at(json_get(json, "l"), 1), NULL), "x");
	assert_null(json_at(json_get(json, "l"), 2));
	assert_null(json_at(json, 0));
	assert_null(json_get(json, "absent"));
	assert_null(json_get(json_get(json, "l"), "s"));
	assert_null(json_get(NULL, "s"));
	assert_int_equal(json_type(json_get(json_get(json, "o"), "k")), JSON_NULL);
	json_free(json);
}

static void
integers_out_of_range_are_refused(void **state)
{
	static const char *const rows[] = {"9223372036854775808", "18446744073709551616",
	    "-9223372036854775809", "99999999999999999999999999"};
	struct json *json = parse("9223372036854775806");
	int64_t number = 0;

	(void)state;
	assert_true(json_int(json, &number));
	assert_true(number == INT64_MAX - 1);
	json_free(json);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (json_parse(rows[i], strlen(rows[i]), &json) != PD_OK)
			continue;
		assert_false(json_int(json, &number));
		json_free(json);
	}
}

struct visit {
	char names[16];
	size_t limit;
};

static bool
visit_member(void *ctx, const char *name, const struct json *value)
{
	struct visit *visit = ctx;

	(void)value;
	strcat(visit->names, name);
	return strlen(visit->names) < visit->limit;
}

static void
members_come_in_order_until_told_to_stop(void **state)
{
	struct json *json = parse("{\"c\":1,\"a\":2,\"b\":null}");
	struct visit visit = {.limit = 9};

	(void)state;
	assert_true(json_each(json, visit_member, &visit));
	assert_string_equal(visit.names, "cab");
	visit = (struct visit){.limit = 2};
	assert_false(json_each(json, visit_member, &visit));
	assert_string_equal(visit.names, "ca");
	assert_true(json_each(NULL, visit_member, &visit));
	json_free(json);
}

static void
trees_are_built_and_copied(void **state)
{
	struct json *root = json_new_object();
	struct json *list = json_new_array();
	struct json *copy;
	char *text;

	(void)state;
	assert_true(json_append(list, json_new_int(-5)));
	assert_true(json_append(list, json_new_bool(true)));
	assert_true(json_append(list, json_new_string_len("a\0b", 3)));
	assert_true(json_put(root, "list", list));
	assert_true(json_put(root, "text", json_new_string("old")));
	assert_true(json_put(root, "text", json_new_string("a\"/\n")));
	copy = json_copy(root);
	json_free(root);
	text = json_text(copy, false);
	assert_string_equal(text, "{\"list\":[-5,true,\"a\\u0000b\"],\"text\":\"a\\\"/\\n\"}");
	free(text);
	text = json_text(copy, true);
	assert_string_equal(text,
	    "{\n  \"list\":[\n    -5,\n    true,\n    \"a\\u0000b\"\n  ],\n"
	    "  \"text\":\"a\\\"/\\n\"\n}");
	free(text);
	json_free(copy);
	text = json_text(NULL, true);
	assert_string_equal(text, "null");
	free(text);
	assert_null(json_copy(NULL));
}

/* Leaks are found by the address sanitizer: the child is consumed in every case. */
static void
misplaced_children_are_consumed_and_reported(void **state)
{
	struct json *object = json_new_object();
	struct json *array = json_new_array();

	(void)state;
	assert_false(json_put(NULL, "a", json_new_int(1)));
	assert_false(json_put(array, "a", json_new_int(1)));
	assert_false(json_put(object, "a", NULL));
	assert_false(json_append(NULL, json_new_int(1)));
	assert_false(json_append(object, json_new_int(1)));
	assert_false(json_append(array, NULL));
	assert_null(json_get(object, "a"));
	assert_int_equal(json_length(array), 0);
	assert_null(json_new_string(NULL));
	json_free(object);
	json_free(array);
	json_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_json_is_refused),
	    cmocka_unit_test(a_name_may_stand_once),
	    cmocka_unit_test(depth_and_nul_bytes_are_bounded),
	    cmocka_unit_test(parsing_stops_at_len),
	    cmocka_unit_test(getters_answer_only_their_type),
	    cmocka_unit_test(integers_out_of_range_are_refused),
	    cmocka_unit_test(members_come_in_order_until_told_to_stop),
	    cmocka_unit_test(trees_are_built_and_copied),
	    cmocka_unit_test(misplaced_children_are_consumed_and_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
