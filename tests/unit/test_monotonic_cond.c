/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <errno.h>

#include "core/clock.h"
#include "core/monotonic_cond.h"

static pthread_mutex_t mutex;
static pthread_cond_t cond;
static bool go;

static int
set_up(void **state)
{
	(void)state;
	go = false;
	return monotonic_cond_init(&mutex, &cond) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	pthread_cond_destroy(&cond);
	pthread_mutex_destroy(&mutex);
	return 0;
}

/* The wait ends at the deadline: not before it, and not by a clock that counts from elsewhere. */
static void
a_wait_lasts_until_its_deadline(void **state)
{
	int64_t begun = clock_monotonic_ms(), deadline = begun + 120;

	(void)state;
	pthread_mutex_lock(&mutex);
	while (monotonic_cond_wait(&cond, &mutex, deadline))
		;
	assert_true(clock_monotonic_ms() >= deadline);
	assert_in_range(clock_monotonic_ms() - begun, 120, 1000);
	assert_int_equal(pthread_mutex_trylock(&mutex), EBUSY); /* held again */
	pthread_mutex_unlock(&mutex);
}

/* More than a second in all, so that one of the waits goes from one second into the next. */
static void
waits_in_every_part_of_a_second(void **state)
{
	(void)state;
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 8; i++) {
		int64_t deadline = clock_monotonic_ms() + 130;

		while (monotonic_cond_wait(&cond, &mutex, deadline))
			;
		assert_in_range(clock_monotonic_ms(), deadline, deadline + 800);
	}
	pthread_mutex_unlock(&mutex);
}

/* A deadline that has passed does not wait at all, and what is no time is one that has. */
static void
a_passed_deadline_does_not_wait(void **state)
{
	static const int64_t never[] = {0, -1, INT64_MIN, 1};
	int64_t begun = clock_monotonic_ms();

	(void)state;
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < COUNT_OF(never); i++)
		assert_false(monotonic_cond_wait(&cond, &mutex, never[i]));
	assert_false(monotonic_cond_wait(&cond, &mutex, begun - 1));
	pthread_mutex_unlock(&mutex);
	assert_in_range(clock_monotonic_ms() - begun, 0, 500);
}

static void *
wake(void *ctx)
{
	(void)ctx;
	pthread_mutex_lock(&mutex);
	go = true;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

/* Who is woken goes on at once; the mutex was let go of meanwhile, or nobody could wake. */
static void
who_is_woken_goes_on(void **state)
{
	int64_t begun = clock_monotonic_ms();
	pthread_t thread;
	bool in_time = true;

	(void)state;
	pthread_mutex_lock(&mutex);
	assert_int_equal(pthread_create(&thread, NULL, wake, NULL), 0);
	while (!go && in_time)
		in_time = monotonic_cond_wait(&cond, &mutex, begun + 20000);
	assert_true(go);
	assert_true(in_time);
	pthread_mutex_unlock(&mutex);
	pthread_join(thread, NULL);
	assert_in_range(clock_monotonic_ms() - begun, 0, 10000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_wait_lasts_until_its_deadline),
	    CASE(waits_in_every_part_of_a_second),
	    CASE(a_passed_deadline_does_not_wait),
	    CASE(who_is_woken_goes_on),
	};

	return cmocka_run_group_tests_name("monotonic_cond", tests, NULL, NULL);
}
