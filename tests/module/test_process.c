/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts with unusual descriptors, signals or limits, each in a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/module/host.h"
#include "tests/module/host_log.h"

#define MANY 1100 /* more descriptors than select(2) can name */

static void
nothing(void)
{
}

static void
close_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
}

static void
open_many_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < MANY + 100) {
		limit.rlim_cur = limit.rlim_max < MANY + 100 ? limit.rlim_max : MANY + 100;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (int i = 0; i < MANY; i++) {
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			_exit(90);
	}
}

static void
on_alarm(int number)
{
	(void)number;
}

static void
be_interrupted(void)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval each = {.it_interval = {0, 2000}, .it_value = {0, 2000}};

	sigaction(SIGALRM, &action, NULL); /* no SA_RESTART */
	setitimer(ITIMER_REAL, &each, NULL);
}

static void
die_of_broken_pipes(void)
{
	signal(SIGPIPE, SIG_DFL);
}

static void
go_elsewhere(void)
{
	umask(0777);
	if (chdir("/proc/self") != 0)
		_exit(91);
}

/* Whether descriptors 0 to 2 are open, as a number of three bits. */
static int
standard_descriptors(void)
{
	int bits = 0;

	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			bits |= 1 << fd;
	}
	return bits;
}

static size_t
open_descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < MANY + 100; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The child's whole life; its exit status says what went wrong. */
static void
log_in(struct host *host, void (*prepare)(void), int code)
{
	size_t before;
	int standard;

	prepare();
	standard = standard_descriptors();
	before = open_descriptors();
	if (pam_authenticate(host->pamh, 0) != code)
		_exit(1);
	if (pam_acct_mgmt(host->pamh, 0) != PAM_SUCCESS && code == PAM_SUCCESS)
		_exit(2);
	if (standard_descriptors() != standard)
		_exit(3);
	if (open_descriptors() != before)
		_exit(4);
	_exit(0);
}

static void
in_a_child(void (*prepare)(void), struct double_step step, int code)
{
	struct service_double *service = double_start(&step, 1);
	struct host host;
	int status = 0;
	pid_t pid;

	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		log_in(&host, prepare, code);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	assert_int_equal(status, 0);
	host_close(&host);
	double_stop(service);
}

static void
logs_in_under_every_condition(void **state)
{
	static void (*const conditions[])(void) = {nothing, close_standard_descriptors,
	    open_many_descriptors, be_interrupted, die_of_broken_pipes, go_elsewhere};

	(void)state;
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
		in_a_child(conditions[i], double_verdict(VERDICT_SUCCESS, NULL, NULL), PAM_SUCCESS);
}

static void
a_service_that_goes_away_kills_no_host(void **state)
{
	struct double_step step = {.shape = DOUBLE_CLOSE};

	(void)state;
	for (int i = 0; i < 5; i++)
		in_a_child(die_of_broken_pipes, step, PAM_AUTHINFO_UNAVAIL);
}

static void
no_descriptors_left_is_no_service(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;
	int status = 0;
	pid_t pid;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit none = {0};

		setrlimit(RLIMIT_NOFILE, &none);
		/* libpam itself, without a descriptor for its audit, turns our code into its own */
		if (pam_authenticate(host.pamh, 0) == PAM_SUCCESS)
			_exit(1);
		_exit(strstr(host_log(), "login.sock: Too many open files") != NULL ? 0 : 2);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	host_close(&host);
	double_stop(service);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logs_in_under_every_condition),
	    cmocka_unit_test(a_service_that_goes_away_kills_no_host),
	    cmocka_unit_test(no_descriptors_left_is_no_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
