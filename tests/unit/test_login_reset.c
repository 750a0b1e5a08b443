/* SPDX-License-Identifier: BSD-2-Clause */
/* Root's new password for somebody else, without the old one. */
#include "login_fixture.h"

#define FIXTURE_NEW "a new one for every season"

static struct login_request
reset_request(const char *new)
{
	struct login_request request = fixture_request("alice", NULL);

	request.service = "passwd";
	request.by_root = true;
	request.new_password = new;
	request.new_password_len = new == NULL ? 0 : strlen(new);
	return request;
}

static void
expect_reset(
    struct fixture *fixture, const char *new, enum verdict verdict, enum policy_reason reason)
{
	struct login_request request = reset_request(new);
	struct login_result result;

	login_change(fixture->login, &request, &result);
	fixture_expect_result(new == NULL ? "check" : new, &result, verdict, reason);
	if (result.clear_failures)
		login_finish(fixture->login, &request, &result);
	login_result_free(&result);
}

static int
setup(void **state)
{
	struct fixture *fixture;
	int failed = fixture_setup(state);

	if (failed == 0) {
		fixture = *state;
		fixture->conf.root_may_reset = true;
	}
	return failed;
}

static void
expect_version(struct fixture *fixture, int64_t version)
{
	struct user user = fixture_user(fixture, "alice");

	assert_int_equal(user.version, version);
	user_free(&user);
}

static void
test_only_where_it_is_allowed(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.root_may_reset = false;
	expect_reset(fixture, NULL, VERDICT_DENY, REASON_NOT_ALLOWED);
	expect_reset(fixture, FIXTURE_NEW, VERDICT_DENY, REASON_NOT_ALLOWED);
	expect_version(fixture, 1);
	assert_int_equal(engine_failing_calls(ENGINE_GET_LOGIN), 0);
}

static void
test_only_root(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = reset_request(FIXTURE_NEW);
	struct login_result result;

	request.by_root = false;
	login_change(fixture->login, &request, &result);
	fixture_expect_result("user", &result, VERDICT_DENY, REASON_EMPTY_PASSWORD);
	login_result_free(&result);
	request.password = "";
	request.by_root = true; /* an empty password is one, and a wrong one */
	login_change(fixture->login, &request, &result);
	fixture_expect_result("empty", &result, VERDICT_DENY, REASON_EMPTY_PASSWORD);
	login_result_free(&result);
	expect_version(fixture, 1);
}

static void
test_a_check_writes_nothing(void **state)
{
	struct fixture *fixture = *state;

	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	expect_reset(fixture, NULL, VERDICT_SUCCESS, REASON_GOOD);
	expect_version(fixture, 1);
	assert_int_equal(fixture_failures(fixture, "alice"), 1);
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 0);
}

static void
demand_change(struct user *user)
{
	user->password_must_change = true;
}

static void
test_a_reset_is_a_whole_change(void **state)
{
	struct fixture *fixture = *state;
	int64_t now = store_now(fixture->store);
	struct user user;

	fixture_edit(fixture, "alice", demand_change);
	expect_reset(fixture, FIXTURE_NEW, VERDICT_SUCCESS, REASON_RESET);
	user = fixture_user(fixture, "alice");
	assert_int_equal(user.version, 3);
	assert_int_equal(user.epoch, 2);
	assert_false(user.password_must_change);
	assert_true(user.password_changed_at >= now);
	user_free(&user);
	fixture_account(fixture, "alice", VERDICT_SUCCESS, REASON_GOOD);
	fixture_authenticate(
	    fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_WRONG_PASSWORD);
	fixture_authenticate(fixture, "alice", FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
}

static void
test_a_reset_ends_a_lock(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.max_failures = 1;
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_LOCKED);
	expect_reset(fixture, NULL, VERDICT_SUCCESS, REASON_GOOD);
	expect_reset(fixture, FIXTURE_NEW, VERDICT_SUCCESS, REASON_RESET);
	assert_int_equal(fixture_failures(fixture, "alice"), 0);
	fixture_authenticate(fixture, "alice", FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
}

/* The host remembers a failure that could not be written. */
static void
test_a_reset_forgives_what_the_host_remembers(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.max_failures = 1;
	engine_failing_set(
	    ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_CONFIG, .times = 1});
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_UNAVAILABLE, REASON_CONFIG);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_IN_FLIGHT);
	expect_reset(fixture, FIXTURE_NEW, VERDICT_SUCCESS, REASON_RESET);
	fixture_authenticate(fixture, "alice", FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
}

static void
test_rules_hold_for_root(void **state)
{
	struct fixture *fixture = *state;

	expect_reset(fixture, "short", VERDICT_REFUSED, REASON_WEAK_PASSWORD);
	expect_reset(fixture, "", VERDICT_REFUSED, REASON_WEAK_PASSWORD);
	expect_version(fixture, 1);
}

static void
disable(struct user *user)
{
	fixture_set_text(&user->status, "disabled");
}

static void
expire(struct user *user)
{
	fixture_set_text(&user->status, "active");
	user->account_expires_at = 1;
}

static void
move_away(struct user *user)
{
	user->account_expires_at = 0;
	strlist_free(&user->hosts);
}

static void
come_back(struct user *user)
{
	assert_true(strlist_add(&user->hosts, "*"));
	user->uid = 999;
}

static void
test_only_accounts_that_are_good_here(void **state)
{
	static const struct {
		fixture_edit_fn *edit;
		enum verdict verdict;
		enum policy_reason reason;
	} rows[] = {
	    {disable, VERDICT_EXPIRED, REASON_DISABLED},
	    {expire, VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED},
	    {move_away, VERDICT_FORBIDDEN, REASON_HOST},
	    {come_back, VERDICT_UNKNOWN, REASON_LOW_UID},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fixture_edit(fixture, "alice", rows[i].edit);
		expect_reset(fixture, NULL, rows[i].verdict, rows[i].reason);
		expect_reset(fixture, FIXTURE_NEW, rows[i].verdict, rows[i].reason);
	}
	expect_version(fixture, 5);
}

static void
test_who_had_no_password_has_one(void **state)
{
	struct fixture *fixture = *state;

	fixture_edit(fixture, "alice", fixture_take_password);
	expect_reset(fixture, FIXTURE_NEW, VERDICT_SUCCESS, REASON_RESET);
	fixture_authenticate(fixture, "alice", FIXTURE_NEW, VERDICT_SUCCESS, REASON_GOOD);
}

static void
test_errors_of_the_read(void **state)
{
	struct fixture *fixture = *state;

	engine_failing_set(ENGINE_GET_LOGIN, (struct engine_fault){.error = PD_UNAVAILABLE});
	expect_reset(fixture, NULL, VERDICT_UNAVAILABLE, REASON_UNAVAILABLE);
	engine_failing_set(ENGINE_GET_LOGIN, (struct engine_fault){.error = PD_NOT_FOUND});
	expect_reset(fixture, FIXTURE_NEW, VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
	engine_failing_reset();
	expect_version(fixture, 1);
}

#define RESET_CASE(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RESET_CASE(test_only_where_it_is_allowed),
	    RESET_CASE(test_only_root),
	    RESET_CASE(test_a_check_writes_nothing),
	    RESET_CASE(test_a_reset_is_a_whole_change),
	    RESET_CASE(test_a_reset_ends_a_lock),
	    RESET_CASE(test_a_reset_forgives_what_the_host_remembers),
	    RESET_CASE(test_rules_hold_for_root),
	    RESET_CASE(test_only_accounts_that_are_good_here),
	    RESET_CASE(test_who_had_no_password_has_one),
	    RESET_CASE(test_errors_of_the_read),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
