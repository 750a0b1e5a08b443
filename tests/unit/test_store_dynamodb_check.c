/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_dynamodb_fixture.h"

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

static void
on_finding(void *ctx, enum store_finding finding, const char *subject, const char *text)
{
	(void)ctx;
	tell(finding == STORE_FINDING_OK ? "+" : "-");
	tell(subject);
	tell(text);
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
	assert_non_null(strstr(told, ": allow dynamodb:GetItem on both tables"));
	/* What cannot work for another reason does not ask for rights first. */
	HTTP_DOUBLE_SCRIPT(server, CHECK_TABLE("id"), CHECK_TABLE("id"), EXPIRY,
	    {.status = 400, .body = ERROR("ValidationException", "")}, REFUSED);
	assert_int_equal(check(), PD_CONFIG);
	assert_non_null(strstr(told, ": correct what is bad above, then allow dynamodb:"));
}

#define LAID_OUT(word, schema, kinds)                                                     \
	{                                                                                 \
		.status = 200,                                                            \
		.body = "{\"Table\":{\"TableStatus\":\"" word "\",\"KeySchema\":[" schema \
			"],\"AttributeDefinitions\":[" kinds "]}}"                        \
	}
#define KEY(name) "{\"AttributeName\":\"" name "\"}"
#define KIND(name, kind) "{\"AttributeName\":\"" name "\",\"AttributeType\":\"" kind "\"}"

/* One partition key of the right name and type, alone; other attributes may be defined. */
static void
tables_that_are_not_ours(void **state)
{
	static const struct {
		struct http_step step;
		enum pd_error error;
		const char *text;
	} rows[] = {
	    {LAID_OUT("ACTIVE", KEY("username"), KIND("x", "N") "," KIND("username", "S")), PD_OK,
		"+\nusers table\npam_dynamo_users: active, key username\n"},
	    {LAID_OUT("UPDATING", KEY("username"), KIND("username", "S")), PD_OK,
		"-\nusers table\npam_dynamo_users: UPDATING, not yet ACTIVE\n"},
	    {LAID_OUT("ACTIVE", KEY("username") "," KEY("x"), KIND("username", "S")), PD_CONFIG,
		"its key must be username, a string, alone"},
	    {LAID_OUT("ACTIVE", KEY("id"), KIND("id", "S")), PD_CONFIG, "its key must be username"},
	    {LAID_OUT("ACTIVE", KEY("username"), KIND("username", "N")), PD_CONFIG,
		"its key must be username"},
	    {LAID_OUT("ACTIVE", KEY("username"), KIND("id", "S")), PD_CONFIG,
		"its key must be username"},
	    {LAID_OUT("ACTIVE", "", ""), PD_CONFIG, "its key must be username"},
	    {{.status = 200, .body = "{}"}, PD_CONFIG, "its key must be username"},
	    {{.status = 400, .body = ERROR("ResourceNotFoundException", "")}, PD_CONFIG,
		"no such table in region us-east-1: run `pam-dynamo init`"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		HTTP_DOUBLE_SCRIPT(server, rows[i].step, CHECK_TABLE("id"), EXPIRY,
		    {.status = 200, .body = BOTH("[]", "[]")}, {.status = 200, .body = "{}"},
		    {.status = 200, .body = "{}"}, REFUSED);
		if (check() != rows[i].error || strstr(told, rows[i].text) == NULL)
			fail_msg("%zu: %s", i, told);
	}
}

/* Old items that stay are a warning and no failure, whatever keeps them. */
static void
expiry_that_is_off(void **state)
{
	static const struct {
		struct http_step step;
		const char *text;
	} rows[] = {
	    {{.status = 200,
		 .body = "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLING\"}}"},
		"+\nexpiry\nold items of pam_dynamo_state are removed\n"},
	    {{.status = 200,
		 .body = "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"DISABLED\"}}"},
		"-\nexpiry\noff: old items stay for ever: run `pam-dynamo init` again\n"},
	    {{.status = 200, .body = "{}"}, "-\nexpiry\noff: "},
	    {DENIED, "-\nexpiry\ncannot be asked (AccessDeniedException): "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		HTTP_DOUBLE_SCRIPT(server, CHECK_TABLE("username"), CHECK_TABLE("id"), rows[i].step,
		    {.status = 200, .body = BOTH("[]", "[]")}, {.status = 200, .body = "{}"},
		    {.status = 200, .body = "{}"}, REFUSED);
		if (check() != PD_OK || strstr(told, rows[i].text) == NULL)
			fail_msg("%zu: %s", i, told);
	}
}

/* Where nobody answers nothing more is asked. */
static void
nobody_answers(void **state)
{
	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 0});
	assert_int_equal(check(), PD_UNAVAILABLE);
	assert_null(strstr(told, "state table"));
	assert_null(strstr(told, "clock"));
	assert_non_null(strstr(told, "+\ncredentials\nfrom file\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(rights),
	    CASE(tables_that_are_not_ours),
	    CASE(expiry_that_is_off),
	    CASE(nobody_answers),
	};

	return cmocka_run_group_tests_name("store_dynamodb_check", tests, set_up, tear_down);
}
