/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOST_STATE_H
#define HOST_STATE_H

/* Everything of this process that a module must leave as it was, one "name value" a line:
 * descriptors, threads, signal dispositions and mask, timers, umask, working directory, locale,
 * environment, limits, ids. Freed with free(3). */
char *host_state(void);

/* Fails the cmocka test with the first line that differs. */
void host_state_same(const char *before, const char *after);

#endif
