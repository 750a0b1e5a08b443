/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/hash_gate.h"

#include <time.h>
#include <unistd.h>

#include "core/monotonic_cond.h"

static size_t
count_cores(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores > 0 ? (size_t)cores : 1;
}

bool
hash_gate_init(struct hash_gate *gate, size_t places)
{
	gate->free = places > 0 ? places : count_cores();
	return monotonic_cond_init(&gate->mutex, &gate->freed);
}

void
hash_gate_free(struct hash_gate *gate)
{
	pthread_cond_destroy(&gate->freed);
	pthread_mutex_destroy(&gate->mutex);
}

bool
hash_gate_enter(struct hash_gate *gate, int64_t deadline_ms)
{
	bool inside = false;
	bool waited_out = false;

	pthread_mutex_lock(&gate->mutex);
	while (gate->free == 0 && !waited_out)
		waited_out = !monotonic_cond_wait(&gate->freed, &gate->mutex, deadline_ms);
	if (gate->free > 0) {
		gate->free--;
		inside = true;
	}
	pthread_mutex_unlock(&gate->mutex);
	return inside;
}

void
hash_gate_leave(struct hash_gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->free++;
	pthread_cond_signal(&gate->freed);
	pthread_mutex_unlock(&gate->mutex);
}
