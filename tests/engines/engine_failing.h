/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory engine behind a programmable fault, for tests only. The program is one per process:
 * set it up before the store is used, reset it after.
 *
 *	engine_failing_set(ENGINE_SWAP_STATE,
 *	    (struct engine_fault){.error = PD_UNCERTAIN, .done = true, .times = 1});
 */
#ifndef ENGINE_FAILING_H
#define ENGINE_FAILING_H

#include "core/store_engine.h"

extern const struct store_engine engine_failing;

enum engine_call {
	ENGINE_OPEN,
	ENGINE_CONNECT,
	ENGINE_INIT,
	ENGINE_CHECK,
	ENGINE_GET_USER,
	ENGINE_GET_LOGIN,
	ENGINE_WRITE_USER,
	ENGINE_LIST_USERS,
	ENGINE_GET_OWNER,
	ENGINE_GET_STATE,
	ENGINE_SWAP_STATE,
	ENGINE_CALL_COUNT
};

struct engine_fault {
	enum pd_error error; /* the answer; PD_OK: what the memory engine says */
	bool done;           /* do the work all the same before answering error */
	unsigned after;      /* this many calls go well first */
	int times;           /* calls that fail; 0: every one from then on */
	int delay_ms; /* each failing call takes so long (PD_OK: each call that is counted) */
	enum store_taken taken; /* write_user: what a PD_CONFLICT says */
	const char *username;   /* get_user, get_login: answer a record of this name; borrowed */
};

void engine_failing_set(enum engine_call call, struct engine_fault fault);
void engine_failing_reset(void);

/* Calls since the last reset. */
unsigned engine_failing_calls(enum engine_call call);

#endif
