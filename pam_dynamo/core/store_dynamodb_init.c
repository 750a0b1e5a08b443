/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating the tables, and switching on what protects them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/store_dynamodb_private.h"

#define POLL_MS 250

/* Where the steps are told. */
struct teller {
	store_progress_fn *fn;
	void *ctx;
};

static void __attribute__((format(printf, 2, 3)))
tell(const struct teller *teller, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	if (teller->fn == NULL)
		return;
	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > 0)
		teller->fn(teller->ctx, line);
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

/* Adds name = [{a: b, c: d}]. */
static bool
put_pair_list(
    struct json *request, const char *name, const char *key, const char *kind, const char *value)
{
	struct json *one = json_new_object(), *list = json_new_array();

	if (!store_dynamodb_put_string(one, "AttributeName", key) ||
	    !store_dynamodb_put_string(one, kind, value)) {
		json_free(one);
		one = NULL;
	}
	if (!json_append(list, one)) {
		json_free(list);
		list = NULL;
	}
	return json_put(request, name, list);
}

static struct json *
create_request(const char *table, const char *key)
{
	struct json *request = table_request(table);

	if (request != NULL &&
	    put_pair_list(request, "AttributeDefinitions", key, "AttributeType", "S") &&
	    put_pair_list(request, "KeySchema", key, "KeyType", "HASH") &&
	    store_dynamodb_put_string(request, "BillingMode", "PAY_PER_REQUEST"))
		return request;
	json_free(request);
	return NULL;
}

/* PD_OK: *active says whether the table can be used. */
static enum pd_error
describe(struct store_dynamodb_conn *conn, struct store_call *call, const char *table, bool *active,
    bool *absent)
{
	struct dynamodb_result result;
	const char *status;
	enum pd_error error;

	error = store_dynamodb_send(
	    conn, call, DYNAMODB_DESCRIBE_TABLE, table_request(table), &result);
	status = json_string(json_get(json_get(result.body, "Table"), "TableStatus"), NULL);
	*active = error == PD_OK && status != NULL && strcmp(status, "ACTIVE") == 0;
	*absent = strcmp(result.name, "ResourceNotFoundException") == 0;
	if (*absent)
		error = PD_OK;
	dynamodb_result_free(&result);
	return error;
}

static enum pd_error
wait_active(struct store_dynamodb_conn *conn, struct store_call *call, const char *table,
    const struct teller *teller)
{
	struct timespec span = {0, POLL_MS * 1000000L};
	bool active = false, absent = false;
	int64_t told = clock_monotonic_ms();
	enum pd_error error;

	for (;;) {
		error = describe(conn, call, table, &active, &absent);
		if (error != PD_OK || active)
			return error;
		if (clock_left_ms(call->deadline_ms) <= POLL_MS)
			return PD_UNAVAILABLE;
		nanosleep(&span, NULL);
		if (clock_monotonic_ms() - told < 2000)
			continue;
		told = clock_monotonic_ms();
		tell(teller, "table %s: waiting until it is active", table);
	}
}

static enum pd_error
make_table(struct store_dynamodb_conn *conn, struct store_call *call, const char *table,
    const char *key, const struct teller *teller)
{
	struct dynamodb_result result;
	bool active, absent;
	enum pd_error error = describe(conn, call, table, &active, &absent);

	if (error != PD_OK)
		return error;
	if (!absent) {
		tell(teller, "table %s: exists", table);
		return wait_active(conn, call, table, teller);
	}
	error = store_dynamodb_send(
	    conn, call, DYNAMODB_CREATE_TABLE, create_request(table, key), &result);
	dynamodb_result_free(&result);
	if (error != PD_OK && error != PD_CONFLICT)
		return error;
	tell(teller, "table %s: created, on-demand", table);
	return wait_active(conn, call, table, teller);
}

/* A server that does not know the call says so; one that does not know its parameter, that or that
 * a parameter is missing. */
static bool
not_offered(const struct dynamodb_result *result)
{
	static const char *const words[] = {
	    "nknown operation", "nknown parameter", "nknown field", "At least one of "};

	if (strcmp(result->name, "UnknownOperationException") == 0)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(result->name, "ValidationException") == 0 &&
		    strstr(result->message, words[i]) != NULL)
			return true;
	return false;
}

/* Sends until the table, just made or changed, is ready for it. */
static enum pd_error
send_when_ready(struct store_dynamodb_conn *conn, struct store_call *call,
    enum dynamodb_operation operation, const struct json *request, struct dynamodb_result *result)
{
	struct timespec span = {0, POLL_MS * 1000000L};
	enum pd_error error;

	for (;;) {
		error = store_dynamodb_send(conn, call, operation, json_copy(request), result);
		if (strcmp(result->name, "ContinuousBackupsUnavailableException") != 0 &&
		    strcmp(result->name, "ResourceInUseException") != 0)
			return error;
		if (clock_left_ms(call->deadline_ms) <= POLL_MS)
			return PD_UNAVAILABLE;
		dynamodb_result_free(result);
		nanosleep(&span, NULL);
	}
}

/* A protection that a server may not know; then it is told and the rest goes on. request is
 * consumed. */
static enum pd_error
protect(struct store_dynamodb_conn *conn, struct store_call *call,
    enum dynamodb_operation operation, struct json *request, const char *table, const char *what,
    const struct teller *teller)
{
	struct dynamodb_result result;
	enum pd_error error = send_when_ready(conn, call, operation, request, &result);
	bool unknown = not_offered(&result);

	json_free(request);
	if (error == PD_OK)
		tell(teller, "table %s: %s is on", table, what);
	else if (unknown)
		tell(teller, "table %s: %s: this server does not offer it", table, what);
	else
		tell(teller, "table %s: %s: not set: %s%s%s", table, what, pd_error_text(error),
		    result.message[0] != '\0' ? ": " : "", result.message);
	dynamodb_result_free(&result);
	return unknown ? PD_OK : error;
}

static struct json *
ttl_request(const char *table)
{
	struct json *request = table_request(table), *setting = json_new_object();

	if (!store_dynamodb_put_string(setting, "AttributeName", STORE_DYNAMODB_TTL) ||
	    !json_put(setting, "Enabled", json_new_bool(true))) {
		json_free(setting);
		setting = NULL;
	}
	if (json_put(request, "TimeToLiveSpecification", setting))
		return request;
	json_free(request);
	return NULL;
}

static struct json *
backup_request(const char *table)
{
	struct json *request = table_request(table), *setting = json_new_object();

	if (!json_put(setting, "PointInTimeRecoveryEnabled", json_new_bool(true))) {
		json_free(setting);
		setting = NULL;
	}
	if (json_put(request, "PointInTimeRecoverySpecification", setting))
		return request;
	json_free(request);
	return NULL;
}

static struct json *
deletion_request(const char *table)
{
	struct json *request = table_request(table);

	if (json_put(request, "DeletionProtectionEnabled", json_new_bool(true)))
		return request;
	json_free(request);
	return NULL;
}

/* Asked first: switching it on twice is refused. */
static bool
ttl_is_on(struct store_dynamodb_conn *conn, struct store_call *call, const char *table)
{
	struct dynamodb_result result;
	const char *status;
	bool on;

	(void)store_dynamodb_send(
	    conn, call, DYNAMODB_DESCRIBE_TIME_TO_LIVE, table_request(table), &result);
	status = json_string(
	    json_get(json_get(result.body, "TimeToLiveDescription"), "TimeToLiveStatus"), NULL);
	on = status != NULL && strncmp(status, "ENABL", 5) == 0;
	dynamodb_result_free(&result);
	return on;
}

static enum pd_error
protect_users(
    struct store_dynamodb_conn *conn, struct store_call *call, const struct teller *teller)
{
	const char *users = conn->shared->conf->users_table;
	enum pd_error error, later;

	error = protect(conn, call, DYNAMODB_UPDATE_CONTINUOUS_BACKUPS, backup_request(users),
	    users, "point-in-time recovery", teller);
	later = protect(conn, call, DYNAMODB_UPDATE_TABLE, deletion_request(users), users,
	    "deletion protection", teller);
	return error == PD_OK ? later : error;
}

static enum pd_error
make_all(struct store_dynamodb_conn *conn, struct store_call *call, const struct teller *teller)
{
	const char *users = conn->shared->conf->users_table;
	const char *state = conn->shared->conf->state_table;
	bool mapped = store_dynamodb_map(conn) != NULL;
	enum pd_error error = PD_OK, later;

	if (mapped)
		tell(teller, "table %s: not ours, see [attributes]: left alone", users);
	else
		error = make_table(conn, call, users, STORE_DYNAMODB_USER_KEY, teller);
	if (error == PD_OK)
		error = make_table(conn, call, state, STORE_DYNAMODB_STATE_KEY, teller);
	if (error != PD_OK)
		return error;
	if (ttl_is_on(conn, call, state))
		tell(teller, "table %s: expiry of old items is on", state);
	else
		error = protect(conn, call, DYNAMODB_UPDATE_TIME_TO_LIVE, ttl_request(state), state,
		    "expiry of old items", teller);
	later = mapped ? PD_OK : protect_users(conn, call, teller);
	return error == PD_OK ? later : error;
}

enum pd_error
store_dynamodb_init(void *ctx, struct store_call *call, store_progress_fn *progress, void *fn_ctx)
{
	struct store_dynamodb_conn *conn = ctx;
	struct teller teller = {progress, fn_ctx};
	enum pd_error error;

	dynamodb_expect_errors(conn->conn, true);
	error = make_all(conn, call, &teller);
	dynamodb_expect_errors(conn->conn, false);
	return error;
}
