/* SPDX-License-Identifier: BSD-2-Clause */
/* Passwords at the page: what is counted, when, and what happens when it cannot be. */
#include "core/login_web.h"

#include "login_fixture.h"

#define HERE "192.0.2.7"
#define NEW "left as snow, on most nights"

static struct login_request
make_request(const char *name, const char *password)
{
	struct login_request request = fixture_request(name, password);

	request.service = "web";
	request.rhost = HERE;
	return request;
}

static int64_t
sign_in(struct fixture *fixture, const char *name, const char *password, enum verdict verdict,
    enum policy_reason reason)
{
	struct login_request request = make_request(name, password);
	struct login_result result;
	int64_t retry_after_s = -1;

	login_web_sign_in(fixture->login, &request, USER_STATUS_ACTIVE, &result, &retry_after_s);
	fixture_expect_result(name, &result, verdict, reason);
	/* nothing of the record leaves with a denial, and no sentence */
	assert_string_equal(result.message, "");
	assert_int_equal(result.user.username != NULL, verdict == VERDICT_SUCCESS);
	(void)login_finish(fixture->login, &request, &result);
	login_result_free(&result);
	return retry_after_s;
}

static int64_t
count(struct fixture *fixture, const char *id)
{
	struct state state;
	int64_t found;

	store_get_state(fixture->store, &fixture->call, id, store_now(fixture->store), &state);
	found = state.count;
	state_free(&state);
	return found;
}

static void
a_good_one_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 3; i++)
		sign_in(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	assert_int_equal(count(fixture, "webfail#alice"), 3);
	assert_int_equal(count(fixture, "webnet#" HERE), 3);
	assert_int_equal(count(fixture, "cap#alice"), 3);
	assert_int_equal(fixture_failures(fixture, "alice"), 0);
	sign_in(fixture, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	assert_int_equal(count(fixture, "webfail#alice"), 0);
	assert_int_equal(count(fixture, "webnet#" HERE), 3);
	assert_int_equal(count(fixture, "cap#alice"), 0);
}

/* Neither uid nor host is asked for. */
static void
no_uid(struct user *user)
{
	user->uid = 0;
	strlist_free(&user->hosts);
}

static void
a_web_account_signs_in(void **state)
{
	struct fixture *fixture = *state;

	fixture_edit(fixture, "alice", no_uid);
	sign_in(fixture, "alice", FIXTURE_PASSWORD, VERDICT_SUCCESS, REASON_GOOD);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_FORBIDDEN, REASON_HOST);
}

static void
disable(struct user *user)
{
	fixture_set_text(&user->status, "disabled");
}

static void
await_mail(struct user *user)
{
	fixture_set_text(&user->status, "pending_email");
}

/* The right password of somebody who may not in counts as a wrong one: who guesses learns nothing.
 */
static void
who_may_not_in_is_denied(void **state)
{
	struct fixture *fixture = *state;

	fixture_edit(fixture, "alice", disable);
	for (int i = 0; i < LOGIN_WEB_FREE; i++)
		sign_in(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_DISABLED);
	assert_in_range(
	    sign_in(fixture, "alice", FIXTURE_PASSWORD, VERDICT_TRY_AGAIN, REASON_THROTTLED), 1,
	    LOGIN_WEB_DELAY_S);
}

static void
who_has_to_confirm_is_wanted_as_such(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = make_request("alice", FIXTURE_PASSWORD);
	struct login_result result;
	int64_t retry_after_s;

	fixture_edit(fixture, "alice", await_mail);
	sign_in(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_PENDING);
	login_web_sign_in(
	    fixture->login, &request, USER_STATUS_PENDING_EMAIL, &result, &retry_after_s);
	fixture_expect_result("pending", &result, VERDICT_SUCCESS, REASON_GOOD);
	assert_false(result.last_login);
	login_result_free(&result);
}

static void
what_is_no_name_is_not_kept(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < LOGIN_WEB_FREE; i++)
		sign_in(fixture, "Geheim! 123", FIXTURE_WRONG, VERDICT_DENY, REASON_UNKNOWN_USER);
	sign_in(fixture, "Geheim! 123", FIXTURE_WRONG, VERDICT_TRY_AGAIN, REASON_THROTTLED);
	assert_null(strstr(fixture->lines, "Geheim"));
	assert_int_equal(count(fixture, "webfail#Geheim! 123"), 0);
}

/* W-35: no counter, no check. */
static void
without_a_counter_nothing_is_verified(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned after = 0; after < 2; after++) {
		engine_failing_reset();
		engine_failing_set(ENGINE_SWAP_STATE,
		    (struct engine_fault){.error = PD_UNAVAILABLE, .after = after});
		sign_in(
		    fixture, "alice", FIXTURE_PASSWORD, VERDICT_UNAVAILABLE, REASON_UNAVAILABLE);
		assert_int_equal(engine_failing_calls(ENGINE_GET_LOGIN), 0);
	}
	engine_failing_reset();
	engine_failing_set(ENGINE_GET_STATE, (struct engine_fault){.error = PD_UNAVAILABLE});
	sign_in(fixture, "alice", FIXTURE_PASSWORD, VERDICT_UNAVAILABLE, REASON_UNAVAILABLE);
	assert_int_equal(engine_failing_calls(ENGINE_GET_LOGIN), 0);
}

/* A counter is written once more often than it counts, however often its answer is lost. */
static void
a_lost_answer_counts_once(void **state)
{
	struct fixture *fixture = *state;

	engine_failing_set(ENGINE_SWAP_STATE,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = true, .times = 1});
	sign_in(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	engine_failing_reset();
	assert_int_equal(count(fixture, "webfail#alice"), 1);
}

static void
the_page_says_where_from(void **state)
{
	struct fixture *fixture = *state;
	struct login_request request = make_request("alice", FIXTURE_PASSWORD);
	struct login_result result;
	int64_t retry_after_s;

	request.rhost = "client.example.net";
	login_web_sign_in(fixture->login, &request, USER_STATUS_ACTIVE, &result, &retry_after_s);
	fixture_expect_result("no network", &result, VERDICT_FAULT, REASON_BUG);
	login_result_free(&result);
}

static void
set_cap(struct fixture *fixture, int64_t events)
{
	struct state none = {.id = strdup("cap#alice")};
	struct state cap = {.id = strdup("cap#alice"),
	    .count = events,
	    .window_start = store_now(fixture->store),
	    .expires_at = store_now(fixture->store) + 1000};

	free(fixture->conf.web_user);
	fixture->conf.web_user = strdup("www-page"); /* a host of the page has a cap */
	assert_int_equal(store_swap_state(fixture->store, &fixture->call, &none, &cap, 1), PD_OK);
	state_free(&none);
	state_free(&cap);
}

/* W-33: one wrong password more, from wherever, and none is good. */
static void
the_cap_is_common(void **state)
{
	struct fixture *fixture = *state;

	set_cap(fixture, 99);
	sign_in(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	sign_in(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_CAPPED);
	fixture_authenticate(fixture, "alice", FIXTURE_PASSWORD, VERDICT_DENY, REASON_CAPPED);
	fixture_account(fixture, "alice", VERDICT_SUCCESS, REASON_GOOD); /* a key login */
}

static void
change(struct fixture *fixture, const char *password, const char *new_password,
    enum verdict verdict, const char *rule)
{
	struct login_request request = make_request("alice", password);
	struct login_result result;
	const char *broken = NULL;

	request.new_password = new_password;
	request.new_password_len = strlen(new_password);
	login_web_change(fixture->login, &request, &result, &broken);
	assert_int_equal(result.verdict, verdict);
	if (rule == NULL)
		assert_null(broken);
	else
		assert_string_equal(broken, rule);
	(void)login_finish(fixture->login, &request, &result);
	login_result_free(&result);
}

/* By a token: this is what ends a cap, and every lock. */
static void
a_reset_ends_the_cap(void **state)
{
	struct fixture *fixture = *state;
	struct user before = fixture_user(fixture, "alice");
	struct user after;

	set_cap(fixture, 100);
	fixture_authenticate(fixture, "alice", FIXTURE_WRONG, VERDICT_DENY, REASON_CAPPED);
	change(fixture, FIXTURE_PASSWORD, NEW, VERDICT_DENY, NULL);
	change(fixture, NULL, "short", VERDICT_REFUSED, "too-short");
	change(fixture, NULL, NEW, VERDICT_SUCCESS, NULL);
	after = fixture_user(fixture, "alice");
	assert_int_equal(after.epoch, before.epoch + 1);
	sign_in(fixture, "alice", NEW, VERDICT_SUCCESS, REASON_GOOD);
	fixture_authenticate(fixture, "alice", NEW, VERDICT_SUCCESS, REASON_GOOD);
	user_free(&before);
	user_free(&after);
}

static void
a_change_takes_the_current_password(void **state)
{
	struct fixture *fixture = *state;

	change(fixture, FIXTURE_WRONG, NEW, VERDICT_DENY, NULL);
	change(fixture, "", NEW, VERDICT_DENY, NULL);
	change(fixture, FIXTURE_PASSWORD, FIXTURE_PASSWORD, VERDICT_REFUSED, "same");
	change(fixture, FIXTURE_PASSWORD, NEW, VERDICT_SUCCESS, NULL);
	fixture_edit(fixture, "alice", disable);
	change(fixture, NEW, FIXTURE_PASSWORD, VERDICT_DENY, NULL);
	change(fixture, NULL, FIXTURE_PASSWORD, VERDICT_DENY, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_CASE(a_good_one_leaves_nothing),
	    FIXTURE_CASE(a_web_account_signs_in),
	    FIXTURE_CASE(who_may_not_in_is_denied),
	    FIXTURE_CASE(who_has_to_confirm_is_wanted_as_such),
	    FIXTURE_CASE(what_is_no_name_is_not_kept),
	    FIXTURE_CASE(without_a_counter_nothing_is_verified),
	    FIXTURE_CASE(a_lost_answer_counts_once),
	    FIXTURE_CASE(the_page_says_where_from),
	    FIXTURE_CASE(the_cap_is_common),
	    FIXTURE_CASE(a_reset_ends_the_cap),
	    FIXTURE_CASE(a_change_takes_the_current_password),
	};

	return secret_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
