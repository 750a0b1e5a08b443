/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/retry.h"

#include <pthread.h>
#include <stdlib.h>

struct retry_quota {
	pthread_mutex_t lock;
	int tokens;
};

struct breaker {
	pthread_mutex_t lock;
	unsigned failures; /* in a row */
	bool open;
	bool probing;
	int64_t probe_at_ms;
};

struct retry_quota *
retry_quota_new(void)
{
	struct retry_quota *quota = calloc(1, sizeof(*quota));

	if (quota == NULL)
		return NULL;
	pthread_mutex_init(&quota->lock, NULL);
	quota->tokens = RETRY_QUOTA;
	return quota;
}

void
retry_quota_free(struct retry_quota *quota)
{
	if (quota == NULL)
		return;
	pthread_mutex_destroy(&quota->lock);
	free(quota);
}

static bool
take_tokens(struct retry_quota *quota, int count)
{
	bool enough;

	pthread_mutex_lock(&quota->lock);
	enough = quota->tokens >= count;
	if (enough)
		quota->tokens -= count;
	pthread_mutex_unlock(&quota->lock);
	return enough;
}

int
retry_quota_left(struct retry_quota *quota)
{
	int left;

	pthread_mutex_lock(&quota->lock);
	left = quota->tokens;
	pthread_mutex_unlock(&quota->lock);
	return left;
}

/* Full jitter: uniform between nothing and the exponential step. */
static int
delay_of(unsigned failed, enum retry_kind kind, uint32_t chance)
{
	int64_t step = kind == RETRY_THROTTLED ? RETRY_THROTTLED_BASE_MS : RETRY_BASE_MS;

	for (unsigned i = 1; i < failed && step < RETRY_CAP_MS; i++)
		step *= 2;
	if (step > RETRY_CAP_MS)
		step = RETRY_CAP_MS;
	return (int)(step * chance / UINT32_MAX);
}

bool
retry_next(struct retry *retry, struct retry_quota *quota, enum retry_kind kind, uint32_t chance,
    int left_ms, int attempt_min_ms, int *delay_ms)
{
	int cost = kind == RETRY_THROTTLED ? RETRY_COST_THROTTLED : RETRY_COST_TRANSIENT;

	*delay_ms = 0;
	retry->attempts++;
	if (kind == RETRY_NEVER || retry->attempts >= RETRY_ATTEMPTS_MAX)
		return false;
	*delay_ms = delay_of(retry->attempts, kind, chance);
	if (*delay_ms + attempt_min_ms > left_ms || !take_tokens(quota, cost))
		return false;
	retry->paid = (unsigned)cost;
	return true;
}

void
retry_succeeded(struct retry *retry, struct retry_quota *quota)
{
	int refund = retry->paid > 0 ? (int)retry->paid : RETRY_REFUND;

	pthread_mutex_lock(&quota->lock);
	quota->tokens += refund;
	if (quota->tokens > RETRY_QUOTA)
		quota->tokens = RETRY_QUOTA;
	pthread_mutex_unlock(&quota->lock);
	retry->paid = 0;
}

struct breaker *
breaker_new(void)
{
	struct breaker *breaker = calloc(1, sizeof(*breaker));

	if (breaker != NULL)
		pthread_mutex_init(&breaker->lock, NULL);
	return breaker;
}

void
breaker_free(struct breaker *breaker)
{
	if (breaker == NULL)
		return;
	pthread_mutex_destroy(&breaker->lock);
	free(breaker);
}

enum breaker_answer
breaker_ask(struct breaker *breaker, int64_t now_ms)
{
	enum breaker_answer answer = BREAKER_GO;

	pthread_mutex_lock(&breaker->lock);
	if (breaker->open) {
		answer = BREAKER_STOP;
		if (!breaker->probing && now_ms >= breaker->probe_at_ms) {
			breaker->probing = true;
			answer = BREAKER_PROBE;
		}
	}
	pthread_mutex_unlock(&breaker->lock);
	return answer;
}

bool
breaker_is_open(struct breaker *breaker)
{
	bool open;

	pthread_mutex_lock(&breaker->lock);
	open = breaker->open;
	pthread_mutex_unlock(&breaker->lock);
	return open;
}

void
breaker_note(struct breaker *breaker, enum breaker_finding finding, bool given_up, int64_t now_ms)
{
	bool was_open;

	pthread_mutex_lock(&breaker->lock);
	was_open = breaker->open;
	breaker->probing = false;
	if (finding == BREAKER_REACHED)
		breaker->failures = 0;
	else if (finding == BREAKER_FAILED)
		breaker->failures++;
	breaker->open = finding != BREAKER_REACHED &&
	    (was_open || given_up || breaker->failures >= BREAKER_FAILURES);
	if (finding == BREAKER_FAILED || !was_open)
		breaker->probe_at_ms = now_ms + BREAKER_PROBE_EVERY_MS;
	pthread_mutex_unlock(&breaker->lock);
}
