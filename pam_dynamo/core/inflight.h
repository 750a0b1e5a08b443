/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guesses under way per name, so that parallel guesses gain nothing: failures that are counted plus
 * guesses that may still fail never exceed the allowance (invariant I5, exact on one host).
 *
 * Each guess goes enter, read the failure state, admit, verify, write the failure, leave. Why that
 * is exact: take a guess G whose state said `count`. A failure of this host that G's read did not
 * see was written after the read, so after G's enter. Either its guess has left since - then it is
 * among the failures since G's enter - or it has not, and then it is still among the admitted ones.
 * So count + those failures + admitted is never below the true number, and G is admitted only while
 * it stays below the allowance. Reading before entering would lose the failures that were written
 * and left in between. A failure since G's enter that the read did see is known by its attempt id
 * and not added again: the last of the allowance is not lost to guesses that overlap.
 *
 * A failure that could not be written is remembered here for one window: a state table that can be
 * read and not written does not give guesses away. Failures on other hosts are seen as of the read.
 */
#ifndef INFLIGHT_H
#define INFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/secret.h"
#include "core/strlist.h"

#define INFLIGHT_RECENT 64 /* failures whose ids are kept; older ones count as not seen */

struct inflight;
struct inflight_entry;

struct inflight_guess {
	struct inflight_entry *entry; /* NULL: not entered */
	char attempt[SECRET_ID_SIZE]; /* the id under which its failure is to be counted */
	uint64_t failed_before;
	bool admitted;
};

enum inflight_answer {
	INFLIGHT_FULL = 0, /* the allowance is used up */
	INFLIGHT_LATE,     /* the guesses under way use it up, and the deadline came first */
	INFLIGHT_ADMITTED, /* the caller may verify one password */
};

/* What became of the guess. */
enum inflight_end {
	INFLIGHT_NO_FAILURE, /* right, or not verified */
	INFLIGHT_COUNTED,    /* wrong, and written */
	INFLIGHT_UNCOUNTED,  /* wrong, and perhaps not written */
};

bool inflight_open(struct inflight **out);      /* false: no memory */
void inflight_close(struct inflight *inflight); /* no guess inside; NULL is a no-op */

/* Before the failure state is read. False: no memory. Each entered guess leaves once. */
bool inflight_enter(struct inflight *inflight, const char *name, struct inflight_guess *out);

/* After the read, which said `count` of `max` failures, and the ids of the newest of them. Waits
 * until deadline_ms (clock_monotonic_ms) for guesses under way that could use up the rest: they may
 * turn out right. */
enum inflight_answer inflight_admit(struct inflight *inflight, struct inflight_guess *guess,
    int64_t count, const struct strlist *attempts, int64_t max, int64_t deadline_ms);

/* After the failure was written; one that was not is remembered for window_s from now. A guess that
 * never entered is a no-op. */
void inflight_leave(struct inflight *inflight, struct inflight_guess *guess, enum inflight_end end,
    int64_t window_s);

/* Drops the remembered failures of a name whose user has just proved the password. */
void inflight_forget(struct inflight *inflight, const char *name);

#endif
