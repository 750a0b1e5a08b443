/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing records of a users table that other software made. */
#include <string.h>

#include "core/store_dynamodb_private.h"

/* Why nothing is sent at all; NULL: it may be. *field is the field that is in the way, if one is.
 */
static const char *
refusal(const struct attribute_map *map, const struct store_user_write *write,
    const struct field **field)
{
	*field = NULL;
	if (!map->conf->attributes.writable)
		return "the users table is not ours and only read; see writable in [attributes]";
	if (write->before == NULL || write->after == NULL)
		return "users are added and deleted by the software that keeps the table";
	return attribute_map_refuses(map, write->before, write->after, field);
}

/* *request is NULL where nothing of the change has a place in the table. False: no memory. */
static bool
update_request(
    const struct attribute_map *map, const struct store_user_write *write, struct json **request)
{
	struct item_expression expression;
	struct buf update;
	bool ok = true;

	*request = NULL;
	item_expression_init(&expression);
	buf_init(&update, 0);
	attribute_map_update(map, &expression, write->before, write->after);
	buf_add_string(&update, buf_string(&expression.text));
	buf_reset(&expression.text);
	attribute_map_condition(map, &expression, write->before);
	if (update.len > 0) {
		*request = json_new_object();
		ok = store_dynamodb_put_string(*request, "TableName", map->conf->users_table) &&
		    json_put(*request, "Key", attribute_map_key(map, write->after->username)) &&
		    store_dynamodb_put_expression(*request, buf_string(&update), &expression);
	}
	ok = ok && !update.failed && !expression.failed;
	buf_free(&update);
	item_expression_free(&expression);
	if (!ok) {
		json_free(*request);
		*request = NULL;
	}
	return ok;
}

enum pd_error
store_dynamodb_write_mapped(struct store_dynamodb_conn *conn, struct store_call *call,
    const struct store_user_write *write, enum store_taken *taken)
{
	const struct attribute_map *map = &conn->shared->map;
	const struct user *one = write->after != NULL ? write->after : write->before;
	const struct field *field = NULL;
	const char *text = refusal(map, write, &field);
	struct dynamodb_result result;
	struct json *request;
	enum pd_error error;

	if (text != NULL) {
		log_line(conn->shared->log, LOG_LEVEL_ERROR, "user %s: %s%s%s", one->username,
		    field != NULL ? field->name : "", field != NULL ? ": " : "", text);
		return PD_CONFIG;
	}
	if (!update_request(map, write, &request))
		return PD_NO_MEMORY;
	if (request == NULL)
		return PD_OK;
	error = store_dynamodb_send(conn, call, DYNAMODB_UPDATE_ITEM, request, &result);
	if (error == PD_CONFLICT)
		*taken = STORE_TAKEN_VERSION;
	dynamodb_result_free(&result);
	return error;
}
