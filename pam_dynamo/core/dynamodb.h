/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One call of the DynamoDB API (version 2012-08-10): signed, sent, retried, its answer judged. A
 * struct dynamodb is shared by all connections; a connection serves one thread at a time.
 */
#ifndef DYNAMODB_H
#define DYNAMODB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/conf.h"
#include "core/json.h"
#include "core/log.h"
#include "core/pd_error.h"
#include "core/store.h"

#define DYNAMODB_REPLY_MAX (4u * 1024 * 1024) /* bytes of one reply */
#define DYNAMODB_NAME_SIZE 64                 /* an error's name */
#define DYNAMODB_MESSAGE_SIZE 256             /* the part of its message that is shown */

enum dynamodb_operation {
	DYNAMODB_BATCH_GET_ITEM,
	DYNAMODB_GET_ITEM,
	DYNAMODB_PUT_ITEM,
	DYNAMODB_UPDATE_ITEM,
	DYNAMODB_DELETE_ITEM,
	DYNAMODB_TRANSACT_WRITE_ITEMS,
	DYNAMODB_SCAN,
	DYNAMODB_QUERY,
	DYNAMODB_CREATE_TABLE,
	DYNAMODB_UPDATE_TABLE,
	DYNAMODB_DESCRIBE_TABLE,
	DYNAMODB_UPDATE_TIME_TO_LIVE,
	DYNAMODB_DESCRIBE_TIME_TO_LIVE,
	DYNAMODB_UPDATE_CONTINUOUS_BACKUPS,
};

/* "GetItem", as it stands in X-Amz-Target and in a policy. */
const char *dynamodb_operation_name(enum dynamodb_operation operation);

/* What came back: the reply's object, or the error's. Free with dynamodb_result_free always. */
struct dynamodb_result {
	struct json *body;                   /* NULL: none, or not JSON */
	char name[DYNAMODB_NAME_SIZE];       /* error name without its prefix, "" for none */
	char message[DYNAMODB_MESSAGE_SIZE]; /* first line of its message, escaped */
	long status;                         /* HTTP status of the last attempt, 0: none */
};

void dynamodb_result_free(struct dynamodb_result *result);

struct dynamodb;
struct dynamodb_conn;

/* Sends nothing. conf and log are borrowed. PD_CONFIG: logged with what to change. PD_NO_MEMORY. */
enum pd_error dynamodb_open(const struct conf *conf, enum store_caller caller,
    const struct log *log, struct dynamodb **out);
void dynamodb_close(struct dynamodb *dynamodb);
/* Keys are fetched anew with the next call; everything that was learned of the server stays. */
void dynamodb_renew(struct dynamodb *dynamodb);
enum pd_error dynamodb_connect(struct dynamodb *dynamodb, struct dynamodb_conn **out);
void dynamodb_disconnect(struct dynamodb_conn *conn);

/* From now on errors of this connection are expected by the caller and logged at debug only. */
void dynamodb_expect_errors(struct dynamodb_conn *conn, bool expected);

/* The server's clock minus ours, in seconds, from the Date headers seen so far; 0 after our clock
 * was set. */
int64_t dynamodb_clock_offset_s(struct dynamodb *dynamodb);

/* The address that requests go to, and where the keys come from. */
const char *dynamodb_url(const struct dynamodb *dynamodb);
const char *dynamodb_credentials_source(const struct dynamodb *dynamodb);

/* One call, within call->deadline_ms. PD_OK: result->body is the reply. PD_CONFLICT: a condition
 * did not hold (result->body is the error's). PD_CONFIG: somebody must act, logged with what to do.
 * PD_UNAVAILABLE. PD_UNCERTAIN: a write that may have been done. PD_CORRUPT: the reply arrived
 * whole (x-amz-crc32) and is not JSON. PD_NO_MEMORY, PD_BUG. */
enum pd_error dynamodb_call(struct dynamodb_conn *conn, struct store_call *call,
    enum dynamodb_operation operation, const struct json *request, struct dynamodb_result *result);

#endif
