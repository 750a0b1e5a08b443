/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes of unknown fate: settled by reading again, repeated where they did not happen, never
 * twice. */
#include "store_fixture.h"
#include "tests/engines/engine_memory.h"

/* done: it had happened; else it is made up for. */
static void
create_uncertain(struct fixture *fixture, const char *name, bool done)
{
	struct store_call call = within(5000);
	struct user user;

	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = done, .times = 1});
	make_user(&user, name);
	assert_error(PD_OK, store_create_user(fixture->store, &call, &user, true, NULL));
	assert_int_equal(1, user.version);
	assert_int_equal(done ? 1 : 2, engine_failing_calls(ENGINE_WRITE_USER));
	assert_stored(fixture, &user);
	user_free(&user);
}

static void
test_uncertain_create(void **state)
{
	create_uncertain(*state, "alice", true);
	create_uncertain(*state, "bob", false);
}

/* Somebody else took the name while the fate of our write was unknown. */
static void
test_uncertain_create_lost(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user theirs, ours;

	create(fixture, &theirs, "alice");
	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	make_user(&ours, "alice");
	set(&ours.full_name, "ours");
	assert_error(PD_CONFLICT, store_create_user(fixture->store, &call, &ours, false, &taken));
	assert_int_equal(STORE_TAKEN_NAME, taken);
	assert_int_equal(0, ours.version);
	assert_stored(fixture, &theirs);
	user_free(&theirs);
	user_free(&ours);
}

static void
update_uncertain(struct fixture *fixture, const char *name, bool done)
{
	struct store_call call = within(5000);
	struct user before, after;

	create(fixture, &before, name);
	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = done, .times = 1});
	assert_int_equal(PD_OK, user_copy(&after, &before));
	set(&after.shell, "/bin/sh");
	assert_error(PD_OK, store_update_user(fixture->store, &call, &before, &after, false, NULL));
	assert_int_equal(2, after.version);
	assert_int_equal(done ? 1 : 2, engine_failing_calls(ENGINE_WRITE_USER));
	assert_stored(fixture, &after);
	user_free(&before);
	user_free(&after);
}

static void
test_uncertain_update(void **state)
{
	update_uncertain(*state, "alice", true);
	update_uncertain(*state, "bob", false);
}

/* The first try arrives late, after the second was sent: the second's conflict is our own success.
 */
static void
test_uncertain_then_conflict(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user before, after;

	create(fixture, &before, "alice");
	assert_int_equal(PD_OK, user_copy(&after, &before));
	set(&after.shell, "/bin/sh");
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = true, .times = 1});
	engine_failing_set(
	    ENGINE_GET_USER, (struct engine_fault){.error = PD_UNAVAILABLE, .times = 1});
	assert_error(PD_OK, store_update_user(fixture->store, &call, &before, &after, false, NULL));
	assert_int_equal(3, engine_failing_calls(ENGINE_WRITE_USER)); /* create, lost, conflict */
	assert_stored(fixture, &after);
	user_free(&before);
	user_free(&after);
}

static void
test_uncertain_update_lost(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user before, theirs, ours;

	create(fixture, &before, "alice");
	assert_int_equal(PD_OK, user_copy(&theirs, &before));
	assert_int_equal(PD_OK, user_copy(&ours, &before));
	set(&theirs.shell, "/bin/sh");
	set(&ours.shell, "/bin/zsh");
	assert_error(
	    PD_OK, store_update_user(fixture->store, &call, &before, &theirs, false, NULL));
	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	assert_error(
	    PD_CONFLICT, store_update_user(fixture->store, &call, &before, &ours, false, &taken));
	assert_int_equal(STORE_TAKEN_VERSION, taken);
	assert_stored(fixture, &theirs);
	user_free(&before);
	user_free(&theirs);
	user_free(&ours);
}

static void
delete_uncertain(struct fixture *fixture, bool done)
{
	struct store_call call = within(5000);
	struct user user, stored;

	engine_failing_reset();
	create(fixture, &user, "alice");
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = done, .times = 1});
	assert_error(PD_OK, store_delete_user(fixture->store, &call, &user));
	assert_error(PD_NOT_FOUND, store_get_user(fixture->store, &call, "alice", &stored));
	user_free(&user);
}

static void
test_uncertain_delete(void **state)
{
	delete_uncertain(*state, true);
	delete_uncertain(*state, false);
}

/* What cannot be settled in time is unavailable, never uncertain, and in time. */
static void
test_uncertain_for_good(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(200);
	struct state before = {.id = (char[]){"rate#x"}};
	struct state after = {.id = (char[]){"rate#x"}, .expires_at = NOW};
	struct user user;

	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_UNCERTAIN});
	make_user(&user, "alice");
	assert_error(PD_UNAVAILABLE, store_create_user(fixture->store, &call, &user, true, NULL));
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
	assert_int_equal(0, user.version);
	assert_int_equal(0, user.uid);
	assert_true(engine_failing_calls(ENGINE_WRITE_USER) > 1);
	call = within(200);
	assert_error(
	    PD_UNAVAILABLE, store_swap_state(fixture->store, &call, &before, &after, NOW - 100));
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
	assert_int_equal(0, after.version);
	user_free(&user);
}

/* The repetition meets a condition that really does not hold: said at once, and which. */
static void
test_uncertain_then_taken(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user owner, user;

	make_user(&owner, "alice");
	set(&owner.email, "a@example.org");
	assert_error(PD_OK, store_create_user(fixture->store, &call, &owner, false, NULL));
	make_user(&user, "bob");
	set(&user.email, "a@example.org");
	engine_failing_set(
	    ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN, .times = 1});
	assert_error(PD_CONFLICT, store_create_user(fixture->store, &call, &user, false, &taken));
	assert_int_equal(STORE_TAKEN_EMAIL, taken);
	assert_true(clock_left_ms(call.deadline_ms) > 2500);
	user_free(&owner);
	user_free(&user);
}

/* An answer that is no answer about the record ends the settling. */
static void
test_uncertain_reread_fails(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user user;

	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.error = PD_CONFIG});
	make_user(&user, "alice");
	assert_error(PD_CONFIG, store_create_user(fixture->store, &call, &user, false, NULL));
	user_free(&user);
}

static const struct state_limit limit = {.window_s = 100, .max = 3, .lockout_s = 50};

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

/* Whoever took the token gets it, also when the first answer was lost. */
static void
test_uncertain_token(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	int64_t now = store_now(fixture->store);
	struct state token;

	for (int done = 0; done < 2; done++) {
		const char *secret = done == 1 ? "secret1" : "secret0";

		assert_error(PD_OK,
		    store_create_token(
			fixture->store, &call, secret, "reset", "alice", NULL, now + 100));
		engine_failing_set(ENGINE_SWAP_STATE,
		    (struct engine_fault){.error = PD_UNCERTAIN, .done = done == 1, .times = 1});
		assert_error(
		    PD_OK, store_take_token(fixture->store, &call, secret, "reset", now, &token));
		assert_string_equal("alice", token.owner);
		state_free(&token);
		assert_error(PD_NOT_FOUND,
		    store_take_token(fixture->store, &call, secret, "reset", now, &token));
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

static void
test_uncertain_swap(void **state)
{
	struct fixture *fixture = *state;

	for (int done = 0; done < 2; done++) {
		const struct engine_fault fault = {
		    .error = PD_UNCERTAIN, .done = done == 1, .times = 1};
		struct store_call call = within(5000);
		struct state before = {.id = (char[]){"rate#x"}};
		struct state after = {.id = (char[]){"rate#x"}, .expires_at = NOW + 100};
		struct state stored;

		engine_failing_set(ENGINE_SWAP_STATE, fault);
		assert_error(PD_OK, store_swap_state(fixture->store, &call, &before, &after, NOW));
		assert_error(PD_OK, store_get_state(fixture->store, &call, "rate#x", NOW, &stored));
		assert_true(record_equal(&state_type, &after, &stored));
		engine_failing_set(ENGINE_SWAP_STATE, fault);
		assert_error(PD_OK, store_swap_state(fixture->store, &call, &stored, NULL, NOW));
		state_free(&stored);
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
	    TEST(test_uncertain_create),
	    TEST(test_uncertain_create_lost),
	    TEST(test_uncertain_update),
	    TEST(test_uncertain_then_conflict),
	    TEST(test_uncertain_update_lost),
	    TEST(test_uncertain_delete),
	    TEST(test_uncertain_for_good),
	    TEST(test_uncertain_then_taken),
	    TEST(test_uncertain_reread_fails),
	    TEST(test_uncertain_failure),
	    TEST(test_uncertain_failure_overtaken),
	    TEST(test_uncertain_clear),
	    TEST(test_uncertain_token),
	    TEST(test_uncertain_rate),
	    TEST(test_uncertain_swap),
	    TEST(test_overtaken),
	    TEST(test_clear_again),
	    TEST(test_endless_conflict),
	};

	return cmocka_run_group_tests_name("store_uncertain", tests, NULL, NULL);
}
