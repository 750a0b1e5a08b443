/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole decision as one table: each trouble, its last good and its first bad second, and which
 * of several counts; what the account step answers, and authenticate with the right password. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/policy.h"

#define DAY 86400
#define NOW (20000 * (int64_t)DAY + 3600) /* one o'clock at night, UTC */
#define NONE (-1)                         /* for a number that the record does not have */

/* Zero stands for what a good account has. */
struct row {
	const char *label;
	const char *status;
	int64_t uid;         /* 2000 */
	const char *service; /* the record's only one; NULL: every service */
	const char *host;    /* the record's only one; NULL: `*`; "": nowhere */
	int64_t account_expires_at;
	int64_t locked_until;
	int64_t changed_at; /* NOW - 10 days */
	int64_t created_at;
	int64_t max_age_days;
	int64_t now; /* NOW */
	bool must_change;
	bool key_only;
	bool local;
	bool host_silent; /* the host names no service */
	struct policy_answer account;
	struct policy_answer right; /* NONE of both: as account */
};

#define SUCCESS                              \
	{                                    \
		VERDICT_SUCCESS, REASON_GOOD \
	}
#define LOCKED {VERDICT_FORBIDDEN, REASON_LOCKED}, .right = {VERDICT_DENY, REASON_LOCKED}
#define MUST_CHANGE \
	{VERDICT_CHANGE, REASON_MUST_CHANGE}, .right = {VERDICT_SUCCESS, REASON_MUST_CHANGE}
#define TOO_OLD                                    \
	{VERDICT_CHANGE, REASON_PASSWORD_EXPIRED}, \
	    .right = {VERDICT_SUCCESS, REASON_PASSWORD_EXPIRED}

static const struct row rows[] = {
    {"good", .account = SUCCESS},

    {"active", .status = "active", .account = SUCCESS},
    {"pending a mail", .status = "pending_email", .account = {VERDICT_EXPIRED, REASON_PENDING}},
    {"pending approval", .status = "pending_approval",
	.account = {VERDICT_EXPIRED, REASON_PENDING}},
    {"disabled", .status = "disabled", .account = {VERDICT_EXPIRED, REASON_DISABLED}},
    {"closed", .status = "closed", .account = {VERDICT_EXPIRED, REASON_CLOSED}},
    {"a word that is none", .status = "Active", .account = {VERDICT_FAULT, REASON_CORRUPT}},
    {"no word", .status = "", .account = {VERDICT_FAULT, REASON_CORRUPT}},

    {"expires in a second", .account_expires_at = NOW + 1, .account = SUCCESS},
    {"expires now", .account_expires_at = NOW,
	.account = {VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED}},
    {"expired long ago", .account_expires_at = 1,
	.account = {VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED}},
    {"expires after 2038", .account_expires_at = INT64_C(1) << 40, .account = SUCCESS},

    {"lock in its last second", .locked_until = NOW + 1, .account = LOCKED},
    {"lock over", .locked_until = NOW, .account = SUCCESS},

    {"lowest uid", .uid = 1000, .account = SUCCESS},
    {"uid below", .uid = 999, .account = {VERDICT_UNKNOWN, REASON_LOW_UID}},
    {"uid below, local", .uid = 999, .local = true, .account = {VERDICT_UNKNOWN, REASON_LOW_UID}},
    {"web account", .uid = NONE, .account = {VERDICT_UNKNOWN, REASON_NO_UID}},
    {"web account, local", .uid = NONE, .local = true, .account = SUCCESS},

    {"service", .service = "sshd", .account = SUCCESS},
    {"service in capitals", .service = "SSHD", .account = SUCCESS},
    {"service by a pattern", .service = "ss[gh]?", .account = SUCCESS},
    {"every service", .service = "*", .account = SUCCESS},
    {"another service", .service = "ssh", .account = {VERDICT_FORBIDDEN, REASON_SERVICE}},
    {"another pattern", .service = "sshd?*", .account = {VERDICT_FORBIDDEN, REASON_SERVICE}},
    {"a group of services is none", .service = "@web",
	.account = {VERDICT_FORBIDDEN, REASON_SERVICE}},
    {"a host without services", .service = "?*", .host_silent = true,
	.account = {VERDICT_FORBIDDEN, REASON_SERVICE}},
    {"no service asked, none set", .host_silent = true, .account = SUCCESS},
    {"no service asked, every one set", .service = "*", .host_silent = true, .account = SUCCESS},

    {"short name", .host = "web1", .account = SUCCESS},
    {"full name", .host = "web1.example.org", .account = SUCCESS},
    {"pattern of the full name", .host = "*.Example.org", .account = SUCCESS},
    {"group", .host = "@front", .account = SUCCESS},
    {"nowhere", .host = "", .account = {VERDICT_FORBIDDEN, REASON_HOST}},
    {"another host", .host = "web2", .account = {VERDICT_FORBIDDEN, REASON_HOST}},
    {"another group", .host = "@back", .account = {VERDICT_FORBIDDEN, REASON_HOST}},
    {"the group's name is no host", .host = "front", .account = {VERDICT_FORBIDDEN, REASON_HOST}},

    {"must change", .must_change = true, .account = MUST_CHANGE},
    {"must change, without a password", .must_change = true, .key_only = true, .account = SUCCESS},
    {"ages in a second", .changed_at = NOW - 30 * DAY + 1, .max_age_days = 30, .account = SUCCESS},
    {"aged", .changed_at = NOW - 30 * DAY, .max_age_days = 30, .account = TOO_OLD},
    {"old, where nothing ages", .changed_at = 1, .account = SUCCESS},
    {"set tomorrow, by another clock", .changed_at = NOW + DAY, .max_age_days = 1,
	.account = SUCCESS},
    {"as old as the record, young", .changed_at = NONE, .created_at = NOW - DAY, .max_age_days = 30,
	.account = SUCCESS},
    {"as old as the record, old", .changed_at = NONE, .created_at = NOW - 30 * DAY,
	.max_age_days = 30, .account = TOO_OLD},
    {"of no known age", .changed_at = NONE, .max_age_days = 36500, .account = TOO_OLD},
    {"aged, without a password", .changed_at = 1, .max_age_days = 1, .key_only = true,
	.account = SUCCESS},
    {"a clock before the change", .now = 1000, .max_age_days = 30, .account = SUCCESS},
    {"a clock before the account's end", .now = 1000, .account_expires_at = NOW,
	.account = SUCCESS},

    {"everything, by its uid", .uid = 5, .locked_until = NOW + 60, .status = "disabled",
	.account_expires_at = 1, .service = "sudo", .host = "", .must_change = true,
	.account = {VERDICT_UNKNOWN, REASON_LOW_UID}},
    {"everything else, by its lock", .uid = NONE, .locked_until = NOW + 60, .status = "disabled",
	.account_expires_at = 1, .service = "sudo", .host = "", .must_change = true,
	.account = LOCKED},
    {"and then by its status", .uid = NONE, .status = "disabled", .account_expires_at = 1,
	.service = "sudo", .host = "", .must_change = true,
	.account = {VERDICT_EXPIRED, REASON_DISABLED}},
    {"and then by its end", .uid = NONE, .account_expires_at = 1, .service = "sudo", .host = "",
	.must_change = true, .account = {VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED}},
    {"and then by the service", .uid = NONE, .service = "sudo", .host = "", .must_change = true,
	.account = {VERDICT_FORBIDDEN, REASON_SERVICE}},
    {"and then by the host", .uid = NONE, .host = "", .must_change = true,
	.account = {VERDICT_FORBIDDEN, REASON_HOST}},
    {"and then by the missing uid", .uid = NONE, .must_change = true,
	.account = {VERDICT_UNKNOWN, REASON_NO_UID}},
    {"must change and too old", .must_change = true, .changed_at = 1, .max_age_days = 1,
	.account = MUST_CHANGE},
};

/* Room for the texts of one record. */
struct made {
	char status[32];
	char service[32];
	char host[32];
	char *services[1];
	char *hosts[1];
	struct user user;
	struct state fail;
	struct policy_context context;
};

static int64_t
number(int64_t value, int64_t usual)
{
	return value == 0 ? usual : value == NONE ? 0 : value;
}

static void
make(const struct row *row, struct made *out)
{
	static char front[] = "front";
	static char *group_names[] = {front};
	static const struct strlist groups = {group_names, 1};
	static char name[] = "alice";
	static char hash[] = "$argon2id$";

	*out = (struct made){0};
	snprintf(
	    out->status, sizeof(out->status), "%s", row->status == NULL ? "active" : row->status);
	snprintf(out->host, sizeof(out->host), "%s", row->host == NULL ? "*" : row->host);
	snprintf(
	    out->service, sizeof(out->service), "%s", row->service == NULL ? "" : row->service);
	out->services[0] = out->service;
	out->hosts[0] = out->host;
	out->user = (struct user){.username = name,
	    .status = out->status,
	    .password = row->key_only ? NULL : hash,
	    .password_changed_at = number(row->changed_at, NOW - 10 * DAY),
	    .password_must_change = row->must_change,
	    .account_expires_at = row->account_expires_at,
	    .uid = number(row->uid, 2000),
	    .services = {out->services, row->service != NULL},
	    .hosts = {out->hosts, out->host[0] != '\0'},
	    .created_at = row->created_at};
	out->fail = (struct state){.version = 1, .locked_until = row->locked_until};
	out->context = (struct policy_context){.host_short = "web1",
	    .host_full = "web1.example.org",
	    .host_groups = &groups,
	    .service = row->host_silent ? NULL : "sshd",
	    .now = number(row->now, NOW),
	    .minimum_uid = 1000,
	    .max_age_days = row->max_age_days,
	    .local_allowed = row->local};
}

static void
expect(const char *label, const char *phase, struct policy_answer answer, struct policy_answer want)
{
	if (answer.verdict != want.verdict || answer.reason != want.reason)
		fail_msg("%s, %s: verdict %d, %s instead of %d, %s", label, phase,
		    (int)answer.verdict, policy_reason_word(answer.reason), (int)want.verdict,
		    policy_reason_word(want.reason));
}

static void
test_the_table(void **state)
{
	static const struct policy_answer wrong = {VERDICT_DENY, REASON_WRONG_PASSWORD};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct policy_answer account;
		struct made made;

		make(row, &made);
		account = policy_account(&made.user, &made.fail, &made.context);
		expect(row->label, "account", account, row->account);
		expect(row->label, "right password", policy_authenticate(account, true),
		    row->right.reason == REASON_NONE ? row->account : row->right);
		expect(row->label, "wrong password", policy_authenticate(account, false), wrong);
	}
}

/* A host name or group that the configuration does not give matches nothing. */
static void
test_a_host_without_names(void **state)
{
	static const char *const patterns[] = {"web1", "?*", "@front", "@"};

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct row row = {.host = patterns[i]};
		struct made made;

		make(&row, &made);
		made.context.host_short = made.context.host_full = NULL;
		made.context.host_groups = NULL;
		expect(patterns[i], "account", policy_account(&made.user, NULL, &made.context),
		    (struct policy_answer){VERDICT_FORBIDDEN, REASON_HOST});
	}
}

static void
test_days_left(void **state)
{
	static const struct {
		const char *label;
		int64_t changed_at;
		int64_t created_at;
		int64_t max_age_days;
		int64_t warn_age_days;
		int64_t days;
	} cases[] = {
	    {"fifteen days", NOW - 15 * DAY, 0, 30, 14, -1},
	    {"fourteen days", NOW - 16 * DAY, 0, 30, 14, 14},
	    {"fourteen days and the last second of that day", NOW - 16 * DAY + 23 * 3600 - 1, 0, 30,
		14, 14},
	    {"and a second", NOW - 16 * DAY + 23 * 3600, 0, 30, 14, -1},
	    {"tomorrow at this time", NOW - 29 * DAY, 0, 30, 14, 1},
	    {"first second of tomorrow", NOW - 30 * DAY + 23 * 3600, 0, 30, 14, 1},
	    {"last second of today", NOW - 30 * DAY + 23 * 3600 - 1, 0, 30, 14, 0},
	    {"in a second", NOW - 30 * DAY + 1, 0, 30, 14, 0},
	    {"now", NOW - 30 * DAY, 0, 30, 14, -1},
	    {"long ago", 1, 0, 30, 14, -1},
	    {"as old as the record", NONE, NOW - 28 * DAY, 30, 14, 2},
	    {"of no known age", NONE, 0, 30, 14, -1},
	    {"no warning", NOW - 29 * DAY, 0, 30, 0, -1},
	    {"no age", NOW - 29 * DAY, 0, 0, 14, -1},
	    {"a warning all the time", NOW, 0, 1, 36500, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct row row = {.changed_at = cases[i].changed_at,
		    .created_at = cases[i].created_at,
		    .max_age_days = cases[i].max_age_days};
		struct made made;
		int64_t days;

		make(&row, &made);
		made.context.warn_age_days = cases[i].warn_age_days;
		days = policy_days_left(&made.user, &made.context);
		if (days != cases[i].days)
			fail_msg("%s: %ld days", cases[i].label, (long)days);
		made.user.password = NULL;
		assert_int_equal(policy_days_left(&made.user, &made.context), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_table),
	    cmocka_unit_test(test_a_host_without_names),
	    cmocka_unit_test(test_days_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
