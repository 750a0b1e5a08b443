/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded queue between one producer that never waits and consumers that do. */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/pd_error.h"

struct queue;

enum pd_error queue_open(size_t capacity, struct queue **out); /* PD_NO_MEMORY, PD_INVALID */
void queue_free(struct queue *queue); /* what is still in it is not freed */

/* False: full or closed; the item stays the caller's. Never waits. */
bool queue_push(struct queue *queue, void *item);

/* The oldest item, waiting for one; NULL: closed and empty. */
void *queue_pop(struct queue *queue);

/* No more pushes; consumers get what is left and then NULL. */
void queue_close(struct queue *queue);

#endif
