/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOST_STATE_H
#define HOST_STATE_H

/* Everything of this process that a module must leave as it was, one "name value" a line:
 * descriptors (which, of what, where in it, flags), threads, children, signal dispositions, mask
 * and what is pending, alternate stack, timers, umask, directory, root, locale, rounding,
 * environment, limits, ids, groups, capabilities, priority, what prctl(2) can set, namespaces, how
 * stdio buffers. Freed with free(3). Needs /proc. */
char *host_state(void);

/* The first line that differs, as "'...' became '...'", to be freed; NULL: none. */
char *host_state_difference(const char *before, const char *after);

/* Fails the cmocka test with that. */
void host_state_same(const char *before, const char *after);

#endif
