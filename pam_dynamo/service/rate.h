/* SPDX-License-Identifier: BSD-2-Clause */
/* Token buckets by uid, in memory: what an unprivileged peer may ask for. Thread-safe. */
#ifndef RATE_H
#define RATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/pd_error.h"

#define RATE_UIDS 256 /* remembered; the one unused for longest is forgotten */

struct rate;

/* burst requests at once, then per_second. PD_NO_MEMORY. */
enum pd_error rate_open(unsigned burst, unsigned per_second, struct rate **out);
void rate_free(struct rate *rate);

/* True: one request of uid is allowed and counted. */
bool rate_take(struct rate *rate, uid_t uid, int64_t now_ms);

#endif
