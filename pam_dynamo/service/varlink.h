/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Varlink messages, the server's side: one JSON object ended by a NUL byte, a method call in, one
 * or (where the caller said `more`) several replies or an error out. https://varlink.org/
 */
#ifndef VARLINK_H
#define VARLINK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/json.h"
#include "service/call.h"

#define VARLINK_REQUEST_MAX 65536 /* bytes of a call with its NUL */
#define VARLINK_METHOD_SIZE 128
#define VARLINK_SHORT 8192 /* bytes that a peer's socket must take at once */

struct varlink {
	struct call *call;
	struct json *message;
	char method[VARLINK_METHOD_SIZE];
	const struct json *parameters; /* an object, or NULL: none */
	bool more;                     /* the caller takes several replies */
	bool oneway;                   /* the caller takes no reply */
	bool gone;                     /* a reply could not be sent */
	int64_t patience_ms; /* clock_monotonic_ms: a long answer may wait until then; 0: none has
				begun */
};

/* A call_protocol's needed. */
size_t varlink_needed(const void *data, size_t len);

/* False: not a method call. Free with varlink_free either way. */
bool varlink_read(struct call *call, struct varlink *out);
void varlink_free(struct varlink *varlink);

/* Sends parameters (consumed; NULL: no memory, and the caller gets no answer at all). */
void varlink_reply(struct varlink *varlink, struct json *parameters, bool continues);

/* Sends an error with one text parameter (name NULL: none). */
void varlink_error(struct varlink *varlink, const char *error, const char *name, const char *value);

/* Several replies, of which only the last may say so: each is held back until the next is known. */
struct varlink_stream {
	struct varlink *varlink;
	struct json *held;
	bool too_many; /* a second one, and the caller had not said `more` */
};

/* False: nobody takes what follows: the caller is gone, or wanted one reply and there are two. */
bool varlink_stream_goes_on(const struct varlink_stream *stream);

void varlink_stream_add(struct varlink_stream *stream, struct json *parameters); /* consumed */
/* Sends the last one, or `none` as an error where there was none; frees what is held. */
void varlink_stream_end(struct varlink_stream *stream, const char *none);
/* Ends with an error instead. */
void varlink_stream_fail(struct varlink_stream *stream, const char *error);

#endif
