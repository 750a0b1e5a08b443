/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_fixture.h"
#include "tests/engines/engine_memory.h"

static const struct state_limit limit = {.window_s = 100, .max = 3, .lockout_s = 50};

/* What is no name, no attempt or no bucket never reaches the engine. */
static void
test_refused_names(void **state)
{
	static const char *const names[] = {"", "root", "Alice", "a b", "fail#a"};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	char bucket[STATE_ID_MAX];
	struct state after;
	int64_t wait = 77;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		memset(&after, 0x55, sizeof(after));
		assert_error(PD_INVALID,
		    store_count_failure(
			fixture->store, &call, names[i], &limit, "a1", NOW, &after));
		assert_null(after.id);
		assert_error(PD_INVALID, store_clear_failures(fixture->store, &call, names[i]));
	}
	assert_error(
	    PD_INVALID, store_count_failure(fixture->store, &call, "alice", &limit, "", NOW, NULL));
	memset(bucket, 'b', sizeof(bucket));
	bucket[STATE_ID_MAX - strlen("rate#") + 1] = '\0'; /* one byte too long */
	assert_error(
	    PD_INVALID, store_take_rate(fixture->store, &call, bucket, &limit, NOW, &wait));
	assert_int_equal(0, wait);
	assert_int_equal(0, engine_failing_calls(ENGINE_GET_STATE));
	bucket[STATE_ID_MAX - strlen("rate#")] = '\0';
	assert_error(PD_OK, store_take_rate(fixture->store, &call, bucket, &limit, NOW, &wait));
}

/* Failures count on beyond the limit; a bucket that is full takes none and says for how long. */
static void
test_full(void **state)
{
	static const struct {
		int64_t window_s, lockout_s, at, wait;
	} rows[] = {
	    {100, 0, NOW, 100}, {100, 0, NOW + 99, 1}, {100, 500, NOW + 1, 499},
	    {100, 500, NOW + 200, 300}, /* locked though the window has passed */
	    {100, 50, NOW + 60, 40},    /* unlocked, but the window is full */
	};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct state after;

	for (int i = 1; i <= 5; i++) {
		char attempt[] = {'a', (char)('0' + i), '\0'};

		assert_error(PD_OK,
		    store_count_failure(
			fixture->store, &call, "alice", &limit, attempt, NOW, &after));
		assert_int_equal(i, after.count);
		assert_int_equal(i >= limit.max, state_locked(&after, NOW));
		state_free(&after);
	}
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct state_limit one = {
		    .window_s = rows[i].window_s, .max = 1, .lockout_s = rows[i].lockout_s};
		char bucket[] = {'b', (char)('0' + i), '\0'};
		int64_t wait = 77;

		assert_error(
		    PD_OK, store_take_rate(fixture->store, &call, bucket, &one, NOW, &wait));
		assert_int_equal(0, wait);
		assert_error(PD_CONFLICT,
		    store_take_rate(fixture->store, &call, bucket, &one, rows[i].at, &wait));
		assert_int_equal(rows[i].wait, wait);
		assert_error(PD_CONFLICT,
		    store_take_rate(fixture->store, &call, bucket, &one, rows[i].at, NULL));
		assert_error(PD_OK,
		    store_take_rate(
			fixture->store, &call, bucket, &one, rows[i].at + rows[i].wait, NULL));
	}
}

/* Nothing to clear is no error, and nothing is written. */
static void
test_clear_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	assert_error(PD_OK, store_clear_failures(fixture->store, &call, "alice"));
	assert_int_equal(0, engine_failing_calls(ENGINE_SWAP_STATE));
}

static void
count_uncertain(struct fixture *fixture, const char *name, bool done)
{
	struct store_call call = within(5000);
	struct state after;

	engine_failing_reset();
	engine_failing_set(ENGINE_SWAP_STATE,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = done, .times = 1});
	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, name, &limit, "a1", NOW, &after));
	assert_int_equal(1, after.count);
	state_free(&after);
	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, name, &limit, "a2", NOW, &after));
	assert_int_equal(2, after.count);
	state_free(&after);
}

static void
test_uncertain_failure(void **state)
{
	count_uncertain(*state, "alice", true);
	count_uncertain(*state, "bob", false);
}

/* Our count arrived and somebody counted on top of it before we could look. */
static void
test_uncertain_failure_overtaken(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct state before = {0};
	struct state next = {0};
	struct state after;

	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, &before));
	assert_int_equal(PD_OK, state_add_event(&before, &limit, "a2", NOW, &next));
	assert_error(PD_OK, store_swap_state(fixture->store, &call, &before, &next, NOW));
	/* The repetition of a1 after the answer of the first try was lost. */
	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, &after));
	assert_int_equal(2, after.count);
	state_free(&before);
	state_free(&next);
	state_free(&after);
}

static void
test_uncertain_clear(void **state)
{
	struct fixture *fixture = *state;

	for (int done = 0; done < 2; done++) {
		struct store_call call = within(5000);
		struct state stored;

		assert_error(PD_OK,
		    store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, NULL));
		engine_failing_set(ENGINE_SWAP_STATE,
		    (struct engine_fault){.error = PD_UNCERTAIN, .done = done == 1, .times = 1});
		assert_error(PD_OK, store_clear_failures(fixture->store, &call, "alice"));
		assert_error(PD_NOT_FOUND,
		    store_get_state(fixture->store, &call, "fail#alice", NOW, &stored));
	}
}

/* The event that fills the bucket is let in, also when its first answer was lost. */
static void
test_uncertain_rate(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	const struct state_limit one = {.window_s = 60, .max = 1};

	for (int done = 0; done < 2; done++) {
		const char *bucket = done == 1 ? "b1" : "b0";

		engine_failing_set(ENGINE_SWAP_STATE,
		    (struct engine_fault){.error = PD_UNCERTAIN, .done = done == 1, .times = 1});
		assert_error(
		    PD_OK, store_take_rate(fixture->store, &call, bucket, &one, NOW, NULL));
		assert_error(
		    PD_CONFLICT, store_take_rate(fixture->store, &call, bucket, &one, NOW, NULL));
	}
}

/* The first swap happens, somebody counts on top of it, and its answer is lost. */
static enum pd_error
overtake(void *conn, struct store_call *call, const struct state *before, const struct state *after,
    int64_t now)
{
	struct state theirs = {0};
	enum pd_error error = engine_memory.swap_state(conn, call, before, after, now);

	if (error != PD_OK || before->version != 0)
		return error;
	assert_int_equal(PD_OK, state_add_event(after, &limit, "theirs", now, &theirs));
	theirs.version = after->version + 1;
	assert_int_equal(PD_OK, engine_memory.swap_state(conn, call, after, &theirs, now));
	state_free(&theirs);
	return PD_UNCERTAIN;
}

/* Ours is among the counted ones all the same: counted once, and let in. */
static void
test_overtaken(void **state)
{
	const struct state_limit two = {.window_s = 100, .max = 2};
	struct fixture *fixture = *state;
	struct store_engine engine = engine_memory;
	struct store_call call = within(5000);
	struct store *store = NULL;
	struct state after;

	engine.swap_state = overtake;
	assert_error(PD_OK,
	    store_open_engine(
		&engine, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	assert_error(
	    PD_OK, store_count_failure(store, &call, "alice", &limit, "ours", NOW, &after));
	assert_int_equal(2, after.count);
	assert_error(PD_OK, store_take_rate(store, &call, "b", &two, NOW, NULL));
	assert_error(PD_CONFLICT, store_take_rate(store, &call, "b", &two, NOW, NULL));
	state_free(&after);
	store_close(store);
}

/* A failure that was counted between reading and clearing is cleared too. */
static void
test_clear_again(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct state stored;

	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, NULL));
	engine_failing_set(
	    ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_CONFLICT, .times = 1});
	assert_error(PD_OK, store_clear_failures(fixture->store, &call, "alice"));
	assert_error(
	    PD_NOT_FOUND, store_get_state(fixture->store, &call, "fail#alice", NOW, &stored));
}

/* A swap that always loses ends with the deadline. */
static void
test_endless_conflict(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(150);

	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_CONFLICT});
	assert_error(PD_UNAVAILABLE,
	    store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, NULL));
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_refused_names),
	    TEST(test_full),
	    TEST(test_clear_nothing),
	    TEST(test_uncertain_failure),
	    TEST(test_uncertain_failure_overtaken),
	    TEST(test_uncertain_clear),
	    TEST(test_uncertain_rate),
	    TEST(test_overtaken),
	    TEST(test_clear_again),
	    TEST(test_endless_conflict),
	};

	return cmocka_run_group_tests_name("store_counter", tests, NULL, NULL);
}
