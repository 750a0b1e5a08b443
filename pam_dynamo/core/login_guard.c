/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/login_guard.h"

#include <stdlib.h>

enum pd_error
login_guard_open(struct login_guard **out)
{
	struct login_guard *guard = calloc(1, sizeof(*guard));

	*out = NULL;
	if (guard == NULL)
		return PD_NO_MEMORY;
	if (!inflight_open(&guard->inflight) || !hash_gate_init(&guard->gate, 0)) {
		inflight_close(guard->inflight);
		free(guard);
		return PD_NO_MEMORY;
	}
	*out = guard;
	return PD_OK;
}

void
login_guard_close(struct login_guard *guard)
{
	if (guard == NULL)
		return;
	inflight_close(guard->inflight);
	hash_gate_free(&guard->gate);
	free(guard);
}
