/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked of the server for each change, and what its refusals mean; that the conditions do
 * what they should is the contract's part (tests/contract). */
#include "store_dynamodb_fixture.h"

static struct user
a_user(const char *status, int64_t version)
{
	return (struct user){.username = strdup("alice"),
	    .schema = USER_SCHEMA,
	    .version = version,
	    .status = strdup(status == NULL ? "active" : status)};
}

/* What each change asks for: a plain call where one item changes, else a transaction. */
static void
requests_of_writes(void **state)
{
	static const struct {
		const char *before, *after, *add, *remove, *uid;
		const char *target;
		const char *parts[4];
	} rows[] = {
	    {.after = "active",
		.target = "PutItem",
		.parts = {"{\"TableName\":\"pam_dynamo_users\",\"Item\":{\"username\":{\"S\":"
			  "\"alice\"},",
		    "\"ConditionExpression\":\"attribute_not_exists(#n0)\","
		    "\"ExpressionAttributeNames\":{\"#n0\":\"username\"}}"}},
	    {.before = "active",
		.after = "closed",
		.target = "UpdateItem",
		.parts = {"\"Key\":{\"username\":{\"S\":\"alice\"}},",
		    "\"UpdateExpression\":\"SET #n0=:v0\",\"ConditionExpression\":\"#n1=:v1\"",
		    "{\"#n0\":\"status\",\"#n1\":\"version\"}",
		    "{\":v0\":{\"S\":\"closed\"},\":v1\":{\"N\":\"7\"}}}"}},
	    {.before = "active",
		.target = "DeleteItem",
		.parts = {"\"Key\":{\"username\":{\"S\":\"alice\"}},"
			  "\"ConditionExpression\":\"#n0=:v0\"",
		    "{\"#n0\":\"version\"},\"ExpressionAttributeValues\":{\":v0\":{\"N\":\"7\"}}"
		    "}"}},
	    {.after = "active",
		.add = "email#1",
		.uid = "uid#5",
		.target = "TransactWriteItems",
		.parts = {"{\"TransactItems\":[{\"Put\":{\"TableName\":\"pam_dynamo_users\","
			  "\"Item\":"
			  "{\"username\":{\"S\":\"alice\"},",
		    "{\"Put\":{\"TableName\":\"pam_dynamo_users\",\"Item\":{\"username\":{\"S\":"
		    "\"email#1\"},\"owner\":{\"S\":\"alice\"}},\"ConditionExpression\":"
		    "\"attribute_not_exists(#n0) OR #n1=:v1\"",
		    "\"Item\":{\"username\":{\"S\":\"uid#5\"},\"owner\":{\"S\":\"alice\"}}",
		    "}}],\"ClientRequestToken\":\""}},
	    {.before = "active",
		.after = "active",
		.remove = "email#2",
		.target = "TransactWriteItems",
		.parts = {"{\"TransactItems\":[{\"Update\":",
		    "{\"Delete\":{\"TableName\":\"pam_dynamo_users\",\"Key\":{\"username\":{\"S\":"
		    "\"email#2\"}},\"ConditionExpression\":\"attribute_not_exists(#n0) OR "
		    "#n1=:v1\""}},
	    {.before = "active",
		.remove = "email#2",
		.target = "TransactWriteItems",
		.parts = {"{\"TransactItems\":[{\"Delete\":", "\"S\":\"email#2\""}},
	};

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct user before = a_user(rows[i].before, 7), after = a_user(rows[i].after, 7);
		struct store_user_write write = {.before = rows[i].before == NULL ? NULL : &before,
		    .after = rows[i].after == NULL ? NULL : &after,
		    .email_add = rows[i].add,
		    .email_remove = rows[i].remove,
		    .uid_add = rows[i].uid};
		struct store_call call = within(3000);
		enum store_taken taken = STORE_TAKEN_NONE;
		char target[80];

		assert_int_equal(engine->write_user(conn, &call, &write, &taken), PD_OK);
		assert_int_equal(call.requests, 1);
		snprintf(target, sizeof(target), "X-Amz-Target: DynamoDB_20120810.%s\r\n",
		    rows[i].target);
		assert_true(http_double_was_asked(server, target));
		for (size_t j = 0; j < COUNT_OF(rows[i].parts); j++)
			if (rows[i].parts[j] != NULL &&
			    !http_double_was_asked(server, rows[i].parts[j]))
				fail_msg("%zu: %s in %s", i, rows[i].parts[j], server->last);
		user_free(&before);
		user_free(&after);
	}
}

#define CANCELLED(reasons) \
	"{\"__type\":\"x#TransactionCanceledException\",\"CancellationReasons\":" reasons "}"
#define FAILED "{\"Code\":\"ConditionalCheckFailed\"}"
#define NONE "{\"Code\":\"None\"}"

/* The parts of a transaction stand in the order of what is said first: the record, then the address
 * that is wanted, the one that is given up, the uid. */
static const struct {
	const char *body;
	enum pd_error error;
	enum store_taken taken;
	bool again; /* tried more than once */
} cancelled[] = {
    {CANCELLED("[" FAILED "," FAILED "," NONE "," FAILED "]"), PD_CONFLICT, STORE_TAKEN_VERSION,
	false},
    {CANCELLED("[" NONE "," FAILED "," NONE "," FAILED "]"), PD_CONFLICT, STORE_TAKEN_EMAIL, false},
    {CANCELLED("[" NONE "," NONE "," FAILED "," FAILED "]"), PD_CONFLICT, STORE_TAKEN_EMAIL, false},
    {CANCELLED("[" NONE "," NONE "," NONE "," FAILED "]"), PD_CONFLICT, STORE_TAKEN_UID, false},
    {CANCELLED("[{}," NONE "," NONE "," FAILED "]"), PD_CONFLICT, STORE_TAKEN_UID, false},
    {CANCELLED("[{\"Code\":\"TransactionConflict\"}," NONE "," NONE "," FAILED "]"), PD_CONFLICT,
	STORE_TAKEN_UID, false},
    {CANCELLED("[" NONE ",{\"Code\":\"ValidationError\"}]"), PD_CONFIG, STORE_TAKEN_NONE, false},
    {CANCELLED("[{\"Code\":\"TransactionConflict\"}]"), PD_UNAVAILABLE, STORE_TAKEN_NONE, true},
    {CANCELLED("[{\"Code\":\"ThrottlingError\"}]"), PD_UNAVAILABLE, STORE_TAKEN_NONE, true},
    {CANCELLED("[" NONE "," NONE "," NONE "," NONE "," FAILED "]"), PD_UNAVAILABLE,
	STORE_TAKEN_NONE, true}, /* a reason of no part */
    {CANCELLED("[]"), PD_UNAVAILABLE, STORE_TAKEN_NONE, true},
    {CANCELLED("{}"), PD_UNAVAILABLE, STORE_TAKEN_NONE, true},
};

static enum pd_error
move_everything(struct store_call *call, enum store_taken *taken)
{
	struct user before = a_user("active", 7), after = a_user("active", 8);
	struct store_user_write write = {.before = &before,
	    .after = &after,
	    .email_add = "email#1",
	    .email_remove = "email#2",
	    .uid_add = "uid#5"};
	enum pd_error error = engine->write_user(conn, call, &write, taken);

	user_free(&before);
	user_free(&after);
	return error;
}

static void
cancelled_transactions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cancelled); i++) {
		struct store_call call = within(5000);
		enum store_taken taken = STORE_TAKEN_NONE;
		enum pd_error error;

		HTTP_DOUBLE_SCRIPT(server, {.status = 400, .body = cancelled[i].body});
		error = move_everything(&call, &taken);
		if (error != cancelled[i].error || taken != cancelled[i].taken ||
		    (call.requests > 1) != cancelled[i].again)
			fail_msg("%zu: %s, %d, %u requests", i, pd_error_text(error), taken,
			    call.requests);
		if (cancelled[i].again)
			assert_int_equal(call.requests, 5);
	}
}

/* A transaction that collided is sent again as a new one: the old token would repeat the answer. */
static void
collisions_pass(void **state)
{
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_NONE;

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 400, .body = CANCELLED("[{\"Code\":\"TransactionConflict\"}]")},
	    {.status = 200, .body = "{}"});
	assert_int_equal(move_everything(&call, &taken), PD_OK);
	assert_int_equal(call.requests, 2);
	/* No time to wait for a second round: the first answer stands. */
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 400, .body = CANCELLED("[{\"Code\":\"TransactionConflict\"}]")});
	call = within(60);
	assert_int_equal(move_everything(&call, &taken), PD_UNAVAILABLE);
	assert_true(clock_monotonic_ms() <= call.deadline_ms + 250);
	HTTP_DOUBLE_SCRIPT(server, {.status = 400, .body = ERROR("UnknownOperationException", "")});
	call = within(3000);
	assert_int_equal(move_everything(&call, &taken), PD_CONFIG);
	assert_non_null(strstr(told, "has no transactions, which changes of an e-mail address"));
}

/* What it means when the condition of a single item does not hold. */
static void
single_conflicts(void **state)
{
	static const struct {
		const char *before, *after;
		enum store_taken taken;
	} rows[] = {
	    {NULL, "active", STORE_TAKEN_NAME},
	    {"active", "closed", STORE_TAKEN_VERSION},
	    {"active", NULL, STORE_TAKEN_VERSION},
	};

	(void)state;
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 400, .body = ERROR("ConditionalCheckFailedException", "")});
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct user before = a_user(rows[i].before, 7), after = a_user(rows[i].after, 7);
		struct store_user_write write = {.before = rows[i].before == NULL ? NULL : &before,
		    .after = rows[i].after == NULL ? NULL : &after};
		struct store_call call = within(3000);
		enum store_taken taken = STORE_TAKEN_NONE;

		assert_int_equal(engine->write_user(conn, &call, &write, &taken), PD_CONFLICT);
		assert_int_equal(taken, rows[i].taken);
		user_free(&before);
		user_free(&after);
	}
}

/* A state that must not be there, one that changes, one that goes. */
static void
requests_of_swaps(void **state)
{
	static const struct {
		int64_t version;
		bool removes;
		const char *target;
		const char *text;
	} rows[] = {
	    {0, false, "PutItem",
		"\"ConditionExpression\":\"attribute_not_exists(#n0) OR #n1<=:v1\","
		"\"ExpressionAttributeNames\":{\"#n0\":\"id\",\"#n1\":\"expires_at\"},"
		"\"ExpressionAttributeValues\":{\":v1\":{\"N\":\"1000\"}}}"},
	    {3, false, "UpdateItem",
		"\"Key\":{\"id\":{\"S\":\"rate#x\"}},\"UpdateExpression\":\"SET "
		"#n0=:v0,#n1=:v1\",\"ConditionExpression\":\"#n2=:v2\""},
	    {3, true, "DeleteItem",
		"{\"TableName\":\"pam_dynamo_state\",\"Key\":{\"id\":{\"S\":\"rate#x\"}},"
		"\"ConditionExpression\":\"#n0=:v0\",\"ExpressionAttributeNames\":{\"#n0\":"
		"\"version\"},\"ExpressionAttributeValues\":{\":v0\":{\"N\":\"3\"}}}"},
	};

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct state before = {.id = (char[]){"rate#x"}, .version = rows[i].version};
		struct state after = {
		    .id = (char[]){"rate#x"}, .version = rows[i].version + 1, .expires_at = 2000};
		struct store_call call = within(3000);
		char target[80];

		assert_int_equal(
		    engine->swap_state(conn, &call, &before, rows[i].removes ? NULL : &after, 1000),
		    PD_OK);
		snprintf(target, sizeof(target), "DynamoDB_20120810.%s\r\n", rows[i].target);
		assert_true(http_double_was_asked(server, target));
		if (!http_double_was_asked(server, rows[i].text))
			fail_msg("%zu: %s", i, server->last);
	}
}

static void
a_swap_of_nothing(void **state)
{
	struct state before = {.id = (char[]){"rate#x"}};
	struct store_call call = within(3000);

	(void)state;
	assert_int_equal(engine->swap_state(conn, &call, &before, NULL, 1000), PD_BUG);
	assert_int_equal(call.requests, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(requests_of_writes),
	    CASE(cancelled_transactions),
	    CASE(collisions_pass),
	    CASE(single_conflicts),
	    CASE(requests_of_swaps),
	    CASE(a_swap_of_nothing),
	};

	return cmocka_run_group_tests_name("store_dynamodb_write", tests, set_up, tear_down);
}
