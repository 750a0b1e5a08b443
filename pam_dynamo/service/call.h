/* SPDX-License-Identifier: BSD-2-Clause */
/* One whole request on its way through the service, whichever socket it came from. */
#ifndef CALL_H
#define CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "service/queue.h"

struct generation;
struct service;

/* Who is at the other end, as the kernel says (SO_PEERCRED): the ids at connect(2). */
struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

/* Sends all of it to the peer, waiting for a slow reader until until_ms (clock_monotonic_ms; 0: not
 * at all); false: gone, or too slow. */
typedef bool call_write_fn(void *ctx, const void *data, size_t len, int64_t until_ms);

struct call {
	struct service *service;       /* what outlives a reload */
	struct generation *generation; /* configuration, store and login of this request */
	struct peer peer;
	const unsigned char *data; /* one whole message; its owner wipes it */
	size_t len;
	int64_t received_us; /* clock_monotonic_us when it was whole */
	int64_t deadline_ms; /* clock_monotonic_ms */
	bool counted;        /* against the rate of lookups that ask the store */
	call_write_fn *write;
	void *write_ctx;
};

/* Why the I/O thread answers by itself. */
enum call_refusal {
	CALL_REFUSED_BUSY,      /* the queue is full; data is the whole message */
	CALL_REFUSED_LATE,      /* no worker came before its deadline; the same */
	CALL_REFUSED_CROWD,     /* connections full; data is empty */
	CALL_REFUSED_MALFORMED, /* not a message of this protocol */
};

/* A protocol: how to find the end of a message, and what to do with a whole one. */
struct call_protocol {
	const char *name;
	size_t max;                /* bytes of one whole message */
	enum queue_rank root_rank; /* of root's messages; everybody else's are QUEUE_OTHER */
	size_t per_uid;            /* connections of one uid other than root */
	size_t per_trusted;        /* of one of trusted_users */
	size_t others;             /* and of all of them */
	/* Whole bytes of the first message in data: 0: cannot be said yet; CALL_BAD: never. May be
	 * larger than len. */
	size_t (*needed)(const void *data, size_t len);
	/* In a worker; false: close the connection. It never waits for the peer longer than
	 * CALL_WRITE_MS. */
	bool (*handle)(struct call *call);
	/* In the I/O thread: at most one short reply. */
	void (*refuse)(struct call *call, enum call_refusal why);
};

#define CALL_BAD SIZE_MAX
#define CALL_WRITE_MS 2000 /* of one call, for a peer that reads a long answer slowly */

#endif
