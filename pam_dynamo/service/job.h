/* SPDX-License-Identifier: BSD-2-Clause */
/* What the queue holds: a member of everything that a worker does something with. */
#ifndef JOB_H
#define JOB_H

struct server;

struct job {
	void (*run)(struct server *server, struct job *job);
};

#endif
