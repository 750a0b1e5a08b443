/* SPDX-License-Identifier: BSD-2-Clause */
/* One question to pam-dynamod (ipc/web.h) and its answer. No answer, or one that breaks the format,
 * is WEB_UNAVAILABLE: never a yes. */
#ifndef WEB_SERVICE_CALL_H
#define WEB_SERVICE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/frame.h"
#include "ipc/web.h"

struct service_call {
	struct frame_writer writer;
	struct frame reply;
	enum web_result result;
	uint32_t retry_s; /* 0: the service named none */
	unsigned char question_bytes[FRAME_SIZE];
	unsigned char reply_bytes[FRAME_SIZE];
};

/* Then frame_add* on writer, then service_call_ask, then frame_* on reply; as often as wanted.
 * service_call_free wipes. */
void service_call_begin(struct service_call *call, enum web_operation operation);
enum web_result service_call_ask(struct service_call *call, const char *socket, int timeout_ms);
void service_call_free(struct service_call *call);

/* Pairs of WEB_TAG_PAIRS. */
void service_call_pair(
    unsigned char *data, size_t size, size_t *len, const char *name, const char *value);
/* False: not there, or longer than out. Names and values are text without NUL. */
bool service_call_find_pair(
    const struct frame *reply, const char *name, char *out, size_t out_size);

#endif
