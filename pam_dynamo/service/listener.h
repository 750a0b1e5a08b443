/* SPDX-License-Identifier: BSD-2-Clause */
/* Listening AF_UNIX sockets: handed over at start, recognised by their address, or bound here. */
#ifndef LISTENER_H
#define LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

#include "core/log.h"
#include "core/pd_error.h"

struct listener {
	int fd; /* -1: none */
	bool bound_here;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* The one of count descriptors from first_fd on that listens on path (PD_OK), or PD_NOT_FOUND. */
enum pd_error listener_adopt(const char *path, int first_fd, int count, struct listener *out);

/* A descriptor that was handed over and is for no path of ours, ready to be answered by closing;
 * out->path is its address for the log, "" where it has none. PD_NOT_FOUND: nobody can connect to
 * it. */
enum pd_error listener_adopt_foreign(int fd, struct listener *out);

/* Binds path, mode 0666, making its folder (0755) where that is missing. A socket file that nobody
 * listens on is replaced. PD_CONFLICT: somebody listens; PD_CONFIG: it cannot be bound; logged. */
enum pd_error listener_bind(const char *path, const struct log *log, struct listener *out);

/* Closes it; removes the file if it was bound here. */
void listener_close(struct listener *listener);

#endif
