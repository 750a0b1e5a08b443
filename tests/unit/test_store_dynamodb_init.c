/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_dynamodb_fixture.h"

/* init's requests in order: two tables that are there, expiry that is on, and the two protections.
 */
#define TABLE                                                                     \
	{                                                                         \
		.status = 200, .body = "{\"Table\":{\"TableStatus\":\"ACTIVE\"}}" \
	}
#define TABLES TABLE, TABLE, TABLE, TABLE

static void
on_progress(void *ctx, const char *line)
{
	(void)ctx;
	tell(line);
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

#define ABSENT                                                                        \
	{                                                                             \
		.status = 400, .body = ERROR("ResourceNotFoundException", "no table") \
	}
#define COMING                                                                      \
	{                                                                           \
		.status = 200, .body = "{\"Table\":{\"TableStatus\":\"CREATING\"}}" \
	}
#define DONE                                \
	{                                   \
		.status = 200, .body = "{}" \
	}

/* Each table by itself, also where another host makes it at the same time; then what protects. */
static void
what_is_missing_is_made(void **state)
{
	(void)state;
	HTTP_DOUBLE_SCRIPT(server, ABSENT, DONE, COMING, TABLE, ABSENT,
	    {.status = 400, .body = ERROR("ResourceInUseException", "there")}, TABLE,
	    {.status = 200,
		.body = "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"DISABLED\"}}"},
	    DONE, DONE, DONE);
	assert_int_equal(init(5000), PD_OK);
	assert_int_equal(http_double_requests(server), 11);
	assert_non_null(strstr(told, "table pam_dynamo_users: created, on-demand\n"));
	assert_non_null(strstr(told, "table pam_dynamo_state: created, on-demand\n"));
	assert_non_null(strstr(told, "table pam_dynamo_state: expiry of old items is on\n"));
	assert_non_null(strstr(told, "table pam_dynamo_users: point-in-time recovery is on\n"));
	assert_non_null(strstr(told, "table pam_dynamo_users: deletion protection is on\n"));
	/* The last of each kind, cut short by what comes next. */
	assert_true(http_double_was_asked(
	    server, "{\"TableName\":\"pam_dynamo_users\",\"DeletionProtectionEnabled\":true}"));
	HTTP_DOUBLE_SCRIPT(
	    server, ABSENT, {.status = 400, .body = ERROR("AccessDeniedException", "")});
	assert_int_equal(init(3000), PD_CONFIG);
	assert_true(http_double_was_asked(server,
	    "{\"TableName\":\"pam_dynamo_users\",\"AttributeDefinitions\":[{\"AttributeName\":"
	    "\"username\",\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"username\","
	    "\"KeyType\":\"HASH\"}],\"BillingMode\":\"PAY_PER_REQUEST\"}"));
	assert_int_equal(http_double_requests(server), 2);
}

static void
tables_that_do_not_come(void **state)
{
	int64_t begun = clock_monotonic_ms();

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, COMING);
	assert_int_equal(init(600), PD_UNAVAILABLE);
	assert_in_range(clock_monotonic_ms() - begun, 200, 1500);
	assert_true(http_double_requests(server) >= 2);
	assert_non_null(strstr(told, "table pam_dynamo_users: exists\n"));
	assert_null(strstr(told, "pam_dynamo_state"));
}

/* The protection of one thing that fails does not keep the others from being switched on. */
static void
one_protection_fails(void **state)
{
	(void)state;
	HTTP_DOUBLE_SCRIPT(server, TABLES,
	    {.status = 400, .body = ERROR("AccessDeniedException", "not you")},
	    {.status = 400, .body = ERROR("AccessDeniedException", "not you")}, DONE, DONE);
	assert_int_equal(init(3000), PD_CONFIG);
	assert_non_null(strstr(told, "expiry of old items: not set: "));
	assert_non_null(strstr(told, "point-in-time recovery is on\n"));
	assert_non_null(strstr(told, "deletion protection is on\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(protections_that_come_late),
	    CASE(protections_that_are_not_offered),
	    CASE(what_is_missing_is_made),
	    CASE(tables_that_do_not_come),
	    CASE(one_protection_fails),
	};

	return cmocka_run_group_tests_name("store_dynamodb_init", tests, set_up, tear_down);
}
