/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The I/O thread: accepts, reads until a request is whole, hands it to the workers, takes the
 * connection back. It never computes and never waits for the directory.
 */
#ifndef SERVER_H
#define SERVER_H

#include "core/pd_error.h"
#include "service/call.h"
#include "service/listener.h"
#include "service/queue.h"
#include "service/service.h"

#define SERVER_LISTENERS_MAX 16

struct server;

/* What main does for the server, in the I/O thread. */
struct server_hooks {
	void (*reload)(void *ctx);   /* SIGHUP */
	void (*stopping)(void *ctx); /* SIGTERM or SIGINT: draining begins */
	void (*alive)(void *ctx);    /* at least once a second, unless the workers are stuck */
	void *ctx;
};

/* service and queue are borrowed. Blocks SIGTERM, SIGINT and SIGHUP in the calling thread: call it
 * before threads start. PD_NO_MEMORY, PD_UNAVAILABLE (descriptors). */
enum pd_error server_open(struct service *service, struct queue *queue,
    const struct server_hooks *hooks, struct server **out);

/* The descriptor stays the caller's. protocol NULL: nothing is served there, and whoever connects
 * is told so by a connection that is closed at once. */
enum pd_error server_listen(
    struct server *server, const struct listener *listener, const struct call_protocol *protocol);

/* Serves until SIGTERM or SIGINT, then stops accepting and finishes what was accepted, for at most
 * the configured deadline. True: everything was finished. */
bool server_run(struct server *server);

/* Drops a reference in the I/O thread, which never waits: what must be freed, a worker frees. NULL
 * is a no-op. */
void server_retire(struct server *server, struct generation *generation);

/* A worker_fn for the queue's items. */
void server_work(void *ctx, void *item);

/* Only when no worker runs any more. */
void server_close(struct server *server);

#endif
