/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What bounds the guesses of one process: the guesses under way with the failures that could not be
 * written, and the places for hashes. It outlives every struct login that borrows it, so that a
 * configuration that is loaded again neither hands out guesses anew (invariant I5) nor hashes more
 * at once: logins that end with the old one and logins of the new one share both.
 */
#ifndef LOGIN_GUARD_H
#define LOGIN_GUARD_H

#include "core/hash_gate.h"
#include "core/inflight.h"
#include "core/pd_error.h"

struct login_guard {
	struct inflight *inflight;
	struct hash_gate gate;
};

/* One per process; login_open gives its gate the places that the configuration asks for.
 * PD_NO_MEMORY. */
enum pd_error login_guard_open(struct login_guard **out);
void login_guard_close(struct login_guard *guard); /* no login borrows it; NULL is a no-op */

#endif
