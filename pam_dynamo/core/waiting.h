/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists in one state item: who has registered and waits, and which invitations there are. An entry
 * is "NAME UNTIL"; one whose time has passed counts for nothing. The list is bounded, and a full
 * one refuses: it is also the count of what waits.
 */
#ifndef WAITING_H
#define WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/state.h"

#define WAITING_REGISTRATIONS "waiting"   /* id of the item */
#define WAITING_INVITATIONS "invitations" /* entries are digests of their secrets */
#define WAITING_MAX 1000
#define WAITING_NAME_SIZE 256

/* One change, the context of waiting_step; remove and then add, NULL: neither. */
struct waiting_change {
	const char *remove;
	const char *add;
	int64_t until; /* of what is added; Unix seconds */
	size_t max;    /* entries at most */
	int64_t now;
	bool keep; /* entries whose time has passed stay: something is still to be deleted */
	bool full; /* out: it was refused for this */
};

/* A step of the store (store.h): PD_CONFLICT where the list is full, PD_NO_MEMORY. What is not in
 * the list is removed all the same. */
enum pd_error waiting_step(const struct state *stored, void *ctx, struct state *next);

/* Takes an entry apart; false: it is none. */
bool waiting_read(const char *entry, char name[WAITING_NAME_SIZE], int64_t *until);

#endif
