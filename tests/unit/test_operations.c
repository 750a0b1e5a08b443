/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include "ipc/frame.h"
#include "ipc/web.h"
#include "service/operations.h"
#include "tests/unit/service_fixture.h"

#define PASSWORD "correct horse battery staple"
#define NEW_PASSWORD "another long enough sentence"
#define ALICE 1900000001
#define BOB 1900000002
#define DAEMON 1 /* of every Debian's passwd file */
#define RHOST "192.0.2.7"

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
setup_networks(void **state)
{
	static const char counting[] =
	    "[service]\nhashes = 1\ntrusted_users = daemon\n[login]\nsource_max_failures = 2\n"
	    "[password]\nmemory_kib = 8192\npasses = 1\n";
	static struct service_fixture fixture;

	*state = &fixture;
	return fixture_open(&fixture, counting) && fixture_add(&fixture, "alice", ALICE, PASSWORD)
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
	frame_add_string(&writer, PROTOCOL_TAG_RHOST, RHOST);
	frame_add_string(&writer, PROTOCOL_TAG_PASSWORD, password);
	if (number == PROTOCOL_CHANGE)
		frame_add_string(&writer, PROTOCOL_TAG_NEW_PASSWORD, NEW_PASSWORD);
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
	assert_true(operation_count > 5);
	for (i = 0; i < operation_count; i++) {
		assert_non_null(operations[i].name);
		assert_non_null(operations[i].handle);
		assert_true(operations[i].number < PROTOCOL_REPLY);
		/* Only the one that says nothing about anybody is for anyone. */
		assert_int_equal(operations[i].caller == OPERATION_ANYONE,
		    operations[i].number == PROTOCOL_PING);
		assert_int_equal(operations[i].caller == OPERATION_WEB,
		    operations[i].number >= WEB_INFO && operations[i].number <= WEB_RESEND);
		for (j = 0; j < i; j++)
			assert_int_not_equal(operations[i].number, operations[j].number);
	}
}

static void
test_every_row_refuses_who_may_not_ask(void **state)
{
	enum verdict expected;
	size_t i;

	for (i = 0; i < operation_count; i++) {
		if (operations[i].caller == OPERATION_ANYONE)
			continue;
		assert_int_equal(ask(*state, BOB, operations[i].number, "alice", PASSWORD, NULL),
		    VERDICT_FORBIDDEN);
		assert_int_equal(ask(*state, 33, operations[i].number, "alice", PASSWORD, NULL),
		    VERDICT_FORBIDDEN);
		/* the page's are not even root's */
		expected = operations[i].caller == OPERATION_WEB ? VERDICT_FORBIDDEN
								 : VERDICT_UNKNOWN;
		assert_int_equal(
		    ask(*state, 0, operations[i].number, "root", PASSWORD, NULL), expected);
		assert_int_equal(
		    ask(*state, 0, operations[i].number, NULL, PASSWORD, NULL), expected);
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

static int
refused(struct service_fixture *fixture, enum call_refusal why, const void *data, size_t len)
{
	struct call call = fixture_call(fixture, 0, data, len);
	struct frame reply;

	operations_protocol.refuse(&call, why);
	assert_true(frame_parse(fixture->reply.data, fixture->reply.len, &reply));
	return frame_find(&reply, PROTOCOL_TAG_VERDICT)->value[0];
}

static void
test_a_busy_service_says_unavailable(void **state)
{
	unsigned char data[64];
	struct frame_writer writer;
	size_t len;

	frame_begin(&writer, data, sizeof(data), PROTOCOL_ACCOUNT);
	frame_add_string(&writer, PROTOCOL_TAG_USER, "alice");
	len = frame_end(&writer);
	assert_int_equal(refused(*state, CALL_REFUSED_BUSY, data, len), VERDICT_UNAVAILABLE);
	assert_int_equal(refused(*state, CALL_REFUSED_LATE, data, len), VERDICT_UNAVAILABLE);
	assert_int_equal(refused(*state, CALL_REFUSED_CROWD, NULL, 0), VERDICT_UNAVAILABLE);
	assert_int_equal(refused(*state, CALL_REFUSED_BUSY, data, len - 1), VERDICT_FAULT);
}

static void
test_one_request_is_served_and_the_connection_ends(void **state)
{
	unsigned char data[64];
	struct frame_writer writer;
	struct call call;

	frame_begin(&writer, data, sizeof(data), PROTOCOL_PING);
	call = fixture_call(*state, 0, data, frame_end(&writer));
	assert_false(operations_protocol.handle(&call));
}

static void
test_everything_is_counted_against_the_rate(void **state)
{
	int i;

	for (i = 0; i < SERVICE_LOGIN_BURST; i++)
		assert_int_equal(ask(*state, 33, PROTOCOL_PING, NULL, NULL, NULL), VERDICT_SUCCESS);
	assert_int_equal(ask(*state, 33, PROTOCOL_PING, NULL, NULL, NULL), VERDICT_UNAVAILABLE);
	assert_int_equal(
	    ask(*state, 33, PROTOCOL_ACCOUNT, "alice", NULL, NULL), VERDICT_UNAVAILABLE);
	for (i = 0; i < 3 * SERVICE_LOGIN_BURST; i++)
		assert_int_equal(ask(*state, 0, PROTOCOL_PING, NULL, NULL, NULL), VERDICT_SUCCESS);
}

static void
test_strangers_take_nothing_from_others(void **state)
{
	struct service_fixture *fixture = *state;
	uid_t uid;
	int i;

	for (uid = 200000; uid < 200000 + SERVICE_LOGIN_ALL_BURST; uid++)
		assert_int_equal(
		    ask(fixture, uid, PROTOCOL_ACCOUNT, "alice", NULL, NULL), VERDICT_FORBIDDEN);
	for (i = 0; i < 2 * SERVICE_LOGIN_BURST; i++)
		assert_int_equal(
		    ask(fixture, 200000, PROTOCOL_ACCOUNT, "alice", NULL, NULL), VERDICT_FORBIDDEN);
	for (i = 0; i < SERVICE_LOGIN_BURST; i++)
		assert_int_equal(
		    ask(fixture, ALICE, PROTOCOL_ACCOUNT, "alice", NULL, NULL), VERDICT_SUCCESS);
}

/* Gives alice another uid, as another program would: its item stays. */
static void
move_alice(struct service_fixture *fixture, int64_t uid)
{
	struct store_call call = {.deadline_ms = clock_monotonic_ms() + 5000};
	struct user before, after;
	enum store_taken taken;

	assert_int_equal(store_get_user(fixture->generation.store, &call, "alice", &before), PD_OK);
	assert_int_equal(user_copy(&after, &before), PD_OK);
	after.uid = uid;
	assert_int_equal(
	    store_update_user(fixture->generation.store, &call, &before, &after, false, &taken),
	    PD_OK);
	user_free(&before);
	user_free(&after);
}

static void
test_the_record_must_have_the_peers_uid(void **state)
{
	size_t i;

	/* while the cache still believes the item */
	assert_int_equal(
	    ask(*state, ALICE, PROTOCOL_AUTHENTICATE, "alice", PASSWORD, NULL), VERDICT_SUCCESS);
	move_alice(*state, 1900000009);
	for (i = 0; i < operation_count; i++) {
		if (operations[i].caller != OPERATION_OWN_NAME)
			continue;
		assert_int_equal(ask(*state, ALICE, operations[i].number, "alice", PASSWORD, NULL),
		    VERDICT_FORBIDDEN);
		assert_int_equal(ask(*state, ALICE, operations[i].number, "alice", "wrong", NULL),
		    VERDICT_FORBIDDEN);
	}
	assert_int_equal(ask(*state, 1900000009, PROTOCOL_AUTHENTICATE, "alice", PASSWORD, NULL),
	    VERDICT_SUCCESS);
}

static bool
has_last(struct service_fixture *fixture)
{
	struct store_call call = {.deadline_ms = clock_monotonic_ms() + 5000};
	struct state last = {0};
	bool has = store_get_state(fixture->generation.store, &call, "last#alice",
		       store_now(fixture->generation.store), &last) == PD_OK;

	state_free(&last);
	return has;
}

static void
test_only_roots_logins_are_noted(void **state)
{
	assert_int_equal(
	    ask(*state, ALICE, PROTOCOL_ACCOUNT, "alice", NULL, NULL), VERDICT_SUCCESS);
	assert_false(has_last(*state));
	assert_int_equal(ask(*state, 0, PROTOCOL_ACCOUNT, "alice", NULL, NULL), VERDICT_SUCCESS);
	assert_true(has_last(*state));
}

static void
test_a_login_teaches_whose_a_uid_is(void **state)
{
	struct service_fixture *fixture = *state;
	struct userdb_cache *cache = fixture->service.cache;
	char owner[USER_NAME_SIZE];

	ask(fixture, ALICE, PROTOCOL_ACCOUNT, "alice", NULL, NULL);
	userdb_cache_renew(cache, 0);
	ask(fixture, 0, PROTOCOL_AUTHENTICATE, "bob", "a wrong one", NULL);
	assert_int_equal(
	    userdb_cache_owner(cache, 0, BOB, clock_monotonic_ms(), owner), PD_UNAVAILABLE);
	ask(fixture, 0, PROTOCOL_ACCOUNT, "bob", NULL, NULL);
	assert_int_equal(userdb_cache_owner(cache, 0, BOB, clock_monotonic_ms(), owner), PD_OK);
	assert_string_equal(owner, "bob");
	assert_int_equal(
	    userdb_cache_owner(cache, 0, ALICE, clock_monotonic_ms(), owner), PD_UNAVAILABLE);
}

/* Who asks about his own name says of the remote host what he likes. */
static void
test_only_roots_and_trusted_users_word_counts_for_a_network(void **state)
{
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(ask(*state, ALICE, PROTOCOL_AUTHENTICATE, "alice", "wrong", NULL),
		    VERDICT_DENY);
	assert_int_equal(
	    ask(*state, 0, PROTOCOL_AUTHENTICATE, "alice", PASSWORD, NULL), VERDICT_SUCCESS);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    ask(*state, DAEMON, PROTOCOL_AUTHENTICATE, "nobody-there", "wrong", NULL),
		    VERDICT_UNKNOWN);
	assert_int_equal(
	    ask(*state, 0, PROTOCOL_AUTHENTICATE, "alice", PASSWORD, NULL), VERDICT_DENY);
	assert_int_equal(
	    ask(*state, ALICE, PROTOCOL_AUTHENTICATE, "alice", PASSWORD, NULL), VERDICT_SUCCESS);
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
	    WITH_SERVICE(test_one_request_is_served_and_the_connection_ends),
	    WITH_SERVICE(test_everything_is_counted_against_the_rate),
	    WITH_SERVICE(test_strangers_take_nothing_from_others),
	    WITH_SERVICE(test_the_record_must_have_the_peers_uid),
	    WITH_SERVICE(test_only_roots_logins_are_noted),
	    WITH_SERVICE(test_a_login_teaches_whose_a_uid_is),
	    cmocka_unit_test_setup_teardown(
		test_only_roots_and_trusted_users_word_counts_for_a_network, setup_networks,
		teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
