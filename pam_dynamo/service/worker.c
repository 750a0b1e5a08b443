/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct worker {
	struct worker_pool *pool;
	pthread_t thread;
	struct queue_place place;
};

struct worker_pool {
	struct queue *queue;
	worker_fn *fn;
	void *ctx;
	size_t count;
	struct worker workers[];
};

static void *
run(void *arg)
{
	struct worker *worker = arg;
	struct worker_pool *pool = worker->pool;
	void *item;

	while ((item = queue_pop(pool->queue, &worker->place)) != NULL)
		pool->fn(pool->ctx, item);
	return NULL;
}

static bool
start_one(struct worker *worker, struct worker_pool *pool, const pthread_attr_t *attr)
{
	*worker = (struct worker){.pool = pool, .place = QUEUE_PLACE_INIT};
	return pthread_create(&worker->thread, attr, run, worker) == 0;
}

static size_t
spawn(struct worker_pool *pool, size_t count)
{
	pthread_attr_t attr;
	sigset_t all, old;
	size_t started = 0;

	if (pthread_attr_init(&attr) != 0)
		return 0;
	sigfillset(&all);
	if (pthread_attr_setstacksize(&attr, WORKER_STACK_SIZE) == 0 &&
	    pthread_sigmask(SIG_SETMASK, &all, &old) == 0) {
		while (started < count && start_one(&pool->workers[started], pool, &attr))
			started++;
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	pthread_attr_destroy(&attr);
	return started;
}

enum pd_error
worker_start(size_t count, struct queue *queue, worker_fn *fn, void *ctx, struct worker_pool **out)
{
	struct worker_pool *pool;
	size_t i;

	*out = NULL;
	pool = calloc(1, sizeof(*pool) + count * sizeof(pool->workers[0]));
	if (pool == NULL)
		return PD_NO_MEMORY;
	pool->queue = queue;
	pool->fn = fn;
	pool->ctx = ctx;
	pool->count = spawn(pool, count);
	if (pool->count == count) {
		*out = pool;
		return PD_OK;
	}
	queue_close(queue);
	for (i = 0; i < pool->count; i++)
		pthread_join(pool->workers[i].thread, NULL);
	free(pool);
	return PD_NO_MEMORY;
}

bool
worker_stop(struct worker_pool *pool, int64_t deadline_ms)
{
	struct timespec until = {.tv_sec = (time_t)(deadline_ms / 1000),
	    .tv_nsec = (long)(deadline_ms % 1000) * 1000000};

	if (pool == NULL)
		return true;
	queue_close(pool->queue);
	for (; pool->count > 0; pool->count--)
		if (pthread_clockjoin_np(
			pool->workers[pool->count - 1].thread, NULL, CLOCK_MONOTONIC, &until) != 0)
			return false;
	free(pool);
	return true;
}
