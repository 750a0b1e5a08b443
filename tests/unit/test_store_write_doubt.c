/* SPDX-License-Identifier: BSD-2-Clause */
/* store_write.c: writes of unknown fate are settled by reading again, repeated where they did not
 * happen, and never happen twice. */
#include "store_fixture.h"

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
	struct user user;

	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	make_user(&user, "alice");
	assert_error(PD_UNAVAILABLE, store_create_user(fixture->store, &call, &user, true, NULL));
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
	assert_int_equal(0, user.version);
	assert_int_equal(0, user.uid);
	assert_true(engine_failing_calls(ENGINE_WRITE_USER) > 1);
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
	};

	return cmocka_run_group_tests_name("store_write_doubt", tests, NULL, NULL);
}
