/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/queue.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t filled;
	bool closed;
	size_t head; /* index of the oldest */
	size_t len;
	size_t capacity;
	void *items[];
};

enum pd_error
queue_open(size_t capacity, struct queue **out)
{
	struct queue *queue;

	*out = NULL;
	if (capacity == 0 || capacity > (SIZE_MAX - sizeof(*queue)) / sizeof(void *))
		return PD_INVALID;
	queue = calloc(1, sizeof(*queue) + capacity * sizeof(void *));
	if (queue == NULL)
		return PD_NO_MEMORY;
	queue->capacity = capacity;
	pthread_mutex_init(&queue->mutex, NULL);
	pthread_cond_init(&queue->filled, NULL);
	*out = queue;
	return PD_OK;
}

void
queue_free(struct queue *queue)
{
	if (queue == NULL)
		return;
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->mutex);
	free(queue);
}

bool
queue_push(struct queue *queue, void *item)
{
	bool ok = false;

	pthread_mutex_lock(&queue->mutex);
	if (!queue->closed && queue->len < queue->capacity) {
		queue->items[(queue->head + queue->len) % queue->capacity] = item;
		queue->len++;
		ok = true;
		pthread_cond_signal(&queue->filled);
	}
	pthread_mutex_unlock(&queue->mutex);
	return ok;
}

void *
queue_pop(struct queue *queue)
{
	void *item = NULL;

	pthread_mutex_lock(&queue->mutex);
	while (queue->len == 0 && !queue->closed)
		pthread_cond_wait(&queue->filled, &queue->mutex);
	if (queue->len > 0) {
		item = queue->items[queue->head];
		queue->head = (queue->head + 1) % queue->capacity;
		queue->len--;
	}
	pthread_mutex_unlock(&queue->mutex);
	return item;
}

void
queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->mutex);
	queue->closed = true;
	pthread_cond_broadcast(&queue->filled);
	pthread_mutex_unlock(&queue->mutex);
}
