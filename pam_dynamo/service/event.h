/* SPDX-License-Identifier: BSD-2-Clause */
/* What epoll points to: the first member of everything that the I/O thread watches. */
#ifndef EVENT_H
#define EVENT_H

struct server;

struct event {
	void (*ready)(struct server *server, struct event *event);
};

#endif
