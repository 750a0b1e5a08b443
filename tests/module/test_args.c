/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/module/host.h"
#include "tests/module/host_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
a_wrong_argument_is_logged_and_every_step_refuses(void **state)
{
	static const struct {
		const char *argument;
		const char *line;
	} rows[] = {
	    {"bogus", "unknown argument: bogus"},
	    {"Debug", "unknown argument: Debug"},
	    {"try_first_pas", "unknown argument: try_first_pas"},
	    {"try_first_passs", "unknown argument: try_first_passs"},
	    {"ignore_unknown_user=yes", "argument takes no value: ignore_unknown_user=yes"},
	    {"debug=", "argument takes no value: debug="},
	    {"prompt", "argument needs a value: prompt"},
	    {"prompt=", "argument has a bad value: prompt="},
	    {"socket=login.sock", "argument has a bad value: socket=login.sock"},
	    {"socket=", "argument has a bad value: socket="},
	    {"minimum_uid", "argument needs a value: minimum_uid"},
	    {"minimum_uid=", "argument has a bad value: minimum_uid="},
	    {"minimum_uid=-1", "argument has a bad value: minimum_uid=-1"},
	    {"minimum_uid=+1", "argument has a bad value: minimum_uid=+1"},
	    {"minimum_uid=10x", "argument has a bad value: minimum_uid=10x"},
	    {"minimum_uid=2147483647", "argument has a bad value: minimum_uid=2147483647"},
	    {"minimum_uid=4294967296", "argument has a bad value: minimum_uid=4294967296"},
	    {"minimum_uid=00000000001", "argument has a bad value: minimum_uid=00000000001"},
	    {"\x01\xff\\z", "unknown argument: \\x01\\xff\\x5cz"},
	    {"timeout=5", "unknown argument: timeout=5"},
	};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct host host;

		host_open(&host, "alice", double_path(service), rows[i].argument);
		host_answer(&host, PAM_SUCCESS, "secret");
		for (enum host_step each = HOST_AUTHENTICATE; each <= HOST_CHANGE; each++) {
			host_log_clear();
			assert_int_equal(host_call(&host, each, 0), PAM_SERVICE_ERR);
			if (strstr(host_log(), rows[i].line) == NULL)
				fail_msg("'%s' logged: %s", rows[i].argument, host_log());
		}
		assert_int_equal(host.asked, 0);
		host_close(&host);
	}
	assert_int_equal(double_request_count(service), 0);
	double_stop(service);
}

static void
a_bad_argument_spoils_good_ones_around_it(void **state)
{
	struct double_step step = double_verdict(VERDICT_UNKNOWN, NULL, NULL);

	(void)state;
	assert_int_equal(host_once(&step, HOST_AUTHENTICATE, "secret",
			     "ignore_unknown_user bogus ignore_authinfo_unavail"),
	    PAM_SERVICE_ERR);
}

static void
a_line_of_the_log_is_bounded(void **state)
{
	struct host host;
	char argument[600];

	(void)state;
	memset(argument, 'a', sizeof(argument) - 1);
	argument[sizeof(argument) - 1] = '\0';
	host_open(&host, "alice", NULL, argument);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SERVICE_ERR);
	assert_non_null(strstr(host_log(), "aaa...\n"));
	assert_true(strlen(host_log()) < 300);
	host_close(&host);
}

static void
the_longest_socket_path_is_tried_and_a_longer_one_refused(void **state)
{
	char path[120];
	struct host host;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	for (size_t len = 107; len <= 108; len++) {
		path[len] = '\0';
		host_open(&host, "alice", path, NULL);
		assert_int_equal(host_call(&host, HOST_ACCOUNT, 0),
		    len == 107 ? PAM_AUTHINFO_UNAVAIL : PAM_SERVICE_ERR);
		host_close(&host);
		path[len] = 'x';
	}
}

static void
the_default_socket_is_the_protocols(void **state)
{
	struct host host;

	(void)state;
	if (access(PROTOCOL_SOCKET_DEFAULT, F_OK) == 0)
		skip(); /* a service of this machine would answer */
	host_open(&host, "alice", NULL, NULL);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_AUTHINFO_UNAVAIL);
	assert_non_null(strstr(host_log(),
	    "no answer from pam-dynamod at /run/pam-dynamo/login.sock: No such file or directory"));
	host_close(&host);
}

static void
the_prompt_is_as_given(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	static const char *const rows[][2] = {
	    {NULL, "Password: "},
	    {"[prompt=Directory password (%s%n): ]", "Directory password (%s%n): "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct service_double *service = double_start(&step, 1);
		struct host host;

		host_open(&host, "alice", double_path(service), rows[i][0]);
		host_answer(&host, PAM_SUCCESS, "secret");
		assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
		assert_int_equal(host.asked, 1);
		assert_int_equal(host.prompts[0].style, PAM_PROMPT_ECHO_OFF);
		assert_string_equal(host.prompts[0].text, rows[i][1]);
		host_close(&host);
		double_stop(service);
	}
}

static void
minimum_uid_travels(void **state)
{
	static const struct {
		const char *argument;
		bool sent;
		uint32_t value;
	} rows[] = {
	    {NULL, false, 0},
	    {"minimum_uid=0", false, 0},
	    {"minimum_uid=1000", true, 1000},
	    {"minimum_uid=2147483646", true, 2147483646},
	};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct service_double *service = double_start(&step, 1);
		struct host host;
		struct frame request;
		uint32_t value = 0;

		host_open(&host, "alice", double_path(service), rows[i].argument);
		assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
		request = double_request(service, 0);
		assert_true(frame_u32(&request, PROTOCOL_TAG_MINIMUM_UID, &value) == rows[i].sent);
		assert_int_equal(value, rows[i].value);
		host_close(&host);
		double_stop(service);
	}
}

static void
debug_says_what_was_asked_and_answered_and_no_secret(void **state)
{
	struct double_step step = double_verdict(VERDICT_DENY, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), "debug");
	host_answer(&host, PAM_SUCCESS, "correct-horse");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_AUTH_ERR);
	assert_non_null(strstr(host_log(), "authenticate of alice: deny (double) in "));
	assert_null(strstr(host_log(), "correct-horse"));
	host_close(&host);
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "correct-horse");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_AUTH_ERR);
	assert_string_equal(host_log(), "");
	host_close(&host);
	double_stop(service);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_wrong_argument_is_logged_and_every_step_refuses),
	    cmocka_unit_test(a_bad_argument_spoils_good_ones_around_it),
	    cmocka_unit_test(a_line_of_the_log_is_bounded),
	    cmocka_unit_test(the_longest_socket_path_is_tried_and_a_longer_one_refused),
	    cmocka_unit_test(the_default_socket_is_the_protocols),
	    cmocka_unit_test(the_prompt_is_as_given),
	    cmocka_unit_test(minimum_uid_travels),
	    cmocka_unit_test(debug_says_what_was_asked_and_answered_and_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
