/* SPDX-License-Identifier: BSD-2-Clause */
/* A login: the record, its failures and those of its network in one request. */
#include <string.h>

#include "core/store_dynamodb_private.h"

/* One item of a login. */
struct login_part {
	const char *table;
	const struct record_type *type;
	const char *key;
	void *record;
	bool found;
	bool wanted; /* not yet answered */
};

#define LOGIN_PARTS 4

/* {"Keys": [...], "ConsistentRead": true}: the keys of a table that are still wanted. */
static struct json *
batch_keys(const struct store_dynamodb_conn *conn, const struct login_part parts[LOGIN_PARTS],
    const char *table)
{
	struct json *keys = json_new_array(), *one = json_new_object();

	for (size_t i = 0; i < LOGIN_PARTS; i++)
		if (parts[i].wanted && strcmp(parts[i].table, table) == 0 &&
		    !json_append(
			keys, store_dynamodb_record_key(conn, parts[i].type, parts[i].key))) {
			json_free(keys);
			keys = NULL;
		}
	if (!json_put(one, "Keys", keys) || !json_put(one, "ConsistentRead", json_new_bool(true))) {
		json_free(one);
		return NULL;
	}
	return one;
}

/* The first of its table that is still wanted. */
static bool
leads(const struct login_part parts[LOGIN_PARTS], size_t at)
{
	if (!parts[at].wanted)
		return false;
	for (size_t i = 0; i < at; i++)
		if (parts[i].wanted && strcmp(parts[i].table, parts[at].table) == 0)
			return false;
	return true;
}

/* {"RequestItems": ...} with the keys that are still wanted. */
static struct json *
login_request(const struct store_dynamodb_conn *conn, const struct login_part parts[LOGIN_PARTS])
{
	struct json *request = json_new_object(), *tables = json_new_object();

	for (size_t i = 0; i < LOGIN_PARTS; i++)
		if (leads(parts, i) &&
		    !json_put(tables, parts[i].table, batch_keys(conn, parts, parts[i].table))) {
			json_free(tables);
			tables = NULL;
		}
	if (!json_put(request, "RequestItems", tables)) {
		json_free(request);
		return NULL;
	}
	return request;
}

/* Of several states in one table, the one whose key the item has; else the first, which will say
 * that the item is another. */
static struct login_part *
find_part(struct login_part parts[LOGIN_PARTS], size_t first, const struct json *item)
{
	for (size_t i = first; i < LOGIN_PARTS; i++) {
		const struct login_part *part = &parts[i];
		const struct json *inner;

		if (part->wanted && strcmp(part->table, parts[first].table) == 0 &&
		    item_type(json_get(item, part->type->fields[0].name), &inner) == ITEM_S &&
		    json_string(inner, NULL) != NULL &&
		    strcmp(json_string(inner, NULL), part->key) == 0)
			return &parts[i];
	}
	return &parts[first];
}

static enum pd_error
take_item(const struct store_dynamodb_conn *conn, struct login_part *part, const struct json *item)
{
	enum pd_error error;

	if (part->found) {
		log_line(conn->shared->log, LOG_LEVEL_ERROR,
		    "item %s: the reply holds it twice, or another item", part->key);
		return PD_CORRUPT;
	}
	error = store_dynamodb_read_keyed(conn, part->type, part->key, item, part->record);
	part->found = error == PD_OK;
	return error;
}

/* A table that was asked for stands in Responses, if need be with an empty list, or is left over.
 * Silence about it is no answer: a lock-out would be overlooked. What is neither there nor left
 * over does not exist; where something is left over, everything that did not come is asked again.
 */
static enum pd_error
take_table(const struct store_dynamodb_conn *conn, const struct json *body,
    struct login_part parts[LOGIN_PARTS], size_t first)
{
	const char *table = parts[first].table;
	const struct json *items = json_get(json_get(body, "Responses"), table);
	bool left = json_get(json_get(body, "UnprocessedKeys"), table) != NULL;
	enum pd_error error = PD_OK;
	size_t wanted = 0;

	if (items == NULL && left)
		return PD_OK;
	for (size_t i = first; i < LOGIN_PARTS; i++)
		wanted += parts[i].wanted && strcmp(parts[i].table, table) == 0;
	if (json_type(items) != JSON_ARRAY || json_length(items) > wanted) {
		log_line(conn->shared->log, LOG_LEVEL_ERROR,
		    "dynamodb BatchGetItem: the reply does not answer for table %s: check endpoint "
		    "and what stands between",
		    table);
		return PD_UNAVAILABLE;
	}
	for (size_t i = 0; error == PD_OK && i < json_length(items); i++)
		error = take_item(
		    conn, find_part(parts, first, json_at(items, i)), json_at(items, i));
	for (size_t i = first; i < LOGIN_PARTS; i++)
		if (strcmp(parts[i].table, table) == 0)
			parts[i].wanted = parts[i].wanted && left && !parts[i].found;
	return error;
}

static enum pd_error
take_reply(const struct store_dynamodb_conn *conn, const struct json *body,
    struct login_part parts[LOGIN_PARTS])
{
	bool lead[LOGIN_PARTS];
	enum pd_error error = PD_OK;

	for (size_t i = 0; i < LOGIN_PARTS; i++)
		lead[i] = leads(parts, i);
	for (size_t i = 0; error == PD_OK && i < LOGIN_PARTS; i++)
		if (lead[i])
			error = take_table(conn, body, parts, i);
	return error;
}

static bool
any_wanted(const struct login_part parts[LOGIN_PARTS])
{
	for (size_t i = 0; i < LOGIN_PARTS; i++)
		if (parts[i].wanted)
			return true;
	return false;
}

/* All in one request; what the server left over is asked for again. */
enum pd_error
store_dynamodb_get_login(void *ctx, struct store_call *call, const struct store_login_read *read)
{
	struct store_dynamodb_conn *conn = ctx;
	const struct conf *conf = conn->shared->conf;
	struct login_part parts[LOGIN_PARTS] = {
	    {conf->users_table, &user_type, read->name, read->user, false, true},
	    {conf->state_table, &state_type, read->fail_id, read->fail, false, true},
	    {conf->state_table, &state_type, read->source_id, read->source, false,
		read->source_id != NULL},
	    {conf->state_table, &state_type, read->cap_id, read->cap, false, read->cap_id != NULL}};
	struct dynamodb_result result;
	enum pd_error error;

	for (unsigned round = 0; any_wanted(parts); round++) {
		if (round > 0 && !store_dynamodb_pause(call, round))
			return PD_UNAVAILABLE;
		error = store_dynamodb_send(
		    conn, call, DYNAMODB_BATCH_GET_ITEM, login_request(conn, parts), &result);
		if (error == PD_OK)
			error = take_reply(conn, result.body, parts);
		dynamodb_result_free(&result);
		if (error != PD_OK)
			return error;
	}
	return parts[0].found ? PD_OK : PD_NOT_FOUND;
}
