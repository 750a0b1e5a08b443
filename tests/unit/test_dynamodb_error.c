/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/dynamodb_error.h"
#include "dynamodb_fixture.h"

/* Each error of the table: what it is to the caller, and how often it is tried. */
static void
every_error(void **state)
{
	struct client client;
	char body[256];

	(void)state;
	for (size_t i = 0; i < dynamodb_error_count; i++) {
		const struct dynamodb_error *row = &dynamodb_errors[i];
		long status = row->kind == RETRY_TRANSIENT ? 500 : 400;
		/* Throttled, it would wait for seconds; the others wait for a slow machine only. */
		int deadline_ms = row->kind == RETRY_THROTTLED ? 500 : 20000;

		assert_ptr_equal(dynamodb_error_find(row->name, status), row);
		snprintf(body, sizeof(body), "{\"__type\":\"x#%s\",\"message\":\"m\"}", row->name);
		client = opened(STORE_CALLER_COMMAND);
		HTTP_DOUBLE_SCRIPT(server, {.status = (int)status, .body = body});
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, deadline_ms), row->error);
		assert_string_equal(client.result.name, row->name);
		if (row->kind == RETRY_TRANSIENT)
			assert_int_equal(client.call.requests, RETRY_ATTEMPTS_MAX);
		if (row->kind == RETRY_NEVER)
			assert_int_equal(
			    client.call.requests, row->remedy == DYNAMODB_REMEDY_KEYS ? 2 : 1);
		if (row->advice != NULL)
			assert_non_null(strstr(seen, row->advice));
		closed(&client);
	}
}

/* A row says what it is once, and is at one with itself. */
static void
rows_are_distinct_and_sensible(void **state)
{
	(void)state;
	for (size_t i = 0; i < dynamodb_error_count; i++) {
		const struct dynamodb_error *row = &dynamodb_errors[i];

		assert_in_range(strlen(row->name), 1, DYNAMODB_NAME_SIZE - 1);
		assert_int_not_equal(row->error, PD_OK);
		assert_int_not_equal(row->error, PD_UNCERTAIN); /* the attempt says that */
		if (row->kind != RETRY_NEVER)
			assert_int_equal(row->error, PD_UNAVAILABLE);
		if (row->unsettled)
			assert_int_equal(row->kind, RETRY_TRANSIENT);
		if (row->remedy != DYNAMODB_REMEDY_NONE)
			assert_non_null(row->advice);
		if (row->remedy != DYNAMODB_REMEDY_NONE)
			assert_false(row->show); /* its message repeats what was signed */
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(row->name, dynamodb_errors[j].name);
	}
}

/* Without a name that is known the status alone decides; none is taken for success. */
static void
unknown_names(void **state)
{
	static const struct {
		const char *name;
		long status;
		enum retry_kind kind;
		bool unsettled, show, advice;
	} rows[] = {
	    {"", 500, RETRY_TRANSIENT, true, false, false},
	    {"", 503, RETRY_TRANSIENT, true, false, false},
	    {"NewException", 599, RETRY_TRANSIENT, true, false, false},
	    {"", 429, RETRY_THROTTLED, false, false, false},
	    {"NewException", 429, RETRY_THROTTLED, false, false, false},
	    {"NewException", 400, RETRY_TRANSIENT, false, true, false},
	    {"NewException", 499, RETRY_TRANSIENT, false, true, false},
	    {"conditionalcheckfailedexception", 400, RETRY_TRANSIENT, false, true, false},
	    {"", 400, RETRY_TRANSIENT, false, false, true},
	    {"", 302, RETRY_TRANSIENT, false, false, true},
	    {"", 0, RETRY_TRANSIENT, false, false, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct dynamodb_error *row = dynamodb_error_find(
		    rows[i].name, rows[i].status);

		assert_int_equal(row->error, PD_UNAVAILABLE);
		assert_int_equal(row->kind, rows[i].kind);
		assert_int_equal(row->unsettled, rows[i].unsettled);
		assert_int_equal(row->show, rows[i].show);
		/* A name that is new to us is still DynamoDB's; no name at all is not. */
		if (rows[i].status < 500 && rows[i].status != 429)
			assert_int_equal(row->advice != NULL, rows[i].advice);
	}
}

static const struct {
	const char *text;
	const char *name;
	const char *message;
} replies[] = {
    {"{\"__type\":\"Name\"}", "Name", ""},
    {"{\"__type\":\"com.amazonaws.dynamodb.v20120810#Name\",\"message\":\"m\"}", "Name", "m"},
    {"{\"__type\":\"x#y#Name:http://internal.amazon.com/x/\",\"Message\":\"M\"}", "Name", "M"},
    {"{\"__type\":\"Name\",\"message\":\"m\",\"Message\":\"M\"}", "Name", "m"},
    {"{\"__type\":\"Na\\nme\"}", "Na", ""},
    {"{\"__type\":\"\"}", "", ""},
    {"{\"__type\":\"x#\"}", "", ""},
    {"{\"__type\":7,\"message\":[]}", "", ""},
    {"{\"message\":\"first\\nx-amz-date: second\"}", "", "first"},
    {"{\"message\":\"a\\u001bb\"}", "", "a\\x1bb"},
    {"[\"__type\"]", "", ""},
    {"\"Name\"", "", ""},
    {"<html>", "", ""},
    {"", "", ""},
};

static void
replies_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct dynamodb_result result = {.body = NULL};

		dynamodb_error_parse(replies[i].text, strlen(replies[i].text), &result);
		assert_string_equal(result.name, replies[i].name);
		assert_string_equal(result.message, replies[i].message);
		dynamodb_result_free(&result);
	}
}

/* A name that does not fit is none; a message that does not is cut. */
static void
long_replies(void **state)
{
	for (size_t len = DYNAMODB_NAME_SIZE - 1; len <= DYNAMODB_NAME_SIZE; len++) {
		struct dynamodb_result result = {.body = NULL};
		char name[DYNAMODB_NAME_SIZE + 1] = "", message[4096] = "", text[8192];

		(void)state;
		memset(name, 'N', len);
		memset(message, 'm', sizeof(message) - 1);
		snprintf(
		    text, sizeof(text), "{\"__type\":\"%s\",\"message\":\"%s\"}", name, message);
		dynamodb_error_parse(text, strlen(text), &result);
		assert_string_equal(result.name, len < DYNAMODB_NAME_SIZE ? name : "");
		assert_in_range(strlen(result.message), 100, sizeof(result.message) - 1);
		assert_non_null(result.body);
		dynamodb_result_free(&result);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_error),
	    cmocka_unit_test(rows_are_distinct_and_sensible),
	    cmocka_unit_test(unknown_names),
	    cmocka_unit_test(replies_are_read),
	    cmocka_unit_test(long_replies),
	};

	return cmocka_run_group_tests_name("dynamodb_error", tests, set_up, tear_down);
}
