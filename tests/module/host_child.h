/* SPDX-License-Identifier: BSD-2-Clause */
/* A host in a process of its own, which cmocka's checks cannot leave: it ends with a status. */
#ifndef HOST_CHILD_H
#define HOST_CHILD_H

#include <sys/types.h>

#define HOST_CHILD_CHANGED 99

/* In the child: ends it with HOST_CHILD_CHANGED, and the difference on standard error, if the state
 * is another one than host_state() said before. Frees `before`. */
void host_child_unchanged(char *before);

/* In the parent: waits; 0 when all went well, else the wait status. */
int host_child_status(pid_t pid);

#endif
