/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "core/clock.h"
#include "service/queue.h"
#include "service/worker.h"

#define LATER INT64_MAX

static int items[8];

static bool
push(struct queue *queue, int *item)
{
	return queue_push(queue, QUEUE_FIRST, item, LATER);
}

/* As a consumer of its own that never comes again. */
static void *
pop(struct queue *queue)
{
	struct queue_place place = QUEUE_PLACE_INIT;

	return queue_pop(queue, &place);
}

static void
test_bounded_and_in_order(void **state)
{
	struct queue *queue;
	size_t i;

	(void)state;
	assert_int_equal(queue_open(3, 3, &queue), PD_OK);
	for (i = 0; i < 3; i++)
		assert_true(push(queue, &items[i]));
	assert_false(push(queue, &items[3]));
	assert_ptr_equal(pop(queue), &items[0]);
	assert_true(push(queue, &items[3])); /* wraps around */
	for (i = 1; i < 4; i++)
		assert_ptr_equal(pop(queue), &items[i]);
	queue_free(queue);
}

static void
test_close_leaves_what_is_in_it(void **state)
{
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(2, 3, &queue), PD_OK);
	assert_true(push(queue, &items[0]));
	queue_close(queue);
	assert_false(push(queue, &items[1]));
	assert_ptr_equal(pop(queue), &items[0]);
	assert_null(pop(queue));
	queue_free(queue);
}

static void
test_no_place_is_no_queue(void **state)
{
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(0, 3, &queue), PD_INVALID);
	assert_null(queue);
	assert_int_equal(queue_open(SIZE_MAX / 2, 3, &queue), PD_INVALID);
	queue_free(NULL);
}

static void
count_up(void *ctx, void *item)
{
	pthread_mutex_t *mutex = ctx;

	pthread_mutex_lock(mutex);
	++*(int *)item;
	pthread_mutex_unlock(mutex);
}

static void
test_workers_take_everything_before_they_end(void **state)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct worker_pool *pool;
	struct queue *queue;
	int count = 0, pushed = 0;

	(void)state;
	assert_int_equal(queue_open(8, 3, &queue), PD_OK);
	assert_int_equal(worker_start(3, queue, count_up, &mutex, &pool), PD_OK);
	while (pushed < 1000)
		if (push(queue, &count))
			pushed++;
	assert_true(worker_stop(pool, clock_monotonic_ms() + 5000));
	assert_int_equal(count, 1000);
	queue_free(queue);
}

static void
wait_for_lock(void *ctx, void *item)
{
	(void)item;
	pthread_mutex_lock(ctx);
	pthread_mutex_unlock(ctx);
}

static void
test_stopping_does_not_wait_for_ever(void **state)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct worker_pool *pool;
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(1, 3, &queue), PD_OK);
	pthread_mutex_lock(&mutex);
	assert_int_equal(worker_start(1, queue, wait_for_lock, &mutex, &pool), PD_OK);
	assert_true(push(queue, &items[0]));
	assert_false(worker_stop(pool, clock_monotonic_ms() + 50));
	pthread_mutex_unlock(&mutex);
	assert_true(worker_stop(pool, clock_monotonic_ms() + 5000));
	queue_free(queue);
}

struct served {
	pthread_t by[4];
	atomic_size_t count;
};

static void
note_thread(void *ctx, void *item)
{
	struct served *served = ctx;

	(void)item;
	served->by[atomic_load(&served->count)] = pthread_self();
	atomic_fetch_add(&served->count, 1);
}

static void
test_who_slept_last_is_woken_first(void **state)
{
	const struct timespec asleep_by_then = {.tv_nsec = 50000000};
	struct served served = {.count = 0};
	struct worker_pool *pool;
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(1, 3, &queue), PD_OK);
	assert_int_equal(worker_start(3, queue, note_thread, &served, &pool), PD_OK);
	for (size_t i = 0; i < COUNT_OF(served.by); i++) {
		nanosleep(&asleep_by_then, NULL);
		assert_true(push(queue, &items[0]));
	}
	assert_true(worker_stop(pool, clock_monotonic_ms() + 5000));
	assert_int_equal(served.count, COUNT_OF(served.by));
	for (size_t i = 1; i < COUNT_OF(served.by); i++)
		assert_true(pthread_equal(served.by[0], served.by[i]));
	queue_free(queue);
}

static void
test_what_is_first_overtakes(void **state)
{
	struct queue_place place = QUEUE_PLACE_INIT;
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(4, 1, &queue), PD_OK);
	assert_true(queue_push(queue, QUEUE_OTHER, &items[0], LATER));
	assert_true(queue_push(queue, QUEUE_OTHER, &items[1], LATER));
	assert_true(queue_push(queue, QUEUE_LOOKUP, &items[4], LATER));
	assert_true(push(queue, &items[3]));
	assert_ptr_equal(queue_pop(queue, &place), &items[3]);
	assert_ptr_equal(queue_pop(queue, &place), &items[4]);
	assert_ptr_equal(queue_pop(queue, &place), &items[0]);
	assert_ptr_equal(queue_pop(queue, &place), &items[1]);
	queue_free(queue);
}

/* However few places the first rank has. */
static void
test_each_connection_has_a_place(void **state)
{
	static const enum queue_rank ranks[] = {QUEUE_LOOKUP, QUEUE_OTHER};
	struct queue *queue;
	size_t i, j;

	(void)state;
	assert_int_equal(queue_open(1, 1, &queue), PD_OK);
	for (i = 0; i < COUNT_OF(ranks); i++) {
		for (j = 0; j < QUEUE_PLACES; j++)
			assert_true(queue_push(queue, ranks[i], &items[i], LATER));
		assert_false(queue_push(queue, ranks[i], &items[i], LATER));
	}
	assert_true(push(queue, &items[2]));
	assert_false(push(queue, &items[2]));
	assert_ptr_equal(pop(queue), &items[2]);
	queue_free(queue);
}

struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int waiting;
	bool open;
	int first_done;
};

/* Others wait at the gate; what is first passes. */
static void
pass_gate(void *ctx, void *item)
{
	struct gate *gate = ctx;

	pthread_mutex_lock(&gate->mutex);
	if (item == &items[0]) {
		gate->waiting++;
		while (!gate->open)
			pthread_cond_wait(&gate->changed, &gate->mutex);
	} else {
		gate->first_done++;
	}
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->mutex);
}

static bool
wait_for(struct gate *gate, const int *value, int wanted)
{
	int64_t until_ms = clock_monotonic_ms() + 5000;
	bool reached = false;

	while (!reached && clock_left_ms(until_ms) > 0) {
		pthread_mutex_lock(&gate->mutex);
		reached = *value == wanted;
		pthread_mutex_unlock(&gate->mutex);
		sched_yield();
	}
	return reached;
}

static void
test_later_ranks_leave_consumers_free(void **state)
{
	struct gate gate = {
	    .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
	struct worker_pool *pool;
	struct queue *queue;
	int i;

	(void)state;
	assert_int_equal(queue_open(32, 6, &queue), PD_OK);
	assert_int_equal(worker_start(6, queue, pass_gate, &gate, &pool), PD_OK);
	for (i = 0; i < 8; i++)
		assert_true(queue_push(queue, QUEUE_OTHER, &items[0], LATER));
	assert_true(wait_for(&gate, &gate.waiting, 6 - QUEUE_KEPT_FIRST - QUEUE_KEPT_LOOKUP));
	for (i = 0; i < 100; i++) {
		assert_true(queue_push(queue, QUEUE_LOOKUP, &items[1], LATER));
		assert_true(wait_for(&gate, &gate.first_done, i + 1));
	}
	for (i = 0; i < 8; i++)
		assert_true(queue_push(queue, QUEUE_LOOKUP, &items[0], LATER));
	assert_true(wait_for(&gate, &gate.waiting, 6 - QUEUE_KEPT_FIRST));
	for (i = 100; i < 200; i++) {
		assert_true(push(queue, &items[1]));
		assert_true(wait_for(&gate, &gate.first_done, i + 1));
	}
	assert_int_equal(gate.waiting, 6 - QUEUE_KEPT_FIRST);
	pthread_mutex_lock(&gate.mutex);
	gate.open = true;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.mutex);
	assert_true(worker_stop(pool, clock_monotonic_ms() + 5000));
	assert_int_equal(gate.waiting, 16);
	queue_free(queue);
}

static void
test_late_items_go_back(void **state)
{
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(4, 1, &queue), PD_OK);
	assert_true(queue_next_deadline(queue) == INT64_MAX);
	assert_true(queue_push(queue, QUEUE_FIRST, &items[0], 3000));
	assert_true(queue_push(queue, QUEUE_FIRST, &items[1], 1000)); /* of a newer generation */
	assert_true(queue_push(queue, QUEUE_OTHER, &items[2], 2000));
	assert_int_equal(queue_next_deadline(queue), 1000);
	assert_null(queue_pop_late(queue, 999));
	assert_ptr_equal(queue_pop_late(queue, 2000), &items[1]);
	assert_ptr_equal(queue_pop_late(queue, 2000), &items[2]);
	assert_null(queue_pop_late(queue, 2000));
	assert_int_equal(queue_next_deadline(queue), 3000);
	assert_ptr_equal(pop(queue), &items[0]);
	assert_true(queue_next_deadline(queue) == INT64_MAX);
	queue_free(queue);
}

static void
test_says_for_how_long_nobody_came(void **state)
{
	int64_t now_ms = clock_monotonic_ms();
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(4, 1, &queue), PD_OK);
	assert_int_equal(queue_starved_ms(queue, now_ms + 9000), 0);
	assert_true(queue_push(queue, QUEUE_FIRST, &items[0], 1000));
	assert_in_range(queue_starved_ms(queue, now_ms + 9000), 8000, 9000);
	assert_non_null(queue_pop_late(queue, 1000)); /* that is no consumer */
	assert_in_range(queue_starved_ms(queue, now_ms + 9000), 8000, 9000);
	assert_true(push(queue, &items[0]));
	assert_non_null(pop(queue));
	assert_int_equal(queue_starved_ms(queue, now_ms + 9000), 0);
	queue_free(queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bounded_and_in_order),
	    cmocka_unit_test(test_close_leaves_what_is_in_it),
	    cmocka_unit_test(test_no_place_is_no_queue),
	    cmocka_unit_test(test_workers_take_everything_before_they_end),
	    cmocka_unit_test(test_stopping_does_not_wait_for_ever),
	    cmocka_unit_test(test_who_slept_last_is_woken_first),
	    cmocka_unit_test(test_what_is_first_overtakes),
	    cmocka_unit_test(test_each_connection_has_a_place),
	    cmocka_unit_test(test_later_ranks_leave_consumers_free),
	    cmocka_unit_test(test_late_items_go_back),
	    cmocka_unit_test(test_says_for_how_long_nobody_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
