/* SPDX-License-Identifier: BSD-2-Clause */
/* The connections there are, and how many there may be. The I/O thread's alone. */
#ifndef CROWD_H
#define CROWD_H

#include "service/connection.h"

#define CROWD_MAX 2048
#define CROWD_ROOT 512     /* of these only root's */
#define CROWD_LOOKUPS 1024 /* others' at the user database, so that logins have room */
/* Connections there are before it is looked at who is a stranger: those share what one user has. */
#define CROWD_EASY 256
/* Of one uid other than root. A program of many threads looks names up in all of them at once, and
 * for each that is open one may just have been closed. */
#define CROWD_LOGINS_PER_UID 32
#define CROWD_LOGINS_PER_TRUSTED 512 /* everybody whom a database or a web server logs in */
#define CROWD_LOOKUPS_PER_UID 512

struct crowd {
	struct connection *first;
	size_t count;
};

/* False: no room for one more of its peer; nothing is changed. */
bool crowd_add(struct crowd *crowd, struct connection *connection);
void crowd_remove(struct crowd *crowd, struct connection *connection); /* frees nothing */

#endif
