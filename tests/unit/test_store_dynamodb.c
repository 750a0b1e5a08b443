/* SPDX-License-Identifier: BSD-2-Clause */
/* What the DynamoDB engine makes of replies that a good server would not send; what it does with
 * good ones is the contract's part (tests/contract). */
#include "store_dynamodb_fixture.h"

#define FAIL                                                                                   \
	"{\"id\":{\"S\":\"fail#alice\"},\"version\":{\"N\":\"3\"},\"expires_at\":{\"N\":\"9\"" \
	"},\"count\":{\"N\":\"5\"}}"

static enum pd_error
get_login(int64_t *count)
{
	struct store_call call = within(3000);
	struct user user = {0};
	struct state fail = {0};
	const struct store_login_read read = {
	    .name = "alice", .fail_id = "fail#alice", .user = &user, .fail = &fail};
	enum pd_error error = engine->get_login(conn, &call, &read);

	*count = fail.count;
	user_free(&user);
	state_free(&fail);
	return error;
}

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

#define NET                                                                                  \
	"{\"id\":{\"S\":\"net#192.0.2.7\"},\"version\":{\"N\":\"1\"},\"expires_at\":{\"N\":" \
	"\"9\"},\"count\":{\"N\":\"7\"}}"
#define OTHER                                                                                \
	"{\"id\":{\"S\":\"net#192.0.2.8\"},\"version\":{\"N\":\"1\"},\"expires_at\":{\"N\":" \
	"\"9\"},\"count\":{\"N\":\"7\"}}"

static enum pd_error
get_login_from(int64_t *fail_count, int64_t *net_count)
{
	struct store_call call = within(3000);
	struct user user = {0};
	struct state fail = {0}, source = {0};
	const struct store_login_read read = {.name = "alice",
	    .fail_id = "fail#alice",
	    .source_id = "net#192.0.2.7",
	    .user = &user,
	    .fail = &fail,
	    .source = &source};
	enum pd_error error = engine->get_login(conn, &call, &read);

	*fail_count = fail.count;
	*net_count = source.count;
	user_free(&user);
	state_free(&fail);
	state_free(&source);
	return error;
}

/* Two items of one table, in any order. */
static void
the_network_with_the_name(void **state)
{
	static const struct {
		const char *body;
		enum pd_error error;
		int64_t fail_count;
		int64_t net_count;
	} rows[] = {
	    {BOTH("[" USER "]", "[" FAIL "," NET "]"), PD_OK, 5, 7},
	    {BOTH("[" USER "]", "[" NET "," FAIL "]"), PD_OK, 5, 7},
	    {BOTH("[" USER "]", "[" NET "]"), PD_OK, 0, 7},
	    {BOTH("[" USER "]", "[" FAIL "]"), PD_OK, 5, 0},
	    {BOTH("[]", "[" NET "," FAIL "]"), PD_NOT_FOUND, 5, 7},
	    {BOTH("[]", "[]"), PD_NOT_FOUND, 0, 0},
	    {BOTH("[" USER "]", "[" FAIL "," FAIL "]"), PD_CORRUPT, 5, 0},
	    {BOTH("[" USER "]", "[" NET "," NET "]"), PD_CORRUPT, 0, 7},
	    {BOTH("[" USER "]", "[" FAIL "," OTHER "]"), PD_CORRUPT, 5, 0},
	    {BOTH("[" USER "]", "[" OTHER "]"), PD_CORRUPT, 0, 0},
	    {BOTH("[" USER "]", "[" FAIL "," NET "," OTHER "]"), PD_UNAVAILABLE, 0, 0},
	};
	int64_t fail_count, net_count;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum pd_error error;

		HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = rows[i].body});
		error = get_login_from(&fail_count, &net_count);
		if (error != rows[i].error || fail_count != rows[i].fail_count ||
		    net_count != rows[i].net_count)
			fail_msg("%zu: %s, %ld, %ld", i, pd_error_text(error), (long)fail_count,
			    (long)net_count);
	}
	assert_true(http_double_was_asked(server,
	    "\"pam_dynamo_state\":{\"Keys\":[{\"id\":{\"S\":\"fail#alice\"}},{\"id\":{\"S\":"
	    "\"net#192.0.2.7\"}}],\"ConsistentRead\":true}"));
}

/* One of the two came, the other did not: it is asked for again, alone. */
static void
the_network_is_left_over(void **state)
{
	int64_t fail_count, net_count;

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200,
		.body = "{\"Responses\":{\"pam_dynamo_users\":[" USER
			"],\"pam_dynamo_state\":[" FAIL "]},\"UnprocessedKeys\":{"
			"\"pam_dynamo_state\":{\"Keys\":[{\"id\":{\"S\":\"net#192.0.2.7\"}}]}}}"},
	    {.status = 200, .body = "{\"Responses\":{\"pam_dynamo_state\":[" NET "]}}"});
	assert_int_equal(get_login_from(&fail_count, &net_count), PD_OK);
	assert_int_equal(fail_count, 5);
	assert_int_equal(net_count, 7);
	assert_true(http_double_was_asked(server,
	    "{\"RequestItems\":{\"pam_dynamo_state\":{\"Keys\":[{\"id\":{\"S\":"
	    "\"net#192.0.2.7\"}}]"));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(silence_is_no_answer),
	    CASE(what_is_left_over),
	    CASE(the_network_with_the_name),
	    CASE(the_network_is_left_over),
	    CASE(single_items),
	    CASE(no_waiting_in_an_outage),
	};

	return cmocka_run_group_tests_name("store_dynamodb", tests, set_up, tear_down);
}
