/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/queue.h"

#include <stdlib.h>

#include "core/clock.h"

struct slot {
	void *item;
	int64_t deadline_ms;
};

struct list {
	size_t head; /* index of the oldest */
	size_t len;
	size_t capacity;
	size_t busy;     /* consumers that have an item of this rank */
	size_t busy_max; /* that may have one of this rank or a later one */
	struct slot *slots;
};

struct queue {
	pthread_mutex_t mutex;
	struct queue_place *sleepers; /* who came last is woken first: its caches are warm */
	bool closed;
	int64_t next_deadline_ms;
	int64_t starved_since_ms; /* 0: nobody waits for a consumer */
	struct list lists[QUEUE_RANKS];
	struct slot slots[];
};

static size_t
leave_free(size_t consumers, size_t kept)
{
	return consumers > kept ? consumers - kept : 1;
}

enum pd_error
queue_open(size_t capacity, size_t consumers, struct queue **out)
{
	struct queue *queue;

	*out = NULL;
	if (capacity == 0 ||
	    capacity > (SIZE_MAX - sizeof(*queue)) / sizeof(queue->slots[0]) - 2 * QUEUE_PLACES)
		return PD_INVALID;
	queue = calloc(1, sizeof(*queue) + (capacity + 2 * QUEUE_PLACES) * sizeof(queue->slots[0]));
	if (queue == NULL)
		return PD_NO_MEMORY;
	queue->lists[QUEUE_FIRST] = (struct list){
	    .capacity = capacity, .busy_max = consumers, .slots = queue->slots};
	queue->lists[QUEUE_LOOKUP] = (struct list){.capacity = QUEUE_PLACES,
	    .busy_max = leave_free(consumers, QUEUE_KEPT_FIRST),
	    .slots = queue->slots + capacity};
	queue->lists[QUEUE_OTHER] = (struct list){.capacity = QUEUE_PLACES,
	    .busy_max = leave_free(consumers, QUEUE_KEPT_FIRST + QUEUE_KEPT_LOOKUP),
	    .slots = queue->slots + capacity + QUEUE_PLACES};
	queue->next_deadline_ms = INT64_MAX;
	pthread_mutex_init(&queue->mutex, NULL);
	*out = queue;
	return PD_OK;
}

void
queue_free(struct queue *queue)
{
	if (queue == NULL)
		return;
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
	size_t rank;

	for (rank = 0; rank < QUEUE_RANKS; rank++)
		if (queue->lists[rank].len > 0)
			return false;
	return true;
}

/* The list that a free consumer may take from, or NULL. */
static struct list *
find_turn(struct queue *queue)
{
	struct list *turn = NULL;
	size_t busy = 0, rank;

	for (rank = QUEUE_RANKS; rank-- > 0;) {
		struct list *list = &queue->lists[rank];

		busy += list->busy;
		if (list->len > 0 && (rank == QUEUE_FIRST || busy < list->busy_max))
			turn = list;
	}
	return turn;
}

/* Takes one off the sleepers, to be woken when the lock is free; NULL: all are at work. */
static struct queue_place *
rouse(struct queue *queue)
{
	struct queue_place *place = queue->sleepers;

	if (place != NULL) {
		queue->sleepers = place->below;
		place->roused = true;
	}
	return place;
}

static void
wake_up(struct queue_place *place)
{
	if (place != NULL)
		pthread_cond_signal(&place->woken);
}

static void
sleep_at(struct queue *queue, struct queue_place *place)
{
	place->roused = false;
	place->below = queue->sleepers;
	queue->sleepers = place;
	while (!place->roused)
		pthread_cond_wait(&place->woken, &queue->mutex);
}

bool
queue_push(struct queue *queue, enum queue_rank rank, void *item, int64_t deadline_ms)
{
	struct list *list = &queue->lists[rank];
	struct queue_place *sleeper = NULL;
	bool ok = false;

	pthread_mutex_lock(&queue->mutex);
	if (!queue->closed && list->len < list->capacity) {
		*slot_at(list, list->len) = (struct slot){item, deadline_ms};
		list->len++;
		if (deadline_ms < queue->next_deadline_ms)
			queue->next_deadline_ms = deadline_ms;
		if (queue->starved_since_ms == 0)
			queue->starved_since_ms = clock_monotonic_ms();
		ok = true;
		if (find_turn(queue) != NULL)
			sleeper = rouse(queue);
	}
	pthread_mutex_unlock(&queue->mutex);
	wake_up(sleeper);
	return ok;
}

static void *
take(struct queue *queue, struct list *list, struct queue_place *place)
{
	void *item = slot_at(list, 0)->item;

	place->taken = true;
	place->rank = (enum queue_rank)(list - queue->lists);
	list->busy++;
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
	struct list *turn;
	struct queue_place *next = NULL;
	void *item = NULL;

	pthread_mutex_lock(&queue->mutex);
	if (place->taken)
		queue->lists[place->rank].busy--;
	place->taken = false;
	while ((turn = find_turn(queue)) == NULL && !(queue->closed && is_empty(queue))) {
		note_progress(queue);
		sleep_at(queue, place);
	}
	if (turn != NULL)
		item = take(queue, turn, place);
	note_progress(queue);
	if (find_turn(queue) != NULL || (queue->closed && is_empty(queue)))
		next = rouse(queue);
	pthread_mutex_unlock(&queue->mutex);
	wake_up(next);
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
	for (rank = 0; rank < QUEUE_RANKS; rank++)
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
	struct queue_place *sleeper = NULL;

	pthread_mutex_lock(&queue->mutex);
	queue->closed = true;
	if (is_empty(queue)) /* each that goes wakes the next */
		sleeper = rouse(queue);
	pthread_mutex_unlock(&queue->mutex);
	wake_up(sleeper);
}
