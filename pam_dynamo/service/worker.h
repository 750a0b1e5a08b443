/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that take items from a queue until it is closed and empty. */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pd_error.h"
#include "service/queue.h"

#define WORKER_STACK_SIZE (512u * 1024) /* bytes; only what is touched counts */

struct worker_pool;

typedef void worker_fn(void *ctx, void *item);

/* Starts count threads with every signal blocked. PD_NO_MEMORY: nothing runs. */
enum pd_error worker_start(
    size_t count, struct queue *queue, worker_fn *fn, void *ctx, struct worker_pool **out);

/* Closes the queue and waits for the threads until the monotonic deadline. False: some still run,
 * and pool, queue and ctx must stay alive; it may be called again. */
bool worker_stop(struct worker_pool *pool, int64_t deadline_ms);

#endif
