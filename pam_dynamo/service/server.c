/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "service/connection.h"
#include "service/crowd.h"

#define EVENTS 64
#define TICK_MS 1000
#define ACCEPT_AT_ONCE 64   /* connections of one listener before the others' turn */
#define ACCEPT_PAUSE_MS 100 /* when descriptors have run out */
#define DRAIN_EXTRA_MS 500  /* a request may end this much after its deadline */

struct watch {
	struct event event; /* first */
	int fd;
	const struct call_protocol *protocol; /* a listener's */
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
	bool draining;
	int64_t drain_until_ms;
	pthread_mutex_t done_mutex;
	struct connection *done_list;
};

static bool
watch_fd(struct server *server, int operation, int fd, uint32_t events, struct event *event)
{
	struct epoll_event wanted = {.events = events, .data.ptr = event};

	return epoll_ctl(server->epoll_fd, operation, fd, &wanted) == 0;
}

static void
drop(struct server *server, struct connection *connection)
{
	crowd_remove(&server->crowd, connection);
	connection_free(connection);
}

/* One short answer of the I/O thread itself. */
static void
refuse(struct server *server, struct connection *connection, enum call_refusal why)
{
	struct call call = {.service = server->service,
	    .generation = server->service->current,
	    .peer = connection->peer,
	    .data = connection->data,
	    .len = connection->len,
	    .received_us = clock_monotonic_us(),
	    .write = connection_write_now,
	    .write_ctx = connection};

	connection->protocol->refuse(&call, why);
}

static void
dispatch(struct server *server, struct connection *connection)
{
	connection->working = true;
	connection->keep = false;
	connection->received_us = clock_monotonic_us();
	connection->generation = generation_take(server->service->current);
	if (queue_push(server->queue, connection))
		return;
	generation_drop(connection->generation);
	connection->generation = NULL;
	connection->working = false;
	refuse(server, connection, CALL_REFUSED_BUSY);
	drop(server, connection);
}

/* One event and no more until armed again. Added late, so that epoll knows nothing of a connection
 * that a worker has. */
static bool
arm(struct server *server, struct connection *connection)
{
	int operation = connection->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	connection->watched = watch_fd(server, operation, connection->fd,
	    EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, &connection->event);
	return connection->watched;
}

/* Reads on; afterwards the connection is armed again, with a worker, or gone. */
static void
advance(struct server *server, struct connection *connection)
{
	switch (connection_read(connection)) {
	case CONNECTION_READY:
		dispatch(server, connection);
		return;
	case CONNECTION_WAITING:
		if (server->draining && connection->len == 0)
			break;
		if (arm(server, connection))
			return;
		break;
	case CONNECTION_BAD:
		refuse(server, connection, CALL_REFUSED_MALFORMED);
		break;
	case CONNECTION_ENDED:
		break;
	}
	drop(server, connection);
}

static void
on_connection(struct server *server, struct event *event)
{
	advance(server, (struct connection *)event);
}

static void
admit(struct server *server, int fd, const struct call_protocol *protocol)
{
	struct connection *connection = connection_new(fd, protocol);

	if (connection == NULL)
		return;
	connection->event.ready = on_connection;
	connection->server = server;
	if (!crowd_add(&server->crowd, connection)) {
		refuse(server, connection, CALL_REFUSED_BUSY);
		connection_free(connection);
		return;
	}
	advance(server, connection); /* the request is mostly there already */
}

static void
arm_listeners(struct server *server, bool on)
{
	size_t i;

	for (i = 0; i < server->listener_count; i++)
		watch_fd(server, EPOLL_CTL_MOD, server->listeners[i].fd, on ? EPOLLIN : 0,
		    &server->listeners[i].event);
}

static void
on_listener(struct server *server, struct event *event)
{
	const struct watch *listener = (const struct watch *)event;
	int i, fd;

	for (i = 0; i < ACCEPT_AT_ONCE; i++) {
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			admit(server, fd, listener->protocol);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			log_line(server->service->log, LOG_LEVEL_WARNING,
			    "cannot accept connections: %s", strerror(errno));
			server->paused_until_ms = clock_monotonic_ms() + ACCEPT_PAUSE_MS;
			arm_listeners(server, false);
		}
		return;
	}
}

/* Takes answered connections back from the workers. */
static void
on_done(struct server *server, struct event *event)
{
	const struct watch *done = (const struct watch *)event;
	struct connection *connection, *next;
	eventfd_t count;

	(void)eventfd_read(done->fd, &count);
	pthread_mutex_lock(&server->done_mutex);
	connection = server->done_list;
	server->done_list = NULL;
	pthread_mutex_unlock(&server->done_mutex);
	for (; connection != NULL; connection = next) {
		next = connection->next_done;
		connection->working = false;
		if (connection->keep)
			advance(server, connection);
		else
			drop(server, connection);
	}
}

void
server_work(void *ctx, void *item)
{
	struct server *server = ctx;
	struct connection *connection = item;
	struct generation *generation = connection->generation;
	struct call call = {.service = server->service,
	    .generation = generation,
	    .peer = connection->peer,
	    .data = connection->data,
	    .len = connection->message_len,
	    .received_us = connection->received_us,
	    .deadline_ms = connection->received_us / 1000 + generation->conf.deadline_ms,
	    .write = connection_write,
	    .write_ctx = connection};

	connection->keep = connection->protocol->handle(&call);
	connection_next(connection);
	connection->generation = NULL;
	generation_drop(generation);
	pthread_mutex_lock(&server->done_mutex);
	connection->next_done = server->done_list;
	server->done_list = connection;
	pthread_mutex_unlock(&server->done_mutex);
	(void)eventfd_write(server->done.fd, 1);
}

/* Connections that wait for a first byte may have it in their socket already: advance looks. */
static void
drain(struct server *server)
{
	struct connection *connection, *next;

	server->draining = true;
	server->drain_until_ms = clock_monotonic_ms() + server->service->current->conf.deadline_ms +
	    DRAIN_EXTRA_MS;
	arm_listeners(server, false);
	server->hooks.stopping(server->hooks.ctx);
	for (connection = server->crowd.first; connection != NULL; connection = next) {
		next = connection->next;
		if (!connection->working)
			advance(server, connection);
	}
}

static void
on_signal(struct server *server, struct event *event)
{
	const struct watch *signals = (const struct watch *)event;
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP && !server->draining)
			server->hooks.reload(server->hooks.ctx);
		else if (info.ssi_signo != SIGHUP)
			server->stop_asked = true;
	}
}

static void
tick(struct server *server)
{
	int64_t now_ms = clock_monotonic_ms();
	struct connection *connection, *next;

	for (connection = server->crowd.first; connection != NULL; connection = next) {
		next = connection->next;
		if (!connection->working && connection->expires_ms <= now_ms)
			drop(server, connection);
	}
	if (server->paused_until_ms != 0 && server->paused_until_ms <= now_ms) {
		server->paused_until_ms = 0;
		if (!server->draining)
			arm_listeners(server, true);
	}
	ticket_expire(server->service->tickets, now_ms);
	server->hooks.alive(server->hooks.ctx);
}

bool
server_run(struct server *server)
{
	struct epoll_event events[EVENTS];
	int64_t next_tick_ms = clock_monotonic_ms() + TICK_MS;
	int count, i;

	for (;;) {
		if (server->draining && server->crowd.count == 0)
			return true;
		if (server->draining && clock_left_ms(server->drain_until_ms) == 0)
			return false;
		count = epoll_wait(server->epoll_fd, events, EVENTS,
		    server->paused_until_ms != 0 || server->draining ? ACCEPT_PAUSE_MS
								     : clock_left_ms(next_tick_ms));
		for (i = 0; i < count; i++) {
			struct event *event = events[i].data.ptr;

			event->ready(server, event);
		}
		if (server->stop_asked && !server->draining)
			drain(server);
		if (clock_left_ms(next_tick_ms) == 0 || server->paused_until_ms != 0) {
			tick(server);
			next_tick_ms = clock_monotonic_ms() + TICK_MS;
		}
	}
}

static bool
open_watches(struct server *server)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	server->signals.event.ready = on_signal;
	server->done.event.ready = on_done;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	server->done.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->epoll_fd < 0 || server->done.fd < 0 ||
	    pthread_sigmask(SIG_BLOCK, &mask, NULL) != 0)
		return false;
	server->signals.fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return server->signals.fd >= 0 &&
	    watch_fd(server, EPOLL_CTL_ADD, server->signals.fd, EPOLLIN, &server->signals.event) &&
	    watch_fd(server, EPOLL_CTL_ADD, server->done.fd, EPOLLIN, &server->done.event);
}

enum pd_error
server_open(struct service *service, struct queue *queue, const struct server_hooks *hooks,
    struct server **out)
{
	struct server *server = calloc(1, sizeof(*server));

	*out = NULL;
	if (server == NULL)
		return PD_NO_MEMORY;
	server->service = service;
	server->queue = queue;
	server->hooks = *hooks;
	server->epoll_fd = server->signals.fd = server->done.fd = -1;
	pthread_mutex_init(&server->done_mutex, NULL);
	if (!open_watches(server)) {
		server_close(server);
		return PD_UNAVAILABLE;
	}
	*out = server;
	return PD_OK;
}

enum pd_error
server_listen(
    struct server *server, const struct listener *listener, const struct call_protocol *protocol)
{
	struct watch *watch;

	if (server->listener_count == SERVER_LISTENERS_MAX)
		return PD_BUG;
	watch = &server->listeners[server->listener_count];
	*watch = (struct watch){
	    .event.ready = on_listener, .fd = listener->fd, .protocol = protocol};
	if (!watch_fd(server, EPOLL_CTL_ADD, watch->fd, EPOLLIN, &watch->event))
		return PD_UNAVAILABLE;
	server->listener_count++;
	return PD_OK;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
server_close(struct server *server)
{
	if (server == NULL)
		return;
	while (server->crowd.first != NULL)
		drop(server, server->crowd.first);
	close_fd(server->signals.fd);
	close_fd(server->done.fd);
	close_fd(server->epoll_fd);
	pthread_mutex_destroy(&server->done_mutex);
	free(server);
}
