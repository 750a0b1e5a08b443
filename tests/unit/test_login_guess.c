/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting wrong guesses, the lock, and guesses in parallel. */
#include "login_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

static void
guess_wrong(struct fixture *fixture, int times)
{
	for (int i = 0; i < times; i++)
		fixture_authenticate(
		    fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
}

/* Moves the stored failures `seconds` into the past. */
static void
age_failures(struct fixture *fixture, int64_t seconds)
{
	struct state before = fixture_fail(fixture, "alice");
	struct state after;

	assert_int_equal(state_copy(&after, &before), PD_OK);
	after.window_start -= seconds;
	after.locked_until -= after.locked_until > 0 ? seconds : 0;
	assert_int_equal(store_swap_state(fixture->store, &fixture->call, &before, &after,
			     store_now(fixture->store)),
	    PD_OK);
	state_free(&before);
	state_free(&after);
}

static void
test_the_last_allowed_failure_locks(void **state)
{
	struct fixture *fixture = *state;

	guess_wrong(fixture, (int)fixture->conf.max_failures - 1);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	guess_wrong(fixture, 1);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_LOCKED);
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_LOCKED);
	fixture_account(fixture, "alice", VERDICT_FORBIDDEN, REASON_LOCKED);
	assert_int_equal(fixture_failures(fixture, "alice"), fixture->conf.max_failures);
	/* other names are as they were */
	fixture_add(fixture, "carol", 2001);
	fixture_authenticate(fixture, "carol", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
}

static void
test_a_locked_name_costs_what_a_wrong_password_costs(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct login_result result;

	guess_wrong(fixture, (int)fixture->conf.max_failures);
	engine_failing_reset();
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result("locked", &result, VERDICT_DENY, REASON_LOCKED);
	assert_int_equal(result.requests, 2);
	assert_string_equal(result.message, "");
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 0);
	login_result_free(&result);
}

static void
test_the_lock_ends(void **state)
{
	struct fixture *fixture = *state;

	guess_wrong(fixture, (int)fixture->conf.max_failures);
	age_failures(fixture, fixture->conf.lockout_s + 1);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	fixture_account(fixture, "alice", VERDICT_SUCCESS, REASON_GOOD);
}

/* The lock outlives the window that brought it. */
static void
test_a_long_lock(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.lockout_s = 4 * fixture->conf.failure_window_s;
	guess_wrong(fixture, (int)fixture->conf.max_failures);
	age_failures(fixture, 2 * fixture->conf.failure_window_s);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_LOCKED);
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_LOCKED);
	fixture_account(fixture, "alice", VERDICT_FORBIDDEN, REASON_LOCKED);
}

/* A short lock does not hand out more guesses than the window has. */
static void
test_the_window_counts_on_when_the_lock_is_over(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.lockout_s = 60;
	guess_wrong(fixture, (int)fixture->conf.max_failures);
	age_failures(fixture, 61);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_LOCKED);
	age_failures(fixture, fixture->conf.failure_window_s - 61);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
}

/* The write's answer is lost and the write repeated: still one failure. */
static void
test_a_repeated_write_counts_once(void **state)
{
	static const struct engine_fault faults[] = {
	    {.error = PD_UNCERTAIN, .done = true, .times = 1},
	    {.error = PD_UNCERTAIN, .done = false, .times = 2},
	    {.error = PD_CONFLICT, .done = false, .times = 1},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		engine_failing_set(ENGINE_SWAP_STATE, faults[i]);
		guess_wrong(fixture, 1);
		assert_int_equal(fixture_failures(fixture, "alice"), (int64_t)i + 1);
	}
}

/* No write, no answer: and what could not be written is remembered all the same. */
static void
test_failures_that_cannot_be_written(void **state)
{
	static const struct {
		enum pd_error error;
		struct policy_answer answer;
	} rows[] = {
	    {PD_UNAVAILABLE, {VERDICT_UNAVAILABLE, REASON_UNAVAILABLE}},
	    {PD_CONFIG, {VERDICT_UNAVAILABLE, REASON_CONFIG}},
	    {PD_NO_MEMORY, {VERDICT_NO_MEMORY, REASON_NO_MEMORY}},
	};
	struct fixture *fixture = *state;

	fixture->conf.max_failures = 3;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		engine_failing_set(
		    ENGINE_SWAP_STATE, (struct engine_fault){.error = rows[i].error});
		fixture_authenticate(
		    fixture, "alice", FIXTURE_WRONG, rows[i].answer.verdict, rows[i].answer.reason);
	}
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_IN_FLIGHT);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_IN_FLIGHT);
	assert_int_equal(fixture_failures(fixture, "alice"), 0);
	assert_non_null(strstr(fixture->lines, "could not be counted"));
}

static void
test_a_success_forgets_what_could_not_be_written(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.max_failures = 2;
	engine_failing_set(
	    ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_CONFIG, .times = 1});
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_UNAVAILABLE, REASON_CONFIG);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	guess_wrong(fixture, 2);
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_LOCKED);
}

/* What a reload does: what was remembered of the old configuration's guesses still counts. */
static void
test_another_login_knows_what_could_not_be_written(void **state)
{
	struct fixture *fixture = *state;
	struct login *next;

	fixture->conf.max_failures = 2;
	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_CONFIG});
	for (int i = 0; i < 2; i++)
		fixture_authenticate(
		    fixture, "alice", FIXTURE_WRONG, VERDICT_UNAVAILABLE, REASON_CONFIG);
	next = fixture_open_again(fixture);
	login_close(fixture->login);
	fixture->login = next;
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_IN_FLIGHT);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_IN_FLIGHT);
}

static void
test_another_login_takes_its_number_of_hashes(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.hashes = 1;
	login_close(fixture_open_again(fixture));
	assert_true(hash_gate_enter(&fixture->guard->gate, 0));
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_UNAVAILABLE, REASON_BUSY);
	hash_gate_leave(&fixture->guard->gate);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
}

struct siege {
	struct fixture *fixture;
	struct login *logins[2]; /* the guesses take turns */
	atomic_uint turn;
	const char *password;
	pthread_barrier_t start;
	atomic_int verdicts[VERDICT_COUNT];
	atomic_int reasons[REASON_COUNT_];
};

static void *
besiege(void *arg)
{
	struct siege *siege = arg;
	struct login_request request = fixture_request("alice", siege->password);
	struct login_result result;

	pthread_barrier_wait(&siege->start);
	login_authenticate(siege->logins[atomic_fetch_add(&siege->turn, 1) % 2], &request, &result);
	atomic_fetch_add(&siege->verdicts[result.verdict], 1);
	atomic_fetch_add(&siege->reasons[result.reason], 1);
	login_result_free(&result);
	return NULL;
}

#define THREADS 64

static void
run_siege(struct siege *siege, struct fixture *fixture, struct login *other, const char *password)
{
	pthread_t threads[THREADS];

	memset(siege, 0, sizeof(*siege));
	siege->fixture = fixture;
	siege->logins[0] = fixture->login;
	siege->logins[1] = other;
	siege->password = password;
	assert_int_equal(pthread_barrier_init(&siege->start, NULL, THREADS), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, besiege, siege), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&siege->start);
}

static void
besiege_wrong(struct fixture *fixture, struct login *other)
{
	struct siege siege;
	int max = (int)fixture->conf.max_failures;

	/* so that many have read before the first has written */
	engine_failing_set(ENGINE_GET_LOGIN, (struct engine_fault){.delay_ms = 2});
	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.delay_ms = 2});
	run_siege(&siege, fixture, other, FIXTURE_WRONG);
	assert_int_equal(siege.reasons[REASON_WRONG_PASSWORD], max);
	assert_int_equal(
	    siege.reasons[REASON_IN_FLIGHT] + siege.reasons[REASON_LOCKED], THREADS - max);
	assert_int_equal(siege.verdicts[VERDICT_DENY], THREADS);
	assert_int_equal(fixture_failures(fixture, "alice"), max);
}

static void
test_parallel_wrong_guesses(void **state)
{
	struct fixture *fixture = *state;

	besiege_wrong(fixture, fixture->login);
}

/* Logins that end with the old configuration and logins of the new one. */
static void
test_parallel_wrong_guesses_over_a_reload(void **state)
{
	struct fixture *fixture = *state;
	struct login *next = fixture_open_again(fixture);

	besiege_wrong(fixture, next);
	login_close(next);
}

/* They wait for each other rather than being refused: many sessions of one robot account. */
static void
test_parallel_right_passwords(void **state)
{
	struct fixture *fixture = *state;
	struct siege siege;

	fixture->conf.max_failures = 2;
	run_siege(&siege, fixture, fixture->login, FIXTURE_PASSWORD);
	assert_int_equal(siege.verdicts[VERDICT_SUCCESS], THREADS);
}

static void
test_waiting_for_others_ends_at_the_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct siege siege = {.fixture = fixture,
	    .logins = {fixture->login, fixture->login},
	    .password = FIXTURE_WRONG};
	struct login_request request;
	struct login_result result;
	pthread_t slow;

	fixture->conf.max_failures = 1;
	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.delay_ms = 2000});
	assert_int_equal(pthread_barrier_init(&siege.start, NULL, 1), 0);
	assert_int_equal(pthread_create(&slow, NULL, besiege, &siege), 0);
	while (engine_failing_calls(ENGINE_SWAP_STATE) == 0)
		;
	request = fixture_request("alice", FIXTURE_PASSWORD);
	request.deadline_ms = clock_monotonic_ms() + 50;
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result("waiting", &result, VERDICT_UNAVAILABLE, REASON_BUSY);
	assert_true(clock_monotonic_ms() < request.deadline_ms + 1900);
	login_result_free(&result);
	pthread_join(slow, NULL);
	pthread_barrier_destroy(&siege.start);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_CASE(test_the_last_allowed_failure_locks),
	    FIXTURE_CASE(test_a_locked_name_costs_what_a_wrong_password_costs),
	    FIXTURE_CASE(test_the_lock_ends),
	    FIXTURE_CASE(test_a_long_lock),
	    FIXTURE_CASE(test_the_window_counts_on_when_the_lock_is_over),
	    FIXTURE_CASE(test_a_repeated_write_counts_once),
	    FIXTURE_CASE(test_failures_that_cannot_be_written),
	    FIXTURE_CASE(test_a_success_forgets_what_could_not_be_written),
	    FIXTURE_CASE(test_another_login_knows_what_could_not_be_written),
	    FIXTURE_CASE(test_another_login_takes_its_number_of_hashes),
	    FIXTURE_CASE(test_parallel_wrong_guesses),
	    FIXTURE_CASE(test_parallel_wrong_guesses_over_a_reload),
	    FIXTURE_CASE(test_parallel_right_passwords),
	    FIXTURE_CASE(test_waiting_for_others_ends_at_the_deadline),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
