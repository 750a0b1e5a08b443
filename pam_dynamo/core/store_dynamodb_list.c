/* SPDX-License-Identifier: BSD-2-Clause */
/* Listing: pages of a Scan or Query without what is no user. */
#include <stdlib.h>
#include <string.h>

#include "core/store_dynamodb_private.h"

#define SCAN_FACTOR 3 /* a user comes with up to two auxiliary items */
#define SCAN_MAX 1000

/* What of the table is looked at: our own without the auxiliary items, a realm's partition, or all
 * of a mapped table. */
static bool
put_choice(
    struct json *request, const struct attribute_map *map, struct item_expression *expression)
{
	const char *clause = "FilterExpression";

	if (!map->mapped) {
		item_expression_add(
		    expression, "NOT contains(#,:)", STORE_DYNAMODB_USER_KEY, item_new_string("#"));
	} else if (map->partition != NULL) {
		clause = "KeyConditionExpression";
		item_expression_add(expression, "#=:", map->partition,
		    item_new_string(map->conf->attributes.partition_value));
	} else {
		return true;
	}
	return !expression->failed &&
	    store_dynamodb_put_string(request, clause, buf_string(&expression->text)) &&
	    json_put(request, "ExpressionAttributeNames", json_copy(expression->names)) &&
	    json_put(request, "ExpressionAttributeValues", json_copy(expression->values));
}

static struct json *
scan_request(const struct attribute_map *map, const char *cursor, size_t wanted)
{
	struct json *request = json_new_object();
	struct item_expression expression;
	size_t limit = map->mapped ? wanted : wanted * SCAN_FACTOR + SCAN_FACTOR;
	bool ok;

	item_expression_init(&expression);
	ok = store_dynamodb_put_string(request, "TableName", map->conf->users_table) &&
	    json_put(request, "ConsistentRead", json_new_bool(true)) &&
	    json_put(
		request, "Limit", json_new_int((int64_t)(limit < SCAN_MAX ? limit : SCAN_MAX))) &&
	    put_choice(request, map, &expression);
	if (ok && cursor != NULL && cursor[0] != '\0')
		ok = json_put(request, "ExclusiveStartKey", attribute_map_key(map, cursor));
	item_expression_free(&expression);
	if (!ok) {
		json_free(request);
		return NULL;
	}
	return request;
}

/* The key of an item or of LastEvaluatedKey, malloc'ed into *out, whose text is freed. PD_CORRUPT:
 * it is not there, or not ours. */
static enum pd_error
take_key(const struct attribute_map *map, const struct json *object, char **out)
{
	const char *text = attribute_map_name(map, object);

	free(*out);
	*out = NULL;
	if (text == NULL)
		return PD_CORRUPT;
	*out = strdup(text);
	return *out == NULL ? PD_NO_MEMORY : PD_OK;
}

/* In other software's table many things may stand: what no user can be called is none of ours. */
static bool
is_foreign(const struct store_dynamodb_conn *conn, const struct json *item)
{
	const struct attribute_map *map = &conn->shared->map;
	const char *name = map->mapped ? attribute_map_name(map, item) : NULL;

	return map->mapped && (name == NULL || !user_name_allowed(name, conn->shared->conf->names));
}

/* Takes users until the page is full; *next is then the key of the last one looked at. */
static enum pd_error
take_items(const struct store_dynamodb_conn *conn, const struct json *items, size_t limit,
    struct store_page *out, char **next)
{
	const struct attribute_map *map = &conn->shared->map;
	enum pd_error error;
	size_t i;

	for (i = 0; i < json_length(items) && out->len < limit; i++) {
		if (is_foreign(conn, json_at(items, i)))
			continue;
		error = store_dynamodb_read(
		    conn, &user_type, json_at(items, i), &out->users[out->len]);
		if (error == PD_CORRUPT)
			out->corrupt++;
		else if (error != PD_OK)
			return error;
		else
			out->len++;
	}
	if (i == json_length(items))
		return PD_OK;
	return take_key(map, json_at(items, i - 1), next);
}

/* Where a page ends; *next is NULL after the last one. What cannot be understood is not taken for
 * the last page. */
static enum pd_error
take_place(const struct store_dynamodb_conn *conn, const struct json *body, char **next)
{
	const struct json *last = json_get(body, "LastEvaluatedKey");
	enum pd_error error = json_type(json_get(body, "Items")) == JSON_ARRAY ? PD_OK : PD_CORRUPT;

	free(*next);
	*next = NULL;
	if (error == PD_OK && last != NULL)
		error = take_key(&conn->shared->map, last, next);
	if (error == PD_CORRUPT)
		log_line(conn->shared->log, LOG_LEVEL_ERROR,
		    "dynamodb Scan: the reply holds no items, or a place to go on that is no key "
		    "of %s",
		    conn->shared->conf->users_table);
	return error;
}

/* One request for a page; free result always. */
static enum pd_error
get_page(struct store_dynamodb_conn *conn, struct store_call *call, char **next, size_t wanted,
    struct dynamodb_result *result)
{
	const struct attribute_map *map = &conn->shared->map;
	enum pd_error error;

	error = store_dynamodb_send(conn, call,
	    map->partition != NULL ? DYNAMODB_QUERY : DYNAMODB_SCAN,
	    scan_request(map, *next, wanted), result);
	return error == PD_OK ? take_place(conn, result->body, next) : error;
}

enum pd_error
store_dynamodb_list_users(
    void *ctx, struct store_call *call, const char *cursor, size_t limit, struct store_page *out)
{
	struct store_dynamodb_conn *conn = ctx;
	struct dynamodb_result result;
	char *next = cursor == NULL ? NULL : strdup(cursor);
	enum pd_error error = PD_OK;
	bool first = true;

	out->users = calloc(limit, sizeof(*out->users));
	if (out->users == NULL || (cursor != NULL && next == NULL))
		error = PD_NO_MEMORY;
	while (error == PD_OK && (first || next != NULL) && out->len < limit) {
		first = false;
		error = get_page(conn, call, &next, limit - out->len, &result);
		if (error == PD_OK)
			error = take_items(conn, json_get(result.body, "Items"), limit, out, &next);
		dynamodb_result_free(&result);
	}
	if (error == PD_OK)
		out->next = next;
	else
		free(next);
	return error;
}

enum pd_error
store_dynamodb_each_item(
    void *ctx, struct store_call *call, size_t limit, store_item_fn *fn, void *fn_ctx)
{
	struct store_dynamodb_conn *conn = ctx;
	struct dynamodb_result result;
	enum pd_error error = PD_OK;
	bool more = limit > 0;
	char *next = NULL;

	while (error == PD_OK && more) {
		const struct json *items;

		error = get_page(conn, call, &next, limit, &result);
		items = error == PD_OK ? json_get(result.body, "Items") : NULL;
		more = next != NULL;
		for (size_t i = 0; i < json_length(items) && limit > 0; i++, limit--)
			if (!fn(fn_ctx, json_at(items, i)))
				limit = 1;
		more = more && limit > 0;
		dynamodb_result_free(&result);
	}
	free(next);
	return error;
}
