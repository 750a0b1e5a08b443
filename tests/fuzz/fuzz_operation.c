/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole frames into the operations, over the store in memory: the first byte chooses the peer, the
 * rest is a frame with its length word. Whatever comes, the reply is a frame, and it lets nobody in
 * whose password was not in the request. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/frame.h"
#include "ipc/web.h"
#include "service/operations.h"
#include "tests/unit/service_fixture.h"

#define PASSWORD "p4ss"
#define ALICE 1900000001
#define PAGE 1 /* daemon, of every Debian's passwd file */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct service_fixture fixture;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char conf[] = "[login]\nmax_failures = 1000\n[password]\nmemory_kib = 8192\n"
				   "passes = 1\nroot_may_reset = yes\n[web]\nuser = daemon\n";

	(void)argc;
	(void)argv;
	if (!fixture_open(&fixture, conf) || !fixture_add(&fixture, "alice", ALICE, PASSWORD))
		abort();
	return 0;
}

/* A session is for who gave the password. */
static void
check_page(const struct frame *reply, const uint8_t *data, size_t size)
{
	const struct frame_field *result = frame_find(reply, WEB_TAG_RESULT);

	if (result == NULL || result->len != 1 || result->value[0] >= WEB_RESULT_COUNT)
		abort();
	if (frame_find(reply, WEB_TAG_SESSION) != NULL &&
	    memmem(data, size, PASSWORD, strlen(PASSWORD)) == NULL)
		abort();
}

static void
check_reply(uid_t peer, const uint8_t *data, size_t size)
{
	const struct frame_field *verdict;
	struct frame reply;

	if (!frame_parse(fixture.reply.data, fixture.reply.len, &reply) ||
	    reply.operation != PROTOCOL_REPLY)
		abort();
	if (peer == PAGE && data[5] >= WEB_INFO && data[5] <= WEB_RESEND &&
	    frame_find(&reply, PROTOCOL_TAG_VERDICT) == NULL) {
		check_page(&reply, data, size);
		return;
	}
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
	uid_t peer = size > 0 && (data[0] & 1) != 0 ? 0
	    : size > 0 && (data[0] & 2) != 0        ? PAGE
						    : ALICE;
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
