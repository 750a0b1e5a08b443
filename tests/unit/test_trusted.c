/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>

#include "ipc/frame.h"
#include "service/operations.h"
#include "service/trusted.h"
#include "tests/unit/service_fixture.h"

#define PASSWORD "correct horse battery staple"
#define NEW_PASSWORD "another long enough sentence"
#define ALICE 1900000001
#define BOB 1900000002
#define DAEMON 1 /* of the passwd file of every Linux */
#define BIN 2

static const char conf[] = "[service]\nhashes = 1\ntrusted_users = daemon\n"
			   "[password]\nmemory_kib = 8192\npasses = 1\n";

/* --- Who is one ------------------------------------------------------------------------------ */

struct fixture {
	char passwd[64];
	char said[4096];
	struct conf conf;
	struct local_names *names;
	struct log log;
};

static void
keep_line(void *ctx, enum log_level level, const char *line)
{
	struct fixture *fixture = ctx;
	size_t len = strlen(fixture->said);

	assert_int_equal(level, LOG_LEVEL_WARNING);
	assert_true(snprintf(fixture->said + len, sizeof(fixture->said) - len, "%s\n", line) > 0);
}

static int
setup_names(void **state)
{
	static const char passwd[] = "root:x:0:0::/:/bin/sh\npostgres:x:105:105::/:/bin/sh\n"
				     "nobody:x:65534:65534::/:/bin/sh\nweb:x:33:33::/:/bin/sh\n";
	static const char text[] = "[service]\ntrusted_users = postgres, nobody, gone\n";
	static struct fixture fixture;
	int fd;

	memset(&fixture, 0, sizeof(fixture));
	fixture.log = (struct log){.level = LOG_LEVEL_WARNING, .sink = keep_line, .ctx = &fixture};
	strcpy(fixture.passwd, "/tmp/test_trusted.XXXXXX");
	fd = mkstemp(fixture.passwd);
	if (fd < 0 || write(fd, passwd, sizeof(passwd) - 1) != (ssize_t)sizeof(passwd) - 1 ||
	    close(fd) != 0)
		return 1;
	*state = &fixture;
	return conf_parse("test", text, sizeof(text) - 1, NULL, NULL, 0, &fixture.conf) == PD_OK &&
		local_names_open(fixture.passwd, "/nonexistent", &fixture.log, &fixture.names) ==
		    PD_OK
	    ? 0
	    : 1;
}

static int
teardown_names(void **state)
{
	struct fixture *fixture = *state;

	local_names_free(fixture->names);
	conf_free(&fixture->conf);
	return unlink(fixture->passwd);
}

static void
test_the_uid_of_a_listed_name(void **state)
{
	static const struct {
		uid_t uid;
		bool expected;
	} rows[] = {
	    {105, true},
	    {33, false},    /* local, but not listed */
	    {65534, false}, /* whoever has no uid here */
	    {1900000001, false},
	    {(uid_t)-1, false},
	};
	const struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(
		    trusted_uid(&fixture->conf, fixture->names, rows[i].uid), rows[i].expected);
	assert_string_equal(fixture->said, "");
}

static void
test_nobody_without_a_list_or_a_file(void **state)
{
	struct fixture *fixture = *state;
	struct local_names *unreadable;
	struct conf empty;

	assert_int_equal(conf_init(&empty), PD_OK);
	assert_false(trusted_uid(&empty, fixture->names, 105));
	assert_false(trusted_uid(&empty, fixture->names, 0));
	conf_free(&empty);
	assert_int_equal(local_names_open("/", "/", NULL, &unreadable), PD_OK);
	assert_false(trusted_uid(&fixture->conf, unreadable, 105));
	assert_false(trusted_uid(&fixture->conf, unreadable, 0));
	local_names_free(unreadable);
}

static void
test_a_listed_name_that_trusts_nobody_is_told(void **state)
{
	struct fixture *fixture = *state;

	trusted_warn(&fixture->conf, fixture->passwd, &fixture->log);
	assert_string_equal(fixture->said,
	    "[service] trusted_users: nobody has the uid of everybody whom a namespace does not "
	    "map; run the program as a user of its own\n"
	    "[service] trusted_users: gone is not in the passwd file; add the user, or take the "
	    "name out\n");
}

/* --- What one may ---------------------------------------------------------------------------- */

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

/* The verdict; the whole reply is left in *reply. */
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
	if (password != NULL)
		frame_add_string(&writer, PROTOCOL_TAG_PASSWORD, password);
	if (number == PROTOCOL_CHANGE)
		frame_add_string(&writer, PROTOCOL_TAG_NEW_PASSWORD, NEW_PASSWORD);
	len = frame_end(&writer);
	call = fixture_call(fixture, uid, data, len);
	operations_protocol.handle(&call);
	if (reply == NULL)
		reply = &parsed;
	assert_true(frame_parse(fixture->reply.data, fixture->reply.len, reply));
	verdict = frame_find(reply, PROTOCOL_TAG_VERDICT);
	assert_true(verdict != NULL && verdict->len == 1);
	return verdict->value[0];
}

static void
test_a_trusted_user_asks_about_everybody(void **state)
{
	static const uint8_t numbers[] = {
	    PROTOCOL_AUTHENTICATE, PROTOCOL_ACCOUNT, PROTOCOL_CHANGE_CHECK, PROTOCOL_CHANGE};
	static const char *const names[] = {"alice", "bob"};
	size_t i, j;

	for (i = 0; i < COUNT_OF(numbers); i++)
		for (j = 0; j < COUNT_OF(names); j++) {
			assert_int_equal(ask(*state, BIN, numbers[i], names[j], PASSWORD, NULL),
			    VERDICT_FORBIDDEN);
			assert_int_equal(ask(*state, DAEMON, numbers[i], names[j], PASSWORD, NULL),
			    VERDICT_SUCCESS);
		}
	assert_int_equal(
	    ask(*state, DAEMON, PROTOCOL_AUTHENTICATE, "alice", PASSWORD, NULL), VERDICT_DENY);
	assert_int_equal(ask(*state, DAEMON, PROTOCOL_AUTHENTICATE, "alice", NEW_PASSWORD, NULL),
	    VERDICT_SUCCESS);
	assert_int_equal(
	    ask(*state, DAEMON, PROTOCOL_AUTHENTICATE, "nosuch", PASSWORD, NULL), VERDICT_UNKNOWN);
	assert_int_equal(
	    ask(*state, DAEMON, PROTOCOL_AUTHENTICATE, "root", PASSWORD, NULL), VERDICT_UNKNOWN);
}

static void
test_a_trusted_user_is_not_root(void **state)
{
	static const uint16_t roots[] = {
	    PROTOCOL_TAG_REQUESTS, PROTOCOL_TAG_LATENCY_US, PROTOCOL_TAG_REQUEST_ID};
	struct service_fixture *fixture = *state;
	struct frame reply;
	char reason[32];
	size_t i;

	assert_int_equal(
	    ask(fixture, DAEMON, PROTOCOL_AUTHENTICATE, "alice", "wrong", &reply), VERDICT_DENY);
	for (i = 0; i < COUNT_OF(roots); i++)
		assert_null(frame_find(&reply, roots[i]));
	assert_true(frame_string(&reply, PROTOCOL_TAG_REASON, reason, sizeof(reason)));
	assert_string_equal(reason, "deny");
	/* however root may reset */
	fixture->generation.conf.root_may_reset = true;
	assert_int_equal(ask(fixture, DAEMON, PROTOCOL_CHANGE, "alice", NULL, NULL), VERDICT_DENY);
	assert_int_equal(
	    ask(fixture, DAEMON, PROTOCOL_CHANGE, "alice", "wrong", NULL), VERDICT_DENY);
	assert_int_equal(
	    ask(fixture, DAEMON, PROTOCOL_AUTHENTICATE, "alice", PASSWORD, NULL), VERDICT_SUCCESS);
}

static void
test_its_logins_are_noted(void **state)
{
	struct service_fixture *fixture = *state;
	struct store_call call = {.deadline_ms = clock_monotonic_ms() + 5000};
	struct state last = {0};

	assert_int_equal(
	    ask(fixture, DAEMON, PROTOCOL_ACCOUNT, "alice", NULL, NULL), VERDICT_SUCCESS);
	assert_int_equal(store_get_state(fixture->generation.store, &call, "last#alice",
			     store_now(fixture->generation.store), &last),
	    PD_OK);
	state_free(&last);
}

static void
test_it_has_a_rate_of_its_own(void **state)
{
	int unavailable = 0;
	int i;

	for (i = 0; i < 2 * SERVICE_LOGIN_ALL_BURST; i++) /* others' greed is not felt */
		(void)ask(*state, (uid_t)(BOB + 1 + i / SERVICE_LOGIN_BURST), PROTOCOL_PING, NULL,
		    NULL, NULL);
	assert_int_equal(
	    ask(*state, BOB + 1, PROTOCOL_PING, NULL, NULL, NULL), VERDICT_UNAVAILABLE);
	for (i = 0; i < SERVICE_TRUSTED_BURST; i++)
		assert_int_equal(
		    ask(*state, DAEMON, PROTOCOL_PING, NULL, NULL, NULL), VERDICT_SUCCESS);
	for (i = 0; i < 10 * SERVICE_TRUSTED_BURST && unavailable == 0; i++)
		unavailable = ask(*state, DAEMON, PROTOCOL_ACCOUNT, "root", NULL, NULL) ==
		    VERDICT_UNAVAILABLE;
	assert_int_equal(unavailable, 1);
}

#define WITH_NAMES(test) cmocka_unit_test_setup_teardown(test, setup_names, teardown_names)
#define WITH_SERVICE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_NAMES(test_the_uid_of_a_listed_name),
	    WITH_NAMES(test_nobody_without_a_list_or_a_file),
	    WITH_NAMES(test_a_listed_name_that_trusts_nobody_is_told),
	    WITH_SERVICE(test_a_trusted_user_asks_about_everybody),
	    WITH_SERVICE(test_a_trusted_user_is_not_root),
	    WITH_SERVICE(test_its_logins_are_noted),
	    WITH_SERVICE(test_it_has_a_rate_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
