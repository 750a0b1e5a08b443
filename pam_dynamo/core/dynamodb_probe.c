/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding out that an outage is over. In the service a thread asks the server every half second
 * while the breaker is open, so that every login is answered at once; in the command the next call
 * asks itself. Any answer below 500 to an unsigned GET ("healthy: ..."), or one with a request id,
 * means that it is back.
 */
#include <signal.h>
#include <string.h>

#include "core/clock.h"
#include "core/dynamodb_private.h"
#include "core/monotonic_cond.h"

#define REPLY_MAX 65536

static bool
server_answers(struct dynamodb *dynamodb, struct http *http)
{
	struct sigv4_header host = {"Host", dynamodb->endpoint.host_header};
	struct http_request request = {
	    .method = "GET",
	    .url = dynamodb->endpoint.url,
	    .host = dynamodb->endpoint.host,
	    .port = dynamodb->endpoint.port,
	    .headers = &host,
	    .header_count = 1,
	    .connect_timeout_ms = (int)dynamodb->conf->connect_timeout_ms,
	    .timeout_ms = (int)dynamodb->conf->attempt_timeout_ms,
	    .reply_max = REPLY_MAX,
	    .resend = true,
	};
	struct http_reply reply;
	bool answers;

	answers = http_exchange(http, &request, &reply) == PD_OK &&
	    (reply.status < 500 || reply.request_id[0] != '\0');
	http_reply_free(&reply);
	return answers;
}

static void *
run(void *ctx)
{
	struct dynamodb *dynamodb = ctx;
	struct dynamodb_conn *conn = NULL;
	bool back = dynamodb_connect(dynamodb, &conn) != PD_OK;

	pthread_mutex_lock(&dynamodb->lock);
	while (!back && !dynamodb->closing) {
		(void)monotonic_cond_wait(&dynamodb->wake, &dynamodb->lock,
		    clock_monotonic_ms() + BREAKER_PROBE_EVERY_MS);
		if (dynamodb->closing)
			break;
		pthread_mutex_unlock(&dynamodb->lock);
		back = server_answers(dynamodb, conn->http);
		pthread_mutex_lock(&dynamodb->lock);
	}
	dynamodb->probing = false;
	pthread_mutex_unlock(&dynamodb->lock);
	if (back) {
		breaker_note(dynamodb->breaker, BREAKER_REACHED, false, clock_monotonic_ms());
		log_line(dynamodb->log, LOG_LEVEL_NOTICE, "dynamodb: %s answers again",
		    dynamodb->endpoint.host_header);
	}
	dynamodb_disconnect(conn);
	return NULL;
}

/* With every signal blocked: they belong to the program's own threads. Without a thread the calls
 * probe themselves. */
static void
start(struct dynamodb *dynamodb)
{
	sigset_t all, before;

	if (dynamodb->probing || dynamodb->closing)
		return;
	if (dynamodb->joinable)
		pthread_join(dynamodb->prober, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	dynamodb->joinable = pthread_create(&dynamodb->prober, NULL, run, dynamodb) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	dynamodb->probing = dynamodb->joinable;
}

enum breaker_answer
dynamodb_breaker_ask(struct dynamodb *dynamodb)
{
	bool probing;

	if (!breaker_is_open(dynamodb->breaker))
		return BREAKER_GO;
	pthread_mutex_lock(&dynamodb->lock);
	probing = dynamodb->probing;
	pthread_mutex_unlock(&dynamodb->lock);
	return probing ? BREAKER_STOP : breaker_ask(dynamodb->breaker, clock_monotonic_ms());
}

void
dynamodb_breaker_note(struct dynamodb *dynamodb, enum breaker_finding finding, bool given_up)
{
	bool was_open = breaker_is_open(dynamodb->breaker);

	breaker_note(dynamodb->breaker, finding, given_up, clock_monotonic_ms());
	if (!breaker_is_open(dynamodb->breaker))
		return;
	if (!was_open)
		log_line(dynamodb->log, LOG_LEVEL_ERROR,
		    "dynamodb: %s cannot be reached: answering at once until it is back",
		    dynamodb->endpoint.host_header);
	if (!dynamodb->probes)
		return;
	pthread_mutex_lock(&dynamodb->lock);
	start(dynamodb);
	pthread_mutex_unlock(&dynamodb->lock);
}

void
dynamodb_probe_stop(struct dynamodb *dynamodb)
{
	bool joinable;

	pthread_mutex_lock(&dynamodb->lock);
	dynamodb->closing = true;
	joinable = dynamodb->joinable;
	dynamodb->joinable = false;
	pthread_cond_signal(&dynamodb->wake);
	pthread_mutex_unlock(&dynamodb->lock);
	if (joinable)
		pthread_join(dynamodb->prober, NULL);
}
