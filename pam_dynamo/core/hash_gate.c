/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/hash_gate.h"

#include <time.h>
#include <unistd.h>

#include "core/monotonic_cond.h"

/* How many `places` stand for. */
static size_t
count_places(size_t places)
{
	long cores = 0;

	if (places == 0)
		cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (cores > 0)
		places = (size_t)cores;
	return places > 0 ? places : 1;
}

bool
hash_gate_init(struct hash_gate *gate, size_t places)
{
	gate->places = count_places(places);
	gate->inside = 0;
	return monotonic_cond_init(&gate->mutex, &gate->freed);
}

void
hash_gate_free(struct hash_gate *gate)
{
	pthread_cond_destroy(&gate->freed);
	pthread_mutex_destroy(&gate->mutex);
}

void
hash_gate_resize(struct hash_gate *gate, size_t places)
{
	places = count_places(places);
	pthread_mutex_lock(&gate->mutex);
	gate->places = places;
	pthread_cond_broadcast(&gate->freed);
	pthread_mutex_unlock(&gate->mutex);
}

bool
hash_gate_enter(struct hash_gate *gate, int64_t deadline_ms)
{
	bool inside = false;
	bool waited_out = false;

	pthread_mutex_lock(&gate->mutex);
	while (gate->inside >= gate->places && !waited_out)
		waited_out = !monotonic_cond_wait(&gate->freed, &gate->mutex, deadline_ms);
	if (gate->inside < gate->places) {
		gate->inside++;
		inside = true;
	}
	pthread_mutex_unlock(&gate->mutex);
	return inside;
}

void
hash_gate_leave(struct hash_gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->inside--;
	pthread_cond_signal(&gate->freed);
	pthread_mutex_unlock(&gate->mutex);
}
