/* SPDX-License-Identifier: BSD-2-Clause */
/* Authenticate and account: what each situation is answered, and what it costs. */
#include <unistd.h>

#include "login_fixture.h"

static void
disable(struct user *user)
{
	fixture_set_text(&user->status, "disabled");
}

static void
pend(struct user *user)
{
	fixture_set_text(&user->status, "pending_approval");
}

static void
expire(struct user *user)
{
	user->account_expires_at = 1;
}

static void
move_away(struct user *user)
{
	strlist_free(&user->hosts);
}

static void
narrow(struct user *user)
{
	assert_true(strlist_add(&user->services, "sudo"));
}

static void
must_change(struct user *user)
{
	user->password_must_change = true;
}

static void
take_uid(struct user *user)
{
	user->uid = 0;
}

/* The table of pam_dynamo(8): the right password, a wrong one, and the account step. */
static const struct situation {
	const char *label;
	fixture_edit_fn *edit;
	struct policy_answer right;
	struct policy_answer wrong;
	struct policy_answer account;
	unsigned right_requests;
	int64_t counted; /* failures after the wrong one */
} situations[] = {
    {"good", fixture_nothing, {VERDICT_SUCCESS, REASON_GOOD}, {VERDICT_DENY, REASON_WRONG_PASSWORD},
	{VERDICT_SUCCESS, REASON_GOOD}, 1, 1},
    {"must change", must_change, {VERDICT_SUCCESS, REASON_MUST_CHANGE},
	{VERDICT_DENY, REASON_WRONG_PASSWORD}, {VERDICT_CHANGE, REASON_MUST_CHANGE}, 1, 1},
    {"disabled", disable, {VERDICT_EXPIRED, REASON_DISABLED}, {VERDICT_DENY, REASON_WRONG_PASSWORD},
	{VERDICT_EXPIRED, REASON_DISABLED}, 1, 1},
    {"pending", pend, {VERDICT_EXPIRED, REASON_PENDING}, {VERDICT_DENY, REASON_WRONG_PASSWORD},
	{VERDICT_EXPIRED, REASON_PENDING}, 1, 1},
    {"expired", expire, {VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED},
	{VERDICT_DENY, REASON_WRONG_PASSWORD}, {VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED}, 1, 1},
    {"no host", move_away, {VERDICT_FORBIDDEN, REASON_HOST}, {VERDICT_DENY, REASON_WRONG_PASSWORD},
	{VERDICT_FORBIDDEN, REASON_HOST}, 1, 1},
    {"other service", narrow, {VERDICT_FORBIDDEN, REASON_SERVICE},
	{VERDICT_DENY, REASON_WRONG_PASSWORD}, {VERDICT_FORBIDDEN, REASON_SERVICE}, 1, 1},
    {"web account", take_uid, {VERDICT_UNKNOWN, REASON_NO_UID},
	{VERDICT_DENY, REASON_WRONG_PASSWORD}, {VERDICT_UNKNOWN, REASON_NO_UID}, 1, 1},
    {"low uid", fixture_lower_uid, {VERDICT_UNKNOWN, REASON_LOW_UID},
	{VERDICT_UNKNOWN, REASON_LOW_UID}, {VERDICT_UNKNOWN, REASON_LOW_UID}, 2, 0},
    {"no password", fixture_take_password, {VERDICT_DENY, REASON_NO_PASSWORD},
	{VERDICT_DENY, REASON_NO_PASSWORD}, {VERDICT_SUCCESS, REASON_GOOD}, 2, 0},
    {"malformed hash", fixture_break_hash, {VERDICT_FAULT, REASON_HASH_MALFORMED},
	{VERDICT_FAULT, REASON_HASH_MALFORMED}, {VERDICT_SUCCESS, REASON_GOOD}, 1, 0},
    {"expensive hash", fixture_make_hash_expensive, {VERDICT_FAULT, REASON_HASH_TOO_EXPENSIVE},
	{VERDICT_FAULT, REASON_HASH_TOO_EXPENSIVE}, {VERDICT_SUCCESS, REASON_GOOD}, 1, 0},
};

static void
check_situation(struct fixture *fixture, const struct situation *row)
{
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct login_result result;

	fixture_edit(fixture, "alice", row->edit);
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result(row->label, &result, row->right.verdict, row->right.reason);
	assert_int_equal(result.requests, row->right_requests);
	assert_true(result.online);
	login_result_free(&result);
	request = fixture_request("alice", FIXTURE_WRONG);
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result(row->label, &result, row->wrong.verdict, row->wrong.reason);
	assert_int_equal(result.requests, row->wrong.verdict == VERDICT_FAULT ? 1 : 2);
	if (row->wrong.verdict == VERDICT_DENY)
		assert_string_equal(result.message, "");
	login_result_free(&result);
	assert_int_equal(fixture_failures(fixture, "alice"), row->counted);
	request = fixture_request("alice", NULL);
	login_account(fixture->login, &request, &result);
	fixture_expect_result(row->label, &result, row->account.verdict, row->account.reason);
	assert_int_equal(result.requests, 1);
	login_result_free(&result);
}

static void
test_situations(void **state)
{
	for (size_t i = 0; i < sizeof(situations) / sizeof(situations[0]); i++) {
		check_situation(*state, &situations[i]);
		assert_int_equal(fixture_teardown(state), 0);
		assert_int_equal(fixture_setup(state), 0);
	}
}

static void
test_a_bad_hash_is_logged_with_what_to_do(void **state)
{
	struct fixture *fixture = *state;

	fixture_edit(fixture, "alice", fixture_break_hash);
	fixture_authenticate(
	    fixture, "alice", FIXTURE_PASSWORD, VERDICT_FAULT, REASON_HASH_MALFORMED);
	assert_non_null(strstr(fixture->lines, "user alice: attribute password"));
	assert_non_null(strstr(fixture->lines, "pam-dynamo passwd alice"));
}

static void
test_names_that_are_never_ours_send_nothing(void **state)
{
	static const char *const names[] = {
	    "root", "", "Alice", "al ice", "1alice", "alice\n", "uid#1", "../alice", NULL};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fixture_authenticate(
		    fixture, names[i], FIXTURE_PASSWORD, VERDICT_UNKNOWN, REASON_BAD_NAME);
		fixture_account(fixture, names[i], VERDICT_UNKNOWN, REASON_BAD_NAME);
	}
	assert_int_equal(engine_failing_calls(ENGINE_GET_LOGIN), 0);
}

static void
test_unknown_name(void **state)
{
	struct fixture *fixture = *state;

	fixture_authenticate(
	    fixture, "bob", FIXTURE_PASSWORD, VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
	fixture_account(fixture, "bob", VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
	assert_int_equal(fixture_failures(fixture, "bob"), 0);
}

/* Guesses that cannot be right cost like one and count fixture_nothing. */
static void
test_passwords_that_nobody_has(void **state)
{
	static const struct {
		const char *password;
		size_t len;
		enum policy_reason reason;
	} rows[] = {
	    {NULL, 0, REASON_EMPTY_PASSWORD},
	    {"", 0, REASON_EMPTY_PASSWORD},
	    {"\b\n\r\177INCORRECT\b\n\r", 16, REASON_JUNK_PASSWORD},
	    {NULL, PASSWORD_MAX + 1, REASON_OVERLONG_PASSWORD},
	};
	struct fixture *fixture = *state;
	char overlong[PASSWORD_MAX + 1];

	memset(overlong, 'a', sizeof(overlong));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct login_request request = fixture_request("alice", NULL);
		struct login_result result;

		request.password = rows[i].len > PASSWORD_MAX ? overlong : rows[i].password;
		request.password_len = rows[i].len;
		login_authenticate(fixture->login, &request, &result);
		fixture_expect_result("row", &result, VERDICT_DENY, rows[i].reason);
		assert_int_equal(result.requests, 2);
		assert_string_equal(result.message, "");
		login_result_free(&result);
	}
	assert_int_equal(fixture_failures(fixture, "alice"), 0);
	assert_int_equal(engine_failing_calls(ENGINE_SWAP_STATE), 0);
}

static void
test_minimum_uid_of_the_request(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct login_result result;

	request.minimum_uid = 2001;
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result("above", &result, VERDICT_UNKNOWN, REASON_LOW_UID);
	login_result_free(&result);
	request.minimum_uid = 2000;
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result("equal", &result, VERDICT_SUCCESS, REASON_GOOD);
	login_result_free(&result);
}

static void
test_every_store_error(void **state)
{
	static const struct {
		enum pd_error error;
		struct policy_answer answer;
		bool online;
	} rows[] = {
	    {PD_UNAVAILABLE, {VERDICT_UNAVAILABLE, REASON_UNAVAILABLE}, false},
	    {PD_UNCERTAIN, {VERDICT_UNAVAILABLE, REASON_UNAVAILABLE}, false},
	    {PD_CONFIG, {VERDICT_UNAVAILABLE, REASON_CONFIG}, false},
	    {PD_CORRUPT, {VERDICT_FAULT, REASON_CORRUPT}, true},
	    {PD_NO_MEMORY, {VERDICT_NO_MEMORY, REASON_NO_MEMORY}, false},
	    {PD_BUG, {VERDICT_FAULT, REASON_BUG}, false},
	    {PD_INVALID, {VERDICT_FAULT, REASON_BUG}, false},
	    {PD_CONFLICT, {VERDICT_TRY_AGAIN, REASON_CHANGED_MEANWHILE}, false},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
		struct policy_answer expected = rows[i].answer;
		struct login_result result;

		engine_failing_set(
		    ENGINE_GET_LOGIN, (struct engine_fault){.error = rows[i].error, .done = true});
		login_authenticate(fixture->login, &request, &result);
		fixture_expect_result("authenticate", &result, expected.verdict, expected.reason);
		assert_int_equal(result.online, rows[i].online);
		assert_false(result.clear_failures || result.rehash || result.last_login);
		login_result_free(&result);
		fixture_account(fixture, "alice", expected.verdict, expected.reason);
	}
}

static void
test_a_record_of_another_name_is_corrupt(void **state)
{
	struct fixture *fixture = *state;

	engine_failing_set(ENGINE_GET_LOGIN, (struct engine_fault){.username = "mallory"});
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_FAULT, REASON_CORRUPT);
	fixture_account(fixture, "alice", VERDICT_FAULT, REASON_CORRUPT);
}

static void
test_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct login_result result;

	request.deadline_ms = clock_monotonic_ms() - 1;
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result("before", &result, VERDICT_UNAVAILABLE, REASON_DEADLINE);
	assert_int_equal(result.requests, 0);
	login_result_free(&result);
	/* the right password after the deadline is no success either */
	engine_failing_set(ENGINE_GET_LOGIN, (struct engine_fault){.delay_ms = 80});
	request.deadline_ms = clock_monotonic_ms() + 40;
	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result("after", &result, VERDICT_UNAVAILABLE, REASON_DEADLINE);
	login_result_free(&result);
}

static void
test_account_again(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct login_result from;
	struct login_result again;

	login_authenticate(fixture->login, &request, &from);
	engine_failing_reset();
	login_account_again(fixture->login, &request, &from, &again);
	fixture_expect_result("good", &again, VERDICT_SUCCESS, REASON_GOOD);
	assert_true(again.last_login);
	assert_int_equal(again.requests, 0);
	login_result_free(&again);
	request.deadline_ms = clock_monotonic_ms() - 1;
	login_account_again(fixture->login, &request, &from, &again);
	fixture_expect_result("late", &again, VERDICT_UNAVAILABLE, REASON_DEADLINE);
	login_result_free(&again);
	request.deadline_ms = clock_monotonic_ms() + 20000;
	from.user.password_must_change = true;
	login_account_again(fixture->login, &request, &from, &again);
	fixture_expect_result("must change", &again, VERDICT_CHANGE, REASON_MUST_CHANGE);
	login_result_free(&again);
	request.name = "bob";
	login_account_again(fixture->login, &request, &from, &again);
	fixture_expect_result("another name", &again, VERDICT_FAULT, REASON_BUG);
	login_result_free(&again);
	login_result_free(&from);
	request.name = "alice";
	login_account_again(fixture->login, &request, &from, &again);
	fixture_expect_result("no record", &again, VERDICT_FAULT, REASON_BUG);
	login_result_free(&again);
	assert_int_equal(engine_failing_calls(ENGINE_GET_LOGIN), 0);
}

static void
expect_warning(struct fixture *fixture, const char *sentence)
{
	struct login_request request = fixture_request("alice", FIXTURE_PASSWORD);
	struct login_result from;
	struct login_result result;

	login_authenticate(fixture->login, &request, &from);
	fixture_expect_result(sentence, &from, VERDICT_SUCCESS, REASON_GOOD);
	assert_string_equal(from.message, "");
	login_account_again(fixture->login, &request, &from, &result);
	fixture_expect_result(sentence, &result, VERDICT_SUCCESS, REASON_GOOD);
	assert_string_equal(result.message, sentence);
	login_result_free(&from);
	login_result_free(&result);
	login_account(fixture->login, &request, &result);
	fixture_expect_result(sentence, &result, VERDICT_SUCCESS, REASON_GOOD);
	assert_string_equal(result.message, sentence);
	login_result_free(&result);
}

static void
expect_days(struct fixture *fixture, int64_t days, const char *sentence)
{
	int64_t today = store_now(fixture->store) / 86400;

	fixture->conf.max_age_days = today + days; /* alice's dates from the first day of all */
	expect_warning(fixture, sentence);
}

static void
age_till_midnight(struct user *user)
{
	user->password_changed_at = 86400 - 1;
}

static void
test_the_account_step_warns_of_age(void **state)
{
	struct fixture *fixture = *state;

	/* not in the last minute of a day, which would end meanwhile */
	while (store_now(fixture->store) % 86400 > 86400 - 60)
		usleep(1000000);
	expect_days(fixture, 15, "");
	expect_days(fixture, 14, "Your password expires in 14 days.");
	expect_days(fixture, 2, "Your password expires in 2 days.");
	expect_days(fixture, 1, "Your password expires tomorrow.");
	fixture_edit(fixture, "alice", age_till_midnight);
	expect_days(fixture, 0, "Your password expires today.");
	fixture->conf.warn_age_days = 0;
	expect_days(fixture, 1, "");
	fixture->conf.max_age_days = 0;
	fixture->conf.warn_age_days = 14;
	expect_warning(fixture, "");
	fixture_edit(fixture, "alice", must_change);
	fixture_account(fixture, "alice", VERDICT_CHANGE, REASON_MUST_CHANGE);
}

/* Mail addresses need no uid, and rules on uids do not hold for them. */
static void
test_addresses_as_names(void **state)
{
	static const char address[] = "alice@example.org";
	struct fixture *fixture = *state;

	fixture_authenticate(fixture, address, FIXTURE_PASSWORD, VERDICT_UNKNOWN, REASON_BAD_NAME);
	fixture->conf.names = CONF_NAMES_EMAIL;
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_UNKNOWN, REASON_BAD_NAME);
	fixture_account(fixture, "alice", VERDICT_UNKNOWN, REASON_BAD_NAME);
	fixture_authenticate(
	    fixture, address, FIXTURE_PASSWORD, VERDICT_UNKNOWN, REASON_UNKNOWN_USER);
	fixture_authenticate(
	    fixture, "Alice@example.org", FIXTURE_PASSWORD, VERDICT_UNKNOWN, REASON_BAD_NAME);
	fixture_add(fixture, address, 0);
	fixture_add(fixture, "low@example.org", 999);
	fixture_authenticate(fixture, address, FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	fixture_authenticate(fixture, address, FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	assert_int_equal(fixture_failures(fixture, address), 1);
	fixture_account(fixture, address, VERDICT_SUCCESS, REASON_GOOD);
	fixture_authenticate(
	    fixture, "low@example.org", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_CASE(test_situations),
	    FIXTURE_CASE(test_a_bad_hash_is_logged_with_what_to_do),
	    FIXTURE_CASE(test_names_that_are_never_ours_send_nothing),
	    FIXTURE_CASE(test_unknown_name),
	    FIXTURE_CASE(test_passwords_that_nobody_has),
	    FIXTURE_CASE(test_minimum_uid_of_the_request),
	    FIXTURE_CASE(test_every_store_error),
	    FIXTURE_CASE(test_a_record_of_another_name_is_corrupt),
	    FIXTURE_CASE(test_deadline),
	    FIXTURE_CASE(test_account_again),
	    FIXTURE_CASE(test_the_account_step_warns_of_age),
	    FIXTURE_CASE(test_addresses_as_names),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
