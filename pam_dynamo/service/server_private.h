/* SPDX-License-Identifier: BSD-2-Clause */
/* What server.c and server_accept.c share. */
#ifndef SERVER_PRIVATE_H
#define SERVER_PRIVATE_H

#include <pthread.h>

#include "service/connection.h"
#include "service/crowd.h"
#include "service/server.h"

#define ACCEPT_PAUSE_MS 100 /* when descriptors have run out */

struct watch {
	struct event event; /* first */
	int fd;
	const struct call_protocol *protocol; /* a listener's; NULL: nothing is served there */
};

struct server {
	struct service *service;
	struct queue *queue;
	struct server_hooks hooks;
	int epoll_fd;
	struct watch signals;
	struct watch done; /* an eventfd that workers write to */
	struct watch listeners[SERVER_LISTENERS_MAX];
	size_t listener_count;
	struct crowd crowd;
	int64_t paused_until_ms; /* accept rests */
	bool stop_asked;         /* drain once the events at hand are done: it frees connections */
	bool draining;           /* read by workers: written under done_mutex */
	bool stuck;              /* the log says so */
	int64_t drain_until_ms;
	struct generation *retired; /* for which the queue had no room yet */
	pthread_mutex_t done_mutex;
	struct connection *done_list;
};

/* epoll_ctl. */
bool server_watch(
    struct server *server, int operation, int fd, uint32_t events, struct event *event);

/* Takes over a socket that was accepted. */
void server_admit(struct server *server, int fd, const struct call_protocol *protocol);

/* The connection that a job of the queue is part of. */
struct connection *server_job_connection(struct job *job);

/* A connection's job: one request. */
void server_serve(struct server *server, struct job *job);

/* Tries again to have freed what the queue had no room for. */
void server_retire_rest(struct server *server);

/* All listeners. */
void server_accept(struct server *server, bool on);

/* Accepts again if it is time to. */
void server_accept_tick(struct server *server, int64_t now_ms);

#endif
