/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/hash_gate.h"

#define LONG_MS 10000

static void
pause_ms(long ms)
{
	const struct timespec span = {.tv_nsec = ms * 1000000};

	nanosleep(&span, NULL);
}

static void
test_places(void **state)
{
	struct hash_gate gate;

	(void)state;
	assert_true(hash_gate_init(&gate, 2));
	assert_true(hash_gate_enter(&gate, clock_monotonic_ms() + LONG_MS));
	assert_true(hash_gate_enter(&gate, clock_monotonic_ms() + LONG_MS));
	assert_false(hash_gate_enter(&gate, clock_monotonic_ms() - 1));
	assert_false(hash_gate_enter(&gate, 0));
	hash_gate_leave(&gate);
	assert_true(hash_gate_enter(&gate, clock_monotonic_ms() - 1));
	hash_gate_leave(&gate);
	hash_gate_leave(&gate);
	hash_gate_free(&gate);
}

static void
test_resize(void **state)
{
	struct hash_gate gate;

	(void)state;
	assert_true(hash_gate_init(&gate, 2));
	assert_true(hash_gate_enter(&gate, 0));
	assert_true(hash_gate_enter(&gate, 0));
	hash_gate_resize(&gate, 3);
	assert_true(hash_gate_enter(&gate, 0));
	assert_false(hash_gate_enter(&gate, 0));
	/* who is inside stays and counts */
	hash_gate_resize(&gate, 1);
	hash_gate_leave(&gate);
	hash_gate_leave(&gate);
	assert_false(hash_gate_enter(&gate, 0));
	hash_gate_leave(&gate);
	assert_true(hash_gate_enter(&gate, 0));
	hash_gate_leave(&gate);
	hash_gate_resize(&gate, 0);
	assert_true(hash_gate_enter(&gate, 0));
	hash_gate_leave(&gate);
	hash_gate_free(&gate);
}

static void *
enter_and_leave(void *arg)
{
	bool inside = hash_gate_enter(arg, clock_monotonic_ms() + LONG_MS);

	if (inside)
		hash_gate_leave(arg);
	return inside ? arg : NULL;
}

static void
test_more_places_let_in_who_waits(void **state)
{
	struct hash_gate gate;
	pthread_t waiting;
	void *inside = NULL;
	int64_t start = clock_monotonic_ms();

	(void)state;
	assert_true(hash_gate_init(&gate, 1));
	assert_true(hash_gate_enter(&gate, 0));
	assert_int_equal(pthread_create(&waiting, NULL, enter_and_leave, &gate), 0);
	pause_ms(50);
	hash_gate_resize(&gate, 2);
	pthread_join(waiting, &inside);
	assert_ptr_equal(inside, &gate);
	assert_in_range(clock_monotonic_ms() - start, 50, LONG_MS / 2);
	hash_gate_leave(&gate);
	hash_gate_free(&gate);
}

static void
test_cores_by_default(void **state)
{
	struct hash_gate gate;

	(void)state;
	assert_true(hash_gate_init(&gate, 0));
	assert_true(hash_gate_enter(&gate, 0));
	hash_gate_leave(&gate);
	hash_gate_free(&gate);
}

static void
test_wait_ends_at_the_deadline(void **state)
{
	struct hash_gate gate;
	int64_t start = clock_monotonic_ms();
	int64_t took;

	(void)state;
	assert_true(hash_gate_init(&gate, 1));
	assert_true(hash_gate_enter(&gate, 0));
	assert_false(hash_gate_enter(&gate, start + 60));
	took = clock_monotonic_ms() - start;
	assert_in_range(took, 60, 310);
	hash_gate_leave(&gate);
	hash_gate_free(&gate);
}

struct crowd {
	struct hash_gate gate;
	atomic_int inside;
	atomic_int most;
	atomic_int done;
};

static void *
pass_through(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < 20; i++) {
		int inside;
		int most;

		if (!hash_gate_enter(&crowd->gate, clock_monotonic_ms() + LONG_MS))
			return NULL;
		inside = atomic_fetch_add(&crowd->inside, 1) + 1;
		most = atomic_load(&crowd->most);
		while (inside > most && !atomic_compare_exchange_weak(&crowd->most, &most, inside))
			;
		pause_ms(1);
		atomic_fetch_sub(&crowd->inside, 1);
		hash_gate_leave(&crowd->gate);
	}
	atomic_fetch_add(&crowd->done, 1);
	return NULL;
}

static void
test_never_more_than_places_inside(void **state)
{
	struct crowd crowd = {0};
	pthread_t threads[8];

	(void)state;
	assert_true(hash_gate_init(&crowd.gate, 3));
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, pass_through, &crowd), 0);
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.done, 8);
	assert_int_equal(crowd.most, 3);
	hash_gate_free(&crowd.gate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_resize),
	    cmocka_unit_test(test_more_places_let_in_who_waits),
	    cmocka_unit_test(test_cores_by_default),
	    cmocka_unit_test(test_wait_ends_at_the_deadline),
	    cmocka_unit_test(test_never_more_than_places_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
