/* SPDX-License-Identifier: BSD-2-Clause */
#include "login_fixture.h"

#include "password_known.h"

/* Authenticates with the right password and finishes; between the two nothing may be written. What
 * is returned is the format of a renewed hash. */
static const char *
log_in_with(struct fixture *fixture, const char *password)
{
	struct login_request request = fixture_request("alice", password);
	struct login_result result;
	const char *renewed;

	engine_failing_reset();
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result("right", &result, VERDICT_SUCCESS, REASON_GOOD);
	assert_int_equal(result.requests, 1);
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 0);
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 0);
	renewed = login_finish(fixture->login, &request, &result);
	login_result_free(&result);
	return renewed;
}

static const char *
log_in(struct fixture *fixture)
{
	return log_in_with(fixture, FIXTURE_PASSWORD);
}

static void
finish_account(struct fixture *fixture)
{
	struct login_request request = fixture_request("alice", NULL);
	struct login_result result;

	login_account(fixture->login, &request, &result);
	login_finish(fixture->login, &request, &result);
	login_result_free(&result);
}

static void
test_failures_are_cleared(void **state)
{
	struct fixture *fixture = *state;

	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	assert_int_equal(fixture_failures(fixture, "alice"), 1);
	log_in(fixture);
	assert_int_equal(fixture_failures(fixture, "alice"), 0);
}

/* As `pam-dynamo lock` does it between the answer and what is left to do. */
static void
test_a_lock_that_came_since_stays(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct store_call call = {.deadline_ms = request.deadline_ms};
	int64_t now = store_now(fixture->store);
	struct login_result result;
	struct state locked = {0};

	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result("right", &result, VERDICT_SUCCESS, REASON_GOOD);
	assert_int_equal(state_copy(&locked, &result.fail), PD_OK);
	locked.locked_until = locked.expires_at = now + 1000;
	assert_int_equal(
	    store_swap_state(fixture->store, &call, &result.fail, &locked, now), PD_OK);
	login_finish(fixture->login, &request, &result);
	login_result_free(&result);
	state_free(&locked);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_LOCKED);
}

static void
test_a_clean_login_asks_nothing_more(void **state)
{
	struct fixture *fixture = *state;

	log_in(fixture);
	assert_int_equal(engine_failing_calls(ENGINE_GET_LOGIN), 1);
	assert_int_equal(engine_failing_calls(ENGINE_GET_STATE), 0);
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 0);
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 0);
}

static void
test_an_account_step_clears_nothing(void **state)
{
	struct fixture *fixture = *state;

	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	finish_account(fixture);
	assert_int_equal(fixture_failures(fixture, "alice"), 1);
}

static void
test_a_weak_hash_is_renewed(void **state)
{
	struct fixture *fixture = *state;
	const struct password_cost cost = {.memory_kib = 16, .passes = 1};
	struct user user;

	fixture->conf.memory_kib = 16;
	assert_string_equal(log_in(fixture), "argon2id");
	user = fixture_user(fixture, "alice");
	assert_int_equal(user.version, 2);
	assert_int_equal(user.epoch, 1);
	assert_int_equal(user.password_changed_at, 1);
	assert_false(password_needs_rehash(user.password, &cost));
	user_free(&user);
	assert_null(log_in(fixture));
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 0);
}

static void
import_hash(struct fixture *fixture, const char *encoded)
{
	struct user before = fixture_user(fixture, "alice");
	struct user after;

	assert_int_equal(user_copy(&after, &before), PD_OK);
	fixture_set_text(&after.password, encoded);
	assert_int_equal(
	    store_update_user(fixture->store, &fixture->call, &before, &after, false, NULL), PD_OK);
	user_free(&before);
	user_free(&after);
}

/* Each format of other programs, and the same password still opens what came of it. */
static void
test_an_imported_hash_is_renewed(void **state)
{
	const struct password_cost cost = {.memory_kib = 8, .passes = 1};
	struct fixture *fixture = *state;
	struct user user;

	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++) {
		const struct password_known *known = &password_known[i];

		if (!password_needs_rehash(known->encoded, &cost))
			continue;
		import_hash(fixture, known->encoded);
		fixture_authenticate(
		    fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
		user = fixture_user(fixture, "alice");
		assert_string_equal(user.password, known->encoded);
		user_free(&user);
		assert_string_equal(log_in_with(fixture, known->password), known->format);
		user = fixture_user(fixture, "alice");
		assert_string_equal(password_format_name(user.password), "argon2id");
		assert_false(password_needs_rehash(user.password, &cost));
		assert_int_equal(user.epoch, 1);
		assert_int_equal(user.password_changed_at, 1);
		user_free(&user);
		assert_null(log_in_with(fixture, known->password));
	}
}

static void
test_a_weaker_setting_keeps_the_hash(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.memory_kib = 16;
	log_in(fixture);
	fixture->conf.memory_kib = 8;
	log_in(fixture);
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 0);
}

static void
test_someone_elses_change_wins(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct login_result result;
	struct user before;
	struct user after;

	fixture->conf.memory_kib = 16;
	login_authenticate(fixture->login, &request, &result);
	before = fixture_user(fixture, "alice");
	assert_int_equal(user_copy(&after, &before), PD_OK);
	fixture_set_text(&after.status, "disabled");
	assert_int_equal(
	    store_update_user(fixture->store, &fixture->call, &before, &after, false, NULL), PD_OK);
	assert_null(login_finish(fixture->login, &request, &result));
	user_free(&before);
	before = fixture_user(fixture, "alice");
	assert_int_equal(before.version, 2);
	assert_string_equal(before.password, fixture->hash);
	user_free(&before);
	user_free(&after);
	login_result_free(&result);
}

/* A host whose role may only read tries once and then leaves it. */
static void
test_a_refused_renewal_is_not_repeated(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct login_result result;

	fixture->conf.memory_kib = 16;
	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_CONFIG});
	for (int i = 0; i < 3; i++) {
		login_authenticate(fixture->login, &request, &result);
		assert_null(login_finish(fixture->login, &request, &result));
		login_result_free(&result);
	}
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 1);
	assert_non_null(strstr(fixture->lines, "may not write records"));
}

static void
test_the_last_login_is_noted(void **state)
{
	struct fixture *fixture = *state;
	int64_t now = store_now(fixture->store);
	struct state last;

	finish_account(fixture);
	assert_int_equal(
	    store_get_state(fixture->store, &fixture->call, "last#alice", now, &last), PD_OK);
	assert_in_range(last.at, now, now + 10);
	assert_string_equal(last.host, "web1.example.org");
	assert_string_equal(last.service, "sshd");
	assert_string_equal(last.source, "client.example.net");
	state_free(&last);
}

static void
test_the_last_login_is_noted_once_an_hour(void **state)
{
	struct fixture *fixture = *state;
	struct login *other;

	finish_account(fixture);
	engine_failing_reset();
	finish_account(fixture);
	assert_int_equal(engine_failing_calls(ENGINE_GET_STATE), 0);
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 0);
	/* a service that was started anew looks and finds it */
	other = fixture_open_again(fixture);
	login_close(fixture->login);
	fixture->login = other;
	finish_account(fixture);
	assert_int_equal(engine_failing_calls(ENGINE_GET_STATE), 1);
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 0);
}

static void
put_last(struct fixture *fixture, const char *host, int64_t at)
{
	assert_int_equal(
	    store_put_last(fixture->store, &fixture->call, "alice", host, "login", NULL, at),
	    PD_OK);
	engine_failing_reset();
}

static void
test_the_last_login_of_another_host_or_hour_is_replaced(void **state)
{
	struct fixture *fixture = *state;

	put_last(fixture, "web2.example.org", store_now(fixture->store));
	finish_account(fixture);
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 1);
	assert_int_equal(fixture_teardown(state), 0);
	assert_int_equal(fixture_setup(state), 0);
	fixture = *state;
	put_last(fixture, "web1.example.org", store_now(fixture->store) - 3601);
	finish_account(fixture);
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 1);
}

static void
move_away(struct user *user)
{
	strlist_free(&user->hosts);
}

static void
test_no_note_without_a_login(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.last_login = false;
	finish_account(fixture);
	fixture->conf.last_login = true;
	fixture_edit(fixture, "alice", move_away);
	finish_account(fixture);
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_CASE(test_failures_are_cleared),
	    FIXTURE_CASE(test_a_lock_that_came_since_stays),
	    FIXTURE_CASE(test_a_clean_login_asks_nothing_more),
	    FIXTURE_CASE(test_an_account_step_clears_nothing),
	    FIXTURE_CASE(test_a_weak_hash_is_renewed),
	    FIXTURE_CASE(test_an_imported_hash_is_renewed),
	    FIXTURE_CASE(test_a_weaker_setting_keeps_the_hash),
	    FIXTURE_CASE(test_someone_elses_change_wins),
	    FIXTURE_CASE(test_a_refused_renewal_is_not_repeated),
	    FIXTURE_CASE(test_the_last_login_is_noted),
	    FIXTURE_CASE(test_the_last_login_is_noted_once_an_hour),
	    FIXTURE_CASE(test_the_last_login_of_another_host_or_hour_is_replaced),
	    FIXTURE_CASE(test_no_note_without_a_login),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
