/* SPDX-License-Identifier: BSD-2-Clause */
/* One attempt of a call: signed, sent, its answer judged. Whether another follows is dynamodb.c's.
 */
#ifndef DYNAMODB_ATTEMPT_H
#define DYNAMODB_ATTEMPT_H

#include "core/dynamodb_error.h"
#include "core/dynamodb_private.h"

#define DYNAMODB_ATTEMPT_LINE_SIZE 768

/* One attempt: what was asked, and how it ended. */
struct dynamodb_attempt {
	struct dynamodb_conn *conn;
	struct store_call *call;
	enum dynamodb_operation operation;
	bool write;
	const char *body; /* of the request */
	unsigned number;
	struct aws_credentials keys;
	int64_t signed_at;
	int64_t took_us;
	int budget_ms; /* the time it had */
	/* The outcome. */
	enum pd_error error;
	enum retry_kind kind;
	enum dynamodb_remedy remedy;
	enum breaker_finding finding;
	bool unconnected;    /* no connection could be made */
	bool stale;          /* the kept connection had died: a new one is worth a try at once */
	bool unsettled;      /* a write may have been done */
	int64_t server_time; /* 0: unknown */
	/* Its line in the log; "" for none. */
	enum log_level level;
	char line[DYNAMODB_ATTEMPT_LINE_SIZE];
	const char *advice; /* what somebody can do; NULL: nothing */
};

/* Fills in the outcome; result is freed first. Free the keys afterwards. */
void dynamodb_attempt_make(struct dynamodb_attempt *attempt, struct dynamodb_result *result);

/* Writes its line. What to do stands in the line of the last attempt alone, so that a call which
 * fails says it once. */
void dynamodb_attempt_log(const struct dynamodb_attempt *attempt, bool last);

#endif
