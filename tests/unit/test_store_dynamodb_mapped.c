/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine over a table that is not ours: what it asks for, and what it never sends. */
#include "store_dynamodb_fixture.h"

#include "core/json.h"

static void
set_map(const char *lines)
{
	char text[1024], reason[512];
	struct conf map;

	(void)snprintf(text, sizeof(text),
	    "[store]\nengine=dynamodb\n[dynamodb]\nregion=x\n[attributes]\n%s\n", lines);
	if (conf_parse("FILE", text, strlen(text), NULL, reason, sizeof(reason), &map) != PD_OK)
		fail_msg("%s", reason);
	/* the fixture's server and keys, and this map */
	{
		struct conf_attributes swap = conf.attributes;

		conf.attributes = map.attributes;
		map.attributes = swap;
	}
	conf_free(&map);
	each_tear_down(NULL);
	each_set_up(NULL);
}

#define REALM "profile=pam-dynamo-realm\npartition_value=r\ndefault_hosts=*\n"
#define ALICE "{\"realm\":{\"S\":\"r\"},\"user\":{\"S\":\"alice\"},\"password\":{\"S\":\"h\"}}"
#define KEY "{\"realm\":{\"S\":\"r\"},\"user\":{\"S\":\"alice\"}}"

static void
a_login_is_one_request(void **state)
{
	struct store_call call = within(3000);
	struct user user = {0};
	struct state fail = {0};
	const struct store_login_read read = {
	    .name = "alice", .fail_id = "fail#alice", .user = &user, .fail = &fail};

	(void)state;
	set_map(REALM);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = BOTH("[" ALICE "]", "[]")});
	assert_int_equal(engine->get_login(conn, &call, &read), PD_OK);
	assert_string_equal(user.username, "alice");
	assert_string_equal(user.password, "h");
	assert_string_equal(user.status, "active");
	assert_int_equal(call.requests, 1);
	assert_true(http_double_was_asked(server,
	    "{\"RequestItems\":{\"pam_dynamo_users\":{\"Keys\":[" KEY "],\"ConsistentRead\":true},"
	    "\"pam_dynamo_state\":{\"Keys\":[{\"id\":{\"S\":\"fail#alice\"}}],"
	    "\"ConsistentRead\":true}}}"));
	user_free(&user);
}

static const struct {
	const char *item;
	enum pd_error error;
	const char *told;
} items[] = {
    {ALICE, PD_OK, ""},
    {"{\"realm\":{\"S\":\"r\"},\"user\":{\"S\":\"bob\"}}", PD_CORRUPT, "another item"},
    {"{\"realm\":{\"S\":\"x\"},\"user\":{\"S\":\"alice\"}}", PD_CORRUPT, "attribute user: no"},
    {"{\"user\":{\"S\":\"alice\"}}", PD_CORRUPT, "attribute user: no string"},
    {"{\"realm\":{\"S\":\"r\"},\"user\":{\"S\":\"alice\"},\"password\":{\"N\":\"1\"}}", PD_CORRUPT,
	"item alice: attribute password: not of its type"},
    {"{\"realm\":{\"S\":\"r\"},\"user\":{\"S\":\"alice\"},\"salt\":{\"N\":\"1\"}}", PD_OK, ""},
};

static void
only_the_item_that_was_asked_for(void **state)
{
	(void)state;
	set_map(REALM);
	for (size_t i = 0; i < COUNT_OF(items); i++) {
		struct store_call call = within(3000);
		struct user user = {0};
		char body[512];

		told[0] = '\0';
		(void)snprintf(body, sizeof(body), "{\"Item\":%s}", items[i].item);
		HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = body});
		assert_int_equal(engine->get_user(conn, &call, "alice", &user), items[i].error);
		if (strstr(told, items[i].told) == NULL)
			fail_msg("%zu: %s", i, told);
		user_free(&user);
	}
}

static void
nobody_is_asked_who_owns_a_uid(void **state)
{
	struct store_call call = within(3000);
	char *owner = NULL;

	(void)state;
	set_map(REALM);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(engine->get_owner(conn, &call, "uid#5", &owner), PD_NOT_FOUND);
	assert_int_equal(http_double_requests(server), 0);
}

static void
a_realm_is_queried_and_a_table_is_scanned(void **state)
{
	struct store_call call = within(3000);
	struct store_page page = {0};

	(void)state;
	set_map(REALM);
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200,
		.body = "{\"Items\":[" ALICE ",{\"realm\":{\"S\":\"r\"},\"user\":{\"S\":\"No One\""
			"}}]}"});
	assert_int_equal(engine->list_users(conn, &call, NULL, 10, &page), PD_OK);
	assert_int_equal(page.len, 1);
	assert_int_equal(page.corrupt, 0);
	assert_true(http_double_was_asked(server, "DynamoDB_20120810.Query"));
	assert_true(http_double_was_asked(server,
	    "{\"TableName\":\"pam_dynamo_users\",\"ConsistentRead\":true,\"Limit\":10,"
	    "\"KeyConditionExpression\":\"#n0=:v0\",\"ExpressionAttributeNames\":{\"#n0\":"
	    "\"realm\"},\"ExpressionAttributeValues\":{\":v0\":{\"S\":\"r\"}}}"));
	store_page_free(&page);
	page = (struct store_page){0};
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200, .body = "{\"Items\":[],\"LastEvaluatedKey\":" KEY "}"},
	    {.status = 200, .body = "{\"Items\":[]}"});
	assert_int_equal(engine->list_users(conn, &call, NULL, 10, &page), PD_OK);
	assert_true(http_double_was_asked(server, "\"ExclusiveStartKey\":" KEY));
	store_page_free(&page);
	page = (struct store_page){0};
	set_map("profile=flask-boto3\n");
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{\"Items\":[]}"});
	assert_int_equal(engine->list_users(conn, &call, NULL, 10, &page), PD_OK);
	assert_true(http_double_was_asked(
	    server, "{\"TableName\":\"pam_dynamo_users\",\"ConsistentRead\":true,\"Limit\":10}"));
	store_page_free(&page);
}

static bool
count_item(void *ctx, const struct json *item)
{
	size_t *count = ctx;

	assert_int_equal(json_type(item), JSON_OBJECT);
	return ++*count < 3;
}

static void
items_are_handed_over_until_there_are_enough(void **state)
{
	static const struct {
		size_t limit;
		size_t count;
		unsigned requests;
	} rows[] = {{1, 1, 1}, {2, 2, 1}, {3, 3, 2}, {100, 3, 2}};

	(void)state;
	set_map(REALM);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct store_call call = within(3000);
		size_t count = 0;

		HTTP_DOUBLE_SCRIPT(server,
		    {.status = 200,
			.body = "{\"Items\":[" ALICE "," ALICE "],\"LastEvaluatedKey\":" KEY "}"},
		    {.status = 200, .body = "{\"Items\":[" ALICE "," ALICE "]}"});
		assert_int_equal(
		    engine->each_item(conn, &call, rows[i].limit, count_item, &count), PD_OK);
		assert_int_equal(count, rows[i].count);
		assert_int_equal(call.requests, rows[i].requests);
	}
}

static enum pd_error
write_user(const char *before_password, const char *after_password, enum store_taken *taken)
{
	struct store_call call = within(3000);
	struct user before = {.username = strdup("alice"), .version = 1}, after = {0};
	struct store_user_write request = {0};
	enum pd_error error;

	before.status = strdup("active");
	assert_int_equal(user_copy(&after, &before), PD_OK);
	before.password = before_password != NULL ? strdup(before_password) : NULL;
	after.password = after_password != NULL ? strdup(after_password) : NULL;
	after.version = 2;
	request.before = before_password != NULL ? &before : NULL;
	request.after = after_password != NULL ? &after : NULL;
	*taken = STORE_TAKEN_NONE;
	told[0] = '\0';
	error = engine->write_user(conn, &call, &request, taken);
	user_free(&before);
	user_free(&after);
	return error;
}

static void
nothing_is_sent_to_a_table_that_is_only_read(void **state)
{
	enum store_taken taken;

	(void)state;
	set_map(REALM);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(write_user("old", "new", &taken), PD_CONFIG);
	assert_non_null(strstr(told, "user alice: the users table is not ours and only read;"));
	assert_int_equal(write_user(NULL, "new", &taken), PD_CONFIG);
	assert_int_equal(write_user("old", NULL, &taken), PD_CONFIG);
	assert_int_equal(http_double_requests(server), 0);
}

static void
passwords_are_written_where_the_map_says_so(void **state)
{
	enum store_taken taken;

	(void)state;
	set_map(REALM "writable=yes\n");
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(write_user("old", "new", &taken), PD_OK);
	assert_true(http_double_was_asked(server, "DynamoDB_20120810.UpdateItem"));
	assert_true(http_double_was_asked(server,
	    "\"Key\":" KEY ",\"UpdateExpression\":\"SET #n0=:v0\",\"ConditionExpression\":"
	    "\"(#n1=:v1 OR #n2=:v2)\""));
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 400, .body = ERROR("ConditionalCheckFailedException", "")});
	assert_int_equal(write_user("old", "new", &taken), PD_CONFLICT);
	assert_int_equal(taken, STORE_TAKEN_VERSION);
	/* nothing of it has a place */
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(write_user("old", "old", &taken), PD_OK);
	assert_int_equal(http_double_requests(server), 0);
	/* users come and go elsewhere */
	assert_int_equal(write_user(NULL, "new", &taken), PD_CONFIG);
	assert_int_equal(write_user("old", NULL, &taken), PD_CONFIG);
	assert_non_null(strstr(told, "users are added and deleted by the software that keeps"));
	assert_int_equal(http_double_requests(server), 0);
}

/* What the table has no place for cannot tell whether a write arrived. */
static void
a_lost_answer_is_settled_by_what_the_table_holds(void **state)
{
	struct store_call call = within(3000);
	struct user before = {.username = strdup("alice"), .version = 1, .schema = 1}, after = {0};
	struct store *store = NULL;

	(void)state;
	set_map(REALM "writable=yes\n");
	before.status = strdup("active");
	before.password = strdup("old");
	assert_true(strlist_add(&before.hosts, "*"));
	assert_int_equal(user_copy(&after, &before), PD_OK);
	free(after.password);
	after.password = strdup("h"); /* ALICE's */
	after.password_changed_at = after.updated_at = 1000;
	after.epoch = 1;
	HTTP_DOUBLE_SCRIPT(server, {.status = 0},
	    {.status = 400, .body = ERROR("ConditionalCheckFailedException", "")},
	    {.status = 200, .body = "{\"Item\":" ALICE "}"});
	assert_int_equal(
	    store_open_engine(engine, &conf, STORE_CALLER_SERVICE, &log_all, &store), PD_OK);
	assert_int_equal(store_update_user(store, &call, &before, &after, false, NULL), PD_OK);
	assert_int_equal(http_double_requests(server), 3);
	store_close(store);
	user_free(&before);
	user_free(&after);
}

/* The table is neither made nor protected: it has its own owner. */
static void
init_makes_the_states_alone(void **state)
{
	struct store_call call = within(3000);

	(void)state;
	set_map(REALM);
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200, .body = "{\"Table\":{\"TableStatus\":\"ACTIVE\"}}"},
	    {.status = 200, .body = "{\"Table\":{\"TableStatus\":\"ACTIVE\"}}"}, EXPIRY);
	assert_int_equal(engine->init(conn, &call, NULL, NULL), PD_OK);
	assert_int_equal(http_double_requests(server), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_login_is_one_request),
	    CASE(only_the_item_that_was_asked_for),
	    CASE(nobody_is_asked_who_owns_a_uid),
	    CASE(a_realm_is_queried_and_a_table_is_scanned),
	    CASE(items_are_handed_over_until_there_are_enough),
	    CASE(nothing_is_sent_to_a_table_that_is_only_read),
	    CASE(passwords_are_written_where_the_map_says_so),
	    CASE(a_lost_answer_is_settled_by_what_the_table_holds),
	    CASE(init_makes_the_states_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
