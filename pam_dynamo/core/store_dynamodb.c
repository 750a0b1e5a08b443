/* SPDX-License-Identifier: BSD-2-Clause */
/* The DynamoDB engine: opening, reading, and the table of its functions. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/secret.h"
#include "core/store_dynamodb_private.h"

#define PAUSE_BASE_MS 10U
#define PAUSE_MAX_MS 500

struct json *
store_dynamodb_key(const char *name, const char *value)
{
	struct json *key = json_new_object();

	if (!json_put(key, name, item_new_string(value))) {
		json_free(key);
		return NULL;
	}
	return key;
}

bool
store_dynamodb_put_string(struct json *object, const char *name, const char *value)
{
	return json_put(object, name, json_new_string(value));
}

enum pd_error
store_dynamodb_send(struct store_dynamodb_conn *conn, struct store_call *call,
    enum dynamodb_operation operation, struct json *request, struct dynamodb_result *result)
{
	enum pd_error error;

	memset(result, 0, sizeof(*result));
	if (request == NULL)
		return PD_NO_MEMORY;
	error = dynamodb_call(conn->conn, call, operation, request, result);
	json_free(request);
	return error;
}

enum pd_error
store_dynamodb_read(const struct store_dynamodb_conn *conn, const struct record_type *type,
    const struct json *item, void *out)
{
	const struct field *bad = NULL;
	enum pd_error error = item_read(type, item, out, &bad);
	const struct json *key;

	if (error != PD_CORRUPT)
		return error;
	(void)item_type(json_get(item, type->fields[0].name), &key);
	log_line(conn->shared->log, LOG_LEVEL_ERROR, "item %s: attribute %s: not of its type",
	    json_string(key, NULL) == NULL ? "?" : json_string(key, NULL),
	    bad == NULL ? "?" : bad->name);
	return error;
}

bool
store_dynamodb_pause(const struct store_call *call, unsigned round)
{
	uint32_t most = (uint32_t)PAUSE_BASE_MS << (round < 6 ? round : 6);
	int left = clock_left_ms(call->deadline_ms);
	struct timespec span = {0};

	most = secret_random_below(most < PAUSE_MAX_MS ? most : PAUSE_MAX_MS) + 1;
	if ((int)most >= left)
		return false;
	span.tv_nsec = (long)most * 1000000;
	nanosleep(&span, NULL);
	return true;
}

static void
engine_close(void *shared)
{
	struct store_dynamodb *store = shared;

	if (store == NULL)
		return;
	dynamodb_close(store->dynamodb);
	free(store);
}

static enum pd_error
engine_open(const struct conf *conf, enum store_caller caller, const struct log *log, void **shared)
{
	struct store_dynamodb *store;
	enum pd_error error;

	*shared = NULL;
	if (strcmp(conf->users_table, conf->state_table) == 0) {
		log_line(log, LOG_LEVEL_ERROR,
		    "dynamodb: users_table and state_table must be two tables");
		return PD_CONFIG;
	}
	store = calloc(1, sizeof(*store));
	if (store == NULL)
		return PD_NO_MEMORY;
	store->conf = conf;
	store->log = log;
	error = dynamodb_open(conf, caller, log, &store->dynamodb);
	if (error == PD_OK)
		*shared = store;
	else
		free(store);
	return error;
}

static enum pd_error
engine_connect(void *shared, void **out)
{
	struct store_dynamodb *store = shared;
	struct store_dynamodb_conn *conn = calloc(1, sizeof(*conn));
	enum pd_error error;

	*out = NULL;
	if (conn == NULL)
		return PD_NO_MEMORY;
	conn->shared = store;
	error = dynamodb_connect(store->dynamodb, &conn->conn);
	if (error == PD_OK)
		*out = conn;
	else
		free(conn);
	return error;
}

static void
engine_disconnect(void *ctx)
{
	struct store_dynamodb_conn *conn = ctx;

	if (conn == NULL)
		return;
	dynamodb_disconnect(conn->conn);
	free(conn);
}

static int64_t
engine_clock_offset_s(const void *shared)
{
	return dynamodb_clock_offset_s(((const struct store_dynamodb *)shared)->dynamodb);
}

/* A strongly consistent GetItem. PD_OK: *item is borrowed from result. */
static enum pd_error
get_item(struct store_dynamodb_conn *conn, struct store_call *call, const char *table,
    const char *key_name, const char *key, struct dynamodb_result *result, const struct json **item)
{
	struct json *request = json_new_object();
	enum pd_error error;

	*item = NULL;
	if (!store_dynamodb_put_string(request, "TableName", table) ||
	    !json_put(request, "Key", store_dynamodb_key(key_name, key)) ||
	    !json_put(request, "ConsistentRead", json_new_bool(true))) {
		json_free(request);
		request = NULL;
	}
	error = store_dynamodb_send(conn, call, DYNAMODB_GET_ITEM, request, result);
	if (error != PD_OK)
		return error;
	*item = json_get(result->body, "Item");
	return json_type(*item) == JSON_OBJECT ? PD_OK : PD_NOT_FOUND;
}

static enum pd_error
get_record(void *ctx, struct store_call *call, const struct record_type *type, const char *table,
    const char *key, void *out)
{
	struct store_dynamodb_conn *conn = ctx;
	struct dynamodb_result result;
	const struct json *item;
	enum pd_error error;

	error = get_item(conn, call, table, type->fields[0].name, key, &result, &item);
	if (error == PD_OK)
		error = store_dynamodb_read(conn, type, item, out);
	dynamodb_result_free(&result);
	return error;
}

static enum pd_error
engine_get_user(void *ctx, struct store_call *call, const char *name, struct user *out)
{
	const struct store_dynamodb_conn *conn = ctx;

	return get_record(ctx, call, &user_type, conn->shared->conf->users_table, name, out);
}

static enum pd_error
engine_get_state(void *ctx, struct store_call *call, const char *id, struct state *out)
{
	const struct store_dynamodb_conn *conn = ctx;

	return get_record(ctx, call, &state_type, conn->shared->conf->state_table, id, out);
}

static enum pd_error
engine_get_owner(void *ctx, struct store_call *call, const char *key, char **out)
{
	struct store_dynamodb_conn *conn = ctx;
	const struct json *item, *inner;
	struct dynamodb_result result;
	enum pd_error error;

	*out = NULL;
	error = get_item(conn, call, conn->shared->conf->users_table, STORE_DYNAMODB_USER_KEY, key,
	    &result, &item);
	if (error == PD_OK) {
		if (item_type(json_get(item, STORE_DYNAMODB_OWNER), &inner) != ITEM_S ||
		    json_string(inner, NULL) == NULL) {
			log_line(conn->shared->log, LOG_LEVEL_ERROR,
			    "item %s: attribute %s: not of its type", key, STORE_DYNAMODB_OWNER);
			error = PD_CORRUPT;
		} else if ((*out = strdup(json_string(inner, NULL))) == NULL) {
			error = PD_NO_MEMORY;
		}
	}
	dynamodb_result_free(&result);
	return error;
}

/* {"Keys": [{name: {"S": key}}], "ConsistentRead": true} */
static struct json *
batch_keys(const char *key_name, const char *key)
{
	struct json *keys = json_new_array(), *one = json_new_object();

	if (!json_append(keys, store_dynamodb_key(key_name, key))) {
		json_free(keys);
		keys = NULL;
	}
	if (!json_put(one, "Keys", keys) || !json_put(one, "ConsistentRead", json_new_bool(true))) {
		json_free(one);
		return NULL;
	}
	return one;
}

static struct json *
login_tables(const struct conf *conf, const char *name, const char *fail_id)
{
	struct json *tables = json_new_object();

	if (!json_put(tables, conf->users_table, batch_keys(STORE_DYNAMODB_USER_KEY, name)) ||
	    !json_put(tables, conf->state_table, batch_keys(STORE_DYNAMODB_STATE_KEY, fail_id))) {
		json_free(tables);
		return NULL;
	}
	return tables;
}

/* What one login has read so far. */
struct login_read {
	struct user *user;
	struct state *fail;
	bool has_user;
	bool has_fail;
};

static enum pd_error
take_responses(
    const struct store_dynamodb_conn *conn, const struct json *body, struct login_read *read)
{
	const struct json *responses = json_get(body, "Responses");
	const struct json *users = json_get(responses, conn->shared->conf->users_table);
	const struct json *states = json_get(responses, conn->shared->conf->state_table);
	enum pd_error error = PD_OK;

	if (json_length(users) > 0 && !read->has_user) {
		error = store_dynamodb_read(conn, &user_type, json_at(users, 0), read->user);
		read->has_user = error == PD_OK;
	}
	if (error == PD_OK && json_length(states) > 0 && !read->has_fail) {
		error = store_dynamodb_read(conn, &state_type, json_at(states, 0), read->fail);
		read->has_fail = error == PD_OK;
	}
	return error;
}

/* Both records in one request; what the server left over is asked for again. */
static enum pd_error
engine_get_login(void *ctx, struct store_call *call, const char *name, const char *fail_id,
    struct user *user, struct state *fail)
{
	struct store_dynamodb_conn *conn = ctx;
	struct login_read read = {.user = user, .fail = fail};
	struct json *tables = login_tables(conn->shared->conf, name, fail_id), *request;
	const struct json *left;
	struct dynamodb_result result;
	enum pd_error error = PD_OK;
	bool more = false;

	for (unsigned round = 0; error == PD_OK && (round == 0 || more); round++) {
		if (round > 0 && !store_dynamodb_pause(call, round))
			error = PD_UNAVAILABLE;
		request = json_new_object();
		if (!json_put(request, "RequestItems", tables)) {
			json_free(request);
			request = NULL;
		}
		tables = NULL;
		if (error != PD_OK) {
			json_free(request);
			break;
		}
		error = store_dynamodb_send(conn, call, DYNAMODB_BATCH_GET_ITEM, request, &result);
		if (error == PD_OK)
			error = take_responses(conn, result.body, &read);
		left = json_get(result.body, "UnprocessedKeys");
		more = json_get(left, conn->shared->conf->users_table) != NULL ||
		    json_get(left, conn->shared->conf->state_table) != NULL;
		if (error == PD_OK && more)
			tables = json_copy(left);
		dynamodb_result_free(&result);
	}
	return error == PD_OK && !read.has_user ? PD_NOT_FOUND : error;
}

const struct store_engine store_dynamodb = {
    .name = "dynamodb",
    .open = engine_open,
    .close = engine_close,
    .connect = engine_connect,
    .disconnect = engine_disconnect,
    .clock_offset_s = engine_clock_offset_s,
    .init = store_dynamodb_init,
    .check = store_dynamodb_check,
    .get_user = engine_get_user,
    .get_login = engine_get_login,
    .write_user = store_dynamodb_write_user,
    .list_users = store_dynamodb_list_users,
    .get_owner = engine_get_owner,
    .get_state = engine_get_state,
    .swap_state = store_dynamodb_swap_state,
};
