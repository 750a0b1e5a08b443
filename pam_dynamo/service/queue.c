/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/clock.h"

#define RANKS (QUEUE_OTHER + 1)

struct slot {
	void *item;
	int64_t deadline_ms;
};

struct list {
	size_t head; /* index of the oldest */
	size_t len;
	size_t capacity;
	struct slot *slots;
};

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t filled;
	bool closed;
	size_t others_max; /* consumers that QUEUE_OTHER may occupy */
	size_t others;     /* that it does */
	int64_t next_deadline_ms;
	int64_t starved_since_ms; /* 0: nobody waits for a consumer */
	struct list lists[RANKS];
	struct slot slots[];
};

enum pd_error
queue_open(size_t capacity, size_t consumers, struct queue **out)
{
	size_t other = capacity / 2 > 0 ? capacity / 2 : 1;
	struct queue *queue;

	*out = NULL;
	if (capacity == 0 || capacity > (SIZE_MAX - sizeof(*queue)) / sizeof(queue->slots[0]) / 2)
		return PD_INVALID;
	queue = calloc(1, sizeof(*queue) + (capacity + other) * sizeof(queue->slots[0]));
	if (queue == NULL)
		return PD_NO_MEMORY;
	queue->lists[QUEUE_FIRST] = (struct list){.capacity = capacity, .slots = queue->slots};
	queue->lists[QUEUE_OTHER] = (struct list){
	    .capacity = other, .slots = queue->slots + capacity};
	queue->others_max = consumers > QUEUE_KEPT_FREE ? consumers - QUEUE_KEPT_FREE : 1;
	queue->next_deadline_ms = INT64_MAX;
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

static struct slot *
slot_at(const struct list *list, size_t i)
{
	return &list->slots[(list->head + i) % list->capacity];
}

static bool
is_empty(const struct queue *queue)
{
	return queue->lists[QUEUE_FIRST].len == 0 && queue->lists[QUEUE_OTHER].len == 0;
}

/* Something is there that a free consumer may take. */
static bool
has_turn(const struct queue *queue)
{
	return queue->lists[QUEUE_FIRST].len > 0 ||
	    (queue->lists[QUEUE_OTHER].len > 0 && queue->others < queue->others_max);
}

bool
queue_push(struct queue *queue, enum queue_rank rank, void *item, int64_t deadline_ms)
{
	struct list *list = &queue->lists[rank];
	bool ok = false, wake = false;

	pthread_mutex_lock(&queue->mutex);
	if (!queue->closed && list->len < list->capacity) {
		*slot_at(list, list->len) = (struct slot){item, deadline_ms};
		list->len++;
		if (deadline_ms < queue->next_deadline_ms)
			queue->next_deadline_ms = deadline_ms;
		if (queue->starved_since_ms == 0)
			queue->starved_since_ms = clock_monotonic_ms();
		ok = true;
		wake = has_turn(queue);
	}
	pthread_mutex_unlock(&queue->mutex);
	if (wake) /* whoever wakes finds the lock free */
		pthread_cond_signal(&queue->filled);
	return ok;
}

static void *
take(struct queue *queue, struct queue_place *place)
{
	struct list *list = &queue->lists[QUEUE_FIRST];
	void *item;

	place->other = list->len == 0;
	if (place->other) {
		list = &queue->lists[QUEUE_OTHER];
		queue->others++;
	}
	item = slot_at(list, 0)->item;
	list->head = (list->head + 1) % list->capacity;
	list->len--;
	return item;
}

/* A consumer came: what is left waits from now on. */
static void
note_progress(struct queue *queue)
{
	queue->starved_since_ms = is_empty(queue) ? 0 : clock_monotonic_ms();
	if (is_empty(queue))
		queue->next_deadline_ms = INT64_MAX;
}

void *
queue_pop(struct queue *queue, struct queue_place *place)
{
	void *item = NULL;
	bool more, end;

	pthread_mutex_lock(&queue->mutex);
	if (place->other)
		queue->others--;
	place->other = false;
	while (!has_turn(queue) && !(queue->closed && is_empty(queue))) {
		note_progress(queue);
		pthread_cond_wait(&queue->filled, &queue->mutex);
	}
	if (has_turn(queue))
		item = take(queue, place);
	note_progress(queue);
	more = has_turn(queue);
	end = queue->closed && is_empty(queue);
	pthread_mutex_unlock(&queue->mutex);
	if (end)
		pthread_cond_broadcast(&queue->filled);
	else if (more)
		pthread_cond_signal(&queue->filled);
	return item;
}

/* Removes slot i, keeping the order. */
static void *
remove_at(struct list *list, size_t i)
{
	void *item = slot_at(list, i)->item;

	for (; i + 1 < list->len; i++)
		*slot_at(list, i) = *slot_at(list, i + 1);
	list->len--;
	return item;
}

static void *
remove_late(struct queue *queue, int64_t now_ms)
{
	size_t rank, i;

	queue->next_deadline_ms = INT64_MAX;
	for (rank = 0; rank < RANKS; rank++)
		for (i = 0; i < queue->lists[rank].len; i++) {
			int64_t deadline_ms = slot_at(&queue->lists[rank], i)->deadline_ms;

			if (deadline_ms <= now_ms) {
				queue->next_deadline_ms = now_ms; /* look again */
				return remove_at(&queue->lists[rank], i);
			}
			if (deadline_ms < queue->next_deadline_ms)
				queue->next_deadline_ms = deadline_ms;
		}
	return NULL;
}

void *
queue_pop_late(struct queue *queue, int64_t now_ms)
{
	void *item = NULL;

	pthread_mutex_lock(&queue->mutex);
	if (queue->next_deadline_ms <= now_ms)
		item = remove_late(queue, now_ms);
	pthread_mutex_unlock(&queue->mutex);
	return item;
}

int64_t
queue_next_deadline(struct queue *queue)
{
	int64_t deadline_ms;

	pthread_mutex_lock(&queue->mutex);
	deadline_ms = queue->next_deadline_ms;
	pthread_mutex_unlock(&queue->mutex);
	return deadline_ms;
}

int64_t
queue_starved_ms(struct queue *queue, int64_t now_ms)
{
	int64_t since_ms;

	pthread_mutex_lock(&queue->mutex);
	since_ms = queue->starved_since_ms;
	pthread_mutex_unlock(&queue->mutex);
	return since_ms == 0 || now_ms < since_ms ? 0 : now_ms - since_ms;
}

void
queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->mutex);
	queue->closed = true;
	pthread_mutex_unlock(&queue->mutex);
	pthread_cond_broadcast(&queue->filled);
}
