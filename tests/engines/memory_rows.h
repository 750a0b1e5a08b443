/* SPDX-License-Identifier: BSD-2-Clause */
/* What the store in memory keeps, and finding and changing it; the caller holds the mutex. */
#ifndef MEMORY_ROWS_H
#define MEMORY_ROWS_H

#include <pthread.h>

#include "core/store_engine.h"

struct aux {
	char *key;
	char *owner;
};

struct memory {
	pthread_mutex_t mutex;
	struct user *users; /* sorted by name */
	size_t user_count;
	struct aux *aux;
	size_t aux_count;
	struct state *states;
	size_t state_count;
};

/* Where the name is, or where it would be. */
size_t memory_user_place(const struct memory *memory, const char *name, bool *there);
struct aux *memory_find_aux(const struct memory *memory, const char *key);    /* or NULL */
struct state *memory_find_state(const struct memory *memory, const char *id); /* or NULL */

/* What write asks for, unconditionally. PD_NO_MEMORY. */
enum pd_error memory_put_user(
    struct memory *memory, const struct store_user_write *write, const char *name);
/* An owner where there is none; key NULL is a no-op for both. PD_NO_MEMORY. */
enum pd_error memory_put_aux(struct memory *memory, const char *key, const char *name);
void memory_drop_aux(struct memory *memory, const char *key);
/* `after` (NULL: nothing) in the place of `state` (NULL: a new one). PD_NO_MEMORY. */
enum pd_error memory_put_state(
    struct memory *memory, struct state *state, const struct state *after);

void memory_clear(struct memory *memory);

#endif
