/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/dynamodb.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/aws_credentials.h"
#include "core/aws_endpoint.h"
#include "core/aws_environment.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/dynamodb_error.h"
#include "core/dynamodb_private.h"
#include "core/http.h"
#include "core/number.h"
#include "core/retry.h"
#include "core/secret.h"
#include "core/sigv4.h"

#define SERVICE "dynamodb"
#define API "DynamoDB_20120810."
#define CONTENT_TYPE "application/x-amz-json-1.0"
#define ATTEMPT_MIN_MS 50 /* less time than this is not worth an attempt */
#define SKEW_S 60         /* a signature is only remade for a difference of so much */
#define TARGET_SIZE 64

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

/* One attempt: what was asked, and how it ended. */
struct attempt {
	struct dynamodb_conn *conn;
	struct store_call *call;
	enum dynamodb_operation operation;
	const char *body;
	unsigned number;
	struct aws_credentials keys;
	int64_t signed_at;
	int64_t took_us;
	/* The outcome. */
	enum pd_error error;
	enum retry_kind kind;
	enum dynamodb_remedy remedy;
	bool reached;        /* the server answered */
	bool unsettled;      /* a write may have been done */
	int64_t server_time; /* 0: unknown */
};

/* Learns the server's clock; a second more or less is the header's grain. */
static void
learn_clock(struct attempt *attempt, const char *date)
{
	struct dynamodb *shared = attempt->conn->shared;
	int64_t offset, known = atomic_load(&shared->clock_offset_s);

	if (!http_date_parse(date, &attempt->server_time))
		return;
	offset = attempt->server_time - clock_now_s();
	if (offset > known + 1 || offset < known - 1)
		atomic_store(&shared->clock_offset_s, offset);
}

static bool
crc_matches(const struct http_reply *reply)
{
	int64_t wanted;

	if (reply->crc32[0] == '\0')
		return true;
	return number_parse(reply->crc32, 0, UINT32_MAX, &wanted) &&
	    digest_crc32(buf_string(&reply->body), reply->body.len) == (uint32_t)wanted;
}

/* Every field of the log line in a fixed order; never headers, bodies, keys. */
static void
log_attempt(const struct attempt *attempt, enum log_level level, const char *code, long status,
    const char *text, const char *advice)
{
	log_line(attempt->conn->shared->log, level,
	    "dynamodb %s: attempt %u, status %ld%s%s, request %s, %" PRId64 ".%03" PRId64
	    " ms%s%s%s%s",
	    operations[attempt->operation].name, attempt->number, status,
	    code[0] != '\0' ? ", " : "", code,
	    attempt->call->request_id[0] != '\0' ? attempt->call->request_id : "-",
	    attempt->took_us / 1000, attempt->took_us % 1000, text[0] != '\0' ? ": " : "", text,
	    advice != NULL ? ": " : "", advice != NULL ? advice : "");
}

static void
judge_success(
    struct attempt *attempt, const struct http_reply *reply, struct dynamodb_result *result)
{
	const char *text = "";

	if (!crc_matches(reply))
		text = "the reply was damaged on its way (x-amz-crc32)";
	else if (json_parse(buf_string(&reply->body), reply->body.len, &result->body) != PD_OK ||
	    json_type(result->body) != JSON_OBJECT)
		text = "the reply is not a JSON object";
	if (text[0] == '\0') {
		attempt->error = PD_OK;
		log_attempt(attempt, LOG_LEVEL_DEBUG, "", reply->status, "", NULL);
		return;
	}
	attempt->error = PD_UNAVAILABLE;
	attempt->kind = RETRY_TRANSIENT;
	attempt->unsettled = true;
	log_attempt(attempt, LOG_LEVEL_WARNING, "", reply->status, text, NULL);
}

static void
judge_error(struct attempt *attempt, const struct http_reply *reply, struct dynamodb_result *result)
{
	const struct dynamodb_error *row;
	enum log_level level;

	dynamodb_error_parse(buf_string(&reply->body), reply->body.len, result);
	row = dynamodb_error_find(result->name, reply->status);
	attempt->error = row->error;
	attempt->kind = row->kind;
	attempt->remedy = row->remedy;
	attempt->unsettled = row->unsettled || (reply->status >= 500 && row->error != PD_CONFLICT);
	level = row->error == PD_CONFLICT || attempt->conn->expects_errors ? LOG_LEVEL_DEBUG
	    : row->error == PD_CONFIG                                      ? LOG_LEVEL_ERROR
									   : LOG_LEVEL_WARNING;
	log_attempt(attempt, level, result->name, reply->status, row->show ? result->message : "",
	    row->advice);
}

static void
judge(struct attempt *attempt, enum pd_error error, const struct http_reply *reply,
    struct dynamodb_result *result)
{
	memcpy(attempt->call->request_id, reply->request_id, sizeof(reply->request_id));
	attempt->reached = error == PD_OK && reply->status < 500;
	result->status = reply->status;
	if (error != PD_OK) {
		attempt->error = error == PD_NO_MEMORY ? PD_NO_MEMORY : PD_UNAVAILABLE;
		attempt->kind = error == PD_NO_MEMORY ? RETRY_NEVER : RETRY_TRANSIENT;
		attempt->unsettled = error == PD_UNCERTAIN;
		log_attempt(attempt, LOG_LEVEL_WARNING, "", 0, reply->error, NULL);
		return;
	}
	learn_clock(attempt, reply->date);
	if (reply->status == 200)
		judge_success(attempt, reply, result);
	else
		judge_error(attempt, reply, result);
}

/* Signs and sends. The header strings that are signed are the ones that are sent. */
static enum pd_error
send_signed(struct attempt *attempt, struct http_reply *reply)
{
	struct dynamodb *shared = attempt->conn->shared;
	const struct operation *operation = &operations[attempt->operation];
	char date[SIGV4_DATE_SIZE], target[TARGET_SIZE];
	struct sigv4_header headers[6] = {{"Host", shared->endpoint.host_header},
	    {"Content-Type", CONTENT_TYPE}, {"X-Amz-Date", date}, {"X-Amz-Target", target}};
	struct sigv4_request request = {.method = "POST",
	    .path = "/",
	    .headers = headers,
	    .header_count = 4,
	    .body = attempt->body,
	    .body_len = strlen(attempt->body)};
	struct sigv4_scope scope = {attempt->keys.access_key, attempt->keys.secret_key,
	    shared->region, SERVICE, attempt->signed_at};
	int left = clock_left_ms(attempt->call->deadline_ms);
	struct http_request http = {.method = "POST",
	    .url = shared->endpoint.url,
	    .host = shared->endpoint.host,
	    .port = shared->endpoint.port,
	    .headers = headers,
	    .body = attempt->body,
	    .body_len = request.body_len,
	    .connect_timeout_ms = (int)shared->conf->connect_timeout_ms,
	    .timeout_ms = left < (int)shared->conf->attempt_timeout_ms
		? left
		: (int)shared->conf->attempt_timeout_ms,
	    .reply_max = DYNAMODB_REPLY_MAX,
	    .resend = !operation->write};
	enum pd_error error = PD_NO_MEMORY;
	struct buf authorization;
	int n = snprintf(target, sizeof(target), "%s%s", API, operation->name);

	buf_init(&authorization, 0);
	memset(reply, 0, sizeof(*reply));
	if (attempt->keys.session_token != NULL)
		headers[request.header_count++] = (struct sigv4_header){
		    "X-Amz-Security-Token", attempt->keys.session_token};
	if (n < 0 || n >= TARGET_SIZE || !sigv4_date(attempt->signed_at, date) ||
	    !sigv4_sign(&request, &scope, &authorization))
		goto out;
	headers[request.header_count] = (struct sigv4_header){
	    "Authorization", buf_string(&authorization)};
	http.header_count = request.header_count + 1;
	error = http_exchange(attempt->conn->http, &http, reply);
out:
	buf_free(&authorization);
	return error;
}

static void
try_once(struct attempt *attempt, struct dynamodb_result *result)
{
	struct dynamodb *shared = attempt->conn->shared;
	int64_t begun = clock_monotonic_us();
	struct http_reply reply;
	enum pd_error error;

	dynamodb_result_free(result);
	attempt->kind = RETRY_NEVER;
	attempt->remedy = DYNAMODB_REMEDY_NONE;
	attempt->reached = attempt->unsettled = false;
	attempt->server_time = 0;
	attempt->signed_at = clock_now_s() + atomic_load(&shared->clock_offset_s);
	attempt->error = aws_credentials_get(
	    shared->credentials, attempt->signed_at, attempt->call->deadline_ms, &attempt->keys);
	if (attempt->error != PD_OK) {
		attempt->reached = true; /* says nothing about the server */
		return;
	}
	attempt->call->requests++;
	error = send_signed(attempt, &reply);
	attempt->took_us = clock_monotonic_us() - begun;
	judge(attempt, error, &reply, result);
	http_reply_free(&reply);
}

/* True where one immediate attempt more may succeed. */
static bool
remedied(struct attempt *attempt)
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
		    shared->credentials, attempt->keys.access_key, attempt->signed_at);
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

/* Attempts until one is final. *doubt: a write may have been done by an earlier one. */
static enum pd_error
try_all(struct attempt *attempt, struct dynamodb_result *result, bool *doubt)
{
	struct dynamodb *shared = attempt->conn->shared;
	struct retry retry = {0};
	enum breaker_answer answer;
	bool helped = false, again;
	uint32_t chance;
	int delay;

	do {
		answer = dynamodb_breaker_ask(shared);
		if (answer == BREAKER_STOP || clock_left_ms(attempt->call->deadline_ms) == 0)
			return PD_UNAVAILABLE;
		attempt->number++;
		try_once(attempt, result);
		delay = 0;
		again = attempt->error != PD_OK && !helped && remedied(attempt);
		helped |= again;
		if (attempt->error == PD_OK) {
			retry_succeeded(&retry, shared->quota);
		} else if (!again) {
			secret_random(&chance, sizeof(chance));
			again = retry_next(&retry, shared->quota, attempt->kind, chance,
				    clock_left_ms(attempt->call->deadline_ms), ATTEMPT_MIN_MS,
				    &delay) &&
			    answer != BREAKER_PROBE;
		}
		dynamodb_breaker_note(shared, attempt->reached, !again && attempt->number > 1);
		*doubt |= attempt->unsettled && operations[attempt->operation].write;
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
	struct attempt attempt = {.conn = conn, .call = call, .operation = operation};
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
