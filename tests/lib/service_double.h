/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that stands where pam-dynamod would, to fail in ways that the real one does not: it
 * accepts on a socket of its own and treats the n-th connection as the n-th step says, later ones
 * as the last. What it was asked can be read here.
 */
#ifndef SERVICE_DOUBLE_H
#define SERVICE_DOUBLE_H

#include <stddef.h>
#include <stdint.h>

#include "ipc/frame.h"
#include "verdict.h"

enum double_shape {
	DOUBLE_REPLY,       /* reads the request, sends the bytes, closes */
	DOUBLE_DRIP,        /* reads the request, sends one byte each 20 ms until the client goes */
	DOUBLE_SILENT,      /* reads the request, sends the bytes and keeps the connection open */
	DOUBLE_CLOSE,       /* closes at once */
	DOUBLE_REPLY_EARLY, /* sends the bytes without reading, then closes */
	DOUBLE_NO_ACCEPT,   /* first step only: never accepts anything */
};

#define DOUBLE_BYTES_MAX 8192
#define DOUBLE_STEPS_MAX 8

struct double_step {
	enum double_shape shape;
	size_t len;
	unsigned char bytes[DOUBLE_BYTES_MAX];
};

struct service_double;

struct service_double *double_start(const struct double_step *steps, size_t step_count);
void double_stop(struct service_double *service); /* NULL is a no-op */

const char *double_path(const struct service_double *service);
size_t double_request_count(const struct service_double *service);
/* The n-th request, parsed; points into memory of the double until double_stop. */
struct frame double_request(const struct service_double *service, size_t n);

/* A reply with this verdict; message and ticket (PROTOCOL_TICKET_LEN bytes) may be NULL. */
struct double_step double_verdict(
    enum verdict verdict, const char *message, const unsigned char *ticket);

#endif
