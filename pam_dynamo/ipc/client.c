/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipc/client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ipc/frame.h"

#define FULL_QUEUE_WAIT_MS 5 /* between attempts when the service's listen queue is full */

int64_t
client_clock_ms(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
left_ms(int64_t deadline)
{
	int64_t left = deadline - client_clock_ms();

	if (left <= 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

/* Waits until fd is ready for `events` (fd -1: only waits, at most `most_ms`). False: deadline. */
static bool
wait_ready(int fd, short events, int most_ms, int64_t deadline)
{
	struct pollfd ready = {.fd = fd, .events = events};

	for (;;) {
		int left = left_ms(deadline);
		int n;

		if (left == 0) {
			errno = ETIMEDOUT;
			return false;
		}
		n = poll(&ready, 1, left < most_ms ? left : most_ms);
		if (n > 0 || (n == 0 && fd < 0))
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

/* A host may run with its standard descriptors closed; whoever writes to "standard error" then must
 * not write to our service. */
static int
open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int high;
	int saved;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	saved = errno;
	close(fd);
	errno = saved;
	return high;
}

static int
connect_to(const struct sockaddr_un *address, int64_t deadline)
{
	int fd = open_socket();
	int saved;

	if (fd < 0)
		return -1;
	while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EISCONN)
			break;
		/* AF_UNIX: EAGAIN is a full listen queue, and poll cannot wait for a place */
		if (errno != EAGAIN || !wait_ready(-1, 0, FULL_QUEUE_WAIT_MS, deadline)) {
			saved = errno;
			close(fd);
			errno = saved;
			return -1;
		}
	}
	return fd;
}

static bool
send_all(int fd, const unsigned char *data, size_t len, int64_t deadline)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n > 0) {
			data += n;
			len -= (size_t)n;
		} else if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) {
			return true; /* a service that is too busy may have answered already */
		} else if (n < 0 && errno == EAGAIN) {
			if (!wait_ready(fd, POLLOUT, INT_MAX, deadline))
				return false;
		} else if (n < 0 && errno != EINTR) {
			return false;
		}
	}
	return true;
}

/* One recv; 1: more bytes are there, 0: the peer closed or failed, errno says why. */
static int
receive_some(int fd, unsigned char *data, size_t size, size_t *len, int64_t deadline)
{
	for (;;) {
		ssize_t n = recv(fd, data + *len, size - *len, 0);

		if (n > 0) {
			*len += (size_t)n;
			return 1;
		}
		if (n == 0) {
			errno = ECONNRESET;
			return 0;
		}
		if (errno != EINTR && errno != EAGAIN)
			return 0;
		if (errno == EAGAIN && !wait_ready(fd, POLLIN, INT_MAX, deadline))
			return 0;
	}
}

static enum client_status
receive_frame(int fd, unsigned char *reply, size_t reply_size, size_t *reply_len, int64_t deadline)
{
	size_t len = 0;
	size_t needed = 0;

	while (needed == 0 || len < needed) {
		if (!receive_some(fd, reply, reply_size, &len, deadline))
			return CLIENT_NO_SERVICE;
		needed = frame_needed(reply, len);
		if (needed > reply_size) /* FRAME_BAD_LENGTH too */
			return CLIENT_BAD_REPLY;
	}
	if (len > needed)
		return CLIENT_BAD_REPLY;
	*reply_len = len;
	return CLIENT_OK;
}

enum client_status
client_request(const char *socket_path, const void *request, size_t request_len, void *reply,
    size_t reply_size, size_t *reply_len, int timeout_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	enum client_status status = CLIENT_NO_SERVICE;
	int64_t deadline = client_clock_ms() + timeout_ms;
	int fd = -1;
	int saved;

	*reply_len = 0;
	if (socket_path == NULL || socket_path[0] != '/' ||
	    strlen(socket_path) >= sizeof(address.sun_path))
		return CLIENT_BAD_PATH;
	if (reply_size < FRAME_HEADER_LEN)
		return CLIENT_BAD_REPLY;
	memcpy(address.sun_path, socket_path, strlen(socket_path));
	fd = connect_to(&address, deadline);
	if (fd < 0)
		goto out;
	if (!send_all(fd, request, request_len, deadline))
		goto out;
	status = receive_frame(fd, reply, reply_size, reply_len, deadline);
out:
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return status;
}
