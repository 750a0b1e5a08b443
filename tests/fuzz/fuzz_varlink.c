/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole messages of the user database over the store in memory: whatever comes, every reply is one
 * JSON object with a NUL byte, and no reply holds a hash. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "service/userdb.h"
#include "tests/unit/service_fixture.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct service_fixture fixture;
static struct user alice; /* with the hash that no reply may hold */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char conf[] = "[userdb]\nenumerate = yes\ngroups = staff\n";

	struct store_call call = {.deadline_ms = clock_monotonic_ms() + 5000};

	(void)argc;
	(void)argv;
	if (!fixture_open(&fixture, conf) ||
	    !fixture_add(&fixture, "alice", 1900000001, "secret") ||
	    !fixture_add(&fixture, "bob", 1900000002, "secret") ||
	    store_get_user(fixture.generation.store, &call, "alice", &alice) != PD_OK)
		abort();
	return 0;
}

static void
check_replies(const char *text, size_t len)
{
	struct json *json;
	size_t one;

	for (; len > 0; text += one, len -= one) {
		const char *end = memchr(text, '\0', len);

		if (end == NULL || json_parse(text, (size_t)(end - text), &json) != PD_OK ||
		    json_type(json) != JSON_OBJECT || strstr(text, alice.password) != NULL)
			abort();
		json_free(json);
		one = (size_t)(end - text) + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t needed;

	while (size > 0) {
		needed = userdb_protocol.needed(data, size);
		if (needed == 0 || needed > size)
			return 0;
		struct call call = fixture_call(&fixture, 0, data, needed);

		if (!userdb_protocol.handle(&call))
			return 0;
		check_replies(fixture.reply.data, fixture.reply.len);
		data += needed;
		size -= needed;
	}
	return 0;
}
