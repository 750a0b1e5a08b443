/* SPDX-License-Identifier: BSD-2-Clause */
/* One call against a server that answers by a script; what serves the call alone,
 * dynamodb_attempt.c and dynamodb_open.c, is tested through it. */
#include "core/retry.h"
#include "dynamodb_fixture.h"

static void
a_good_call(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200,
		.body = "{\"Item\":{}}",
		.headers = "x-amzn-RequestId: ID1\r\nx-amz-crc32: 49613676\r\n"});
	for (int i = 0; i < 3; i++)
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_OK);
	assert_non_null(json_get(client.result.body, "Item"));
	assert_string_equal(client.call.request_id, "ID1");
	assert_int_equal(client.call.requests, 1);
	assert_int_equal(server->connections, 1);
	assert_true(http_double_was_asked(server, "X-Amz-Target: DynamoDB_20120810.GetItem\r\n"));
	assert_true(http_double_was_asked(server, "Content-Type: application/x-amz-json-1.0\r\n"));
	assert_true(http_double_was_asked(
	    server, "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="));
	assert_non_null(strstr(seen, "dynamodb GetItem: attempt 1, status 200, request ID1, "));
	assert_null(strstr(seen, "Signature"));
	closed(&client);
}

/* Tried again, and then it works. */
static const struct http_step passing[] = {
    {.status = 0},
    {.status = 500, .body = ERROR("InternalServerError")},
    {.status = 503, .body = "<html>"},
    {.status = 400, .body = "{\"__type\":"},
    {.status = 200, .body = "<html>"},
    {.status = 200, .body = "[]"},
    {.status = 200, .body = "{\"Item\":"},
    {.status = 200, .body = "{}", .headers = "x-amz-crc32: 1\r\n"},
    {.status = 200, .body = "{}", .headers = "x-amz-crc32: x\r\n"},
    {.status = 200, .body = "{}", .promise = 3, .close = true},
    {.status = 200, .body = "{}", .delay_ms = 1050},
};

static void
passing_faults(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(passing); i++) {
		HTTP_DOUBLE_SCRIPT(server, passing[i], {.status = 200, .body = "{}"});
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_OK);
		assert_int_equal(client.call.requests, 2);
		HTTP_DOUBLE_SCRIPT(server, passing[i], {.status = 200, .body = "{}"});
		assert_int_equal(call(&client, DYNAMODB_UPDATE_ITEM, 8000), PD_OK);
		HTTP_DOUBLE_SCRIPT(server, passing[i],
		    {.status = 400, .body = ERROR("ConditionalCheckFailedException")});
		assert_int_equal(call(&client, DYNAMODB_UPDATE_ITEM, 8000),
		    passing[i].status == 400 ? PD_CONFLICT : PD_UNCERTAIN);
	}
	/* Refused before anything was done: no doubt. */
	HTTP_DOUBLE_SCRIPT(server, {.status = 400, .body = ERROR("TransactionConflictException")},
	    {.status = 400, .body = ERROR("ConditionalCheckFailedException")});
	assert_int_equal(call(&client, DYNAMODB_UPDATE_ITEM, 8000), PD_CONFLICT);
	closed(&client);
}

static void
the_deadline_holds(void **state)
{
	struct client client = opened(STORE_CALLER_COMMAND);
	int64_t begun = clock_monotonic_ms();

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}", .delay_ms = 600});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 200), PD_UNAVAILABLE);
	assert_in_range(clock_monotonic_ms() - begun, 150, 3000);
	assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 200), PD_UNCERTAIN);
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 0), PD_UNAVAILABLE);
	assert_int_equal(client.call.requests, 0);
	closed(&client);
	/* It still holds both requests: they must not take the next test's replies. */
	http_double_stop(server);
	server = http_double_start();
}

/* A clock that is hours off signs again by the server's and is remembered. */
static void
a_wrong_clock(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);
	time_t theirs = time(NULL) + 7200;
	char date[80], stamp[40], wanted[60];
	struct tm tm;

	(void)state;
	gmtime_r(&theirs, &tm);
	strftime(date, sizeof(date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H", &tm);
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 400, .body = ERROR("InvalidSignatureException"), .headers = date},
	    {.status = 200, .body = "{}", .headers = date});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_OK);
	assert_int_equal(client.call.requests, 2);
	assert_in_range(dynamodb_clock_offset_s(client.dynamodb), 7195, 7205);
	snprintf(wanted, sizeof(wanted), "X-Amz-Date: %s", stamp);
	assert_true(http_double_was_asked(server, wanted));
	/* The clocks agree now, so a refused signature is the key's fault: once only. */
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 400, .body = ERROR("InvalidSignatureException"), .headers = date});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_CONFIG);
	assert_int_equal(client.call.requests, 1);
	closed(&client);
}

/* Messages that repeat what was signed are cut and kept out of the log. */
static void
messages(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 400,
		.body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"first\\nzzz\"}"});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_CONFIG);
	assert_string_equal(client.result.message, "first");
	assert_null(strstr(seen, "zzz"));
	assert_null(strstr(seen, "first"));
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 400,
		.body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"user x may "
			"not\\u001b\"}"});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_CONFIG);
	assert_non_null(strstr(seen, "user x may not\\x1b: allow this operation"));
	closed(&client);
}

/* A kept connection that dies under a write is replaced at once: no failure of anything, but if the
 * second answer is a refusal, the first may have been the write. */
static void
a_dead_connection(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	for (int i = 0; i < BREAKER_FAILURES + 1; i++) {
		HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"}, {.status = 0},
		    {.status = 200, .body = "{}"});
		assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 8000), PD_OK);
		assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 8000), PD_OK);
		assert_int_equal(client.call.requests, 2);
	}
	assert_non_null(strstr(seen, "the kept connection had been closed: once more on a new"));
	HTTP_DOUBLE_SCRIPT(server, {.status = 0},
	    {.status = 400, .body = ERROR("ConditionalCheckFailedException")});
	assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 8000), PD_UNCERTAIN);
	closed(&client);
}

/* What arrived whole and is not JSON is not asked for again. */
static void
an_unreadable_reply(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 200, .body = "{", .headers = "x-amz-crc32: 366298937\r\n"});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_CORRUPT);
	assert_int_equal(client.call.requests, 1);
	assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 8000), PD_UNCERTAIN);
	assert_int_equal(client.call.requests, 1);
	closed(&client);
}

static void
configurations_that_cannot_be(void **state)
{
	struct dynamodb *dynamodb;

	(void)state;
	free(conf.endpoint);
	conf.endpoint = strdup("http://127.0.0.1:1/path");
	assert_int_equal(
	    dynamodb_open(&conf, STORE_CALLER_SERVICE, &log_all, &dynamodb), PD_CONFIG);
	assert_null(dynamodb);
	conf.endpoint[0] = '\0';
	conf.credentials = CONF_CREDENTIALS_ENVIRONMENT;
	assert_int_equal(
	    dynamodb_open(&conf, STORE_CALLER_SERVICE, &log_all, &dynamodb), PD_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_call),
	    cmocka_unit_test(passing_faults),
	    cmocka_unit_test(the_deadline_holds),
	    cmocka_unit_test(a_wrong_clock),
	    cmocka_unit_test(messages),
	    cmocka_unit_test(a_dead_connection),
	    cmocka_unit_test(an_unreadable_reply),
	    cmocka_unit_test(configurations_that_cannot_be),
	};

	return cmocka_run_group_tests_name("dynamodb", tests, set_up, tear_down);
}
