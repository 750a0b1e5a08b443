/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/rate.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

struct bucket {
	bool used;
	uid_t uid;
	int64_t tokens; /* thousandths of a request */
	int64_t at_ms;
};

struct rate {
	pthread_mutex_t mutex;
	int64_t burst;      /* thousandths of a request */
	int64_t per_second; /* requests: as many thousandths in a millisecond */
	struct bucket buckets[RATE_UIDS];
};

enum pd_error
rate_open(unsigned burst, unsigned per_second, struct rate **out)
{
	struct rate *rate = calloc(1, sizeof(*rate));

	*out = rate;
	if (rate == NULL)
		return PD_NO_MEMORY;
	pthread_mutex_init(&rate->mutex, NULL);
	rate->burst = (int64_t)burst * 1000;
	rate->per_second = per_second;
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

/* The bucket of uid; a new one, full, takes a free place or that of the longest unused. */
static struct bucket *
find(struct rate *rate, uid_t uid, int64_t now_ms)
{
	struct bucket *oldest = &rate->buckets[0];
	size_t i;

	for (i = 0; i < RATE_UIDS; i++) {
		struct bucket *bucket = &rate->buckets[i];

		if (bucket->used && bucket->uid == uid)
			return bucket;
		if (oldest->used && (!bucket->used || bucket->at_ms < oldest->at_ms))
			oldest = bucket;
	}
	*oldest = (struct bucket){.used = true, .uid = uid, .tokens = rate->burst, .at_ms = now_ms};
	return oldest;
}

bool
rate_take(struct rate *rate, uid_t uid, int64_t now_ms)
{
	struct bucket *bucket;
	int64_t passed;
	bool ok;

	pthread_mutex_lock(&rate->mutex);
	bucket = find(rate, uid, now_ms);
	passed = now_ms > bucket->at_ms ? now_ms - bucket->at_ms : 0;
	if (passed > 3600 * 1000)
		passed = 3600 * 1000;
	bucket->tokens += passed * rate->per_second;
	if (bucket->tokens > rate->burst)
		bucket->tokens = rate->burst;
	bucket->at_ms = now_ms;
	ok = bucket->tokens >= 1000;
	if (ok)
		bucket->tokens -= 1000;
	pthread_mutex_unlock(&rate->mutex);
	return ok;
}
