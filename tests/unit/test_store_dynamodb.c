/* SPDX-License-Identifier: BSD-2-Clause */
/* What the DynamoDB engine makes of replies that a good server would not send; what it does with
 * good ones is the contract's part (tests/contract). */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/secret.h"
#include "core/store_engine.h"
#include "http_double.h"

#define ERROR(name, message) "{\"__type\":\"x#" name "\",\"message\":\"" message "\"}"
#define USER                                                                    \
	"{\"username\":{\"S\":\"alice\"},\"schema\":{\"N\":\"1\"},\"version\":" \
	"{\"N\":\"1\"},\"status\":{\"S\":\"active\"}}"
#define FAIL                                                                                   \
	"{\"id\":{\"S\":\"fail#alice\"},\"version\":{\"N\":\"3\"},\"expires_at\":{\"N\":\"9\"" \
	"},\"count\":{\"N\":\"5\"}}"

static const struct store_engine *const engine = &store_dynamodb;
static struct http_double *server;
static struct conf conf;
static void *shared, *conn;
static char told[8192]; /* log, progress and findings */

static void
tell(const char *line)
{
	if (strlen(told) + strlen(line) + 2 < sizeof(told))
		strcat(strcat(told, line), "\n");
}

static void
on_log(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	tell(line);
}

static void
on_progress(void *ctx, const char *line)
{
	(void)ctx;
	tell(line);
}

static void
on_finding(void *ctx, enum store_finding finding, const char *subject, const char *text)
{
	(void)ctx;
	tell(finding == STORE_FINDING_OK ? "+" : "-");
	tell(subject);
	tell(text);
}

static const struct log log_all = {.level = LOG_LEVEL_DEBUG, .sink = on_log};

static int
set_up(void **state)
{
	static char path[] = "/tmp/test_store_dynamodb.XXXXXX";
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
	free(conf.endpoint);
	conf.region = strdup("us-east-1");
	conf.credentials_file = path;
	conf.credentials = CONF_CREDENTIALS_FILE;
	conf.endpoint = malloc(64);
	server = http_double_start();
	snprintf(conf.endpoint, 64, "http://127.0.0.1:%u", server->port);
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

static int
each_set_up(void **state)
{
	(void)state;
	told[0] = '\0';
	assert_int_equal(engine->open(&conf, STORE_CALLER_SERVICE, &log_all, &shared), PD_OK);
	assert_int_equal(engine->connect(shared, &conn), PD_OK);
	return 0;
}

static int
each_tear_down(void **state)
{
	(void)state;
	engine->disconnect(conn);
	engine->close(shared);
	return 0;
}

static struct store_call
within(int ms)
{
	return (struct store_call){.deadline_ms = clock_monotonic_ms() + ms};
}

static enum pd_error
get_login(int64_t *count)
{
	struct store_call call = within(3000);
	struct user user = {0};
	struct state fail = {0};
	enum pd_error error = engine->get_login(conn, &call, "alice", "fail#alice", &user, &fail);

	*count = fail.count;
	user_free(&user);
	state_free(&fail);
	return error;
}

#define BOTH(users, states)                                                           \
	"{\"Responses\":{\"pam_dynamo_users\":" users ",\"pam_dynamo_state\":" states \
	"},\"UnprocessedKeys\":{}}"

static const struct {
	const char *body;
	enum pd_error error;
	int64_t count;
} logins[] = {
    {BOTH("[" USER "]", "[" FAIL "]"), PD_OK, 5},
    {BOTH("[" USER "]", "[]"), PD_OK, 0},
    {BOTH("[]", "[" FAIL "]"), PD_NOT_FOUND, 5},
    {BOTH("[]", "[]"), PD_NOT_FOUND, 0},
    {"{\"Responses\":{\"pam_dynamo_users\":[" USER "]},\"UnprocessedKeys\":{}}", PD_UNAVAILABLE, 0},
    {"{\"Responses\":{\"pam_dynamo_state\":[]},\"UnprocessedKeys\":{}}", PD_UNAVAILABLE, 0},
    {BOTH("[" USER "]", "{}"), PD_UNAVAILABLE, 0},
    {BOTH("[" USER "]", "[" FAIL "," FAIL "]"), PD_UNAVAILABLE, 0},
    {"{\"Responses\":[]}", PD_UNAVAILABLE, 0},
    {"{}", PD_UNAVAILABLE, 0},
    {BOTH("[" USER "]", "[{}]"), PD_CORRUPT, 0},
    {BOTH("[" USER "]", "[{\"version\":{\"S\":\"3\"}}]"), PD_CORRUPT, 0},
};

/* A lock-out is not forgotten because a reply does not speak of it. */
static void
silence_is_no_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(logins); i++) {
		int64_t count;
		enum pd_error error;

		HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = logins[i].body});
		error = get_login(&count);
		if (error != logins[i].error || count != logins[i].count)
			fail_msg("%zu: %s, %ld", i, pd_error_text(error), (long)count);
	}
}

/* What is asked for again is asked for as at first, whatever the server echoes. */
static void
what_is_left_over(void **state)
{
	int64_t count;

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200,
		.body = "{\"Responses\":{\"pam_dynamo_users\":[" USER "]},\"UnprocessedKeys\":{"
			"\"pam_dynamo_state\":{\"Keys\":[{\"id\":{\"S\":\"fail#eve\"}}]}}}"},
	    {.status = 200, .body = "{\"Responses\":{\"pam_dynamo_state\":[" FAIL "]}}"});
	assert_int_equal(get_login(&count), PD_OK);
	assert_int_equal(count, 5);
	assert_true(http_double_was_asked(server,
	    "{\"RequestItems\":{\"pam_dynamo_state\":{\"Keys\":[{\"id\":{\"S\":\"fail#alice\"}}],"
	    "\"ConsistentRead\":true}}}"));
}

static const struct {
	const char *body;
	enum pd_error error;
} items[] = {
    {"{\"Item\":" USER "}", PD_OK},
    {"{}", PD_NOT_FOUND},
    {"{\"Item\":[1]}", PD_CORRUPT},
    {"{\"Item\":\"x\"}", PD_CORRUPT},
    {"{\"Item\":{}}", PD_CORRUPT},
    {"{\"Item\":{\"username\":{\"S\":\"bob\"},\"version\":{\"N\":\"1\"}}}", PD_CORRUPT},
    {"{\"Item\":{\"username\":{\"S\":\"alice\"},\"version\":{\"S\":\"1\"}}}", PD_CORRUPT},
};

static void
single_items(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(items); i++) {
		struct store_call call = within(3000);
		struct user user = {0};

		HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = items[i].body});
		assert_int_equal(engine->get_user(conn, &call, "alice", &user), items[i].error);
		user_free(&user);
	}
}

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

/* init's requests in order: two tables that are there, expiry that is on, and the two protections.
 */
#define TABLE                                                                     \
	{                                                                         \
		.status = 200, .body = "{\"Table\":{\"TableStatus\":\"ACTIVE\"}}" \
	}
#define TABLES TABLE, TABLE, TABLE, TABLE
#define EXPIRY                                                                           \
	{                                                                                \
		.status = 200,                                                           \
		.body = "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLED\"}}" \
	}

static enum pd_error
init(int ms)
{
	struct store_call call = within(ms);

	told[0] = '\0';
	return engine->init(conn, &call, on_progress, NULL);
}

static void
protections_that_come_late(void **state)
{
	(void)state;
	HTTP_DOUBLE_SCRIPT(server, TABLES, EXPIRY,
	    {.status = 400, .body = ERROR("ContinuousBackupsUnavailableException", "wait")},
	    {.status = 200, .body = "{}"},
	    {.status = 400, .body = ERROR("ResourceInUseException", "updating")},
	    {.status = 200, .body = "{}"});
	assert_int_equal(init(5000), PD_OK);
	assert_non_null(strstr(told, "point-in-time recovery is on"));
	assert_non_null(strstr(told, "deletion protection is on"));
	HTTP_DOUBLE_SCRIPT(server, TABLES, EXPIRY,
	    {.status = 400, .body = ERROR("ContinuousBackupsUnavailableException", "wait")});
	assert_int_equal(init(400), PD_UNAVAILABLE);
}

static void
protections_that_are_not_offered(void **state)
{
	(void)state;
	HTTP_DOUBLE_SCRIPT(server, TABLES, EXPIRY,
	    {.status = 400, .body = ERROR("UnknownOperationException", "")},
	    {.status = 400,
		.body = ERROR("ValidationException", "At least one of Stream or Billing")});
	assert_int_equal(init(3000), PD_OK);
	HTTP_DOUBLE_SCRIPT(server, TABLES, EXPIRY, {.status = 200, .body = "{}"},
	    {.status = 400, .body = ERROR("ValidationException", "a replica is in the way")});
	assert_int_equal(init(3000), PD_CONFIG);
	assert_non_null(strstr(told, "deletion protection: not set: "));
	assert_non_null(strstr(told, "a replica is in the way"));
}

#define REFUSED                                                                     \
	{                                                                           \
		.status = 400, .body = ERROR("ConditionalCheckFailedException", "") \
	}
#define DENIED                                                              \
	{                                                                   \
		.status = 400, .body = ERROR("AccessDeniedException", "no") \
	}
#define CHECK_TABLE(key)                                                              \
	{                                                                             \
		.status = 200,                                                        \
		.body = "{\"Table\":{\"TableStatus\":\"ACTIVE\",\"KeySchema\":["      \
			"{\"AttributeName\":\"" key "\"}],\"AttributeDefinitions\":[" \
			"{\"AttributeName\":\"" key "\",\"AttributeType\":\"S\"}]}}"  \
	}
#define READS                                                                         \
	CHECK_TABLE("username"), CHECK_TABLE("id"), EXPIRY,                           \
	    {.status = 200, .body = BOTH("[]", "[]")}, {.status = 200, .body = "{}"}, \
	{                                                                             \
		.status = 200, .body = "{}"                                           \
	}

static enum pd_error
check(void)
{
	struct store_call call = within(5000);

	told[0] = '\0';
	return engine->check(conn, &call, on_finding, NULL);
}

/* Each right that is vouched for was tried. */
static void
rights(void **state)
{
	(void)state;
	HTTP_DOUBLE_SCRIPT(server, READS, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED);
	assert_int_equal(check(), PD_OK);
	assert_int_equal(http_double_requests(server), 12);
	assert_null(strstr(told, "\n-\n"));
	/* A lost reply before the refusal changes nothing. */
	HTTP_DOUBLE_SCRIPT(server, READS, {.status = 500, .body = ""}, REFUSED);
	assert_int_equal(check(), PD_OK);
	HTTP_DOUBLE_SCRIPT(server, READS, REFUSED, REFUSED, DENIED, REFUSED, REFUSED, REFUSED);
	assert_int_equal(check(), PD_CONFIG);
	assert_non_null(strstr(told, "-\nwriting states\nnot allowed: add dynamodb:DeleteItem"));
	HTTP_DOUBLE_SCRIPT(server, READS, REFUSED, REFUSED, REFUSED, DENIED);
	assert_int_equal(check(), PD_OK);
	assert_non_null(strstr(told, "-\nwriting users\ndynamodb:PutItem not allowed"));
	HTTP_DOUBLE_SCRIPT(server, CHECK_TABLE("username"), CHECK_TABLE("id"), EXPIRY,
	    {.status = 200, .body = BOTH("[]", "[]")}, DENIED, REFUSED);
	assert_int_equal(check(), PD_CONFIG);
	assert_non_null(strstr(told, "allow dynamodb:GetItem on both tables"));
}

static enum pd_error
count_failure(struct store *store, struct store_call *call)
{
	static const struct state_limit limit = {.window_s = 100, .max = 3, .lockout_s = 50};

	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"}, {.status = 0});
	return store_count_failure(store, call, "alice", &limit, "attempt", 1000, NULL);
}

static enum pd_error
create_user(struct store *store, struct store_call *call)
{
	struct user user = {.username = strdup("alice"), .status = strdup("active")};
	enum pd_error error;

	HTTP_DOUBLE_SCRIPT(server, {.status = 0});
	error = store_create_user(store, call, &user, false, NULL);
	user_free(&user);
	return error;
}

/* A write of unknown fate in an outage ends as soon as that is known. */
static void
no_waiting_in_an_outage(void **state)
{
	static enum pd_error (*const writes[])(struct store * store, struct store_call * call) = {
	    count_failure, create_user};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(writes); i++) {
		struct store_call call = within(5000);
		struct store *store = NULL;
		int64_t begun = clock_monotonic_ms();

		assert_int_equal(
		    store_open_engine(engine, &conf, STORE_CALLER_SERVICE, &log_all, &store),
		    PD_OK);
		assert_int_equal(writes[i](store, &call), PD_UNAVAILABLE);
		assert_in_range(clock_monotonic_ms() - begun, 0, 2500);
		store_close(store);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(silence_is_no_answer),
	    CASE(what_is_left_over),
	    CASE(single_items),
	    CASE(pages_of_a_list),
	    CASE(protections_that_come_late),
	    CASE(protections_that_are_not_offered),
	    CASE(rights),
	    CASE(no_waiting_in_an_outage),
	};

	return cmocka_run_group_tests_name("store_dynamodb", tests, set_up, tear_down);
}
