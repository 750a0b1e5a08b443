/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/clock.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

static int64_t
read_clock(clockid_t id, int64_t per_s)
{
	struct timespec ts = {0};

	/* Neither clock can fail on Linux: both ids are built in. */
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * per_s + (int64_t)ts.tv_nsec / (1000000000 / per_s);
}

int64_t
clock_now_s(void)
{
	return read_clock(CLOCK_REALTIME, 1);
}

int64_t
clock_monotonic_ms(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000);
}

int64_t
clock_monotonic_us(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000000);
}

void
clock_sleep_until_us(int64_t due_us)
{
	struct timespec due = {.tv_sec = due_us / 1000000, .tv_nsec = due_us % 1000000 * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
		continue;
}

int
clock_left_ms(int64_t deadline_ms)
{
	int64_t now = clock_monotonic_ms();

	if (deadline_ms <= now)
		return 0;
	if (deadline_ms - now > INT_MAX)
		return INT_MAX;
	return (int)(deadline_ms - now);
}
