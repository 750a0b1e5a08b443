/* SPDX-License-Identifier: BSD-2-Clause */
/* The name that is asked about is the handle's, also where a conversation changes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/module/host.h"
#include "tests/module/host_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CHANGED "PAM_USER was changed in the conversation"

static const unsigned char ticket[PROTOCOL_TICKET_LEN] = "0123456789abcde";

static void
asked_about(const struct service_double *service, size_t n, const char *name)
{
	struct frame request = double_request(service, n);
	char user[64];

	assert_true(frame_string(&request, PROTOCOL_TAG_USER, user, sizeof(user)));
	assert_string_equal(user, name);
}

static bool
ticket_sent(const struct service_double *service, size_t n)
{
	struct frame request = double_request(service, n);

	return frame_find(&request, PROTOCOL_TAG_TICKET) != NULL;
}

/* Answers `text` and says at the same time that the user is `name`. */
static void
answer_and_rename(struct host *host, const char *text, const char *name)
{
	host_answer(host, PAM_SUCCESS, text);
	host->answers[host->answer_count - 1].item = PAM_USER;
	host->answers[host->answer_count - 1].value = name;
}

static void
a_login_is_about_the_name_after_the_prompt(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, ticket);
	struct service_double *service = double_start(&step, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	answer_and_rename(&host, "secret", "bob");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
	asked_about(service, 0, "bob");
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
	asked_about(service, 1, "bob");
	assert_true(ticket_sent(service, 1));
	assert_int_equal(pam_set_item(host.pamh, PAM_USER, "alice"), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
	asked_about(service, 2, "alice");
	assert_false(ticket_sent(service, 2));
	host_close(&host);
	double_stop(service);
}

static void
a_name_that_is_not_ours_is_unknown_after_the_prompt_too(void **state)
{
	static const char *const names[] = {"root", "", "../alice", "alice\n"};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct host host;

		host_open(&host, "alice", double_path(service), NULL);
		answer_and_rename(&host, "secret", names[i]);
		assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_USER_UNKNOWN);
		host_close(&host);
	}
	assert_int_equal(double_request_count(service), 0);
	double_stop(service);
}

/* The handle loses its name: libpam would ask for another in the next call. */
static void
a_name_that_is_taken_away_is_unknown(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	answer_and_rename(&host, "secret", NULL);
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_USER_UNKNOWN);
	assert_int_equal(double_request_count(service), 0);
	host_close(&host);
	double_stop(service);
}

/* A message is a conversation as well; what it follows was said about the earlier name. */
static void
an_account_step_is_not_good_for_another_name(void **state)
{
	static const struct {
		enum verdict verdict;
		int code;
		bool logged;
	} rows[] = {
	    {VERDICT_SUCCESS, PAM_SERVICE_ERR, true},
	    {VERDICT_CHANGE, PAM_SERVICE_ERR, true},
	    {VERDICT_EXPIRED, PAM_ACCT_EXPIRED, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct double_step step = double_verdict(rows[i].verdict, "Hello.", NULL);
		struct service_double *service = double_start(&step, 1);
		struct host host;

		host_open(&host, "alice", double_path(service), NULL);
		host.told_user = "bob";
		assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), rows[i].code);
		assert_true((strstr(host_log(), CHANGED) != NULL) == rows[i].logged);
		asked_about(service, 0, "alice");
		host_close(&host);
		double_stop(service);
	}
}

/* Which of the three prompts brings the other name; nothing more is asked of the service then. */
static void
a_change_of_password_stays_with_its_name(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);

	(void)state;
	for (size_t prompt = 0; prompt < 3; prompt++) {
		struct service_double *service = double_start(&step, 1);
		struct host host;

		host_open(&host, "alice", double_path(service), NULL);
		for (size_t i = 0; i < 3; i++)
			answer_and_rename(&host, "same", i < prompt ? "alice" : "bob");
		assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SERVICE_ERR);
		assert_non_null(strstr(host_log(), CHANGED));
		assert_int_equal(double_request_count(service), prompt == 0 ? 0 : 1);
		host_close(&host);
		double_stop(service);
	}
}

static void
the_ticket_belongs_to_the_last_login(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, ticket);
	struct service_double *service = double_start(&step, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
	assert_int_equal(pam_set_item(host.pamh, PAM_USER, "bob"), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
	assert_int_equal(pam_set_item(host.pamh, PAM_USER, "alice"), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
	assert_false(ticket_sent(service, 2));
	host_close(&host);
	double_stop(service);
}

/* libpam hands on whatever the host's function returned. */
static void
no_name_is_no_success_and_never_ignored(void **state)
{
	static const struct {
		int conversation;
		const char *text;
		int code;
	} rows[] = {
	    {PAM_SUCCESS, NULL, PAM_CONV_ERR},
	    {PAM_SUCCESS, "", PAM_USER_UNKNOWN},
	    {PAM_CONV_ERR, NULL, PAM_CONV_ERR},
	    {PAM_CONV_ERR, "alice", PAM_CONV_ERR},
	    {PAM_IGNORE, NULL, PAM_CONV_ERR},
	    {PAM_IGNORE, "alice", PAM_CONV_ERR},
	    {PAM_ABORT, "alice", PAM_CONV_ERR},
	    {PAM_NEW_AUTHTOK_REQD, "alice", PAM_CONV_ERR},
	    {99, "alice", PAM_CONV_ERR},
	    {-1, "alice", PAM_CONV_ERR},
	    {PAM_CONV_AGAIN, NULL, PAM_INCOMPLETE},
	};
	static const enum host_step steps[] = {HOST_AUTHENTICATE, HOST_ACCOUNT, HOST_CHANGE};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(rows) * COUNT(steps); i++) {
		struct host host;
		int code;

		host_open(&host, NULL, double_path(service),
		    "ignore_unknown_user ignore_authinfo_unavail");
		host_answer(&host, rows[i / 3].conversation, rows[i / 3].text);
		code = host_call(&host, steps[i % 3], 0);
		if (rows[i / 3].code == PAM_USER_UNKNOWN && code == PAM_IGNORE)
			code = PAM_USER_UNKNOWN; /* as the argument asks */
		if (code != rows[i / 3].code)
			fail_msg("row %zu, step %d: code %d", i / 3, (int)steps[i % 3], code);
		host_close(&host);
	}
	assert_int_equal(double_request_count(service), 0);
	double_stop(service);
}

static void
hostile_names_reach_nobody(void **state)
{
	static char overlong[65537];
	static char cut_short[300];
	static const char *const names[] = {"", ".", "..", "../root", "a/b", "/alice", "a\tb",
	    "alice\n", "alice\r\n", "\x01", "a\x7f", "a\x1b[2Jb", "%s%n", "a%n", "\xff\xfe",
	    "al\xc3", "\xc3\xa4", "al ice", "alice ", " alice", "alice#", "email#alice", "a:b",
	    "a,b", "a*", "a\\b", "-rf", "1000", "alice$", "Alice", "root",
	    "abcdefghijklmnopqrstuvwxyzabcdef", cut_short, overlong};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);

	(void)state;
	memset(overlong, 'a', sizeof(overlong) - 1);
	memset(cut_short, 'a', sizeof(cut_short) - 1);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct host host;
		const void *user = NULL;

		host_open(&host, names[i], double_path(service), "debug");
		host_answer(&host, PAM_SUCCESS, "secret");
		assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_USER_UNKNOWN);
		assert_int_equal(host.asked, 1);
		assert_string_equal(host.prompts[0].text, "Password: ");
		assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_USER_UNKNOWN);
		assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_USER_UNKNOWN);
		assert_int_equal(host.asked, 1);
		assert_int_equal(host.told, 0);
		assert_string_equal(host_log(), "");
		assert_int_equal(pam_get_item(host.pamh, PAM_USER, &user), PAM_SUCCESS);
		assert_string_equal(user, names[i]);
		host_close(&host);
	}
	assert_int_equal(double_request_count(service), 0);
	double_stop(service);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_login_is_about_the_name_after_the_prompt),
	    cmocka_unit_test(a_name_that_is_not_ours_is_unknown_after_the_prompt_too),
	    cmocka_unit_test(a_name_that_is_taken_away_is_unknown),
	    cmocka_unit_test(an_account_step_is_not_good_for_another_name),
	    cmocka_unit_test(a_change_of_password_stays_with_its_name),
	    cmocka_unit_test(the_ticket_belongs_to_the_last_login),
	    cmocka_unit_test(no_name_is_no_success_and_never_ignored),
	    cmocka_unit_test(hostile_names_reach_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
