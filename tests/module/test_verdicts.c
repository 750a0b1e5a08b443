/* SPDX-License-Identifier: BSD-2-Clause */
/* Every verdict through every entry point, and the two ways to PAM_IGNORE. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/module/host.h"
#include "tests/module/host_log.h"

static const struct row {
	int authenticate;
	int account;
	int change;
} rows[VERDICT_COUNT] = {
    [VERDICT_DENY] = {PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR},
    [VERDICT_UNKNOWN] = {PAM_USER_UNKNOWN, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN},
    [VERDICT_EXPIRED] = {PAM_ACCT_EXPIRED, PAM_ACCT_EXPIRED, PAM_ACCT_EXPIRED},
    [VERDICT_FORBIDDEN] = {PAM_PERM_DENIED, PAM_PERM_DENIED, PAM_PERM_DENIED},
    [VERDICT_UNAVAILABLE] = {PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL},
    [VERDICT_FAULT] = {PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR},
    [VERDICT_NO_MEMORY] = {PAM_BUF_ERR, PAM_BUF_ERR, PAM_BUF_ERR},
    [VERDICT_CHANGE] = {PAM_SERVICE_ERR, PAM_NEW_AUTHTOK_REQD, PAM_SERVICE_ERR},
    [VERDICT_REFUSED] = {PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_AUTHTOK_ERR},
    [VERDICT_TRY_AGAIN] = {PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_TRY_AGAIN},
    [VERDICT_SUCCESS] = {PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS},
};

static void
expect(int code, int expected, enum verdict verdict, const char *what)
{
	if (code != expected)
		fail_msg("%s, verdict %d: %s instead of %s", what, (int)verdict,
		    pam_strerror(NULL, code), pam_strerror(NULL, expected));
}

static void
each_verdict_has_its_code(void **state)
{
	(void)state;
	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		struct double_step step = double_verdict(verdict, NULL, NULL);

		expect(host_once(&step, HOST_AUTHENTICATE, "secret", NULL),
		    rows[verdict].authenticate, verdict, "authenticate");
		expect(host_once(&step, HOST_ACCOUNT, NULL, NULL), rows[verdict].account, verdict,
		    "account");
		expect(host_once(&step, HOST_CHANGE, "secret", NULL), rows[verdict].change, verdict,
		    "change");
	}
}

static void
a_verdict_that_does_not_exist_is_a_fault(void **state)
{
	struct double_step step = double_verdict(VERDICT_COUNT, NULL, NULL);
	struct double_step last = double_verdict(255, NULL, NULL);

	(void)state;
	assert_int_equal(host_once(&step, HOST_AUTHENTICATE, "secret", NULL), PAM_SERVICE_ERR);
	assert_int_equal(host_once(&last, HOST_ACCOUNT, NULL, NULL), PAM_SERVICE_ERR);
}

static void
ignore_is_for_one_verdict_each(void **state)
{
	static const enum host_step steps[] = {HOST_AUTHENTICATE, HOST_ACCOUNT, HOST_CHANGE};

	(void)state;
	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		struct double_step step = double_verdict(verdict, NULL, NULL);

		for (size_t i = 0; i < 3; i++) {
			int code = host_once(&step, steps[i], "secret", "ignore_unknown_user");

			assert_true((code == PAM_IGNORE) == (verdict == VERDICT_UNKNOWN));
			code = host_once(&step, steps[i], "secret", "ignore_authinfo_unavail");
			assert_true((code == PAM_IGNORE) == (verdict == VERDICT_UNAVAILABLE));
			code = host_once(&step, steps[i], "secret", NULL);
			assert_true(code != PAM_IGNORE);
		}
	}
}

/* A stack of nothing but an ignored module admits nobody. */
static void
ignored_alone_is_denied(void **state)
{
	struct host host;
	char stack[8192];

	(void)state;
	snprintf(stack, sizeof(stack), "auth required %s socket=/nonexistent %s\n",
	    host_module_path(), "ignore_authinfo_unavail ignore_unknown_user");
	host_open_stack(&host, "alice", stack);
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_PERM_DENIED);
	host_close(&host);
}

static void
there_is_nothing_to_do_in_the_rest(void **state)
{
	struct host host;

	(void)state;
	host_open(&host, "alice", "/nonexistent", NULL);
	assert_int_equal(host_call(&host, HOST_CRED, PAM_ESTABLISH_CRED), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_OPEN, 0), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_CLOSE, 0), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_CRED, PAM_DELETE_CRED), PAM_SUCCESS);
	assert_string_equal(host_log(), "");
	host_close(&host);
}

static void
names_that_are_not_ours_are_asked_for_and_unknown(void **state)
{
	static const char *const names[] = {"root", "Alice", "1alice", "-alice", "al ice",
	    "alice@b", "../alice", "alice\n", "\xc3\xa4lice", "abcdefghijklmnopqrstuvwxyzabcdef"};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct host host;
		const void *user;

		host_open(&host, names[i], double_path(service), NULL);
		host_answer(&host, PAM_SUCCESS, "secret");
		assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_USER_UNKNOWN);
		assert_int_equal(host.asked, 1);
		assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_USER_UNKNOWN);
		assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_USER_UNKNOWN);
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
	    cmocka_unit_test(each_verdict_has_its_code),
	    cmocka_unit_test(a_verdict_that_does_not_exist_is_a_fault),
	    cmocka_unit_test(ignore_is_for_one_verdict_each),
	    cmocka_unit_test(ignored_alone_is_denied),
	    cmocka_unit_test(there_is_nothing_to_do_in_the_rest),
	    cmocka_unit_test(names_that_are_not_ours_are_asked_for_and_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
