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

const struct attribute_map *
store_dynamodb_map(const struct store_dynamodb_conn *conn)
{
	return conn->shared->map.mapped ? &conn->shared->map : NULL;
}

static enum pd_error
read_mapped(const struct store_dynamodb_conn *conn, const struct json *item, struct user *out)
{
	const struct attribute_map *map = &conn->shared->map;
	struct attribute_fault fault = {"?", ""};
	enum pd_error error = attribute_map_read(map, item, out, &fault);
	const char *name = attribute_map_name(map, item);

	if (error == PD_CORRUPT)
		log_line(conn->shared->log, LOG_LEVEL_ERROR, "item %s: attribute %s: %s",
		    name == NULL ? "?" : name, fault.attribute, fault.text);
	return error;
}

enum pd_error
store_dynamodb_read(const struct store_dynamodb_conn *conn, const struct record_type *type,
    const struct json *item, void *out)
{
	const struct field *bad = NULL;
	const struct json *key;
	enum pd_error error;

	if (type == &user_type && store_dynamodb_map(conn) != NULL)
		return read_mapped(conn, item, out);
	error = item_read(type, item, out, &bad);
	if (error != PD_CORRUPT)
		return error;
	(void)item_type(json_get(item, type->fields[0].name), &key);
	log_line(conn->shared->log, LOG_LEVEL_ERROR, "item %s: attribute %s: not of its type",
	    json_string(key, NULL) == NULL ? "?" : json_string(key, NULL),
	    bad == NULL ? "?" : bad->name);
	return error;
}

struct json *
store_dynamodb_record_key(
    const struct store_dynamodb_conn *conn, const struct record_type *type, const char *value)
{
	if (type == &user_type)
		return attribute_map_key(&conn->shared->map, value);
	return store_dynamodb_key(type->fields[0].name, value);
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
	attribute_map_init(&store->map, conf);
	error = dynamodb_open(conf, caller, log, &store->dynamodb);
	if (error == PD_OK)
		*shared = store;
	else
		free(store);
	return error;
}

static void
engine_renew(void *shared)
{
	const struct store_dynamodb *store = shared;

	dynamodb_renew(store->dynamodb);
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

static bool
engine_keeps(const void *shared, const struct field *field)
{
	return attribute_map_has(&((const struct store_dynamodb *)shared)->map, field);
}

/* A strongly consistent GetItem; an empty reply means that there is none. PD_OK: *item is borrowed
 * from result. key is consumed. */
static enum pd_error
get_item(struct store_dynamodb_conn *conn, struct store_call *call, const char *table,
    struct json *key, struct dynamodb_result *result, const struct json **item)
{
	struct json *request = json_new_object();
	enum pd_error error;

	*item = NULL;
	if (!json_put(request, "Key", key) ||
	    !store_dynamodb_put_string(request, "TableName", table) ||
	    !json_put(request, "ConsistentRead", json_new_bool(true))) {
		json_free(request);
		request = NULL;
	}
	error = store_dynamodb_send(conn, call, DYNAMODB_GET_ITEM, request, result);
	if (error != PD_OK)
		return error;
	*item = json_get(result->body, "Item");
	if (*item == NULL)
		return PD_NOT_FOUND;
	if (json_type(*item) == JSON_OBJECT)
		return PD_OK;
	log_line(conn->shared->log, LOG_LEVEL_ERROR, "dynamodb GetItem: Item is not an object");
	return PD_CORRUPT;
}

enum pd_error
store_dynamodb_read_keyed(const struct store_dynamodb_conn *conn, const struct record_type *type,
    const char *key, const struct json *item, void *out)
{
	enum pd_error error = store_dynamodb_read(conn, type, item, out);
	const char *found = error == PD_OK ? *record_string(out, &type->fields[0]) : NULL;

	if (error != PD_OK || (found != NULL && strcmp(found, key) == 0))
		return error;
	log_line(conn->shared->log, LOG_LEVEL_ERROR,
	    "item %s: the reply holds another item, or an empty one", key);
	record_free(type, out);
	return PD_CORRUPT;
}

static enum pd_error
get_record(void *ctx, struct store_call *call, const struct record_type *type, const char *table,
    const char *key, void *out)
{
	struct store_dynamodb_conn *conn = ctx;
	struct dynamodb_result result;
	const struct json *item;
	enum pd_error error;

	error = get_item(
	    conn, call, table, store_dynamodb_record_key(conn, type, key), &result, &item);
	if (error == PD_OK)
		error = store_dynamodb_read_keyed(conn, type, key, item, out);
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
	if (store_dynamodb_map(conn) != NULL)
		return PD_NOT_FOUND; /* other software's tables have no such items */
	error = get_item(conn, call, conn->shared->conf->users_table,
	    store_dynamodb_key(STORE_DYNAMODB_USER_KEY, key), &result, &item);
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

const struct store_engine store_dynamodb = {
    .name = "dynamodb",
    .open = engine_open,
    .close = engine_close,
    .renew = engine_renew,
    .connect = engine_connect,
    .disconnect = engine_disconnect,
    .clock_offset_s = engine_clock_offset_s,
    .keeps = engine_keeps,
    .init = store_dynamodb_init,
    .check = store_dynamodb_check,
    .get_user = engine_get_user,
    .get_login = store_dynamodb_get_login,
    .write_user = store_dynamodb_write_user,
    .list_users = store_dynamodb_list_users,
    .each_item = store_dynamodb_each_item,
    .get_owner = engine_get_owner,
    .get_state = engine_get_state,
    .swap_state = store_dynamodb_swap_state,
};
