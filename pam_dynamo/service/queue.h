/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bounded queue between one producer that never waits and consumers that do. A list for each
 * rank: what is first is taken before everything else, and each rank may occupy only so many of the
 * consumers, together with those after it, that it cannot hold up the ranks before it.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pd_error.h"

/* Consumers that take nothing of these ranks, if there are more than so many. */
#define QUEUE_KEPT_FIRST 2  /* lookups and others */
#define QUEUE_KEPT_LOOKUP 1 /* others, besides */

/* Of the second and of the third rank: one for each connection that there may be, so that none of
 * many threads that ask at once for a name is told that nobody knows it. */
#define QUEUE_PLACES 2048

enum queue_rank {
	QUEUE_FIRST,  /* root's logins */
	QUEUE_LOOKUP, /* root's user database: systemd-userdbd asks as root for everybody */
	QUEUE_OTHER,
	QUEUE_RANKS, /* number of ranks */
};

struct queue;

/* One consumer's place; begins as QUEUE_PLACE_INIT and outlives all consumers, since one wakes
 * another. The fields are the queue's. */
struct queue_place {
	bool taken; /* it has an item */
	bool roused;
	enum queue_rank rank;
	struct queue_place *below; /* who has slept longer */
	pthread_cond_t woken;
};

#define QUEUE_PLACE_INIT                          \
	{                                         \
		.woken = PTHREAD_COND_INITIALIZER \
	}

/* For so many of the first rank, and so many consumers. PD_NO_MEMORY, PD_INVALID. */
enum pd_error queue_open(size_t capacity, size_t consumers, struct queue **out);
void queue_free(struct queue *queue); /* what is still in it is not freed */

/* False: full or closed; the item stays the caller's. Never waits. deadline_ms is for
 * queue_pop_late. */
bool queue_push(struct queue *queue, enum queue_rank rank, void *item, int64_t deadline_ms);

/* The oldest item whose turn it is, waiting for one; NULL: closed and empty. The place's previous
 * item is done with. */
void *queue_pop(struct queue *queue, struct queue_place *place);

/* For the producer: an item that nobody took before its deadline, or NULL. Never waits. */
void *queue_pop_late(struct queue *queue, int64_t now_ms);

/* The producer may sleep until then: no deadline of an item in it is earlier. INT64_MAX: none. */
int64_t queue_next_deadline(struct queue *queue);

/* Milliseconds for which something was waiting and no consumer came; 0: nothing waits. */
int64_t queue_starved_ms(struct queue *queue, int64_t now_ms);

/* No more pushes; consumers get what is left and then NULL. */
void queue_close(struct queue *queue);

#endif
