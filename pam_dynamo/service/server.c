/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "service/permission.h"
#include "service/server_private.h"
#include "service/trusted.h"

#define EVENTS 64
#define TICK_MS 1000
#define DRAIN_EXTRA_MS 500  /* a request may end this much after its deadline */
#define STARVED_DEADLINES 2 /* requests wait so long and no worker comes: something is stuck */

_Static_assert(CROWD_MAX <= QUEUE_PLACES, "each connection has a place in the queue");

bool
server_watch(struct server *server, int operation, int fd, uint32_t events, struct event *event)
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
	    .len = connection->message_len > 0 ? connection->message_len : connection->len,
	    .received_us = connection->received_us > 0 ? connection->received_us
						       : clock_monotonic_us(),
	    .deadline_ms = clock_monotonic_ms(),
	    .write = connection_write,
	    .write_ctx = connection};

	connection->protocol->refuse(&call, why);
}

/* A request that no worker has. */
static void
turn_away(struct server *server, struct connection *connection, enum call_refusal why)
{
	refuse(server, connection, why);
	server_retire(server, connection->generation);
	connection->generation = NULL;
	connection->working = false;
	drop(server, connection);
}

/* Requests that waited in vain get their answer in time. */
static void
answer_late(struct server *server)
{
	int64_t now_ms = clock_monotonic_ms();
	struct job *job;

	while ((job = queue_pop_late(server->queue, now_ms)) != NULL)
		turn_away(server, server_job_connection(job), CALL_REFUSED_LATE);
}

static void
dispatch(struct server *server, struct connection *connection)
{
	connection->working = true;
	connection->keep = false;
	connection->received_us = clock_monotonic_us();
	connection->generation = generation_take(server->service->current);
	connection->deadline_ms = connection->received_us / 1000 +
	    connection->generation->conf.deadline_ms;
	if (!queue_push(server->queue,
		connection->peer.uid == 0 ? connection->protocol->root_rank : QUEUE_OTHER,
		&connection->job, connection->deadline_ms))
		turn_away(server, connection, CALL_REFUSED_BUSY);
}

/* One event and no more until armed again. Added late, so that epoll knows nothing of a connection
 * that a worker has. */
static bool
arm(struct server *server, struct connection *connection)
{
	int operation = connection->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	connection->watched = server_watch(server, operation, connection->fd,
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

/* Takes answered connections back from the workers. */
static void
take_back(struct server *server)
{
	struct connection *connection, *next;

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

/* Somebody who asks one question after the other may have all its answers and seem to be many. And
 * who logs others in may well be many: only then the passwd file is looked at. */
static bool
add_after_all(struct server *server, struct connection *connection)
{
	const struct service *service = server->service;

	take_back(server);
	if (crowd_add(&server->crowd, connection))
		return true;
	connection->trusted = trusted_uid(
	    &service->current->conf, service->local_names, connection->peer.uid);
	return connection->trusted && crowd_add(&server->crowd, connection);
}

/* Whoever may map subordinate uids has thousands of them. */
static void
note_stranger(const struct server *server, struct connection *connection)
{
	const struct service *service = server->service;
	const struct call call = {
	    .service = server->service, .generation = service->current, .peer = connection->peer};

	if (server->crowd.count >= CROWD_EASY)
		connection->stranger = permission_is_stranger(&call);
}

void
server_admit(struct server *server, int fd, const struct call_protocol *protocol)
{
	struct connection *connection = connection_new(fd, protocol);

	if (connection == NULL)
		return;
	connection->event.ready = on_connection;
	connection->job.run = server_serve;
	connection->server = server;
	note_stranger(server, connection);
	if (!crowd_add(&server->crowd, connection) && !add_after_all(server, connection)) {
		refuse(server, connection, CALL_REFUSED_CROWD);
		connection_free(connection);
		return;
	}
	advance(server, connection); /* the request is mostly there already */
}

/* A worker has given one back that goes on. */
static void
on_done(struct server *server, struct event *event)
{
	const struct watch *done = (const struct watch *)event;
	eventfd_t count;

	(void)eventfd_read(done->fd, &count);
	take_back(server);
}

/* Connections that wait for a first byte may have it in their socket already: advance looks. */
static void
drain(struct server *server)
{
	struct connection *connection, *next;

	pthread_mutex_lock(&server->done_mutex);
	server->draining = true;
	pthread_mutex_unlock(&server->done_mutex);
	take_back(server);
	server->drain_until_ms = clock_monotonic_ms() + server->service->current->conf.deadline_ms +
	    DRAIN_EXTRA_MS;
	server_accept(server, false);
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

/* Requests are there and no worker comes for them: the service manager may start another. */
static bool
is_stuck(struct server *server, int64_t now_ms)
{
	int64_t starved_ms = queue_starved_ms(server->queue, now_ms);
	bool stuck = starved_ms >= STARVED_DEADLINES * server->service->current->conf.deadline_ms;

	if (stuck && !server->stuck)
		log_line(&server->service->log, LOG_LEVEL_ERROR,
		    "no worker has taken a request for %lld ms", (long long)starved_ms);
	server->stuck = stuck;
	return stuck;
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
	server_accept_tick(server, now_ms);
	server_retire_rest(server);
	ticket_expire(server->service->tickets, now_ms);
	log_limit_tell(server->service->log_limit, &server->service->local_log, now_ms);
	if (!is_stuck(server, now_ms))
		server->hooks.alive(server->hooks.ctx);
}

/* How long epoll may sleep. */
static int
find_timeout(struct server *server, int64_t next_tick_ms)
{
	int64_t until_ms = queue_next_deadline(server->queue);

	if (server->paused_until_ms != 0 || server->draining)
		next_tick_ms = clock_monotonic_ms() + ACCEPT_PAUSE_MS;
	return clock_left_ms(until_ms < next_tick_ms ? until_ms : next_tick_ms);
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
		count = epoll_wait(
		    server->epoll_fd, events, EVENTS, find_timeout(server, next_tick_ms));
		for (i = 0; i < count; i++) {
			struct event *event = events[i].data.ptr;

			event->ready(server, event);
		}
		take_back(server);
		answer_late(server);
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
	    server_watch(
		server, EPOLL_CTL_ADD, server->signals.fd, EPOLLIN, &server->signals.event) &&
	    server_watch(server, EPOLL_CTL_ADD, server->done.fd, EPOLLIN, &server->done.event);
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

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
server_close(struct server *server)
{
	struct generation *generation;

	if (server == NULL)
		return;
	while (server->crowd.first != NULL)
		drop(server, server->crowd.first);
	while ((generation = server->retired) != NULL) {
		server->retired = generation->next;
		generation_free(generation);
	}
	close_fd(server->signals.fd);
	close_fd(server->done.fd);
	close_fd(server->epoll_fd);
	pthread_mutex_destroy(&server->done_mutex);
	free(server);
}
