/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking whether everything that is needed is there and allowed, without changing anything. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/store_dynamodb_private.h"

#define PROBE_KEY "#check" /* no name, no auxiliary item: never exists */
#define CLOCK_WARN_S 30
#define USERS_TABLE "users table"

/* The report under way; the first bad finding decides the answer. */
struct report {
	struct store_dynamodb_conn *conn;
	struct store_call *call;
	store_check_fn *fn;
	void *ctx;
	enum pd_error error;
};

static void __attribute__((format(printf, 5, 6))) say(struct report *report,
    enum store_finding finding, enum pd_error error, const char *subject, const char *format, ...)
{
	char text[768];
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	report->fn(report->ctx, finding, subject, text);
	if (finding == STORE_FINDING_BAD && report->error == PD_OK)
		report->error = error;
}

static struct json *
table_request(const char *table)
{
	struct json *request = json_new_object();

	if (store_dynamodb_put_string(request, "TableName", table))
		return request;
	json_free(request);
	return NULL;
}

static bool
is_foreign(const struct report *report, const char *subject)
{
	return store_dynamodb_map(report->conn) != NULL && strcmp(subject, USERS_TABLE) == 0;
}

/* What a failed call means, as a finding. */
static void
say_failure(struct report *report, const char *subject, enum dynamodb_operation operation,
    enum pd_error error, const struct dynamodb_result *result)
{
	const char *name = result->name[0] != '\0' ? result->name : pd_error_text(error);
	const char *what = dynamodb_operation_name(operation);

	if (strcmp(result->name, "AccessDeniedException") == 0)
		say(report, STORE_FINDING_BAD, error, subject,
		    "not allowed: add dynamodb:%s on this table to the role's policy", what);
	else if (strcmp(result->name, "ResourceNotFoundException") == 0)
		say(report, STORE_FINDING_BAD, error, subject,
		    "no such table in region %s: %scorrect the name or region",
		    report->conn->shared->conf->region,
		    is_foreign(report, subject) ? "" : "run `pam-dynamo init`, or ");
	else
		say(report, STORE_FINDING_BAD, error, subject, "%s: %s%s%s", what, name,
		    result->message[0] != '\0' ? ": " : "", result->message);
}

/* The type of an attribute that the table defines; "" for none. */
static const char *
kind_of(const struct json *table, const char *attribute)
{
	const struct json *kinds = json_get(table, "AttributeDefinitions");

	for (size_t i = 0; i < json_length(kinds); i++) {
		const struct json *row = json_at(kinds, i);
		const char *name = json_string(json_get(row, "AttributeName"), NULL);
		const char *kind = json_string(json_get(row, "AttributeType"), NULL);

		if (name != NULL && kind != NULL && strcmp(name, attribute) == 0)
			return kind;
	}
	return "";
}

/* The partition key, and the sort key where one is wanted, and nothing else, all of type S. */
static bool
schema_fits(const struct json *table, const char *partition, const char *sort)
{
	const struct json *schema = json_get(table, "KeySchema");
	const char *const wanted[] = {partition, sort};

	if (json_length(schema) != (sort == NULL ? 1u : 2u))
		return false;
	for (size_t i = 0; i < json_length(schema); i++) {
		const struct json *row = json_at(schema, i);
		const char *name = json_string(json_get(row, "AttributeName"), NULL);

		if (name == NULL || strcmp(name, wanted[i]) != 0 ||
		    strcmp(kind_of(table, name), "S") != 0)
			return false;
	}
	return true;
}

/* One table as it should be. */
struct table {
	const char *subject;
	const char *name;
	const char *partition;
	const char *sort; /* NULL: none */
	const char *advice;
};

static void
say_schema(struct report *report, const struct table *table, bool fits)
{
	const char *and = table->sort == NULL ? "" : " and ";
	const char *sort = table->sort == NULL ? "" : table->sort;

	if (fits)
		say(report, STORE_FINDING_OK, PD_OK, table->subject, "%s: active, key %s%s%s",
		    table->name, table->partition, and, sort);
	else
		say(report, STORE_FINDING_BAD, PD_CONFIG, table->subject,
		    "%s: its key must be %s%s%s, a string%s, alone: %s", table->name,
		    table->partition, and, sort, table->sort == NULL ? "" : " each", table->advice);
}

/* False: the server cannot be spoken to at all, so the rest need not be asked. */
static bool
check_table(struct report *report, const struct table *table)
{
	struct dynamodb_result result;
	const struct json *described;
	const char *status;
	enum pd_error error;

	error = store_dynamodb_send(report->conn, report->call, DYNAMODB_DESCRIBE_TABLE,
	    table_request(table->name), &result);
	described = json_get(result.body, "Table");
	status = json_string(json_get(described, "TableStatus"), NULL);
	if (error != PD_OK)
		say_failure(report, table->subject, DYNAMODB_DESCRIBE_TABLE, error, &result);
	else if (!schema_fits(described, table->partition, table->sort))
		say_schema(report, table, false);
	else if (status == NULL || strcmp(status, "ACTIVE") != 0)
		say(report, STORE_FINDING_WARNING, PD_OK, table->subject, "%s: %s, not yet ACTIVE",
		    table->name, status == NULL ? "?" : status);
	else
		say_schema(report, table, true);
	dynamodb_result_free(&result);
	return error != PD_UNAVAILABLE && error != PD_NO_MEMORY;
}

static void
check_ttl(struct report *report)
{
	const char *table = report->conn->shared->conf->state_table, *status;
	struct dynamodb_result result;
	const struct json *described;
	enum pd_error error;

	error = store_dynamodb_send(report->conn, report->call, DYNAMODB_DESCRIBE_TIME_TO_LIVE,
	    table_request(table), &result);
	described = json_get(result.body, "TimeToLiveDescription");
	status = json_string(json_get(described, "TimeToLiveStatus"), NULL);
	if (error != PD_OK)
		say(report, STORE_FINDING_WARNING, PD_OK, "expiry",
		    "cannot be asked (%s): old items may stay for ever",
		    result.name[0] != '\0' ? result.name : pd_error_text(error));
	else if (status == NULL || strncmp(status, "ENABL", 5) != 0)
		say(report, STORE_FINDING_WARNING, PD_OK, "expiry",
		    "off: old items stay for ever: run `pam-dynamo init` again");
	else
		say(report, STORE_FINDING_OK, PD_OK, "expiry", "old items of %s are removed",
		    table);
	dynamodb_result_free(&result);
}

/* The very requests of a login and of what follows it, for a name that cannot exist. */
static void
check_read(struct report *report)
{
	const struct store_engine *engine = &store_dynamodb;
	const char *needed = "BatchGetItem";
	struct user user = {0};
	struct state fail = {0};
	const struct store_login_read read = {
	    .name = PROBE_KEY, .fail_id = PROBE_KEY, .user = &user, .fail = &fail};
	enum pd_error error;

	error = engine->get_login(report->conn, report->call, &read);
	user_free(&user);
	if (error == PD_NOT_FOUND) {
		needed = "GetItem";
		error = engine->get_user(report->conn, report->call, PROBE_KEY, &user);
		user_free(&user);
	}
	state_free(&fail);
	if (error == PD_NOT_FOUND)
		error = engine->get_state(report->conn, report->call, PROBE_KEY, &fail);
	state_free(&fail);
	if (error == PD_NOT_FOUND)
		say(report, STORE_FINDING_OK, PD_OK, "reading", "allowed");
	else
		say(report, STORE_FINDING_BAD, error, "reading",
		    "%s: %sallow dynamodb:%s on both tables", pd_error_text(error),
		    report->error == PD_OK ? "" : "correct what is bad above, then ", needed);
}

/* A write of an item that does not exist, on the condition that it does; probe, its key, is
 * consumed. */
static struct json *
probe_request(
    enum dynamodb_operation operation, const char *table, const char *key, struct json *probe)
{
	const char *member = operation == DYNAMODB_PUT_ITEM ? "Item" : "Key";
	struct json *request = table_request(table);
	struct item_expression condition;

	item_expression_init(&condition);
	item_expression_add(&condition, "attribute_exists(#)", key, NULL);
	if (!json_put(request, member, probe) || condition.failed ||
	    !store_dynamodb_put_string(
		request, "ConditionExpression", buf_string(&condition.text)) ||
	    !json_put(request, "ExpressionAttributeNames", json_copy(condition.names))) {
		json_free(request);
		request = NULL;
	}
	item_expression_free(&condition);
	return request;
}

static const enum dynamodb_operation writes[] = {
    DYNAMODB_PUT_ITEM, DYNAMODB_UPDATE_ITEM, DYNAMODB_DELETE_ITEM};

/* Every kind of write. `needed`: without it logins do not work; users are only changed by the
 * command and by password changes. */
static void
check_write(
    struct report *report, const char *subject, const char *table, const char *key, bool needed)
{
	struct dynamodb_result result;
	enum pd_error error;
	bool allowed = true;

	for (size_t i = 0; allowed && i < sizeof(writes) / sizeof(writes[0]); i++) {
		error = store_dynamodb_send(report->conn, report->call, writes[i],
		    probe_request(writes[i], table, key, store_dynamodb_key(key, PROBE_KEY)),
		    &result);
		/* What came before it, a lost reply, does not count: nothing can have been written.
		 */
		allowed = strcmp(result.name, "ConditionalCheckFailedException") == 0;
		if (!allowed && !needed && strcmp(result.name, "AccessDeniedException") == 0)
			say(report, STORE_FINDING_WARNING, PD_OK, subject,
			    "dynamodb:%s not allowed: enough for logins; adding users and changing "
			    "passwords need dynamodb:PutItem, UpdateItem and DeleteItem on %s",
			    dynamodb_operation_name(writes[i]), table);
		else if (!allowed)
			say_failure(report, subject, writes[i], error, &result);
		dynamodb_result_free(&result);
	}
	if (allowed)
		say(report, STORE_FINDING_OK, PD_OK, subject, "allowed");
}

/* What a changed password takes in a mapped table. */
static void
check_update(struct report *report, const char *table)
{
	const struct attribute_map *map = &report->conn->shared->map;
	struct dynamodb_result result;
	enum pd_error error;

	error = store_dynamodb_send(report->conn, report->call, DYNAMODB_UPDATE_ITEM,
	    probe_request(DYNAMODB_UPDATE_ITEM, table, map->key, attribute_map_key(map, PROBE_KEY)),
	    &result);
	if (strcmp(result.name, "ConditionalCheckFailedException") == 0)
		say(report, STORE_FINDING_OK, PD_OK, "writing users", "allowed");
	else
		say_failure(report, "writing users", DYNAMODB_UPDATE_ITEM, error, &result);
	dynamodb_result_free(&result);
}

static void
check_clock(struct report *report)
{
	int64_t offset = dynamodb_clock_offset_s(report->conn->shared->dynamodb);

	if (offset > CLOCK_WARN_S || offset < -CLOCK_WARN_S)
		say(report, STORE_FINDING_WARNING, PD_OK, "clock",
		    "%" PRId64 " s away from the server's; logins allow for it: set this machine's "
		    "clock",
		    -offset);
	else
		say(report, STORE_FINDING_OK, PD_OK, "clock", "agrees with the server's");
}

static struct table
users_table(const struct attribute_map *map)
{
	return (struct table){USERS_TABLE, map->conf->users_table,
	    map->partition == NULL ? map->key : map->partition,
	    map->partition == NULL ? NULL : map->key,
	    map->mapped ? "correct partition_key and sort_key in [attributes], or use another table"
			: "use another table, or name its attributes in [attributes]"};
}

/* A table that is not ours gets no test but the one write that may be made there. */
static void
check_users_write(struct report *report)
{
	const struct attribute_map *map = &report->conn->shared->map;
	const char *table = map->conf->users_table;

	if (!map->mapped)
		check_write(report, "writing users", table, STORE_DYNAMODB_USER_KEY, false);
	else if (!map->conf->attributes.writable)
		say(report, STORE_FINDING_OK, PD_OK, "writing users",
		    "never: %s is not ours, and only read", table);
	else
		check_update(report, table);
}

static void
check_all(struct report *report)
{
	const struct store_dynamodb *store = report->conn->shared;
	const struct table users = users_table(&store->map);
	const struct table states = {"state table", store->conf->state_table,
	    STORE_DYNAMODB_STATE_KEY, NULL, "use another table"};
	bool reached = check_table(report, &users);
	const char *source = dynamodb_credentials_source(store->dynamodb);

	if (strcmp(source, "none") == 0)
		say(report, STORE_FINDING_BAD, PD_CONFIG, "credentials",
		    "none: put keys into %s, or give this host or container a role",
		    store->conf->credentials_file);
	else
		say(report, STORE_FINDING_OK, PD_OK, "credentials", "from %s", source);
	if (!reached || strcmp(source, "none") == 0)
		return;
	check_clock(report);
	check_table(report, &states);
	check_ttl(report);
	check_read(report);
	check_write(report, "writing states", states.name, STORE_DYNAMODB_STATE_KEY, true);
	check_users_write(report);
}

enum pd_error
store_dynamodb_check(void *ctx, struct store_call *call, store_check_fn *fn, void *fn_ctx)
{
	struct report report = {ctx, call, fn, fn_ctx, PD_OK};

	report.fn(
	    fn_ctx, STORE_FINDING_OK, "endpoint", dynamodb_url(report.conn->shared->dynamodb));
	dynamodb_expect_errors(report.conn->conn, true);
	check_all(&report);
	dynamodb_expect_errors(report.conn->conn, false);
	return report.error;
}
