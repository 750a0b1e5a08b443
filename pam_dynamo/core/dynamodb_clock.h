/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server's clock, learned from its replies, so that a host whose clock is wrong can still sign
 * and judge expiries. A clock of ours that is set meanwhile (NTP, resuming) makes what was learned
 * worthless. Pure: both clocks of ours are handed in.
 */
#ifndef DYNAMODB_CLOCK_H
#define DYNAMODB_CLOCK_H

#include <stdint.h>

#define DYNAMODB_CLOCK_JUMP_S \
	3 /* the wall clock moved so far against the monotonic one: it was set */

struct dynamodb_clock {
	int64_t offset_s; /* the server's clock minus ours */
	int64_t base_s;   /* our wall clock minus the monotonic one when that was learned */
};

/* The server's clock minus ours: 0 until learned, and again after ours was set. */
int64_t dynamodb_clock_offset(
    const struct dynamodb_clock *clock, int64_t now_s, int64_t monotonic_ms);

/* A reply carried this time; a second more or less is the header's grain. */
void dynamodb_clock_learn(
    struct dynamodb_clock *clock, int64_t server_s, int64_t now_s, int64_t monotonic_ms);

#endif
