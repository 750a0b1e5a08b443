/* SPDX-License-Identifier: BSD-2-Clause */
/* The delay of a failed login: one for every name, and none that the module takes itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/module/host.h"

/* libpam draws from the two seconds asked for, a quarter less or more on the average. */
#define LEAST_US 500000

static unsigned
delay_of(enum verdict verdict, const char *user, const char *arguments)
{
	struct double_step step = double_verdict(verdict, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;
	int code;

	host_open(&host, user, double_path(service), arguments);
	host_answer(&host, PAM_SUCCESS, "secret");
	code = host_call(&host, HOST_AUTHENTICATE, 0);
	assert_int_equal(code == PAM_SUCCESS, verdict == VERDICT_SUCCESS);
	assert_in_range(host.elapsed_ms, 0, 5250 + 250);
	host_close(&host);
	double_stop(service);
	return host.delay_us;
}

static void
every_failure_asks_for_the_same(void **state)
{
	static const enum verdict verdicts[] = {
	    VERDICT_DENY, VERDICT_UNKNOWN, VERDICT_EXPIRED, VERDICT_FORBIDDEN};
	static const char *const names[] = {
	    "root", "", "..", "a/b", "a\x01", "\xff\xfe", "abcdefghijklmnopqrstuvwxyzabcdef"};

	(void)state;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		assert_in_range(delay_of(verdicts[i], "alice", NULL), LEAST_US, 4000000);
	/* and for names that nobody is asked about */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_in_range(delay_of(VERDICT_UNKNOWN, names[i], NULL), LEAST_US, 4000000);
}

static void
a_good_login_waits_for_nothing(void **state)
{
	(void)state;
	assert_int_equal(delay_of(VERDICT_SUCCESS, "alice", NULL), 0);
}

static void
nodelay_asks_for_none(void **state)
{
	(void)state;
	assert_int_equal(delay_of(VERDICT_DENY, "alice", "nodelay"), 0);
	assert_int_equal(delay_of(VERDICT_UNKNOWN, "alice", "nodelay"), 0);
}

/* What stands before or after us in the stack may ask for more or less: the longest counts. */
static void
the_longest_of_the_stack_counts(void **state)
{
	struct double_step step = double_verdict(VERDICT_DENY, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;
	char stack[4096];
	int len = snprintf(stack, sizeof(stack),
	    "auth optional pam_faildelay.so delay=60000000\nauth required %s socket=%s\n",
	    host_module_path(), double_path(service));

	(void)state;
	assert_in_range(len, 1, sizeof(stack) - 1);
	host_open_stack(&host, "alice", stack);
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_AUTH_ERR);
	assert_in_range(host.delay_us, 15000000, 120000000);
	host_close(&host);
	double_stop(service);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_failure_asks_for_the_same),
	    cmocka_unit_test(a_good_login_waits_for_nothing),
	    cmocka_unit_test(nodelay_asks_for_none),
	    cmocka_unit_test(the_longest_of_the_stack_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
