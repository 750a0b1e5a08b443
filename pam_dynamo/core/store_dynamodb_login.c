/* SPDX-License-Identifier: BSD-2-Clause */
/* A login: the record and its failures in one request. */
#include "core/store_dynamodb_private.h"

/* {"Keys": [key], "ConsistentRead": true}; key is consumed. */
static struct json *
batch_keys(struct json *key)
{
	struct json *keys = json_new_array(), *one = json_new_object();

	if (!json_append(keys, key)) {
		json_free(keys);
		keys = NULL;
	}
	if (!json_put(one, "Keys", keys) || !json_put(one, "ConsistentRead", json_new_bool(true))) {
		json_free(one);
		return NULL;
	}
	return one;
}

/* One table's part of a login. */
struct login_part {
	const char *table;
	const struct record_type *type;
	const char *key;
	void *record;
	bool found;
	bool wanted; /* not yet answered */
};

#define LOGIN_PARTS 2

/* {"RequestItems": ...} with the keys that are still wanted. */
static struct json *
login_request(const struct store_dynamodb_conn *conn, const struct login_part parts[LOGIN_PARTS])
{
	struct json *request = json_new_object(), *tables = json_new_object();

	for (size_t i = 0; i < LOGIN_PARTS; i++)
		if (parts[i].wanted &&
		    !json_put(tables, parts[i].table,
			batch_keys(store_dynamodb_record_key(conn, parts[i].type, parts[i].key)))) {
			json_free(tables);
			tables = NULL;
		}
	if (!json_put(request, "RequestItems", tables)) {
		json_free(request);
		return NULL;
	}
	return request;
}

/* A table that was asked for stands in Responses, if need be with an empty list, or is left over.
 * Silence about it is no answer: a lock-out would be overlooked. */
static enum pd_error
take_part(const struct store_dynamodb_conn *conn, const struct json *body, struct login_part *part)
{
	const struct json *items = json_get(json_get(body, "Responses"), part->table);
	bool left = json_get(json_get(body, "UnprocessedKeys"), part->table) != NULL;
	enum pd_error error;

	if (items == NULL && left)
		return PD_OK;
	if (json_type(items) != JSON_ARRAY || json_length(items) > 1) {
		log_line(conn->shared->log, LOG_LEVEL_ERROR,
		    "dynamodb BatchGetItem: the reply does not answer for table %s: check endpoint "
		    "and what stands between",
		    part->table);
		return PD_UNAVAILABLE;
	}
	part->wanted = left && json_length(items) == 0;
	if (json_length(items) == 0)
		return PD_OK;
	error = store_dynamodb_read_keyed(
	    conn, part->type, part->key, json_at(items, 0), part->record);
	part->found = error == PD_OK;
	return error;
}

/* Both records in one request; what the server left over is asked for again. */
enum pd_error
store_dynamodb_get_login(void *ctx, struct store_call *call, const char *name, const char *fail_id,
    struct user *user, struct state *fail)
{
	struct store_dynamodb_conn *conn = ctx;
	const struct conf *conf = conn->shared->conf;
	struct login_part parts[LOGIN_PARTS] = {
	    {conf->users_table, &user_type, name, user, false, true},
	    {conf->state_table, &state_type, fail_id, fail, false, true}};
	struct dynamodb_result result;
	enum pd_error error;

	for (unsigned round = 0; parts[0].wanted || parts[1].wanted; round++) {
		if (round > 0 && !store_dynamodb_pause(call, round))
			return PD_UNAVAILABLE;
		error = store_dynamodb_send(
		    conn, call, DYNAMODB_BATCH_GET_ITEM, login_request(conn, parts), &result);
		for (size_t i = 0; error == PD_OK && i < LOGIN_PARTS; i++)
			if (parts[i].wanted)
				error = take_part(conn, result.body, &parts[i]);
		dynamodb_result_free(&result);
		if (error != PD_OK)
			return error;
	}
	return parts[0].found ? PD_OK : PD_NOT_FOUND;
}
