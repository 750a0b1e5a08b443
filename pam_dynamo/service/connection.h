/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One accepted socket and the message that is being read from it. The I/O thread owns it, except
 * between a whole message and its answer: then a worker does.
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/call.h"
#include "service/event.h"
#include "service/job.h"

#define CONNECTION_REQUEST_MS 10000 /* a request must be whole this long after accept or reply */

struct connection {
	struct event event;      /* first: epoll points to it */
	struct job job;          /* the queue does, to this */
	struct connection *prev; /* the server's list */
	struct connection *next;
	struct connection *next_done; /* answered, on the way back to the I/O thread */
	struct server *server;
	int fd; /* -1: closed by a worker */
	const struct call_protocol *protocol;
	struct peer peer;
	unsigned char *data;
	size_t len;
	size_t size;
	size_t message_len; /* bytes of the first message once it is whole */
	int64_t expires_ms;
	bool trusted;                  /* for the crowd: of one of trusted_users */
	bool stranger;                 /* for the crowd: nobody here has the peer's uid */
	bool watched;                  /* epoll knows it */
	bool working;                  /* a worker has it */
	bool keep;                     /* may send another request */
	struct generation *generation; /* of the request under way */
	int64_t received_us;
	int64_t deadline_ms;
};

enum connection_state {
	CONNECTION_WAITING, /* more must come */
	CONNECTION_READY,   /* data holds a whole message of message_len bytes */
	CONNECTION_BAD,     /* it will never be a message */
	CONNECTION_ENDED,   /* the peer closed or failed, or no memory */
};

/* Takes over fd. NULL: no memory or no credentials; fd is closed. */
struct connection *connection_new(int fd, const struct call_protocol *protocol);
void connection_free(struct connection *connection); /* wipes, closes */

/* Closes the socket only. */
void connection_close(struct connection *connection);

/* Reads what is there, without waiting, up to one whole message. */
enum connection_state connection_read(struct connection *connection);

/* Forgets the first message, wiping it; what came after it moves up. */
void connection_next(struct connection *connection);

call_write_fn connection_write; /* ctx is the connection */

#endif
