/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * State items: what hosts may write (FORMAT.md). `fail#alice`, `net#192.0.2.7`, `last#alice`,
 * `token#<sha256>`, `rate#<bucket>`, `session#<sha256>`, `sessions#alice`, `webfail#alice`,
 * `cap#alice`. Every change is a compare-and-swap on `version`, so that a write is exact under
 * concurrency and a write of unknown fate can be re-read and compared. The functions here are pure:
 * they compute the next state; store.c swaps it in.
 */
#ifndef STATE_H
#define STATE_H

#include "core/record.h"

#define STATE_ID_MAX 320      /* bytes of an id: a prefix and a name */
#define STATE_ATTEMPTS_MAX 64 /* newest attempt ids kept in an item */
#define STATE_SESSIONS_MAX 16 /* of one user */
#define STATE_ENTRIES_MAX 1024

struct state {
	char *id;
	int64_t version; /* 0: the item does not exist yet */
	int64_t
	    expires_at; /* Unix seconds; TTL is the garbage collector, readers check the clock */
	int64_t count;  /* fail#, rate#: events in the window; session#: wrong passwords */
	int64_t window_start;    /* Unix seconds */
	int64_t locked_until;    /* fail#: Unix seconds; 0: not locked */
	struct strlist attempts; /* ids of the newest counted events, oldest first */
	char *kind;              /* token#: confirm, invite, reset */
	char *owner;             /* token#, session#: the user it is for; last#: unused */
	char *data;              /* token#: what it carries */
	char *used_by;           /* token#: id of the call that took it */
	int64_t at;              /* last#, session#: when she logged in, Unix seconds */
	char *host;              /* last# */
	char *service;           /* last# */
	char *source;            /* last#: PAM_RHOST, an opaque label; session#: the network */
	int64_t epoch;           /* session#: of the record when it began */
	int64_t seen_at;         /* session#: last used, as far as it was noted */
	char *agent;             /* session#: class of the browser */
	struct strlist sessions; /* sessions#: digests, oldest first */
	struct strlist entries;  /* waiting, invitations: "NAME UNTIL" (waiting.h), oldest first */
};

extern const struct record_type state_type;

void state_free(struct state *state);
enum pd_error state_copy(struct state *out, const struct state *from);

/* Limits of a counter. */
struct state_limit {
	int64_t window_s;      /* events older than this start a new window */
	int64_t max;           /* this many events in a window lock */
	int64_t lockout_s;     /* for so long */
	int64_t lockout_max_s; /* each further event doubles the lock up to this; 0: none does */
};

/* True while locked at `now`. */
bool state_locked(const struct state *state, int64_t now);

/* Events that still count at `now`: 0 when the item is absent, expired or its window has passed. */
int64_t state_count(const struct state *state, const struct state_limit *limit, int64_t now);

/* True if `attempt_id` is among the counted ones. */
bool state_has_attempt(const struct state *state, const char *attempt_id);

/* next := state with one event less, and without its lock; PD_NOT_FOUND: the attempt is not among
 * the counted ones. */
enum pd_error state_take_back(
    const struct state *state, const char *attempt_id, struct state *next);

/* next := state with one more event (new window where the old has passed; locked_until when max is
 * reached). PD_CONFLICT: the attempt is counted already. PD_NO_MEMORY. Free next with state_free.
 */
enum pd_error state_add_event(const struct state *state, const struct state_limit *limit,
    const char *attempt_id, int64_t now, struct state *next);

#endif
