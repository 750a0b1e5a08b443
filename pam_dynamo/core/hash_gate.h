/* SPDX-License-Identifier: BSD-2-Clause */
/* At most so many password hashes at once: each takes memory and a core. */
#ifndef HASH_GATE_H
#define HASH_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_gate {
	pthread_mutex_t mutex;
	pthread_cond_t freed;
	size_t places;
	size_t inside; /* above `places` for a while after there were more */
};

/* `places` hashes at once; 0: as many as there are cores. False: no memory. */
bool hash_gate_init(struct hash_gate *gate, size_t places);
void hash_gate_free(struct hash_gate *gate); /* nobody inside or waiting */

/* From now on so many, 0 as above; who is inside stays. */
void hash_gate_resize(struct hash_gate *gate, size_t places);

/* Waits for a place until the deadline of clock_monotonic_ms. True: the caller is inside and must
 * leave; a place that is free is given even when the deadline has passed. */
bool hash_gate_enter(struct hash_gate *gate, int64_t deadline_ms);
void hash_gate_leave(struct hash_gate *gate);

#endif
