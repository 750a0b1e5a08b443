/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole frames into the operations, over the store in memory: the first byte chooses the peer, the
 * rest is a frame with its length word. Whatever comes, the reply is a frame, and it lets nobody in
 * whose password was not in the request. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/frame.h"
#include "service/operations.h"
#include "tests/unit/service_fixture.h"

#define PASSWORD "p4ss"
#define ALICE 1900000001

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct service_fixture fixture;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char conf[] = "[login]\nmax_failures = 1000\n[password]\nmemory_kib = 8192\n"
				   "passes = 1\nroot_may_reset = yes\n";

	(void)argc;
	(void)argv;
	if (!fixture_open(&fixture, conf) || !fixture_add(&fixture, "alice", ALICE, PASSWORD))
		abort();
	return 0;
}

static void
check_reply(uid_t peer, const uint8_t *data, size_t size)
{
	const struct frame_field *verdict;
	struct frame reply;

	if (!frame_parse(fixture.reply.data, fixture.reply.len, &reply) ||
	    reply.operation != PROTOCOL_REPLY)
		abort();
	verdict = frame_find(&reply, PROTOCOL_TAG_VERDICT);
	if (verdict == NULL || verdict->len != 1 || verdict->value[0] >= VERDICT_COUNT)
		abort();
	/* root may ask whether it may reset, and needs no password for it */
	if ((data[5] == PROTOCOL_AUTHENTICATE || (data[5] == PROTOCOL_CHANGE_CHECK && peer != 0)) &&
	    verdict->value[0] == VERDICT_SUCCESS &&
	    memmem(data, size, PASSWORD, strlen(PASSWORD)) == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uid_t peer = size > 0 && (data[0] & 1) != 0 ? 0 : ALICE;
	struct call call;

	/* A change would change the password that the check above knows. */
	if (size < 7 || data[6] == PROTOCOL_CHANGE ||
	    operations_protocol.needed(data + 1, size - 1) != size - 1)
		return 0;
	call = fixture_call(&fixture, peer, data + 1, size - 1);
	operations_protocol.handle(&call);
	check_reply(peer, data + 1, size - 1);
	return 0;
}
