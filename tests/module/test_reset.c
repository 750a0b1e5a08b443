/* SPDX-License-Identifier: BSD-2-Clause */
/* A new password by root, without the old one, where the service lets it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/module/host.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
as_root(void **state)
{
	(void)state;
	host_uid = 0;
	return 0;
}

static int
as_nobody(void **state)
{
	(void)state;
	host_uid = 1000;
	return 0;
}

static void
asked_for(const struct service_double *service, size_t n, enum protocol_operation operation,
    const char *password, const char *new_password)
{
	struct frame request = double_request(service, n);
	char text[64];

	assert_int_equal(request.operation, operation);
	assert_true(frame_string(&request, PROTOCOL_TAG_PASSWORD, text, sizeof(text)) ==
	    (password != NULL));
	if (password != NULL)
		assert_string_equal(text, password);
	assert_true(frame_string(&request, PROTOCOL_TAG_NEW_PASSWORD, text, sizeof(text)) ==
	    (new_password != NULL));
	if (new_password != NULL)
		assert_string_equal(text, new_password);
}

static void
root_is_asked_for_the_new_one_alone(void **state)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	    double_verdict(VERDICT_REFUSED, "Too short.", NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	};
	struct service_double *service = double_start(steps, COUNT(steps));
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "new");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	assert_int_equal(host.asked, 4);
	assert_string_equal(host.prompts[0].text, "New password: ");
	assert_int_equal(double_request_count(service), 3);
	asked_for(service, 0, PROTOCOL_CHANGE_CHECK, NULL, NULL);
	asked_for(service, 1, PROTOCOL_CHANGE, NULL, "new");
	asked_for(service, 2, PROTOCOL_CHANGE, NULL, "new");
	host_close(&host);
	double_stop(service);
}

/* Without root_may_reset the service denies, and nothing is said of it. */
static void
root_is_asked_for_the_old_one_elsewhere(void **state)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_DENY, NULL, NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	};
	struct service_double *service = double_start(steps, COUNT(steps));
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "old");
	host_answer(&host, PAM_SUCCESS, "new");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	assert_int_equal(host.asked, 3);
	assert_int_equal(host.told, 0);
	assert_string_equal(host.prompts[0].text, "Current password: ");
	asked_for(service, 0, PROTOCOL_CHANGE_CHECK, NULL, NULL);
	asked_for(service, 1, PROTOCOL_CHANGE_CHECK, "old", NULL);
	asked_for(service, 2, PROTOCOL_CHANGE, "old", "new");
	host_close(&host);
	double_stop(service);
}

/* What one handle may is nothing to the next change of it. */
static void
a_reset_holds_for_one_change(void **state)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	    double_verdict(VERDICT_DENY, NULL, NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	};
	struct service_double *service = double_start(steps, COUNT(steps));
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "same");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	assert_int_equal(host.asked, 2);
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	assert_int_equal(host.asked, 5);
	asked_for(service, 4, PROTOCOL_CHANGE, "same", "same");
	host_close(&host);
	double_stop(service);
}

/* sshd and login run as root for whoever logs in. */
static void
a_forced_change_is_never_a_reset(void **state)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_CHANGE, NULL, NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	    double_verdict(VERDICT_CHANGE, NULL, NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	};
	struct service_double *service = double_start(steps, COUNT(steps));
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "old");
	host_answer(&host, PAM_SUCCESS, "new");
	assert_int_equal(host_call(&host, HOST_CHANGE, PAM_CHANGE_EXPIRED_AUTHTOK), PAM_SUCCESS);
	assert_string_equal(host.prompts[0].text, "Current password: ");
	asked_for(service, 1, PROTOCOL_CHANGE_CHECK, "old", NULL);
	asked_for(service, 3, PROTOCOL_CHANGE, "old", "new");
	host_close(&host);
	double_stop(service);
}

/* A program that was started by a user never leaves the old password out: passwd runs as root. */
static void
a_user_is_never_root(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "old");
	host_answer(&host, PAM_SUCCESS, "new");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	assert_int_equal(double_request_count(service), 2);
	asked_for(service, 0, PROTOCOL_CHANGE_CHECK, "old", NULL);
	asked_for(service, 1, PROTOCOL_CHANGE, "old", "new");
	host_close(&host);
	double_stop(service);
}

static void
what_else_the_service_says_is_final(void **state)
{
	static const struct {
		enum verdict verdict;
		int code;
	} rows[] = {
	    {VERDICT_UNKNOWN, PAM_USER_UNKNOWN},
	    {VERDICT_EXPIRED, PAM_ACCT_EXPIRED},
	    {VERDICT_FORBIDDEN, PAM_PERM_DENIED},
	    {VERDICT_UNAVAILABLE, PAM_AUTHINFO_UNAVAIL},
	    {VERDICT_FAULT, PAM_SERVICE_ERR},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct double_step step = double_verdict(rows[i].verdict, "Because.", NULL);
		struct service_double *service = double_start(&step, 1);
		struct host host;

		host_open(&host, "alice", double_path(service), NULL);
		host_answer(&host, PAM_SUCCESS, "same");
		assert_int_equal(host_call(&host, HOST_CHANGE, 0), rows[i].code);
		assert_int_equal(host.asked, 0);
		assert_string_equal(host.messages[0].text, "Because.");
		assert_int_equal(double_request_count(service), 1);
		host_close(&host);
		double_stop(service);
	}
}

/* Where no reply comes, the module itself says what is known. */
static void
silence_is_explained(void **state)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	    {.shape = DOUBLE_CLOSE},
	};
	struct service_double *service = double_start(steps, COUNT(steps));
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "new");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(host.told, 1);
	assert_non_null(strstr(host.messages[0].text, "try the new password first"));
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(host.told, 2);
	assert_non_null(strstr(host.messages[1].text, "the password stays as it is"));
	assert_int_equal(
	    host_call(&host, HOST_CHANGE, PAM_CHANGE_EXPIRED_AUTHTOK), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(host.told, 3);
	host_close(&host);
	double_stop(service);
}

#define AS_ROOT(test) cmocka_unit_test_setup_teardown(test, as_root, as_nobody)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    AS_ROOT(root_is_asked_for_the_new_one_alone),
	    AS_ROOT(root_is_asked_for_the_old_one_elsewhere),
	    AS_ROOT(a_reset_holds_for_one_change),
	    AS_ROOT(a_forced_change_is_never_a_reset),
	    cmocka_unit_test(a_user_is_never_root),
	    AS_ROOT(what_else_the_service_says_is_final),
	    AS_ROOT(silence_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
