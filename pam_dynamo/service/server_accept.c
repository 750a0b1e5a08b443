/* SPDX-License-Identifier: BSD-2-Clause */
/* The server's listeners. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "service/server_private.h"

#define ACCEPT_AT_ONCE 64 /* connections of one listener before the others' turn */

void
server_accept(struct server *server, bool on)
{
	size_t i;

	for (i = 0; i < server->listener_count; i++)
		server_watch(server, EPOLL_CTL_MOD, server->listeners[i].fd, on ? EPOLLIN : 0,
		    &server->listeners[i].event);
}

static void
on_listener(struct server *server, struct event *event)
{
	const struct watch *listener = (const struct watch *)event;
	int i, fd;

	for (i = 0; i < ACCEPT_AT_ONCE; i++) {
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0 && listener->protocol != NULL) {
			server_admit(server, fd, listener->protocol);
			continue;
		}
		if (fd >= 0) {
			close(fd);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			log_line(&server->service->log, LOG_LEVEL_WARNING,
			    "cannot accept connections: %s", strerror(errno));
			server->paused_until_ms = clock_monotonic_ms() + ACCEPT_PAUSE_MS;
			server_accept(server, false);
		}
		return;
	}
}

void
server_accept_tick(struct server *server, int64_t now_ms)
{
	if (server->paused_until_ms == 0 || server->paused_until_ms > now_ms)
		return;
	server->paused_until_ms = 0;
	if (!server->draining)
		server_accept(server, true);
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
	if (!server_watch(server, EPOLL_CTL_ADD, watch->fd, EPOLLIN, &watch->event))
		return PD_UNAVAILABLE;
	server->listener_count++;
	return PD_OK;
}
