/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/secret.h"

#define START_SIZE 2048u /* holds every usual request; larger ones grow once */

static bool
find_peer(int fd, struct peer *out)
{
	struct ucred credentials;
	socklen_t len = sizeof(credentials);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) != 0 ||
	    len != sizeof(credentials))
		return false;
	*out = (struct peer){
	    .uid = credentials.uid, .gid = credentials.gid, .pid = credentials.pid};
	return true;
}

struct connection *
connection_new(int fd, const struct call_protocol *protocol)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL || !find_peer(fd, &connection->peer)) {
		free(connection);
		close(fd);
		return NULL;
	}
	connection->fd = fd;
	connection->protocol = protocol;
	connection->expires_ms = clock_monotonic_ms() + CONNECTION_REQUEST_MS;
	return connection;
}

void
connection_free(struct connection *connection)
{
	if (connection == NULL)
		return;
	connection_close(connection);
	secret_wipe(connection->data, connection->size);
	free(connection->data);
	free(connection);
}

void
connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
}

/* Never realloc: a message may hold a password. */
static bool
grow(struct connection *connection, size_t size)
{
	unsigned char *data = malloc(size);

	if (data == NULL)
		return false;
	if (connection->data != NULL) {
		memcpy(data, connection->data, connection->len);
		secret_wipe(connection->data, connection->size);
		free(connection->data);
	}
	connection->data = data;
	connection->size = size;
	return true;
}

/* Where the message stands, and room for more of it. */
static enum connection_state
look(struct connection *connection)
{
	size_t max = connection->protocol->max;
	size_t needed = 0, size;

	if (connection->len > 0)
		needed = connection->protocol->needed(connection->data, connection->len);
	if (needed == CALL_BAD || needed > max)
		return CONNECTION_BAD;
	if (needed > 0 && needed <= connection->len) {
		connection->message_len = needed;
		return CONNECTION_READY;
	}
	if (connection->len < connection->size)
		return CONNECTION_WAITING;
	if (connection->size >= max)
		return CONNECTION_BAD;
	size = connection->size == 0 ? START_SIZE : connection->size * 4;
	if (size < needed)
		size = needed;
	return grow(connection, size < max ? size : max) ? CONNECTION_WAITING : CONNECTION_ENDED;
}

enum connection_state
connection_read(struct connection *connection)
{
	enum connection_state state;
	ssize_t got;

	while ((state = look(connection)) == CONNECTION_WAITING) {
		got = recv(connection->fd, connection->data + connection->len,
		    connection->size - connection->len, MSG_DONTWAIT);
		if (got > 0)
			connection->len += (size_t)got;
		else if (got == 0)
			return CONNECTION_ENDED;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return CONNECTION_WAITING;
		else if (errno != EINTR)
			return CONNECTION_ENDED;
	}
	return state;
}

void
connection_next(struct connection *connection)
{
	size_t rest = connection->len - connection->message_len;

	if (rest > 0)
		memmove(connection->data, connection->data + connection->message_len, rest);
	secret_wipe(connection->data + rest, connection->len - rest);
	connection->len = rest;
	connection->message_len = 0;
	connection->expires_ms = clock_monotonic_ms() + CONNECTION_REQUEST_MS;
}

bool
connection_write(void *ctx, const void *data, size_t len, int64_t until_ms)
{
	const struct connection *connection = ctx;
	struct pollfd ready = {.fd = connection->fd, .events = POLLOUT};
	const char *next = data;
	ssize_t sent;

	while (len > 0) {
		sent = send(connection->fd, next, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0) {
			next += sent;
			len -= (size_t)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return false;
		if (poll(&ready, 1, clock_left_ms(until_ms)) == 0)
			return false;
	}
	return true;
}
