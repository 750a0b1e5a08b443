/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/dynamodb.h"

#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/dynamodb_attempt.h"
#include "core/secret.h"

#define ATTEMPT_MIN_MS 50 /* less time than this is not worth an attempt */
#define SKEW_S 60         /* a signature is only remade for a difference of so much */

static const struct operation {
	const char *name;
	bool write;
} operations[] = {
    [DYNAMODB_BATCH_GET_ITEM] = {"BatchGetItem", false},
    [DYNAMODB_GET_ITEM] = {"GetItem", false},
    [DYNAMODB_PUT_ITEM] = {"PutItem", true},
    [DYNAMODB_UPDATE_ITEM] = {"UpdateItem", true},
    [DYNAMODB_DELETE_ITEM] = {"DeleteItem", true},
    [DYNAMODB_TRANSACT_WRITE_ITEMS] = {"TransactWriteItems", true},
    [DYNAMODB_SCAN] = {"Scan", false},
    [DYNAMODB_QUERY] = {"Query", false},
    [DYNAMODB_CREATE_TABLE] = {"CreateTable", false},
    [DYNAMODB_UPDATE_TABLE] = {"UpdateTable", false},
    [DYNAMODB_DESCRIBE_TABLE] = {"DescribeTable", false},
    [DYNAMODB_UPDATE_TIME_TO_LIVE] = {"UpdateTimeToLive", false},
    [DYNAMODB_DESCRIBE_TIME_TO_LIVE] = {"DescribeTimeToLive", false},
    [DYNAMODB_UPDATE_CONTINUOUS_BACKUPS] = {"UpdateContinuousBackups", false},
};

const char *
dynamodb_operation_name(enum dynamodb_operation operation)
{
	return operations[operation].name;
}

void
dynamodb_result_free(struct dynamodb_result *result)
{
	json_free(result->body);
	memset(result, 0, sizeof(*result));
}

/* True where one immediate attempt more may succeed. */
static bool
remedied(struct dynamodb_attempt *attempt)
{
	struct dynamodb *shared = attempt->conn->shared;
	int64_t off = attempt->server_time - attempt->signed_at;

	switch (attempt->remedy) {
	case DYNAMODB_REMEDY_NONE:
		return false;
	case DYNAMODB_REMEDY_CLOCK:
		return attempt->server_time != 0 && (off >= SKEW_S || off <= -SKEW_S);
	case DYNAMODB_REMEDY_KEYS:
		return aws_credentials_refused(
		    shared->credentials, attempt->keys.access_key, clock_monotonic_ms());
	}
	return false;
}

static void
pause_ms(int ms)
{
	struct timespec span = {ms / 1000, (long)(ms % 1000) * 1000000};

	while (nanosleep(&span, &span) != 0)
		;
}

/* What one call has seen over its attempts. */
struct course {
	struct retry retry;
	unsigned unconnected; /* attempts */
	bool silent;          /* one got a connection and no answer, which counts once */
	bool helped;          /* by a remedy; that happens once */
	bool renewed;         /* a dead kept connection was replaced; so does that */
};

/* Whether there is another attempt, and after which pause. */
static bool
goes_on(struct dynamodb_attempt *attempt, struct course *course, bool probe, int *delay_ms)
{
	struct dynamodb *shared = attempt->conn->shared;
	uint32_t chance;

	*delay_ms = 0;
	if (attempt->error == PD_OK) {
		retry_succeeded(&course->retry, shared->quota);
		return false;
	}
	if (attempt->stale && !course->renewed)
		return course->renewed = true;
	if (!course->helped && remedied(attempt))
		return course->helped = true;
	secret_random(&chance, sizeof(chance));
	return retry_next(&course->retry, shared->quota, attempt->kind, chance,
		   clock_left_ms(attempt->call->deadline_ms), ATTEMPT_MIN_MS, delay_ms) &&
	    !probe;
}

/* Tells the breaker what was learned. A request that the server chews on must not count as often as
 * it is tried: others may be served well. */
static void
note(const struct dynamodb_attempt *attempt, struct course *course, bool again)
{
	enum breaker_finding finding = attempt->finding;
	bool silent = finding == BREAKER_FAILED && !attempt->unconnected;

	if (silent && course->silent)
		finding = BREAKER_LEARNED_NOTHING;
	course->silent |= silent;
	course->unconnected += attempt->unconnected;
	dynamodb_breaker_note(attempt->conn->shared, finding, !again && course->unconnected > 1);
}

/* Attempts until one is final. *doubt: a write may have been done by one of them. */
static enum pd_error
try_all(struct dynamodb_attempt *attempt, struct dynamodb_result *result, bool *doubt)
{
	struct course course = {.silent = false};
	enum breaker_answer answer;
	bool again;
	int delay;

	do {
		/* In this order: who gets to probe must do so. */
		if (clock_left_ms(attempt->call->deadline_ms) == 0)
			return PD_UNAVAILABLE;
		answer = dynamodb_breaker_ask(attempt->conn->shared);
		if (answer == BREAKER_STOP)
			return PD_UNAVAILABLE;
		attempt->number++;
		dynamodb_attempt_make(attempt, result);
		again = goes_on(attempt, &course, answer == BREAKER_PROBE, &delay);
		dynamodb_attempt_log(attempt, !again);
		note(attempt, &course, again);
		*doubt |= attempt->unsettled && attempt->write;
		aws_credentials_free(&attempt->keys);
		if (again)
			pause_ms(delay);
	} while (again);
	return attempt->error;
}

enum pd_error
dynamodb_call(struct dynamodb_conn *conn, struct store_call *call,
    enum dynamodb_operation operation, const struct json *request, struct dynamodb_result *result)
{
	struct dynamodb_attempt attempt = {.conn = conn,
	    .call = call,
	    .operation = operation,
	    .write = operations[operation].write};
	char *body = json_text(request, false);
	bool doubt = false;
	enum pd_error error;

	memset(result, 0, sizeof(*result));
	call->request_id[0] = '\0';
	if (body == NULL)
		return PD_NO_MEMORY;
	attempt.body = body;
	error = try_all(&attempt, result, &doubt);
	secret_free_string(body);
	return error != PD_OK && doubt ? PD_UNCERTAIN : error;
}
