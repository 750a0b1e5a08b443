/* SPDX-License-Identifier: BSD-2-Clause */
/* One call against a server that answers by a script. */
#include "unit.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/dynamodb.h"
#include "core/dynamodb_error.h"
#include "core/dynamodb_private.h"
#include "core/secret.h"
#include "http_double.h"

#define ERROR(name) "{\"__type\":\"com.amazonaws.dynamodb.v20120810#" name "\",\"message\":\"m\"}"

static struct http_double *server;
static struct conf conf;
static char seen[8192]; /* the log */

static void
remember(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	if (strlen(seen) + strlen(line) + 2 < sizeof(seen))
		strcat(strcat(seen, line), "\n");
}

static const struct log log_all = {.level = LOG_LEVEL_DEBUG, .sink = remember};

struct client {
	struct dynamodb *dynamodb;
	struct dynamodb_conn *conn;
	struct store_call call;
	struct dynamodb_result result;
};

static struct client
opened(enum store_caller caller)
{
	struct client client = {.dynamodb = NULL};
	char endpoint[64];

	seen[0] = '\0';
	snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%u", server->port);
	free(conf.endpoint);
	conf.endpoint = strdup(endpoint);
	conf.credentials = CONF_CREDENTIALS_FILE;
	assert_int_equal(dynamodb_open(&conf, caller, &log_all, &client.dynamodb), PD_OK);
	assert_int_equal(dynamodb_connect(client.dynamodb, &client.conn), PD_OK);
	return client;
}

static void
closed(struct client *client)
{
	dynamodb_result_free(&client->result);
	dynamodb_disconnect(client->conn);
	dynamodb_close(client->dynamodb);
}

static enum pd_error
call(struct client *client, enum dynamodb_operation operation, int deadline_ms)
{
	struct json *request = json_new_object();
	enum pd_error error;

	dynamodb_result_free(&client->result);
	client->call = (struct store_call){.deadline_ms = clock_monotonic_ms() + deadline_ms};
	error = dynamodb_call(client->conn, &client->call, operation, request, &client->result);
	json_free(request);
	return error;
}

static int
set_up(void **state)
{
	static char path[] = "/tmp/test_dynamodb.XXXXXX";
	static const char keys[] = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = k\n";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, keys, sizeof(keys) - 1), sizeof(keys) - 1);
	close(fd);
	assert_true(secret_init());
	assert_int_equal(conf_init(&conf), PD_OK);
	free(conf.region);
	free(conf.credentials_file);
	conf.region = strdup("us-east-1");
	conf.credentials_file = path;
	conf.attempt_timeout_ms = 400;
	server = http_double_start();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	http_double_stop(server);
	unlink(conf.credentials_file);
	conf.credentials_file = NULL;
	conf_free(&conf);
	return 0;
}

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
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 2000), PD_OK);
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

		assert_ptr_equal(dynamodb_error_find(row->name, status), row);
		snprintf(body, sizeof(body), "{\"__type\":\"x#%s\",\"message\":\"m\"}", row->name);
		client = opened(STORE_CALLER_COMMAND);
		HTTP_DOUBLE_SCRIPT(server, {.status = (int)status, .body = body});
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 500), row->error);
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
	assert_int_equal(dynamodb_error_find("", 500)->kind, RETRY_TRANSIENT);
	assert_int_equal(dynamodb_error_find("", 429)->kind, RETRY_THROTTLED);
	assert_int_equal(dynamodb_error_find("?", 403)->error, PD_UNAVAILABLE);
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
    {.status = 200, .body = "{}", .delay_ms = 450},
};

static void
passing_faults(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(passing); i++) {
		HTTP_DOUBLE_SCRIPT(server, passing[i], {.status = 200, .body = "{}"});
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_OK);
		assert_int_equal(client.call.requests, 2);
		HTTP_DOUBLE_SCRIPT(server, passing[i], {.status = 200, .body = "{}"});
		assert_int_equal(call(&client, DYNAMODB_UPDATE_ITEM, 3000), PD_OK);
		HTTP_DOUBLE_SCRIPT(server, passing[i],
		    {.status = 400, .body = ERROR("ConditionalCheckFailedException")});
		assert_int_equal(call(&client, DYNAMODB_UPDATE_ITEM, 3000),
		    passing[i].status == 400 ? PD_CONFLICT : PD_UNCERTAIN);
	}
	/* Refused before anything was done: no doubt. */
	HTTP_DOUBLE_SCRIPT(server, {.status = 400, .body = ERROR("TransactionConflictException")},
	    {.status = 400, .body = ERROR("ConditionalCheckFailedException")});
	assert_int_equal(call(&client, DYNAMODB_UPDATE_ITEM, 3000), PD_CONFLICT);
	closed(&client);
}

static void
the_deadline_holds(void **state)
{
	struct client client = opened(STORE_CALLER_COMMAND);
	int64_t begun = clock_monotonic_ms();

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}", .delay_ms = 300});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 150), PD_UNAVAILABLE);
	assert_in_range(clock_monotonic_ms() - begun, 100, 400);
	assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 150), PD_UNCERTAIN);
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 0), PD_UNAVAILABLE);
	assert_int_equal(client.call.requests, 0);
	closed(&client);
	poll(NULL, 0, 700); /* until the server has had both */
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
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 2000), PD_OK);
	assert_int_equal(client.call.requests, 2);
	assert_in_range(dynamodb_clock_offset_s(client.dynamodb), 7195, 7205);
	snprintf(wanted, sizeof(wanted), "X-Amz-Date: %s", stamp);
	assert_true(http_double_was_asked(server, wanted));
	/* The clocks agree now, so a refused signature is the key's fault: once only. */
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 400, .body = ERROR("InvalidSignatureException"), .headers = date});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 2000), PD_CONFIG);
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
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 2000), PD_CONFIG);
	assert_string_equal(client.result.message, "first");
	assert_null(strstr(seen, "zzz"));
	assert_null(strstr(seen, "first"));
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 400,
		.body = "{\"__type\":\"AccessDeniedException\",\"Message\":\"user x may "
			"not\\u001b\"}"});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 2000), PD_CONFIG);
	assert_non_null(strstr(seen, "user x may not\\x1b: allow this operation"));
	closed(&client);
}

/* One item that the server cannot read shuts nobody else out. */
static void
one_failing_item(void **state)
{
	struct client client = opened(STORE_CALLER_SERVICE);

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 500, .body = ERROR("InternalServerError")});
	for (int i = 0; i < 2; i++)
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_UNAVAILABLE);
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 503, .body = "<html>", .headers = "x-amzn-RequestId: ID1\r\n"});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_UNAVAILABLE);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}", .promise = 3, .close = true});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_UNAVAILABLE);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_OK);
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
	assert_int_equal(call(&client, DYNAMODB_SCAN, 3000), PD_UNAVAILABLE);
	assert_int_equal(client.call.requests, RETRY_ATTEMPTS_MAX);
	conf.attempt_timeout_ms = 400;
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_OK);
	assert_null(strstr(seen, "cannot be reached"));
	/* Nor do calls that had no time. */
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 200, .body = "{}", .delay_ms = 500}, {.status = 200, .body = "{}"});
	for (int i = 0; i < BREAKER_FAILURES + 1; i++)
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 60), PD_UNAVAILABLE);
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_OK);
	assert_null(strstr(seen, "cannot be reached"));
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
		assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 3000), PD_OK);
		assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 3000), PD_OK);
		assert_int_equal(client.call.requests, 2);
	}
	assert_non_null(strstr(seen, "the kept connection had been closed: once more on a new"));
	HTTP_DOUBLE_SCRIPT(server, {.status = 0},
	    {.status = 400, .body = ERROR("ConditionalCheckFailedException")});
	assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 3000), PD_UNCERTAIN);
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
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_CORRUPT);
	assert_int_equal(client.call.requests, 1);
	assert_int_equal(call(&client, DYNAMODB_PUT_ITEM, 3000), PD_UNCERTAIN);
	assert_int_equal(client.call.requests, 1);
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
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_UNAVAILABLE);
		assert_true(client.call.requests > 0);
	}
	for (int i = 0; i < 5; i++) {
		begun = clock_monotonic_ms();
		assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_UNAVAILABLE);
		assert_in_range(clock_monotonic_ms() - begun, 0, 50);
		assert_int_equal(client.call.requests, 0);
	}
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	for (int i = 0; i < 30 && error != PD_OK; i++) {
		poll(NULL, 0, 100);
		error = call(&client, DYNAMODB_GET_ITEM, 3000);
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
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_UNAVAILABLE);
	assert_true(client.call.requests > 1);
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_UNAVAILABLE);
	assert_int_equal(client.call.requests, 0);
	http_double_stop(server);
	server = http_double_start();
	poll(NULL, 0, BREAKER_PROBE_EVERY_MS + 50);
	conf.credentials_file = "/nowhere";
	ms = clock_monotonic_ms() + AWS_CREDENTIALS_RETRY_S * 1000;
	assert_true(aws_credentials_refused(client.dynamodb->credentials, "AKIDEXAMPLE", ms));
	assert_int_equal(call(&client, DYNAMODB_GET_ITEM, 3000), PD_CONFIG);
	conf.credentials_file = keys;
	assert_true(breaker_is_open(client.dynamodb->breaker));
	assert_int_equal(
	    breaker_ask(client.dynamodb->breaker, clock_monotonic_ms()), BREAKER_PROBE);
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
	    cmocka_unit_test(every_error),
	    cmocka_unit_test(passing_faults),
	    cmocka_unit_test(the_deadline_holds),
	    cmocka_unit_test(a_wrong_clock),
	    cmocka_unit_test(messages),
	    cmocka_unit_test(one_failing_item),
	    cmocka_unit_test(one_slow_call),
	    cmocka_unit_test(a_dead_connection),
	    cmocka_unit_test(an_unreadable_reply),
	    cmocka_unit_test(an_outage),
	    cmocka_unit_test(an_outage_of_the_command),
	    cmocka_unit_test(configurations_that_cannot_be),
	};

	return cmocka_run_group_tests_name("dynamodb", tests, set_up, tear_down);
}
