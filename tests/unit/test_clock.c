/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <limits.h>
#include <time.h>

#include "core/clock.h"

static void
wall_clock_is_unix_seconds(void **state)
{
	int64_t before = (int64_t)time(NULL);
	int64_t now = clock_now_s();

	(void)state;
	/* time(2) reads a coarser clock, which may be one tick behind. */
	assert_true(now >= before && now <= (int64_t)time(NULL) + 1);
}

static void
monotonic_units_agree(void **state)
{
	int64_t ms = clock_monotonic_ms();
	int64_t us = clock_monotonic_us();

	(void)state;
	assert_true(us / 1000 >= ms);
	assert_true(us / 1000 - ms < 10000);
}

static void
monotonic_time_passes(void **state)
{
	struct timespec pause = {.tv_nsec = 5000000};
	int64_t ms = clock_monotonic_ms();
	int64_t us = clock_monotonic_us();

	(void)state;
	nanosleep(&pause, NULL);
	assert_true(clock_monotonic_us() - us >= 5000);
	assert_true(clock_monotonic_ms() - ms >= 4);
}

static void
sleep_ends_when_due(void **state)
{
	int64_t due = clock_monotonic_us() + 20000;

	(void)state;
	clock_sleep_until_us(due);
	assert_true(clock_monotonic_us() >= due);
	clock_sleep_until_us(due - 60000000); /* passed: a wait of a minute would be seen */
	assert_true(clock_monotonic_us() - due < 30000000);
}

static void
time_left_is_bounded(void **state)
{
	int64_t now = clock_monotonic_ms();
	int left = clock_left_ms(now + 60000);

	(void)state;
	assert_int_equal(clock_left_ms(now), 0);
	assert_int_equal(clock_left_ms(now - 5), 0);
	assert_int_equal(clock_left_ms(INT64_MIN), 0);
	assert_true(left > 50000 && left <= 60000);
	assert_int_equal(clock_left_ms(INT64_MAX), INT_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wall_clock_is_unix_seconds),
	    cmocka_unit_test(monotonic_units_agree),
	    cmocka_unit_test(monotonic_time_passes),
	    cmocka_unit_test(sleep_ends_when_due),
	    cmocka_unit_test(time_left_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
