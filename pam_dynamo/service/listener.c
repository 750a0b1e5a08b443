/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 512

static bool
set_address(const char *path, struct sockaddr_un *out)
{
	size_t len = strlen(path);

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (path[0] != '/' || len >= sizeof(out->sun_path))
		return false;
	memcpy(out->sun_path, path, len);
	return true;
}

static bool
prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool
listens(int fd)
{
	int listening = 0, type = 0;
	socklen_t len = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || !listening)
		return false;
	len = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/* False: not an AF_UNIX socket. */
static bool
get_address(int fd, struct sockaddr_un *out)
{
	socklen_t len = sizeof(*out);

	*out = (struct sockaddr_un){0};
	return getsockname(fd, (struct sockaddr *)out, &len) == 0 && out->sun_family == AF_UNIX;
}

static bool
listens_on(int fd, const struct sockaddr_un *wanted)
{
	struct sockaddr_un address;

	return get_address(fd, &address) && listens(fd) &&
	    strncmp(address.sun_path, wanted->sun_path, sizeof(address.sun_path)) == 0;
}

enum pd_error
listener_adopt(const char *path, int first_fd, int count, struct listener *out)
{
	struct sockaddr_un wanted;
	int fd;

	*out = (struct listener){.fd = -1};
	if (!set_address(path, &wanted))
		return PD_NOT_FOUND;
	for (fd = first_fd; fd < first_fd + count; fd++) {
		if (!listens_on(fd, &wanted) || !prepare(fd))
			continue;
		out->fd = fd;
		memcpy(out->path, wanted.sun_path, sizeof(out->path));
		return PD_OK;
	}
	return PD_NOT_FOUND;
}

enum pd_error
listener_adopt_foreign(int fd, struct listener *out)
{
	struct sockaddr_un address;

	*out = (struct listener){.fd = -1};
	if (!listens(fd) || !prepare(fd))
		return PD_NOT_FOUND;
	out->fd = fd;
	if (get_address(fd, &address))
		memcpy(out->path, address.sun_path, sizeof(out->path) - 1);
	return PD_OK;
}

static bool
make_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (len == 0)
		return true;
	memcpy(folder, path, len);
	folder[len] = '\0';
	if (mkdir(folder, 0755) == 0)
		return chmod(folder, 0755) == 0; /* whatever the umask */
	return errno == EEXIST;
}

/* Removes a socket file that refuses connections. EADDRINUSE: it is in use; ENOTSOCK: not a socket.
 */
static int
remove_stale(const struct sockaddr_un *address)
{
	struct stat status;
	int error = 0, fd;

	if (lstat(address->sun_path, &status) != 0)
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(status.st_mode))
		return ENOTSOCK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
	    errno != ECONNREFUSED)
		error = EADDRINUSE;
	else if (unlink(address->sun_path) != 0)
		error = errno;
	close(fd);
	return error;
}

static int
bind_address(const struct sockaddr_un *address, int *out)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	*out = -1;
	if (fd < 0)
		return errno;
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		error = errno;
		close(fd);
		return error;
	}
	if (chmod(address->sun_path, 0666) != 0 || listen(fd, BACKLOG) != 0) {
		error = errno;
		close(fd);
		unlink(address->sun_path);
		return error;
	}
	*out = fd;
	return 0;
}

enum pd_error
listener_bind(const char *path, const struct log *log, struct listener *out)
{
	struct sockaddr_un address;
	int error;

	*out = (struct listener){.fd = -1};
	if (!set_address(path, &address)) {
		log_line(log, LOG_LEVEL_ERROR,
		    "socket %s: not an absolute path of at most %zu bytes", path,
		    sizeof(address.sun_path) - 1);
		return PD_CONFIG;
	}
	error = make_folder(address.sun_path) ? remove_stale(&address) : errno;
	if (error == 0)
		error = bind_address(&address, &out->fd);
	if (error == EADDRINUSE) {
		log_line(log, LOG_LEVEL_ERROR,
		    "socket %s is in use: is another pam-dynamod running?", path);
		return PD_CONFLICT;
	}
	if (error != 0) {
		log_line(log, LOG_LEVEL_ERROR, "cannot listen on %s: %s", path, strerror(error));
		return PD_CONFIG;
	}
	memcpy(out->path, address.sun_path, sizeof(out->path));
	out->bound_here = true;
	return PD_OK;
}

void
listener_close(struct listener *listener)
{
	if (listener->fd < 0)
		return;
	close(listener->fd);
	if (listener->bound_here)
		unlink(listener->path);
	listener->fd = -1;
}
