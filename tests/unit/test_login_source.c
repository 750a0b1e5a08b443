/* SPDX-License-Identifier: BSD-2-Clause */
/* The second counter: guesses from one network, whatever the names. */
#include "login_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#define MAX 3
#define HERE "192.0.2.7"
#define ELSEWHERE "198.51.100.1"

/* alice, bob and carol; MAX guesses for a network. */
static int
setup(void **state)
{
	struct fixture *fixture;

	if (fixture_setup(state) != 0)
		return 1;
	fixture = *state;
	fixture->conf.source_max_failures = MAX;
	fixture_add(fixture, "bob", 2001);
	fixture_add(fixture, "carol", 2002);
	engine_failing_reset();
	return 0;
}

/* Asks from an address; the requests that it took. */
static unsigned
ask(struct fixture *fixture, const char *rhost, const char *name, const char *password,
    enum verdict verdict, enum policy_reason reason)
{
	struct login_request request = fixture_request(name, password);
	struct login_result result;
	unsigned requests;

	request.rhost = rhost;
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result(name, &result, verdict, reason);
	if (verdict == VERDICT_DENY)
		assert_string_equal(result.message, "");
	requests = result.requests;
	login_result_free(&result);
	return requests;
}

static void
guess(struct fixture *fixture, const char *rhost, const char *name)
{
	ask(fixture, rhost, name, FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
}

/* The failures that are stored of a network. */
static int64_t
counted(struct fixture *fixture, const char *network)
{
	struct state stored;
	char id[64];
	int64_t count;

	snprintf(id, sizeof(id), "net#%s", network);
	store_get_state(fixture->store, &fixture->call, id, store_now(fixture->store), &stored);
	count = stored.count;
	state_free(&stored);
	return count;
}

static void
test_a_network_is_locked_over_all_names(void **state)
{
	struct fixture *fixture = *state;

	guess(fixture, HERE, "alice");
	guess(fixture, HERE, "bob");
	ask(fixture, HERE, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	guess(fixture, HERE, "carol");
	assert_int_equal(counted(fixture, HERE), MAX);
	ask(fixture, HERE, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_SOURCE_LOCKED);
	ask(fixture, HERE, "bob", FIXTURE_WRONG, VERDICT_DENY, REASON_SOURCE_LOCKED);
	ask(fixture, "::ffff:" HERE, "bob", FIXTURE_PASSWORD, VERDICT_DENY, REASON_SOURCE_LOCKED);
	/* nobody is locked, and other networks are not */
	assert_int_equal(fixture_failures(fixture, "bob"), 1);
	ask(fixture, ELSEWHERE, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	fixture_account(fixture, "alice", VERDICT_SUCCESS, REASON_GOOD);
	assert_int_equal(counted(fixture, HERE), MAX);
}

static void
test_unknown_names_count(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < MAX; i++)
		ask(fixture, HERE, "nobody", FIXTURE_WRONG, VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
	assert_int_equal(counted(fixture, HERE), MAX);
	assert_int_equal(fixture_failures(fixture, "nobody"), 0);
	ask(fixture, HERE, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_SOURCE_LOCKED);
	/* others may know the name: they are still asked, and nothing is counted any more */
	ask(fixture, HERE, "nobody", FIXTURE_WRONG, VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
	assert_int_equal(counted(fixture, HERE), MAX);
}

static void
test_what_does_not_count(void **state)
{
	static const char junk[] = "\b\n\r\177INCORRECT";
	static char overlong[PASSWORD_MAX + 2];
	struct fixture *fixture = *state;

	memset(overlong, 'x', sizeof(overlong) - 1);
	fixture_edit(fixture, "bob", fixture_take_password);
	fixture->conf.max_failures = 1;
	for (int i = 0; i < 2; i++) {
		ask(fixture, HERE, "alice", "", VERDICT_DENY, REASON_EMPTY_PASSWORD);
		ask(fixture, HERE, "alice", junk, VERDICT_DENY, REASON_JUNK_PASSWORD);
		ask(fixture, HERE, "alice", overlong, VERDICT_DENY, REASON_OVERLONG_PASSWORD);
		ask(fixture, HERE, "nobody", "", VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
		ask(fixture, HERE, "nobody", junk, VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
		ask(fixture, HERE, "nobody", overlong, VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
		ask(fixture, HERE, "bob", FIXTURE_WRONG, VERDICT_DENY, REASON_NO_PASSWORD);
		ask(fixture, HERE, "No Name", FIXTURE_WRONG, VERDICT_UNKNOWN, REASON_BAD_NAME);
	}
	assert_int_equal(counted(fixture, HERE), 0);
	guess(fixture, HERE, "alice");
	ask(fixture, HERE, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_LOCKED);
	assert_int_equal(counted(fixture, HERE), 1);
}

static void
test_labels_that_are_no_addresses(void **state)
{
	static const char *const labels[] = {
	    NULL, "", "client.example.org", "tty1", "fe80::1%eth0"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		assert_int_equal(ask(fixture, labels[i], "alice", FIXTURE_WRONG, VERDICT_DENY,
				     REASON_WRONG_PASSWORD),
		    2);
		assert_int_equal(ask(fixture, labels[i], "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS,
				     REASON_GOOD),
		    1);
	}
}

static void
test_a_network_of_ipv6(void **state)
{
	struct fixture *fixture = *state;

	guess(fixture, "2001:db8::1", "alice");
	guess(fixture, "2001:db8::2", "bob");
	guess(fixture, "2001:db8:0:0:ffff::", "carol");
	ask(fixture, "2001:db8::9", "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_SOURCE_LOCKED);
	ask(fixture, "2001:db8:0:1::9", "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
}

/* Off, as it is by default: nothing is read, written or requested for it. */
static void
test_off(void **state)
{
	struct fixture *fixture = *state;
	struct login *next;

	fixture->conf.source_max_failures = 0;
	next = fixture_open_again(fixture);
	login_close(fixture->login);
	fixture->login = next;
	assert_int_equal(
	    ask(fixture, HERE, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD), 2);
	assert_int_equal(
	    ask(fixture, HERE, "nobody", FIXTURE_WRONG, VERDICT_UNKNOWN, REASON_UNKNOWN_USER), 2);
	assert_int_equal(counted(fixture, HERE), 0);
}

/* Whatever it is that is denied takes the fetch and two more; a good login takes the fetch. */
static void
test_every_denial_costs_the_same(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    ask(fixture, HERE, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD), 1);
	assert_int_equal(
	    ask(fixture, HERE, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD), 3);
	assert_int_equal(ask(fixture, HERE, "alice", "", VERDICT_DENY, REASON_EMPTY_PASSWORD), 3);
	assert_int_equal(
	    ask(fixture, HERE, "nobody", FIXTURE_WRONG, VERDICT_UNKNOWN, REASON_UNKNOWN_USER), 3);
	assert_int_equal(ask(fixture, HERE, "nobody", "", VERDICT_UNKNOWN, REASON_UNKNOWN_USER), 3);
	guess(fixture, HERE, "bob");
	assert_int_equal(
	    ask(fixture, HERE, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_SOURCE_LOCKED), 3);
	assert_int_equal(
	    ask(fixture, HERE, "nobody", FIXTURE_WRONG, VERDICT_UNKNOWN, REASON_UNKNOWN_USER), 3);
}

/* Moves what is stored of the network `seconds` into the past. */
static void
age(struct fixture *fixture, int64_t seconds)
{
	int64_t now = store_now(fixture->store);
	struct state before, after;

	assert_int_equal(
	    store_get_state(fixture->store, &fixture->call, "net#" HERE, now, &before), PD_OK);
	assert_int_equal(state_copy(&after, &before), PD_OK);
	after.window_start -= seconds;
	after.locked_until -= seconds;
	assert_int_equal(
	    store_swap_state(fixture->store, &fixture->call, &before, &after, now), PD_OK);
	state_free(&before);
	state_free(&after);
}

static void
test_the_lock_ends(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < MAX; i++)
		guess(fixture, HERE, "alice");
	age(fixture, fixture->conf.lockout_s - 60);
	ask(fixture, HERE, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_SOURCE_LOCKED);
	age(fixture, 61);
	ask(fixture, HERE, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
}

static void
test_clearing(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < MAX; i++)
		guess(fixture, HERE, "alice");
	assert_int_equal(store_clear_source(fixture->store, &fixture->call, HERE), PD_OK);
	ask(fixture, HERE, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
}

/* The second of the two writes of a wrong password fails, or its answer is lost. */
static void
test_writes_that_fail(void **state)
{
	struct fixture *fixture = *state;

	engine_failing_set(ENGINE_SWAP_STATE,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = true, .times = 2});
	guess(fixture, HERE, "alice");
	assert_int_equal(counted(fixture, HERE), 1);
	engine_failing_set(
	    ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_UNAVAILABLE, .times = 0});
	for (int i = 1; i < MAX; i++)
		ask(fixture, HERE, "nobody", FIXTURE_WRONG, VERDICT_UNAVAILABLE,
		    REASON_UNAVAILABLE);
	engine_failing_reset();
	assert_int_equal(counted(fixture, HERE), 1);
	/* what could not be written is remembered */
	ask(fixture, HERE, "bob", FIXTURE_PASSWORD, VERDICT_DENY, REASON_IN_FLIGHT);
	ask(fixture, ELSEWHERE, "bob", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	assert_non_null(strstr(fixture->lines, "network " HERE ": a wrong password could not"));
}

struct siege {
	struct fixture *fixture;
	char name[16];
	atomic_int *wrong;
	pthread_barrier_t *start;
};

static void *
besiege(void *arg)
{
	struct siege *siege = arg;
	struct login_request request = fixture_request(siege->name, FIXTURE_WRONG);
	struct login_result result;

	request.rhost = HERE;
	pthread_barrier_wait(siege->start);
	login_authenticate(siege->fixture->login, &request, &result);
	if (result.reason == REASON_WRONG_PASSWORD)
		atomic_fetch_add(siege->wrong, 1);
	else if (result.reason != REASON_IN_FLIGHT && result.reason != REASON_SOURCE_LOCKED)
		atomic_fetch_add(siege->wrong, 1000);
	login_result_free(&result);
	return NULL;
}

#define THREADS 24

/* One guess at each of many names at once: no more than one after the other. */
static void
test_parallel_spraying(void **state)
{
	struct fixture *fixture = *state;
	struct siege sieges[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t start;
	atomic_int wrong = 0;

	for (int i = 0; i < THREADS; i++) {
		sieges[i] = (struct siege){.fixture = fixture, .wrong = &wrong, .start = &start};
		snprintf(sieges[i].name, sizeof(sieges[i].name), "user%d", i);
		fixture_add(fixture, sieges[i].name, 3000 + i);
	}
	engine_failing_set(ENGINE_GET_LOGIN, (struct engine_fault){.delay_ms = 2});
	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.delay_ms = 2});
	assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, besiege, &sieges[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
	assert_int_equal(wrong, MAX);
	assert_int_equal(counted(fixture, HERE), MAX);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_a_network_is_locked_over_all_names),
	    CASE(test_unknown_names_count),
	    CASE(test_what_does_not_count),
	    CASE(test_labels_that_are_no_addresses),
	    CASE(test_a_network_of_ipv6),
	    CASE(test_off),
	    CASE(test_every_denial_costs_the_same),
	    CASE(test_the_lock_ends),
	    CASE(test_clearing),
	    CASE(test_writes_that_fail),
	    CASE(test_parallel_spraying),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
