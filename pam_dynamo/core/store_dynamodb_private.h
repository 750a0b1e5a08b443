/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the DynamoDB engine share. */
#ifndef STORE_DYNAMODB_PRIVATE_H
#define STORE_DYNAMODB_PRIVATE_H

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

/* An item into a record; what is wrong is logged with its key and attribute. */
enum pd_error store_dynamodb_read(const struct store_dynamodb_conn *conn,
    const struct record_type *type, const struct json *item, void *out);

/* Sleeps a short random time that grows with round; false: the deadline would pass. */
bool store_dynamodb_pause(const struct store_call *call, unsigned round);

/* Rows of the engine, each in the file of its noun. */
enum pd_error store_dynamodb_write_user(void *conn, struct store_call *call,
    const struct store_user_write *write, enum store_taken *taken);
enum pd_error store_dynamodb_swap_state(void *conn, struct store_call *call,
    const struct state *before, const struct state *after, int64_t now);
enum pd_error store_dynamodb_list_users(
    void *conn, struct store_call *call, const char *cursor, size_t limit, struct store_page *out);
enum pd_error store_dynamodb_init(
    void *conn, struct store_call *call, store_progress_fn *progress, void *ctx);
enum pd_error store_dynamodb_check(
    void *conn, struct store_call *call, store_check_fn *report, void *ctx);

#endif
