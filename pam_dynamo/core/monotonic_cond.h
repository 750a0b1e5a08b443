/* SPDX-License-Identifier: BSD-2-Clause */
/* A mutex with a condition whose waits end by the monotonic clock, so that a clock that is set
 * neither cuts a wait short nor stretches it. */
#ifndef MONOTONIC_COND_H
#define MONOTONIC_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

bool monotonic_cond_init(pthread_mutex_t *mutex, pthread_cond_t *cond); /* false: no memory */

/* Waits once, the mutex held, until woken (perhaps for nothing) or the deadline of
 * clock_monotonic_ms; false: it has passed. */
bool monotonic_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline_ms);

#endif
