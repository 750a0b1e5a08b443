/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/log_limit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/rate.h"

#define WHO_SIZE 32 /* "uid 4294967295" */

struct held {
	bool used;
	uid_t uid;
	unsigned long counts[LOG_LIMIT_KINDS];
};

struct log_limit {
	pthread_mutex_t mutex;
	struct rate *rates[LOG_LIMIT_KINDS];
	int64_t told_ms;
	struct held held[LOG_LIMIT_UIDS];
	struct held others; /* all uids that found no place */
};

enum pd_error
log_limit_open(struct log_limit **out)
{
	const struct rate_limit each = {LOG_LIMIT_BURST, LOG_LIMIT_PER_SECOND};
	const struct rate_limit all = {LOG_LIMIT_ALL_BURST, LOG_LIMIT_ALL_PER_SECOND};
	struct log_limit *limit = calloc(1, sizeof(*limit));
	size_t i;

	*out = NULL;
	if (limit == NULL)
		return PD_NO_MEMORY;
	pthread_mutex_init(&limit->mutex, NULL);
	for (i = 0; i < LOG_LIMIT_KINDS; i++)
		if (rate_open(each, all, &limit->rates[i]) != PD_OK) {
			log_limit_free(limit);
			return PD_NO_MEMORY;
		}
	*out = limit;
	return PD_OK;
}

void
log_limit_free(struct log_limit *limit)
{
	size_t i;

	if (limit == NULL)
		return;
	for (i = 0; i < LOG_LIMIT_KINDS; i++)
		rate_free(limit->rates[i]);
	pthread_mutex_destroy(&limit->mutex);
	free(limit);
}

static struct held *
find(struct log_limit *limit, uid_t uid)
{
	size_t i;

	for (i = 0; i < LOG_LIMIT_UIDS; i++)
		if (!limit->held[i].used || limit->held[i].uid == uid)
			break;
	return i < LOG_LIMIT_UIDS ? &limit->held[i] : &limit->others;
}

bool
log_limit_pass(struct log_limit *limit, enum log_limit_kind kind, uid_t uid, int64_t now_ms)
{
	struct held *held;

	if ((uid == 0 && kind != LOG_LIMIT_LOOKUP) || rate_take(limit->rates[kind], uid, now_ms))
		return true;
	pthread_mutex_lock(&limit->mutex);
	held = find(limit, uid);
	held->used = true;
	held->uid = uid;
	held->counts[kind]++;
	pthread_mutex_unlock(&limit->mutex);
	return false;
}

static void
tell(const struct held *held, const char *who, const struct log *log)
{
	if (held->used)
		log_line(log, LOG_LEVEL_WARNING,
		    "%s: not logged one by one: %lu slowed down, %lu malformed, %lu turned away, "
		    "%lu lookups",
		    who, held->counts[LOG_LIMIT_SLOWED], held->counts[LOG_LIMIT_MALFORMED],
		    held->counts[LOG_LIMIT_BUSY], held->counts[LOG_LIMIT_LOOKUP]);
}

void
log_limit_tell(struct log_limit *limit, const struct log *log, int64_t now_ms)
{
	struct held held[LOG_LIMIT_UIDS], others;
	char who[WHO_SIZE];
	size_t i;

	pthread_mutex_lock(&limit->mutex);
	if (now_ms - limit->told_ms < LOG_LIMIT_TELL_MS) {
		pthread_mutex_unlock(&limit->mutex);
		return;
	}
	limit->told_ms = now_ms;
	memcpy(held, limit->held, sizeof(held));
	others = limit->others;
	memset(limit->held, 0, sizeof(limit->held));
	limit->others = (struct held){0};
	pthread_mutex_unlock(&limit->mutex);
	for (i = 0; i < LOG_LIMIT_UIDS; i++) {
		(void)snprintf(who, sizeof(who), "uid %lu", (unsigned long)held[i].uid);
		tell(&held[i], who, log);
	}
	tell(&others, "further uids", log);
}
