/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies as the module reads them: only a whole one with that very byte in it is a success. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/frame.h"
#include "pam_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pam_reply reply;
	struct frame frame;
	const struct frame_field *verdict;

	memset(&reply, 0xff, sizeof(reply));
	if (!pam_reply_parse(data, size, &reply)) {
		require(reply.verdict == VERDICT_FAULT && !reply.has_ticket);
		require(reply.message[0] == '\0' && reply.reason[0] == '\0');
		return 0;
	}
	require(frame_parse(data, size, &frame));
	require(frame.version == PROTOCOL_VERSION && frame.operation == PROTOCOL_REPLY);
	verdict = frame_find(&frame, PROTOCOL_TAG_VERDICT);
	require(verdict != NULL && verdict->len == 1 && verdict->value[0] == reply.verdict);
	require((unsigned)reply.verdict < VERDICT_COUNT);
	require(memchr(reply.message, '\0', sizeof(reply.message)) != NULL);
	for (const char *at = reply.message; *at != '\0'; at++)
		require((unsigned char)*at >= ' ' && *at != 0x7f);
	return 0;
}
