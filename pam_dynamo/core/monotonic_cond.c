/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/monotonic_cond.h"

#include <time.h>

bool
monotonic_cond_init(pthread_mutex_t *mutex, pthread_cond_t *cond)
{
	pthread_condattr_t attributes;
	bool ok;

	if (pthread_condattr_init(&attributes) != 0)
		return false;
	ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	    pthread_cond_init(cond, &attributes) == 0;
	pthread_condattr_destroy(&attributes);
	if (ok && pthread_mutex_init(mutex, NULL) != 0) {
		pthread_cond_destroy(cond);
		ok = false;
	}
	return ok;
}

bool
monotonic_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline_ms)
{
	struct timespec until = {0};

	if (deadline_ms <= 0)
		return false;
	until.tv_sec = (time_t)(deadline_ms / 1000);
	until.tv_nsec = (long)(deadline_ms % 1000) * 1000000;
	return pthread_cond_timedwait(cond, mutex, &until) == 0;
}
