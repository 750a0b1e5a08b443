/* SPDX-License-Identifier: BSD-2-Clause */
/* The two clocks, read at the edges only: decisions get `now` as a parameter. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Wall clock, Unix seconds: for what is stored and signed. */
int64_t clock_now_s(void);

/* Monotonic milliseconds / microseconds: for deadlines and latencies. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

/* Returns at that monotonic time, at once when it has passed; a signal does not end it. */
void clock_sleep_until_us(int64_t due_us);

/* Milliseconds left until a monotonic deadline: 0 when it has passed, at most INT_MAX. */
int clock_left_ms(int64_t deadline_ms);

#endif
