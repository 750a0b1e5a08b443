/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <pthread.h>

#include "core/clock.h"
#include "service/queue.h"
#include "service/worker.h"

static int items[8];

static void
test_bounded_and_in_order(void **state)
{
	struct queue *queue;
	size_t i;

	(void)state;
	assert_int_equal(queue_open(3, &queue), PD_OK);
	for (i = 0; i < 3; i++)
		assert_true(queue_push(queue, &items[i]));
	assert_false(queue_push(queue, &items[3]));
	assert_ptr_equal(queue_pop(queue), &items[0]);
	assert_true(queue_push(queue, &items[3])); /* wraps around */
	for (i = 1; i < 4; i++)
		assert_ptr_equal(queue_pop(queue), &items[i]);
	queue_free(queue);
}

static void
test_close_leaves_what_is_in_it(void **state)
{
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(2, &queue), PD_OK);
	assert_true(queue_push(queue, &items[0]));
	queue_close(queue);
	assert_false(queue_push(queue, &items[1]));
	assert_ptr_equal(queue_pop(queue), &items[0]);
	assert_null(queue_pop(queue));
	queue_free(queue);
}

static void
test_no_place_is_no_queue(void **state)
{
	struct queue *queue;

	(void)state;
	assert_int_equal(queue_open(0, &queue), PD_INVALID);
	assert_null(queue);
	assert_int_equal(queue_open(SIZE_MAX / 2, &queue), PD_INVALID);
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
	assert_int_equal(queue_open(8, &queue), PD_OK);
	assert_int_equal(worker_start(3, queue, count_up, &mutex, &pool), PD_OK);
	while (pushed < 1000)
		if (queue_push(queue, &count))
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
	assert_int_equal(queue_open(1, &queue), PD_OK);
	pthread_mutex_lock(&mutex);
	assert_int_equal(worker_start(1, queue, wait_for_lock, &mutex, &pool), PD_OK);
	assert_true(queue_push(queue, &items[0]));
	assert_false(worker_stop(pool, clock_monotonic_ms() + 50));
	pthread_mutex_unlock(&mutex);
	assert_true(worker_stop(pool, clock_monotonic_ms() + 5000));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
