/* SPDX-License-Identifier: BSD-2-Clause */
#include "login_fixture.h"

#define FIXTURE_NEW "a new one for every season"

static struct login_request
change_request(const char *old, const char *new)
{
	struct login_request request = fixture_request("alice", old);

	request.new_password = new;
	request.new_password_len = new == NULL ? 0 : strlen(new);
	return request;
}

static void
expect_change(struct fixture *fixture, const char *old, const char *new, enum verdict verdict,
    enum policy_reason reason)
{
	struct login_request request = change_request(old, new);
	struct login_result result;

	login_change(fixture->login, &request, &result);
	fixture_expect_result(new == NULL ? "check" : new, &result, verdict, reason);
	if (verdict == VERDICT_REFUSED)
		assert_string_not_equal(result.message, "");
	login_result_free(&result);
}

static int64_t
version_of(struct fixture *fixture, const char *name)
{
	struct user user = fixture_user(fixture, name);
	int64_t version = user.version;

	user_free(&user);
	return version;
}

static void
test_check_writes_nothing(void **state)
{
	struct fixture *fixture = *state;

	expect_change(fixture, FIXTURE_PASSWORD, NULL, VERDICT_SUCCESS, REASON_GOOD);
	assert_int_equal(version_of(fixture, "alice"), 1);
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 0);
}

static void
test_update(void **state)
{
	struct fixture *fixture = *state;
	int64_t now = store_now(fixture->store);
	struct login_request request = change_request(FIXTURE_PASSWORD, FIXTURE_NEW);
	struct login_result result;
	struct user user;

	login_change(fixture->login, &request, &result);
	fixture_expect_result("update", &result, VERDICT_SUCCESS, REASON_GOOD);
	assert_int_equal(result.user.version, 2);
	assert_false(result.rehash || result.last_login);
	login_result_free(&result);
	user = fixture_user(fixture, "alice");
	assert_int_equal(user.version, 2);
	assert_int_equal(user.epoch, 2);
	assert_in_range(user.password_changed_at, now, now + 10);
	assert_in_range(user.updated_at, now, now + 10);
	assert_int_equal(user.created_at, 1);
	user_free(&user);
	fixture_authenticate(
	    fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_WRONG_PASSWORD);
	fixture_authenticate(fixture, "alice", FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
}

static void
demand_change(struct user *user)
{
	user->password_must_change = true;
}

static void
test_a_demanded_change_is_then_done(void **state)
{
	struct fixture *fixture = *state;

	fixture_edit(fixture, "alice", demand_change);
	fixture_account(fixture, "alice", VERDICT_CHANGE, REASON_MUST_CHANGE);
	expect_change(fixture, FIXTURE_PASSWORD, FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
	fixture_account(fixture, "alice", VERDICT_SUCCESS, REASON_GOOD);
}

static void
test_weak_ones_are_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.min_length = 5;
	expect_change(fixture, FIXTURE_PASSWORD, "shor", VERDICT_REFUSED, REASON_WEAK_PASSWORD);
	expect_change(fixture, FIXTURE_PASSWORD, "Alice", VERDICT_REFUSED, REASON_WEAK_PASSWORD);
	expect_change(
	    fixture, FIXTURE_PASSWORD, FIXTURE_PASSWORD, VERDICT_REFUSED, REASON_WEAK_PASSWORD);
	assert_int_equal(version_of(fixture, "alice"), 1);
}

static void
give_names(struct user *user)
{
	fixture_set_text(&user->email, "alice.fox@example.org");
	fixture_set_text(&user->full_name, "Alice Miranda Fox");
}

static void
test_own_names_are_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture_edit(fixture, "alice", give_names);
	expect_change(fixture, FIXTURE_PASSWORD, "ALICE.FOX@example.org", VERDICT_REFUSED,
	    REASON_WEAK_PASSWORD);
	expect_change(
	    fixture, FIXTURE_PASSWORD, "alice miranda fox", VERDICT_REFUSED, REASON_WEAK_PASSWORD);
}

/* Guessing here gains nothing over guessing in a login. */
static void
test_wrong_old_passwords_count(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.max_failures = 2;
	expect_change(fixture, FIXTURE_WRONG, NULL, VERDICT_DENY, REASON_WRONG_PASSWORD);
	expect_change(fixture, FIXTURE_WRONG, FIXTURE_NEW, VERDICT_DENY, REASON_WRONG_PASSWORD);
	expect_change(fixture, FIXTURE_PASSWORD, FIXTURE_NEW, VERDICT_DENY, REASON_LOCKED);
	assert_int_equal(version_of(fixture, "alice"), 1);
}

static void
disable(struct user *user)
{
	fixture_set_text(&user->status, "disabled");
}

static void
move_away(struct user *user)
{
	fixture_set_text(&user->status, "active");
	strlist_free(&user->hosts);
}

static void
test_who_cannot_log_in_cannot_change(void **state)
{
	struct fixture *fixture = *state;

	fixture_edit(fixture, "alice", disable);
	expect_change(fixture, FIXTURE_PASSWORD, FIXTURE_NEW, VERDICT_EXPIRED, REASON_DISABLED);
	fixture_edit(fixture, "alice", move_away);
	expect_change(fixture, FIXTURE_PASSWORD, FIXTURE_NEW, VERDICT_FORBIDDEN, REASON_HOST);
	assert_int_equal(version_of(fixture, "alice"), 3);
}

static void
test_nobody_resets_without_the_old_password(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = change_request(NULL, FIXTURE_NEW);
	struct login_result result;

	login_change(fixture->login, &request, &result);
	fixture_expect_result("user", &result, VERDICT_DENY, REASON_EMPTY_PASSWORD);
	login_result_free(&result);
	request.by_root = true;
	login_change(fixture->login, &request, &result);
	fixture_expect_result("root", &result, VERDICT_DENY, REASON_NOT_ALLOWED);
	login_result_free(&result);
	assert_int_equal(version_of(fixture, "alice"), 1);
}

static void
test_errors_of_the_write(void **state)
{
	static const struct {
		enum pd_error error;
		struct policy_answer answer;
	} rows[] = {
	    {PD_CONFLICT, {VERDICT_TRY_AGAIN, REASON_CHANGED_MEANWHILE}},
	    {PD_NOT_FOUND, {VERDICT_TRY_AGAIN, REASON_CHANGED_MEANWHILE}},
	    {PD_CONFIG, {VERDICT_UNAVAILABLE, REASON_CONFIG}},
	    {PD_UNAVAILABLE, {VERDICT_UNAVAILABLE, REASON_UNAVAILABLE}},
	    {PD_BUG, {VERDICT_FAULT, REASON_BUG}},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		engine_failing_set(
		    ENGINE_WRITE_USER, (struct engine_fault){.error = rows[i].error});
		expect_change(fixture, FIXTURE_PASSWORD, FIXTURE_NEW, rows[i].answer.verdict,
		    rows[i].answer.reason);
	}
	assert_int_equal(version_of(fixture, "alice"), 1);
}

static void
test_a_change_clears_failures_afterwards(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = change_request(FIXTURE_PASSWORD, FIXTURE_NEW);
	struct login_result result;

	expect_change(fixture, FIXTURE_WRONG, NULL, VERDICT_DENY, REASON_WRONG_PASSWORD);
	login_change(fixture->login, &request, &result);
	assert_int_equal(fixture_failures(fixture, "alice"), 1);
	login_finish(fixture->login, &request, &result);
	assert_int_equal(fixture_failures(fixture, "alice"), 0);
	assert_int_equal(version_of(fixture, "alice"), 2);
	login_result_free(&result);
}

/* What is said of a write that did not go well, and that the old password goes on. */
static void
test_what_is_said(void **state)
{
	static const struct {
		enum engine_call call;
		enum pd_error error;
		const char *sentence;
	} rows[] = {
	    {ENGINE_WRITE_USER, PD_CONFIG,
		"Passwords cannot be changed here: yours stays as it is."},
	    {ENGINE_WRITE_USER, PD_UNAVAILABLE,
		"The user directory is out of reach: the password stays as it is. Please try again "
		"later."},
	    {ENGINE_WRITE_USER, PD_CONFLICT,
		"The account was changed meanwhile, please try again."},
	    {ENGINE_WRITE_USER, PD_BUG, "The password cannot be changed now: it stays as it is."},
	    {ENGINE_GET_LOGIN, PD_UNAVAILABLE,
		"The user directory is out of reach: the password stays as it is. Please try again "
		"later."},
	    {ENGINE_GET_LOGIN, PD_NOT_FOUND, ""},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct login_request request = change_request(FIXTURE_PASSWORD, FIXTURE_NEW);
		struct login_result result;

		engine_failing_set(rows[i].call, (struct engine_fault){.error = rows[i].error});
		login_change(fixture->login, &request, &result);
		assert_int_not_equal(result.verdict, VERDICT_SUCCESS);
		assert_string_equal(result.message, rows[i].sentence);
		login_result_free(&result);
		engine_failing_reset();
		fixture_authenticate(
		    fixture, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	}
	expect_change(fixture, FIXTURE_WRONG, FIXTURE_NEW, VERDICT_DENY, REASON_WRONG_PASSWORD);
}

/* The answer of the write is lost, or another write has come upon it: it happened all the same. */
static void
test_a_lost_answer_is_a_change(void **state)
{
	static const enum pd_error errors[] = {PD_UNCERTAIN, PD_CONFLICT};
	static const char *const passwords[] = {
	    FIXTURE_PASSWORD, FIXTURE_NEW, "and one for rain only"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		engine_failing_set(ENGINE_WRITE_USER,
		    (struct engine_fault){.error = errors[i], .done = true, .times = 1});
		expect_change(
		    fixture, passwords[i], passwords[i + 1], VERDICT_SUCCESS, REASON_GOOD);
		fixture_authenticate(
		    fixture, "alice", passwords[i + 1], VERDICT_SUCCESS, REASON_GOOD);
	}
	assert_int_equal(version_of(fixture, "alice"), 3);
}

/* Somebody else writes the record between our read and our write. */
static void
test_an_overtaken_write_is_tried_again(void **state)
{
	struct fixture *fixture = *state;

	engine_failing_set(
	    ENGINE_WRITE_USER, (struct engine_fault){.error = PD_CONFLICT, .times = 2});
	expect_change(fixture, FIXTURE_PASSWORD, FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 3);
	assert_int_equal(engine_failing_calls(ENGINE_GET_LOGIN), 3);
	assert_int_equal(version_of(fixture, "alice"), 2);
	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_CONFLICT});
	expect_change(
	    fixture, FIXTURE_NEW, FIXTURE_PASSWORD, VERDICT_TRY_AGAIN, REASON_CHANGED_MEANWHILE);
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 3);
}

/* Nothing tells whether it was written. */
static void
test_doubt_is_said(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = change_request(FIXTURE_PASSWORD, FIXTURE_NEW);
	struct login_result result;

	engine_failing_set(
	    ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN, .done = true});
	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.error = PD_UNAVAILABLE});
	request.deadline_ms = clock_monotonic_ms() + 1000;
	login_change(fixture->login, &request, &result);
	fixture_expect_result("doubt", &result, VERDICT_UNAVAILABLE, REASON_DEADLINE);
	assert_non_null(strstr(result.message, "try the new one first"));
	login_result_free(&result);
	engine_failing_reset();
	fixture_authenticate(fixture, "alice", FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
}

/* It was overtaken, perhaps after it was done, and whose password is there cannot be read. */
static void
test_doubt_is_said_of_an_overtaken_write(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = change_request(FIXTURE_PASSWORD, FIXTURE_NEW);
	struct login_result result;

	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_CONFLICT, .done = true, .times = 1});
	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.error = PD_UNAVAILABLE});
	login_change(fixture->login, &request, &result);
	fixture_expect_result("doubt", &result, VERDICT_UNAVAILABLE, REASON_UNAVAILABLE);
	assert_non_null(strstr(result.message, "try the new one first"));
	login_result_free(&result);
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 1);
	assert_int_equal(fixture_failures(fixture, "alice"), 0);
	engine_failing_reset();
	fixture_authenticate(fixture, "alice", FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_CASE(test_check_writes_nothing),
	    FIXTURE_CASE(test_update),
	    FIXTURE_CASE(test_a_demanded_change_is_then_done),
	    FIXTURE_CASE(test_weak_ones_are_refused),
	    FIXTURE_CASE(test_own_names_are_refused),
	    FIXTURE_CASE(test_wrong_old_passwords_count),
	    FIXTURE_CASE(test_who_cannot_log_in_cannot_change),
	    FIXTURE_CASE(test_nobody_resets_without_the_old_password),
	    FIXTURE_CASE(test_errors_of_the_write),
	    FIXTURE_CASE(test_a_change_clears_failures_afterwards),
	    FIXTURE_CASE(test_what_is_said),
	    FIXTURE_CASE(test_a_lost_answer_is_a_change),
	    FIXTURE_CASE(test_an_overtaken_write_is_tried_again),
	    FIXTURE_CASE(test_doubt_is_said),
	    FIXTURE_CASE(test_doubt_is_said_of_an_overtaken_write),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
