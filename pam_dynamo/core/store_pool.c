/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/store_pool.h"

#include <pthread.h>
#include <stdlib.h>

/* Idle connections kept; a store has a handful of threads, so more is a burst that has passed. */
#define POOL_IDLE_MAX 64

struct store_pool {
	const struct store_engine *engine;
	void *shared;
	pthread_mutex_t mutex;
	void *idle[POOL_IDLE_MAX];
	size_t len;
};

enum pd_error
store_pool_open(const struct store_engine *engine, void *shared, struct store_pool **out)
{
	struct store_pool *pool = calloc(1, sizeof(*pool));

	*out = NULL;
	if (pool == NULL)
		return PD_NO_MEMORY;
	if (pthread_mutex_init(&pool->mutex, NULL) != 0) {
		free(pool);
		return PD_NO_MEMORY;
	}
	pool->engine = engine;
	pool->shared = shared;
	*out = pool;
	return PD_OK;
}

void
store_pool_close(struct store_pool *pool)
{
	if (pool == NULL)
		return;
	while (pool->len > 0)
		pool->engine->disconnect(pool->idle[--pool->len]);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}

enum pd_error
store_pool_take(struct store_pool *pool, void **conn)
{
	*conn = NULL;
	pthread_mutex_lock(&pool->mutex);
	if (pool->len > 0)
		*conn = pool->idle[--pool->len];
	pthread_mutex_unlock(&pool->mutex);
	if (*conn != NULL)
		return PD_OK;
	return pool->engine->connect(pool->shared, conn);
}

void
store_pool_return(struct store_pool *pool, void *conn)
{
	if (conn == NULL)
		return;
	pthread_mutex_lock(&pool->mutex);
	if (pool->len < POOL_IDLE_MAX) {
		pool->idle[pool->len++] = conn;
		conn = NULL;
	}
	pthread_mutex_unlock(&pool->mutex);
	if (conn != NULL)
		pool->engine->disconnect(conn);
}

size_t
store_pool_idle(struct store_pool *pool)
{
	size_t len;

	pthread_mutex_lock(&pool->mutex);
	len = pool->len;
	pthread_mutex_unlock(&pool->mutex);
	return len;
}
