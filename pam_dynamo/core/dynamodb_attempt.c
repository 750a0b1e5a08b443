/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/dynamodb_attempt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/number.h"
#include "core/sigv4.h"

#define SERVICE "dynamodb"
#define API "DynamoDB_20120810."
#define CONTENT_TYPE "application/x-amz-json-1.0"
#define TARGET_SIZE 64
#define FOREIGN_ADVICE "check endpoint and what stands between"
#define UNREACHED_ADVICE "check endpoint, ca_path and the network to it"

static void
learn_clock(struct dynamodb_attempt *attempt, const char *date)
{
	struct dynamodb *shared = attempt->conn->shared;

	if (!http_date_parse(date, &attempt->server_time))
		return;
	pthread_mutex_lock(&shared->lock);
	dynamodb_clock_learn(
	    &shared->clock, attempt->server_time, clock_now_s(), clock_monotonic_ms());
	pthread_mutex_unlock(&shared->lock);
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
describe(struct dynamodb_attempt *attempt, enum log_level level, const char *code, long status,
    const char *text, const char *advice)
{
	const char *id = attempt->call->request_id;

	attempt->level = level;
	attempt->advice = advice;
	(void)snprintf(attempt->line, sizeof(attempt->line),
	    "dynamodb %s: attempt %u, status %ld%s%s, request %s, %" PRId64 ".%03" PRId64 " ms%s%s",
	    dynamodb_operation_name(attempt->operation), attempt->number, status,
	    code[0] != '\0' ? ", " : "", code, id[0] != '\0' ? id : "-", attempt->took_us / 1000,
	    attempt->took_us % 1000, text[0] != '\0' ? ": " : "", text);
}

void
dynamodb_attempt_log(const struct dynamodb_attempt *attempt, bool last)
{
	const char *rest = last ? attempt->advice
	    : attempt->stale    ? "once more on a new one"
				: NULL;

	if (attempt->line[0] != '\0')
		log_line(attempt->conn->shared->log, attempt->level, "%s%s%s", attempt->line,
		    rest != NULL ? ": " : "", rest != NULL ? rest : "");
}

/* What arrived as it was sent and cannot be read will not be readable the next time either. */
static void
judge_success(struct dynamodb_attempt *attempt, const struct http_reply *reply,
    struct dynamodb_result *result)
{
	bool whole = crc_matches(reply);
	const char *text = "the reply was damaged on its way (x-amz-crc32)";

	attempt->error = PD_UNAVAILABLE;
	if (whole) {
		attempt->error = json_parse(
		    buf_string(&reply->body), reply->body.len, &result->body);
		if (attempt->error == PD_OK && json_type(result->body) != JSON_OBJECT)
			attempt->error = PD_CORRUPT;
		text = attempt->error == PD_CORRUPT ? "the reply is not a JSON object"
						    : pd_error_text(attempt->error);
	}
	if (attempt->error == PD_OK) {
		describe(attempt, LOG_LEVEL_DEBUG, "", reply->status, "", NULL);
		return;
	}
	attempt->unsettled = true;
	if (!whole || (attempt->error == PD_CORRUPT && reply->crc32[0] == '\0')) {
		attempt->error = PD_UNAVAILABLE;
		attempt->kind = RETRY_TRANSIENT;
	}
	describe(attempt, LOG_LEVEL_WARNING, "", reply->status, text, FOREIGN_ADVICE);
}

static void
judge_error(struct dynamodb_attempt *attempt, const struct http_reply *reply,
    struct dynamodb_result *result)
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
	describe(attempt, level, result->name, reply->status, row->show ? result->message : "",
	    row->advice);
}

/* No complete reply. A timeout in a hurry says little about the server, and bytes of a reply say
 * that it is there. */
static void
judge_failure(struct dynamodb_attempt *attempt, enum pd_error error, const struct http_reply *reply)
{
	const struct conf *conf = attempt->conn->shared->conf;
	int needed = (int)(error == PD_UNAVAILABLE ? conf->connect_timeout_ms
						   : conf->attempt_timeout_ms);

	attempt->error = error == PD_NO_MEMORY ? PD_NO_MEMORY : PD_UNAVAILABLE;
	attempt->kind = error == PD_NO_MEMORY ? RETRY_NEVER : RETRY_TRANSIENT;
	attempt->unsettled = error == PD_UNCERTAIN;
	attempt->stale = reply->stale;
	if (reply->answered)
		attempt->finding = BREAKER_REACHED;
	else if (error != PD_NO_MEMORY && !reply->stale &&
	    (!reply->timed_out || attempt->budget_ms >= needed))
		attempt->finding = BREAKER_FAILED;
	attempt->unconnected = attempt->finding == BREAKER_FAILED && error == PD_UNAVAILABLE;
	describe(attempt, LOG_LEVEL_WARNING, "", 0, reply->error, UNREACHED_ADVICE);
}

static void
judge(struct dynamodb_attempt *attempt, enum pd_error error, const struct http_reply *reply,
    struct dynamodb_result *result)
{
	memcpy(attempt->call->request_id, reply->request_id, sizeof(reply->request_id));
	result->status = reply->status;
	if (error != PD_OK) {
		judge_failure(attempt, error, reply);
		return;
	}
	learn_clock(attempt, reply->date);
	if (reply->status == 200)
		judge_success(attempt, reply, result);
	else
		judge_error(attempt, reply, result);
	/* What stands before the server has neither. */
	attempt->finding = reply->status < 500 || result->name[0] != '\0' ||
		reply->request_id[0] != '\0'
	    ? BREAKER_REACHED
	    : BREAKER_FAILED;
}

/* Signs and sends. The header strings that are signed are the ones that are sent. */
static enum pd_error
send_signed(struct dynamodb_attempt *attempt, struct http_reply *reply)
{
	struct dynamodb *shared = attempt->conn->shared;
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
	struct http_request http = {.method = "POST",
	    .url = shared->endpoint.url,
	    .host = shared->endpoint.host,
	    .port = shared->endpoint.port,
	    .headers = headers,
	    .body = attempt->body,
	    .body_len = request.body_len,
	    .connect_timeout_ms = (int)shared->conf->connect_timeout_ms,
	    .timeout_ms = attempt->budget_ms,
	    .reply_max = DYNAMODB_REPLY_MAX,
	    .resend = !attempt->write};
	enum pd_error error = PD_NO_MEMORY;
	struct buf authorization;
	int n = snprintf(
	    target, sizeof(target), "%s%s", API, dynamodb_operation_name(attempt->operation));

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

void
dynamodb_attempt_make(struct dynamodb_attempt *attempt, struct dynamodb_result *result)
{
	struct dynamodb *shared = attempt->conn->shared;
	int64_t begun = clock_monotonic_us();
	struct http_reply reply;
	enum pd_error error;

	dynamodb_result_free(result);
	attempt->line[0] = '\0';
	attempt->kind = RETRY_NEVER;
	attempt->remedy = DYNAMODB_REMEDY_NONE;
	attempt->finding = BREAKER_LEARNED_NOTHING;
	attempt->unconnected = attempt->stale = attempt->unsettled = false;
	attempt->server_time = 0;
	attempt->signed_at = clock_now_s() + dynamodb_clock_offset_s(shared);
	attempt->error = aws_credentials_get(
	    shared->credentials, attempt->signed_at, attempt->call->deadline_ms, &attempt->keys);
	if (attempt->error != PD_OK)
		return;
	attempt->budget_ms = clock_left_ms(attempt->call->deadline_ms);
	if (attempt->budget_ms > (int)shared->conf->attempt_timeout_ms)
		attempt->budget_ms = (int)shared->conf->attempt_timeout_ms;
	attempt->call->requests++;
	error = send_signed(attempt, &reply);
	attempt->took_us = clock_monotonic_us() - begun;
	judge(attempt, error, &reply, result);
	http_reply_free(&reply);
}
