/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts at their limit of descriptors, in another root, and such that fork between calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <unistd.h>

#include "tests/module/host.h"
#include "tests/module/host_child.h"
#include "tests/module/host_log.h"
#include "tests/module/host_state.h"

/* libpam itself, without a descriptor for its audit, turns the stack's code into its own; whether
 * the second line was reached tells what ours was. */
static void
no_descriptors_left_is_no_service(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;
	char stack[16384];
	pid_t pid;

	(void)state;
	snprintf(stack, sizeof(stack),
	    "auth [authinfo_unavail=ignore default=die] %s socket=%s\n"
	    "auth optional pam_echo.so reached\n",
	    host_module_path(), double_path(service));
	host_open_stack(&host, "alice", stack);
	host_answer(&host, PAM_SUCCESS, "secret");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit limit;
		struct rlimit none;
		char *before = host_state();

		getrlimit(RLIMIT_NOFILE, &limit);
		none = limit;
		none.rlim_cur = 0;
		setrlimit(RLIMIT_NOFILE, &none);
		if (pam_authenticate(host.pamh, 0) == PAM_SUCCESS)
			_exit(1);
		if (strstr(host_log(), "login.sock: Too many open files") == NULL)
			_exit(2);
		if (host.told != 1 || strcmp(host.messages[0].text, "reached") != 0)
			_exit(3);
		setrlimit(RLIMIT_NOFILE, &limit);
		host_child_unchanged(before);
		_exit(0);
	}
	assert_int_equal(host_child_status(pid), 0);
	host_close(&host);
	double_stop(service);
}

/* As servers with privileges apart do: one process authenticates, another goes on. */
static void
a_host_may_fork_between_calls(void **state)
{
	static const unsigned char ticket[PROTOCOL_TICKET_LEN] = "0123456789abcde";
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, ticket);
	struct service_double *service = double_start(&step, 1);
	struct host host;
	pid_t pid;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char *before = host_state();

		if (pam_acct_mgmt(host.pamh, 0) != PAM_SUCCESS)
			_exit(1);
		if (pam_open_session(host.pamh, 0) != PAM_SUCCESS)
			_exit(2);
		host_child_unchanged(before);
		_exit(pam_end(host.pamh, PAM_SUCCESS | PAM_DATA_SILENT) == PAM_SUCCESS ? 0 : 3);
	}
	assert_int_equal(host_child_status(pid), 0);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_CLOSE, 0), PAM_SUCCESS);
	assert_int_equal(double_request_count(service), 3);
	host_close(&host);
	double_stop(service);
}

/* In a root of its own there is no /proc to look at; what counts is that the call ends well. */
static void
a_host_in_another_root_finds_the_socket_there(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service;
	struct host host;
	char root[64];
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	service = double_start(&step, 1);
	snprintf(root, sizeof(root), "%s", double_path(service));
	*strrchr(root, '/') = '\0';
	host_open(&host, "alice", "/login.sock", NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int before = dup(0);
		int after;

		if (before < 0 || chroot(root) != 0 || chdir("/") != 0)
			_exit(90);
		if (pam_authenticate(host.pamh, 0) != PAM_SUCCESS)
			_exit(1);
		close(before);
		after = dup(0);
		_exit(after == before ? 0 : 2);
	}
	assert_int_equal(host_child_status(pid), 0);
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_AUTHINFO_UNAVAIL);
	host_close(&host);
	double_stop(service);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_descriptors_left_is_no_service),
	    cmocka_unit_test(a_host_may_fork_between_calls),
	    cmocka_unit_test(a_host_in_another_root_finds_the_socket_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
