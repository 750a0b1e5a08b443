/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/item.h"
#include "record_fixture.h"

static void
expect_text(const struct json *json, const char *wanted)
{
	char *text = json_text(json, false);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

/* One present value of each type as an attribute value. */
static void
every_type_is_written(void **state)
{
	static const char *const wanted[] = {
	    [FIELD_STRING] = "{\"S\":\"value1\"}",
	    [FIELD_NUMBER] = NULL, /* its row's least */
	    [FIELD_BOOL] = "{\"BOOL\":true}",
	    [FIELD_SET] = "{\"SS\":[\"value1\",\"second\"]}",
	    [FIELD_LIST] = "{\"L\":[{\"S\":\"value1\"},{\"S\":\"second\"}]}",
	    [FIELD_MAP] = "{\"M\":{\"value1\":{\"S\":\"v\"},\"second\":{\"S\":\"\"}}}",
	};

	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++)
		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			union record record = {0};
			struct json *value;
			char number[48];

			assert_null(item_value(field, &record));
			fill_field(field, &record, 1);
			value = item_value(field, &record);
			assert_true(item_valid(value));
			(void)snprintf(number, sizeof(number), "{\"N\":\"%lld\"}",
			    (long long)(field->min > 0 ? field->min : 1));
			expect_text(
			    value, field->type == FIELD_NUMBER ? number : wanted[field->type]);
			json_free(value);
			record_free(types[t], &record);
		}
}

/* What is written reads back the same; what is absent is not written. */
static void
every_row_comes_back(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		union record full, back, none = {0};
		struct json *item;

		fill(types[t], &full);
		item = item_write(types[t], &full);
		for (size_t i = 0; i < types[t]->field_count; i++)
			assert_non_null(json_get(item, types[t]->fields[i].name));
		assert_int_equal(item_read(types[t], item, &back, NULL), PD_OK);
		assert_true(record_equal(types[t], &full, &back));
		json_free(item);
		item = item_write(types[t], &none);
		expect_text(item, "{}");
		json_free(item);
		record_free(types[t], &full);
		record_free(types[t], &back);
	}
}

static void
numbers_and_strings(void **state)
{
	static const struct {
		int64_t number;
		const char *text;
	} rows[] = {
	    {0, "{\"N\":\"0\"}"},
	    {-7, "{\"N\":\"-7\"}"},
	    {INT64_MAX, "{\"N\":\"9223372036854775807\"}"},
	    {INT64_MIN, "{\"N\":\"-9223372036854775808\"}"},
	};
	struct json *value;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		value = item_new_number(rows[i].number);
		expect_text(value, rows[i].text);
		json_free(value);
	}
	value = item_new_string("a\"b");
	expect_text(value, "{\"S\":\"a\\\"b\"}");
	json_free(value);
	assert_null(item_new_string(NULL));
}

/* Every row of a table can be set and removed, but for the key, which is named elsewhere. */
static void
every_row_is_updated(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++)
		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			bool key = (field->flags & FIELD_KEY) != 0;
			struct item_expression expression;
			union record none = {0}, one = {0};

			fill_field(field, &one, 1);
			item_expression_init(&expression);
			item_expression_update(&expression, types[t], NULL, &one);
			assert_string_equal(buf_string(&expression.text), key ? "" : "SET #n0=:v0");
			if (!key)
				assert_string_equal(
				    json_string(json_get(expression.names, "#n0"), NULL),
				    field->name);
			item_expression_free(&expression);
			item_expression_init(&expression);
			item_expression_update(&expression, types[t], &one, &none);
			assert_string_equal(buf_string(&expression.text), key ? "" : "REMOVE #n0");
			expect_text(expression.values, "{}");
			item_expression_free(&expression);
			record_free(types[t], &one);
		}
}

/* A value that could not be made is a failure and never an expression without it; one that has no
 * place is freed (the address sanitizer sees to that). */
static void
values_that_are_missing(void **state)
{
	struct item_expression expression;

	(void)state;
	item_expression_init(&expression);
	item_expression_add(&expression, "attribute_exists(#)", "a", item_new_string("unused"));
	assert_false(expression.failed);
	expect_text(expression.values, "{}");
	item_expression_add(&expression, " AND #=:", "b", NULL);
	assert_true(expression.failed);
	item_expression_free(&expression);
	item_expression_init(&expression);
	item_expression_add(&expression, "#=:", NULL, item_new_number(1));
	assert_true(expression.failed);
	item_expression_free(&expression);
}

/* Only what changed is written; reserved words never stand in the text. */
static void
updates_touch_what_changed(void **state)
{
	struct user before = {
	    .username = strdup("alice"), .version = 1, .shell = strdup("/bin/sh")};
	struct user after = {.username = strdup("alice"), .version = 2, .uid = 5};
	struct item_expression expression;

	(void)state;
	item_expression_init(&expression);
	item_expression_update(&expression, &user_type, &before, &after);
	assert_false(expression.failed);
	assert_string_equal(buf_string(&expression.text), "SET #n0=:v0,#n1=:v1 REMOVE #n2");
	expect_text(expression.names, "{\"#n0\":\"version\",\"#n1\":\"uid\",\"#n2\":\"shell\"}");
	expect_text(expression.values, "{\":v0\":{\"N\":\"2\"},\":v1\":{\"N\":\"5\"}}");
	item_expression_free(&expression);

	item_expression_init(&expression);
	item_expression_update(&expression, &user_type, &after, &after);
	assert_string_equal(buf_string(&expression.text), "");
	item_expression_add(
	    &expression, "attribute_not_exists(#) OR #=:", "owner", item_new_string("x"));
	assert_string_equal(buf_string(&expression.text), "attribute_not_exists(#n0) OR #n0=:v0");
	item_expression_free(&expression);
	user_free(&before);
	user_free(&after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_type_is_written),
	    cmocka_unit_test(every_row_comes_back),
	    cmocka_unit_test(numbers_and_strings),
	    cmocka_unit_test(every_row_is_updated),
	    cmocka_unit_test(values_that_are_missing),
	    cmocka_unit_test(updates_touch_what_changed),
	};

	return cmocka_run_group_tests_name("item_write", tests, NULL, NULL);
}
