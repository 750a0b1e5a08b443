/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Token buckets by uid, and one over all of them together, in memory: what unprivileged peers may
 * ask for. Thread-safe.
 */
#ifndef RATE_H
#define RATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/pd_error.h"

#define RATE_UIDS 256 /* remembered; the one unused for longest is forgotten */

/* burst at once, then per_second. */
struct rate_limit {
	unsigned burst;
	unsigned per_second;
};

struct rate;

/* each: of one uid; all: of all uids together. PD_NO_MEMORY. */
enum pd_error rate_open(struct rate_limit each, struct rate_limit all, struct rate **out);
void rate_free(struct rate *rate);

/* True: one request of uid is allowed and counted. A uid that displaced another starts empty:
 * changing uids gains nothing. */
bool rate_take(struct rate *rate, uid_t uid, int64_t now_ms);

/* The same, but where the limit of all is used up, a uid that has half of its own left still
 * passes: the others' greed is not its fault. */
bool rate_take_fair(struct rate *rate, uid_t uid, int64_t now_ms);

#endif
