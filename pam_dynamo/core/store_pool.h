/* SPDX-License-Identifier: BSD-2-Clause */
/* Idle connections of one store, the warmest on top. Thread-safe. */
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include <stddef.h>

#include "core/store_engine.h"

struct store_pool;

/* PD_NO_MEMORY. `shared` is borrowed until store_pool_close, which disconnects everything; every
 * connection must have been returned by then. */
enum pd_error store_pool_open(
    const struct store_engine *engine, void *shared, struct store_pool **out);
void store_pool_close(struct store_pool *pool);

/* The connection returned last, or a new one. */
enum pd_error store_pool_take(struct store_pool *pool, void **conn);
void store_pool_return(struct store_pool *pool, void *conn); /* NULL is a no-op */

size_t store_pool_idle(struct store_pool *pool);

#endif
