/* SPDX-License-Identifier: BSD-2-Clause */
/* The connections there are, and how many there may be. The I/O thread's alone. */
#ifndef CROWD_H
#define CROWD_H

#include "service/connection.h"

#define CROWD_MAX 1024
#define CROWD_ROOT 256   /* of these only root's */
#define CROWD_PER_UID 32 /* of one uid other than root */

struct crowd {
	struct connection *first;
	size_t count;
};

/* False: no room for one more of its peer; nothing is changed. */
bool crowd_add(struct crowd *crowd, struct connection *connection);
void crowd_remove(struct crowd *crowd, struct connection *connection); /* frees nothing */

#endif
