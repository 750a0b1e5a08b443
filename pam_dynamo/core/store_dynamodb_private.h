/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the DynamoDB engine share. */
#ifndef STORE_DYNAMODB_PRIVATE_H
#define STORE_DYNAMODB_PRIVATE_H

#include "core/attribute_map.h"
#include "core/dynamodb.h"
#include "core/item.h"
#include "core/store_engine.h"

#define STORE_DYNAMODB_USER_KEY "username"
#define STORE_DYNAMODB_STATE_KEY "id"
#define STORE_DYNAMODB_OWNER "owner"
#define STORE_DYNAMODB_TTL "expires_at"

struct store_dynamodb {
	const struct conf *conf;
	const struct log *log;
	struct dynamodb *dynamodb;
	struct attribute_map map; /* of the users table */
};

struct store_dynamodb_conn {
	struct store_dynamodb *shared;
	struct dynamodb_conn *conn;
};

/* {name: {"S": value}}; NULL: no memory. */
struct json *store_dynamodb_key(const char *name, const char *value);

/* Puts a string; false: no memory. */
bool store_dynamodb_put_string(struct json *object, const char *name, const char *value);

/* Sends request (consumed; NULL: PD_NO_MEMORY). Free result always. */
enum pd_error store_dynamodb_send(struct store_dynamodb_conn *conn, struct store_call *call,
    enum dynamodb_operation operation, struct json *request, struct dynamodb_result *result);

/* The map of the users table where it is not ours; NULL: it is. */
const struct attribute_map *store_dynamodb_map(const struct store_dynamodb_conn *conn);

/* Changes a record of a mapped table, where that is allowed. */
enum pd_error store_dynamodb_write_mapped(struct store_dynamodb_conn *conn, struct store_call *call,
    const struct store_user_write *write, enum store_taken *taken);

/* An item into a record; what is wrong is logged with its key and attribute. */
enum pd_error store_dynamodb_read(const struct store_dynamodb_conn *conn,
    const struct record_type *type, const struct json *item, void *out);

/* The same of an item that was asked for by its key: another one, or none at all, is PD_CORRUPT. */
enum pd_error store_dynamodb_read_keyed(const struct store_dynamodb_conn *conn,
    const struct record_type *type, const char *key, const struct json *item, void *out);

/* The key of a record of either table; NULL: no memory. */
struct json *store_dynamodb_record_key(
    const struct store_dynamodb_conn *conn, const struct record_type *type, const char *value);

/* Puts the condition, with its names and values, and the update before it (NULL: there is none),
 * whose placeholders it shares, into a request; false: no memory. */
bool store_dynamodb_put_expression(
    struct json *request, const char *update, const struct item_expression *condition);

/* Sleeps a short random time that grows with round; false: the deadline would pass. */
bool store_dynamodb_pause(const struct store_call *call, unsigned round);

/* Rows of the engine, each in the file of its noun. */
enum pd_error store_dynamodb_get_login(
    void *conn, struct store_call *call, const struct store_login_read *read);
enum pd_error store_dynamodb_write_user(void *conn, struct store_call *call,
    const struct store_user_write *write, enum store_taken *taken);
enum pd_error store_dynamodb_swap_state(void *conn, struct store_call *call,
    const struct state *before, const struct state *after, int64_t now);
enum pd_error store_dynamodb_list_users(
    void *conn, struct store_call *call, const char *cursor, size_t limit, struct store_page *out);
enum pd_error store_dynamodb_each_item(
    void *conn, struct store_call *call, size_t limit, store_item_fn *fn, void *ctx);
enum pd_error store_dynamodb_init(
    void *conn, struct store_call *call, store_progress_fn *progress, void *ctx);
enum pd_error store_dynamodb_check(
    void *conn, struct store_call *call, store_check_fn *report, void *ctx);

#endif
