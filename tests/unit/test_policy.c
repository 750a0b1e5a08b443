/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/policy.h"

#define NOW 1000000
#define DAY 86400

/* A good account; each row of the tables breaks one thing, or two to show which counts first. */
static const struct user good = {
    .username = (char[]){"alice"},
    .status = (char[]){"active"},
    .password = (char[]){"$argon2id$"},
    .password_changed_at = NOW - 10 * DAY,
    .uid = 2000,
    .hosts = {(char *[]){(char[]){"*"}}, 1},
};

static const struct policy_context here = {
    .host_short = "web1",
    .host_full = "web1.example.org",
    .service = "sshd",
    .now = NOW,
    .minimum_uid = 1000,
};

static void
expect(const char *label, const struct user *user, const struct state *fail,
    const struct policy_context *context, enum verdict verdict, enum policy_reason reason)
{
	struct policy_answer answer = policy_account(user, fail, context);

	if (answer.verdict != verdict || answer.reason != reason)
		fail_msg(
		    "%s: %d %s", label, (int)answer.verdict, policy_reason_word(answer.reason));
}

static void
test_good_account(void **state)
{
	(void)state;
	expect("good", &good, NULL, &here, VERDICT_SUCCESS, REASON_GOOD);
}

static void
test_status(void **state)
{
	static const struct {
		const char *word;
		enum verdict verdict;
		enum policy_reason reason;
	} rows[] = {
	    {"active", VERDICT_SUCCESS, REASON_GOOD},
	    {"pending_email", VERDICT_EXPIRED, REASON_PENDING},
	    {"pending_approval", VERDICT_EXPIRED, REASON_PENDING},
	    {"disabled", VERDICT_EXPIRED, REASON_DISABLED},
	    {"closed", VERDICT_EXPIRED, REASON_CLOSED},
	    {"Active", VERDICT_FAULT, REASON_CORRUPT},
	    {"", VERDICT_FAULT, REASON_CORRUPT},
	    {NULL, VERDICT_FAULT, REASON_CORRUPT},
	};
	struct user user = good;
	char word[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(word, sizeof(word), "%s", rows[i].word == NULL ? "" : rows[i].word);
		user.status = rows[i].word == NULL ? NULL : word;
		expect(word, &user, NULL, &here, rows[i].verdict, rows[i].reason);
	}
}

/* Zeroed memory lets nobody in. */
static void
test_zeroed_record(void **state)
{
	static const struct user empty;
	static const struct policy_context nowhere;

	(void)state;
	expect("zeroed", &empty, NULL, &nowhere, VERDICT_FAULT, REASON_CORRUPT);
	assert_int_equal(
	    policy_authenticate((struct policy_answer){0}, true).verdict, VERDICT_DENY);
}

static void
test_expiry_and_lock_end_on_the_second(void **state)
{
	struct user user = good;
	struct state fail = {.version = 1, .locked_until = NOW + 1};

	(void)state;
	user.account_expires_at = NOW + 1;
	expect("a second left", &user, NULL, &here, VERDICT_SUCCESS, REASON_GOOD);
	user.account_expires_at = NOW;
	expect("expired", &user, NULL, &here, VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED);
	expect("locked", &good, &fail, &here, VERDICT_FORBIDDEN, REASON_LOCKED);
	fail.locked_until = NOW;
	expect("lock over", &good, &fail, &here, VERDICT_SUCCESS, REASON_GOOD);
}

static void
test_uid(void **state)
{
	struct policy_context local = here;
	struct user user = good;

	(void)state;
	local.local_allowed = true;
	user.uid = 1000;
	expect("minimum", &user, NULL, &here, VERDICT_SUCCESS, REASON_GOOD);
	user.uid = 999;
	expect("low", &user, NULL, &here, VERDICT_UNKNOWN, REASON_LOW_UID);
	expect("low, local", &user, NULL, &local, VERDICT_UNKNOWN, REASON_LOW_UID);
	user.uid = 0;
	expect("web account", &user, NULL, &here, VERDICT_UNKNOWN, REASON_NO_UID);
	expect("local account", &user, NULL, &local, VERDICT_SUCCESS, REASON_GOOD);
	user.hosts = (struct strlist){0};
	expect("web account without hosts", &user, NULL, &here, VERDICT_FORBIDDEN, REASON_HOST);
}

static void
test_password_age(void **state)
{
	struct policy_context aging = here;
	struct user user = good;

	(void)state;
	aging.max_age_days = 10;
	expect("old enough", &user, NULL, &aging, VERDICT_CHANGE, REASON_PASSWORD_EXPIRED);
	user.password_changed_at++;
	expect("a second younger", &user, NULL, &aging, VERDICT_SUCCESS, REASON_GOOD);
	user.password_changed_at = 0;
	expect("date unknown", &user, NULL, &aging, VERDICT_CHANGE, REASON_PASSWORD_EXPIRED);
	expect("no aging", &user, NULL, &here, VERDICT_SUCCESS, REASON_GOOD);
	user.password_must_change = true;
	expect("must change", &user, NULL, &here, VERDICT_CHANGE, REASON_MUST_CHANGE);
	user.password = NULL;
	expect("key logins only", &user, NULL, &aging, VERDICT_SUCCESS, REASON_GOOD);
}

/* Takes the first trouble away again and again, and sees the next one come up. */
static void
test_order(void **state)
{
	struct policy_context aging = here;
	struct user user = good;
	struct state fail = {.version = 1, .locked_until = NOW + 60};
	char *other[] = {(char[]){"other"}};

	(void)state;
	aging.max_age_days = 1;
	user.uid = 5;
	user.status = (char[]){"disabled"};
	user.account_expires_at = 1;
	user.services = (struct strlist){other, 1};
	user.hosts = (struct strlist){other, 1};
	expect("uid", &user, &fail, &aging, VERDICT_UNKNOWN, REASON_LOW_UID);
	user.uid = 0;
	expect("lock", &user, &fail, &aging, VERDICT_FORBIDDEN, REASON_LOCKED);
	expect("status", &user, NULL, &aging, VERDICT_EXPIRED, REASON_DISABLED);
	user.status = (char[]){"active"};
	expect("expiry", &user, NULL, &aging, VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED);
	user.account_expires_at = 0;
	expect("service", &user, NULL, &aging, VERDICT_FORBIDDEN, REASON_SERVICE);
	user.services = (struct strlist){0};
	expect("host", &user, NULL, &aging, VERDICT_FORBIDDEN, REASON_HOST);
	user.hosts = good.hosts;
	expect("no uid", &user, NULL, &aging, VERDICT_UNKNOWN, REASON_NO_UID);
	user.uid = 2000;
	expect("age", &user, NULL, &aging, VERDICT_CHANGE, REASON_PASSWORD_EXPIRED);
}

static void
test_hosts(void **state)
{
	static const struct {
		const char *pattern;
		bool allowed;
	} rows[] = {
	    {"*", true},
	    {"web1", true},
	    {"WEB1", true},
	    {"web1.example.org", true},
	    {"Web1.Example.Org", true},
	    {"web?", true},
	    {"web[0-9]", true},
	    {"*.example.org", true},
	    {"web*", true},
	    {"web2", false},
	    {"web", false},
	    {"eb1", false},
	    {"web1.example", false},
	    {"*.example.com", false},
	    {"", false},
	    {"@front", true},
	    {"@back", false},
	    {"@", false},
	    {"front", false},
	};
	char *groups[] = {(char[]){"front"}};
	struct strlist group_list = {groups, 1};
	struct policy_context context = here;
	char pattern[32];
	char *items[2] = {(char[]){"nowhere"}, pattern};
	struct strlist hosts = {items, 2};

	(void)state;
	context.host_groups = &group_list;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(pattern, sizeof(pattern), "%s", rows[i].pattern);
		if (policy_host_allowed(&hosts, &context) != rows[i].allowed)
			fail_msg("%s", pattern);
	}
	hosts.len = 0;
	assert_false(policy_host_allowed(&hosts, &context));
}

static void
test_services(void **state)
{
	char *items[] = {(char[]){"sshd"}, (char[]){"sudo"}};
	struct strlist none = {0};
	struct strlist two = {items, 2};

	(void)state;
	assert_true(policy_service_allowed(&none, "login"));
	assert_true(policy_service_allowed(&none, NULL));
	assert_true(policy_service_allowed(&two, "sudo"));
	assert_false(policy_service_allowed(&two, "login"));
	assert_false(policy_service_allowed(&two, "ssh"));
	assert_false(policy_service_allowed(&two, ""));
	assert_false(policy_service_allowed(&two, NULL));
}

static void
test_authenticate(void **state)
{
	static const struct {
		struct policy_answer account;
		struct policy_answer matched;
	} rows[] = {
	    {{VERDICT_SUCCESS, REASON_GOOD}, {VERDICT_SUCCESS, REASON_GOOD}},
	    {{VERDICT_CHANGE, REASON_MUST_CHANGE}, {VERDICT_SUCCESS, REASON_MUST_CHANGE}},
	    {{VERDICT_EXPIRED, REASON_DISABLED}, {VERDICT_EXPIRED, REASON_DISABLED}},
	    {{VERDICT_FORBIDDEN, REASON_HOST}, {VERDICT_FORBIDDEN, REASON_HOST}},
	    {{VERDICT_FORBIDDEN, REASON_LOCKED}, {VERDICT_DENY, REASON_LOCKED}},
	    {{VERDICT_UNKNOWN, REASON_NO_UID}, {VERDICT_UNKNOWN, REASON_NO_UID}},
	    {{VERDICT_FAULT, REASON_CORRUPT}, {VERDICT_FAULT, REASON_CORRUPT}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy_answer answer = policy_authenticate(rows[i].account, true);

		assert_int_equal(answer.verdict, rows[i].matched.verdict);
		assert_int_equal(answer.reason, rows[i].matched.reason);
		answer = policy_authenticate(rows[i].account, false);
		assert_int_equal(answer.verdict, VERDICT_DENY);
		assert_int_equal(answer.reason, REASON_WRONG_PASSWORD);
	}
}

static void
test_every_reason_has_its_own_word(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT_; i++) {
		const char *word = policy_reason_word((enum policy_reason)i);

		assert_true(i == REASON_BUG || strcmp(word, "bug") != 0);
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(word, policy_reason_word((enum policy_reason)j));
	}
	assert_string_equal(policy_reason_word(REASON_COUNT_), "bug");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_account),
	    cmocka_unit_test(test_status),
	    cmocka_unit_test(test_zeroed_record),
	    cmocka_unit_test(test_expiry_and_lock_end_on_the_second),
	    cmocka_unit_test(test_uid),
	    cmocka_unit_test(test_password_age),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_services),
	    cmocka_unit_test(test_authenticate),
	    cmocka_unit_test(test_every_reason_has_its_own_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
