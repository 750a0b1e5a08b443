/* SPDX-License-Identifier: BSD-2-Clause */
/* Listing: Scan pages without the auxiliary items. */
#include <stdlib.h>
#include <string.h>

#include "core/store_dynamodb_private.h"

#define SCAN_FACTOR 3 /* a user comes with up to two auxiliary items */
#define SCAN_MAX 1000

static struct json *
scan_request(const struct conf *conf, const char *cursor, size_t wanted)
{
	struct json *request = json_new_object();
	struct item_expression filter;
	size_t limit = wanted * SCAN_FACTOR + SCAN_FACTOR;
	bool ok;

	item_expression_init(&filter);
	item_expression_add(
	    &filter, "NOT contains(#,:)", STORE_DYNAMODB_USER_KEY, item_new_string("#"));
	ok = !filter.failed && store_dynamodb_put_string(request, "TableName", conf->users_table) &&
	    json_put(request, "ConsistentRead", json_new_bool(true)) &&
	    json_put(
		request, "Limit", json_new_int((int64_t)(limit < SCAN_MAX ? limit : SCAN_MAX))) &&
	    store_dynamodb_put_string(request, "FilterExpression", buf_string(&filter.text)) &&
	    json_put(request, "ExpressionAttributeNames", json_copy(filter.names)) &&
	    json_put(request, "ExpressionAttributeValues", json_copy(filter.values));
	if (ok && cursor != NULL && cursor[0] != '\0')
		ok = json_put(request, "ExclusiveStartKey",
		    store_dynamodb_key(STORE_DYNAMODB_USER_KEY, cursor));
	item_expression_free(&filter);
	if (!ok) {
		json_free(request);
		return NULL;
	}
	return request;
}

/* The key of an item or of LastEvaluatedKey, malloc'ed; NULL: none, or no memory. */
static char *
key_of(const struct json *object)
{
	const struct json *inner;
	const char *text;

	(void)item_type(json_get(object, STORE_DYNAMODB_USER_KEY), &inner);
	text = json_string(inner, NULL);
	return text == NULL ? NULL : strdup(text);
}

/* Takes users until the page is full; *next is then the key of the last one looked at. */
static enum pd_error
take_items(const struct store_dynamodb_conn *conn, const struct json *items, size_t limit,
    struct store_page *out, char **next)
{
	enum pd_error error;
	size_t i;

	for (i = 0; i < json_length(items) && out->len < limit; i++) {
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
	free(*next);
	*next = key_of(json_at(items, i - 1));
	return *next == NULL ? PD_NO_MEMORY : PD_OK;
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
		error = store_dynamodb_send(conn, call, DYNAMODB_SCAN,
		    scan_request(conn->shared->conf, next, limit - out->len), &result);
		free(next);
		next = NULL;
		if (error == PD_OK) {
			next = key_of(json_get(result.body, "LastEvaluatedKey"));
			error = take_items(conn, json_get(result.body, "Items"), limit, out, &next);
		}
		dynamodb_result_free(&result);
	}
	if (error == PD_OK)
		out->next = next;
	else
		free(next);
	return error;
}
