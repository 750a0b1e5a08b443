/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include "ipc/frame.h"
#include "service/operations.h"
#include "tests/unit/service_fixture.h"

#define PASSWORD "correct horse battery staple"
#define ALICE 1900000001
#define BOB 1900000002

static const char conf[] = "[service]\nhashes = 1\n[password]\nmemory_kib = 8192\npasses = 1\n";

static int
setup(void **state)
{
	static struct service_fixture fixture;

	*state = &fixture;
	return fixture_open(&fixture, conf) && fixture_add(&fixture, "alice", ALICE, PASSWORD) &&
		fixture_add(&fixture, "bob", BOB, PASSWORD)
	    ? 0
	    : 1;
}

static int
teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

/* Asks as uid; the verdict, or -1 where there was no reply. The frame is left in *reply. */
static int
ask(struct service_fixture *fixture, uid_t uid, uint8_t number, const char *user,
    const char *password, struct frame *reply)
{
	unsigned char data[1024];
	const struct frame_field *verdict;
	struct frame_writer writer;
	struct frame parsed;
	struct call call;
	size_t len;

	frame_begin(&writer, data, sizeof(data), number);
	frame_add_string(&writer, PROTOCOL_TAG_USER, user);
	frame_add_string(&writer, PROTOCOL_TAG_PASSWORD, password);
	len = frame_end(&writer);
	call = fixture_call(fixture, uid, data, len);
	operations_protocol.handle(&call);
	if (reply == NULL)
		reply = &parsed;
	if (!frame_parse(fixture->reply.data, fixture->reply.len, reply) ||
	    reply->operation != PROTOCOL_REPLY)
		return -1;
	verdict = frame_find(reply, PROTOCOL_TAG_VERDICT);
	return verdict == NULL || verdict->len != 1 ? -1 : verdict->value[0];
}

static void
test_the_table_is_whole(void **state)
{
	size_t i, j;

	(void)state;
	assert_int_equal(operation_count, 5);
	for (i = 0; i < operation_count; i++) {
		assert_non_null(operations[i].name);
		assert_non_null(operations[i].handle);
		assert_true(operations[i].number < PROTOCOL_REPLY);
		/* Only the one that says nothing about anybody is for anyone. */
		assert_int_equal(operations[i].caller == OPERATION_ANYONE,
		    operations[i].number == PROTOCOL_PING);
		for (j = 0; j < i; j++)
			assert_int_not_equal(operations[i].number, operations[j].number);
	}
}

static void
test_every_row_refuses_who_may_not_ask(void **state)
{
	size_t i;

	for (i = 0; i < operation_count; i++) {
		if (operations[i].caller == OPERATION_ANYONE)
			continue;
		assert_int_equal(ask(*state, BOB, operations[i].number, "alice", PASSWORD, NULL),
		    VERDICT_FORBIDDEN);
		assert_int_equal(ask(*state, 33, operations[i].number, "alice", PASSWORD, NULL),
		    VERDICT_FORBIDDEN);
		assert_int_equal(
		    ask(*state, 0, operations[i].number, "root", PASSWORD, NULL), VERDICT_UNKNOWN);
		assert_int_equal(
		    ask(*state, 0, operations[i].number, NULL, PASSWORD, NULL), VERDICT_UNKNOWN);
	}
}

static void
test_root_and_the_user_itself_may_ask(void **state)
{
	static const uint8_t numbers[] = {
	    PROTOCOL_AUTHENTICATE, PROTOCOL_ACCOUNT, PROTOCOL_CHANGE_CHECK};
	size_t i;

	for (i = 0; i < COUNT_OF(numbers); i++) {
		assert_int_equal(
		    ask(*state, 0, numbers[i], "alice", PASSWORD, NULL), VERDICT_SUCCESS);
		assert_int_equal(
		    ask(*state, ALICE, numbers[i], "alice", PASSWORD, NULL), VERDICT_SUCCESS);
	}
	assert_int_equal(
	    ask(*state, 0, PROTOCOL_AUTHENTICATE, "alice", "wrong", NULL), VERDICT_DENY);
	assert_int_equal(ask(*state, 0, PROTOCOL_AUTHENTICATE, "alice", NULL, NULL), VERDICT_DENY);
}

static void
test_only_root_learns_more_than_the_verdict(void **state)
{
	static const uint16_t roots[] = {PROTOCOL_TAG_REQUESTS, PROTOCOL_TAG_LATENCY_US};
	struct frame reply;
	size_t i;

	for (i = 0; i < COUNT_OF(roots); i++) {
		ask(*state, 0, PROTOCOL_AUTHENTICATE, "alice", "wrong", &reply);
		assert_non_null(frame_find(&reply, roots[i]));
		ask(*state, ALICE, PROTOCOL_AUTHENTICATE, "alice", "wrong", &reply);
		assert_null(frame_find(&reply, roots[i]));
	}
	assert_null(frame_find(&reply, PROTOCOL_TAG_TICKET));
}

static void
test_unknown_operations_are_faults(void **state)
{
	unsigned number;

	for (number = 6; number < 256; number += 50)
		assert_int_equal(
		    ask(*state, 0, (uint8_t)number, "alice", PASSWORD, NULL), VERDICT_FAULT);
	assert_int_equal(ask(*state, 0, 0, "alice", PASSWORD, NULL), VERDICT_FAULT);
}

static void
test_a_busy_service_says_unavailable(void **state)
{
	struct service_fixture *fixture = *state;
	struct call call = fixture_call(fixture, 0, NULL, 0);
	struct frame reply;

	operations_protocol.refuse(&call, CALL_REFUSED_BUSY);
	assert_true(frame_parse(fixture->reply.data, fixture->reply.len, &reply));
	assert_int_equal(frame_find(&reply, PROTOCOL_TAG_VERDICT)->value[0], VERDICT_UNAVAILABLE);
}

#define WITH_SERVICE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_table_is_whole),
	    WITH_SERVICE(test_every_row_refuses_who_may_not_ask),
	    WITH_SERVICE(test_root_and_the_user_itself_may_ask),
	    WITH_SERVICE(test_only_root_learns_more_than_the_verdict),
	    WITH_SERVICE(test_unknown_operations_are_faults),
	    WITH_SERVICE(test_a_busy_service_says_unavailable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
