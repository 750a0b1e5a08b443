/* SPDX-License-Identifier: BSD-2-Clause */
/* What is an outage, what is not, and how it ends: here is dynamodb_probe.c tested. */
#include "core/dynamodb_private.h"
#include "dynamodb_fixture.h"

/* One item that the server cannot read shuts nobody else out. */
static void
one_failing_item(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 500, .body = ERROR("InternalServerError")});
	for (int i = 0; i < 2; i++)
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_UNAVAILABLE);
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 503, .body = "<html>", .headers = "x-amzn-RequestId: ID1\r\n"});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_UNAVAILABLE);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}", .promise = 3, .close = true});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_UNAVAILABLE);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_OK);
	assert_null(strstr(seen, "cannot be reached"));
	closed(&client);
}

/* So does one that takes for ever: four attempts of one call are one failure. */
static void
one_slow_call(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	conf.attempt_timeout_ms = 120;
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 200, .body = "{}", .delay_ms = 800}, {.status = 200, .body = "{}"});
	assert_int_equal(call(&client, DYNAMODB_SCAN, 8000), PD_UNAVAILABLE);
	assert_int_equal(client.call.requests, RETRY_ATTEMPTS_MAX);
	conf.attempt_timeout_ms = 1000;
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_OK);
	assert_null(strstr(seen, "cannot be reached"));
	/* Nor do calls that had no time. */
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 200, .body = "{}", .delay_ms = 500}, {.status = 200, .body = "{}"});
	for (int i = 0; i < BREAKER_FAILURES + 1; i++)
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 60), PD_UNAVAILABLE);
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_OK);
	assert_null(strstr(seen, "cannot be reached"));
	closed(&client);
}

/* After an outage is known, answers come at once; the prober finds the server back. */
static void
an_outage(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);
	enum pd_error error = PD_UNAVAILABLE;
	int64_t begun;

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 0});
	for (int i = 0; i < BREAKER_FAILURES; i++) {
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_UNAVAILABLE);
		assert_true(client.call.requests > 0);
	}
	for (int i = 0; i < 5; i++) {
		begun = clock_monotonic_ms();
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_UNAVAILABLE);
		assert_in_range(clock_monotonic_ms() - begun, 0, 1000); /* no attempt, no wait */
		assert_int_equal(client.call.requests, 0);
	}
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	for (int i = 0; i < 30 && error != PD_OK; i++) {
		poll(NULL, 0, 100);
		error = call(&client, DYNAMODB_GET_ITEM, 8000);
	}
	assert_int_equal(error, PD_OK);
	assert_non_null(strstr(seen, "cannot be reached"));
	assert_non_null(strstr(seen, "answers again"));
	closed(&client);
}

/* Nobody listens: one call knows. Without a prober a later call asks itself; having no keys to ask
 * with tells nothing about the server and leaves that to the next. */
static void
an_outage_of_the_command(void **state)
{
	struct client client = opened(STORE_CALLER_COMMAND);
	char *keys = conf.credentials_file;
	int64_t ms;

	(void)state;
	shutdown(server->listener, SHUT_RDWR);
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_UNAVAILABLE);
	assert_true(client.call.requests > 1);
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_UNAVAILABLE);
	assert_int_equal(client.call.requests, 0);
	http_double_stop(server);
	server = http_double_start();
	poll(NULL, 0, BREAKER_PROBE_EVERY_MS + 50);
	conf.credentials_file = "/nowhere";
	ms = clock_monotonic_ms() + AWS_CREDENTIALS_RETRY_S * 1000;
	assert_true(aws_credentials_refused(client.dynamodb->credentials, "AKIDEXAMPLE", ms));
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 8000), PD_CONFIG);
	conf.credentials_file = keys;
	assert_true(breaker_is_open(client.dynamodb->breaker));
	assert_int_equal(
	    breaker_ask(client.dynamodb->breaker, clock_monotonic_ms()), BREAKER_PROBE);
	closed(&client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_failing_item),
	    cmocka_unit_test(one_slow_call),
	    cmocka_unit_test(an_outage),
	    cmocka_unit_test(an_outage_of_the_command),
	};

	return cmocka_run_group_tests_name("dynamodb_outage", tests, set_up, tear_down);
}
