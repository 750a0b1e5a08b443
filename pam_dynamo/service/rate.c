/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/rate.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#define ONE 1000                 /* tokens are thousandths of a request */
#define PASSED_MAX (3600 * 1000) /* ms; every bucket is full by then */

struct bucket {
	bool used;
	uid_t uid;
	int64_t tokens;
	int64_t at_ms;
};

struct rate {
	pthread_mutex_t mutex;
	struct rate_limit each;
	struct rate_limit all;
	struct bucket total;
	struct bucket buckets[RATE_UIDS];
};

enum pd_error
rate_open(struct rate_limit each, struct rate_limit all, struct rate **out)
{
	struct rate *rate = calloc(1, sizeof(*rate));

	*out = rate;
	if (rate == NULL)
		return PD_NO_MEMORY;
	pthread_mutex_init(&rate->mutex, NULL);
	rate->each = each;
	rate->all = all;
	rate->total.tokens = (int64_t)all.burst * ONE;
	return PD_OK;
}

void
rate_free(struct rate *rate)
{
	if (rate == NULL)
		return;
	pthread_mutex_destroy(&rate->mutex);
	free(rate);
}

static void
refill(struct bucket *bucket, const struct rate_limit *limit, int64_t now_ms)
{
	int64_t passed = now_ms > bucket->at_ms ? now_ms - bucket->at_ms : 0;
	int64_t full = (int64_t)limit->burst * ONE;

	bucket->tokens += (passed < PASSED_MAX ? passed : PASSED_MAX) * limit->per_second;
	if (bucket->tokens > full)
		bucket->tokens = full;
	bucket->at_ms = now_ms;
}

/* The bucket of uid. A new one takes a free place, and is full, or that of the longest unused: it
 * is full only if that had become full again. */
static struct bucket *
find(struct rate *rate, uid_t uid, int64_t now_ms)
{
	struct bucket *oldest = &rate->buckets[0];
	int64_t full = (int64_t)rate->each.burst * ONE;
	int64_t tokens = full;
	size_t i;

	for (i = 0; i < RATE_UIDS; i++) {
		struct bucket *bucket = &rate->buckets[i];

		if (bucket->used && bucket->uid == uid)
			return bucket;
		if (oldest->used && (!bucket->used || bucket->at_ms < oldest->at_ms))
			oldest = bucket;
	}
	if (oldest->used) {
		refill(oldest, &rate->each, now_ms);
		tokens = oldest->tokens == full ? full : 0;
	}
	*oldest = (struct bucket){.used = true, .uid = uid, .tokens = tokens, .at_ms = now_ms};
	return oldest;
}

static bool
take(struct rate *rate, uid_t uid, bool fair, int64_t now_ms)
{
	struct bucket *bucket;
	bool ok;

	pthread_mutex_lock(&rate->mutex);
	bucket = find(rate, uid, now_ms);
	refill(bucket, &rate->each, now_ms);
	refill(&rate->total, &rate->all, now_ms);
	ok = bucket->tokens >= ONE &&
	    (rate->total.tokens >= ONE ||
		(fair && bucket->tokens * 2 >= (int64_t)rate->each.burst * ONE));
	if (ok) {
		bucket->tokens -= ONE;
		rate->total.tokens -= rate->total.tokens >= ONE ? ONE : 0;
	}
	pthread_mutex_unlock(&rate->mutex);
	return ok;
}

bool
rate_take(struct rate *rate, uid_t uid, int64_t now_ms)
{
	return take(rate, uid, false, now_ms);
}

bool
rate_take_fair(struct rate *rate, uid_t uid, int64_t now_ms)
{
	return take(rate, uid, true, now_ms);
}
