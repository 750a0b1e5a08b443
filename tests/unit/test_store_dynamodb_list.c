/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_dynamodb_fixture.h"

static const struct {
	const char *body;
	enum pd_error error;
} pages[] = {
    {"{\"Items\":[" USER "]}", PD_OK},
    {"{\"Items\":[" USER "],\"LastEvaluatedKey\":{\"username\":{\"N\":\"1\"}}}", PD_CORRUPT},
    {"{\"Items\":[" USER "],\"LastEvaluatedKey\":{}}", PD_CORRUPT},
    {"{\"Items\":[" USER "],\"LastEvaluatedKey\":1}", PD_CORRUPT},
    {"{\"Items\":{}}", PD_CORRUPT},
    {"{}", PD_CORRUPT},
};

/* A page is the last one only where the server says so. */
static void
pages_of_a_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		struct store_call call = within(3000);
		struct store_page page = {0};

		HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = pages[i].body});
		assert_int_equal(engine->list_users(conn, &call, NULL, 10, &page), pages[i].error);
		assert_null(page.next);
		store_page_free(&page);
	}
}

/* Ask for the next page where the last ended, and keep nothing of the auxiliary items. */
static void
pages_are_followed(void **state)
{
	struct store_call call = within(3000);
	struct store_page page = {0};

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200,
		.body = "{\"Items\":[],\"LastEvaluatedKey\":{\"username\":{\"S\":\"uid#5\"}}}"},
	    {.status = 200, .body = "{\"Items\":[" USER "]}"});
	assert_int_equal(engine->list_users(conn, &call, "", 10, &page), PD_OK);
	assert_int_equal(page.len, 1);
	assert_string_equal(page.users[0].username, "alice");
	assert_int_equal(page.corrupt, 0);
	assert_null(page.next);
	assert_int_equal(call.requests, 2);
	assert_true(http_double_was_asked(
	    server, "\"ExclusiveStartKey\":{\"username\":{\"S\":\"uid#5\"}}"));
	store_page_free(&page);
}

/* The first request in full, and how many items it asks for. */
static void
what_is_asked(void **state)
{
	static const struct {
		size_t limit;
		const char *text;
	} rows[] = {
	    {1, "\"Limit\":6,"},
	    {10, "\"Limit\":33,"},
	    {332, "\"Limit\":999,"},
	    {333, "\"Limit\":1000,"},
	    {5000, "\"Limit\":1000,"},
	};

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{\"Items\":[]}"});
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct store_call call = within(3000);
		struct store_page page = {0};

		assert_int_equal(
		    engine->list_users(conn, &call, NULL, rows[i].limit, &page), PD_OK);
		assert_true(http_double_was_asked(server, rows[i].text));
		assert_true(http_double_was_asked(server,
		    "{\"TableName\":\"pam_dynamo_users\",\"ConsistentRead\":true,\"Limit\":"));
		assert_true(http_double_was_asked(server,
		    "\"FilterExpression\":\"NOT contains(#n0,:v0)\",\"ExpressionAttributeNames\":{"
		    "\"#n0\":\"username\"},\"ExpressionAttributeValues\":{\":v0\":{\"S\":\"#\"}}"
		    "}"));
		assert_false(http_double_was_asked(server, "ExclusiveStartKey"));
		assert_int_equal(call.requests, 1);
		store_page_free(&page);
	}
}

#define NAMED(name)                                                                              \
	"{\"username\":{\"S\":\"" name "\"},\"schema\":{\"N\":\"1\"},\"version\":{\"N\":\"1\"}," \
	"\"status\":{\"S\":\"active\"}}"

/* A page that is full before the reply is used up goes on behind the last one that was taken. */
static void
full_pages(void **state)
{
	static const struct {
		size_t limit, len;
		const char *next;
	} rows[] = {{1, 1, "a"}, {2, 2, "b"}, {3, 3, NULL}, {4, 3, NULL}};

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200, .body = "{\"Items\":[" NAMED("a") "," NAMED("b") "," NAMED("c") "]}"});
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct store_call call = within(3000);
		struct store_page page = {0};

		assert_int_equal(
		    engine->list_users(conn, &call, NULL, rows[i].limit, &page), PD_OK);
		assert_int_equal(page.len, rows[i].len);
		if (rows[i].next == NULL)
			assert_null(page.next);
		else
			assert_string_equal(page.next, rows[i].next);
		store_page_free(&page);
	}
}

/* A record that cannot be read is counted and named in the log, and the rest comes. */
static void
corrupt_records_are_counted(void **state)
{
	struct store_call call = within(3000);
	struct store_page page = {0};

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200,
		.body =
		    "{\"Items\":[{\"username\":{\"S\":\"bad\"},\"version\":{\"S\":\"x\"}}," NAMED(
			"good") ",{\"username\":7}]}"});
	assert_int_equal(engine->list_users(conn, &call, NULL, 10, &page), PD_OK);
	assert_int_equal(page.len, 1);
	assert_int_equal(page.corrupt, 2);
	assert_string_equal(page.users[0].username, "good");
	assert_non_null(strstr(told, "bad"));
	store_page_free(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(pages_of_a_list),
	    CASE(pages_are_followed),
	    CASE(what_is_asked),
	    CASE(full_pages),
	    CASE(corrupt_records_are_counted),
	};

	return cmocka_run_group_tests_name("store_dynamodb_list", tests, set_up, tear_down);
}
