/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking whether everything that is needed is there and allowed, without changing anything. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/store_dynamodb_private.h"

#define PROBE_KEY "#check" /* no name, no auxiliary item: never exists */
#define CLOCK_WARN_S 30

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
		    "no such table in region %s: run `pam-dynamo init`, or correct the name or "
		    "region",
		    report->conn->shared->conf->region);
	else
		say(report, STORE_FINDING_BAD, error, subject, "%s: %s%s%s", what, name,
		    result->message[0] != '\0' ? ": " : "", result->message);
}

/* The one partition key of type S, and nothing else. */
static bool
schema_fits(const struct json *table, const char *key)
{
	const struct json *schema = json_get(table, "KeySchema");
	const struct json *kinds = json_get(table, "AttributeDefinitions");
	const char *name = json_string(json_get(json_at(schema, 0), "AttributeName"), NULL);
	const char *other, *kind;

	if (json_length(schema) != 1 || name == NULL || strcmp(name, key) != 0)
		return false;
	for (size_t i = 0; i < json_length(kinds); i++) {
		other = json_string(json_get(json_at(kinds, i), "AttributeName"), NULL);
		kind = json_string(json_get(json_at(kinds, i), "AttributeType"), NULL);
		if (other != NULL && kind != NULL && strcmp(other, key) == 0)
			return strcmp(kind, "S") == 0;
	}
	return false;
}

/* False: the server cannot be spoken to at all, so the rest need not be asked. */
static bool
check_table(struct report *report, const char *subject, const char *table, const char *key)
{
	struct dynamodb_result result;
	const struct json *described;
	const char *status;
	enum pd_error error;

	error = store_dynamodb_send(
	    report->conn, report->call, DYNAMODB_DESCRIBE_TABLE, table_request(table), &result);
	described = json_get(result.body, "Table");
	status = json_string(json_get(described, "TableStatus"), NULL);
	if (error != PD_OK)
		say_failure(report, subject, DYNAMODB_DESCRIBE_TABLE, error, &result);
	else if (!schema_fits(described, key))
		say(report, STORE_FINDING_BAD, PD_CONFIG, subject,
		    "%s: its key must be %s, a string, alone: use another table", table, key);
	else if (status == NULL || strcmp(status, "ACTIVE") != 0)
		say(report, STORE_FINDING_WARNING, PD_OK, subject, "%s: %s, not yet ACTIVE", table,
		    status == NULL ? "?" : status);
	else
		say(report, STORE_FINDING_OK, PD_OK, subject, "%s: active, key %s", table, key);
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
	enum pd_error error;

	error = engine->get_login(report->conn, report->call, PROBE_KEY, PROBE_KEY, &user, &fail);
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
		    "%s: allow dynamodb:%s on both tables", pd_error_text(error), needed);
}

/* A write of an item that does not exist, on the condition that it does. */
static struct json *
probe_request(enum dynamodb_operation operation, const char *table, const char *key)
{
	const char *member = operation == DYNAMODB_PUT_ITEM ? "Item" : "Key";
	struct json *request = table_request(table);
	struct item_expression condition;

	item_expression_init(&condition);
	item_expression_add(&condition, "attribute_exists(#)", key, NULL);
	if (condition.failed || !json_put(request, member, store_dynamodb_key(key, PROBE_KEY)) ||
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
		    probe_request(writes[i], table, key), &result);
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

static void
check_all(struct report *report)
{
	const struct store_dynamodb *store = report->conn->shared;
	bool reached = check_table(
	    report, "users table", store->conf->users_table, STORE_DYNAMODB_USER_KEY);
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
	check_table(report, "state table", store->conf->state_table, STORE_DYNAMODB_STATE_KEY);
	check_ttl(report);
	check_read(report);
	check_write(
	    report, "writing states", store->conf->state_table, STORE_DYNAMODB_STATE_KEY, true);
	check_write(
	    report, "writing users", store->conf->users_table, STORE_DYNAMODB_USER_KEY, false);
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
