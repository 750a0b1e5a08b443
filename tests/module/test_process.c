/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts with unusual descriptors, signals, children, places or limits, each in a process of its
 * own. Each holds by itself that nothing of it changed (host_state.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/module/host.h"
#include "tests/module/host_child.h"
#include "tests/module/host_state.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MANY 1100 /* more descriptors than select(2) can name */
#define PATIENCE_MS 60000

/* What the module's connect saw. */
static int connected_fd = -1;
static bool wait_for_hangup; /* lets the service go before the module writes */

/* Stands before libc's for the module. */
int
connect(int fd, const struct sockaddr *address, socklen_t len)
{
	struct pollfd gone = {.fd = fd, .events = POLLIN};
	int result = (int)syscall(SYS_connect, fd, address, len);

	if (address->sa_family != AF_UNIX || strstr(address->sa_data, "login.sock") == NULL)
		return result;
	connected_fd = fd;
	while (result == 0 && wait_for_hangup && (gone.revents & POLLHUP) == 0) {
		if (poll(&gone, 1, PATIENCE_MS) == 0)
			break;
	}
	return result;
}

/* --- Conditions ------------------------------------------------------------------------------ */

static volatile sig_atomic_t alarms;
static volatile sig_atomic_t reaped;

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
close_standard_input(void)
{
	close(STDIN_FILENO);
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
	alarms++;
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
hold_signals_back(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	raise(SIGUSR1);
	raise(SIGPIPE);
}

static void
ignore_children(void)
{
	signal(SIGCHLD, SIG_IGN);
}

static void
on_child(int number)
{
	int saved = errno;

	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		reaped++;
	errno = saved;
}

static void
reap_children(void)
{
	struct sigaction action = {.sa_handler = on_child};

	sigaction(SIGCHLD, &action, NULL);
}

/* One that ends while the module waits. */
static void
have_a_child(void)
{
	if (fork() == 0) {
		usleep(50000);
		_exit(0);
	}
}

static void
die_of_broken_pipes(void)
{
	signal(SIGPIPE, SIG_DFL);
}

static void
ignore_broken_pipes(void)
{
	signal(SIGPIPE, SIG_IGN);
}

static void
go_elsewhere(void)
{
	umask(0777);
	if (chdir("/proc/self") != 0)
		_exit(91);
}

static void
lose_the_directory(void)
{
	char dir[] = "/tmp/pam-host-cwd.XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) != 0 || rmdir(dir) != 0)
		_exit(92);
}

static void
speak_otherwise(void)
{
	static const char *const names[] = {"tr_TR.UTF-8", "C.UTF-8", "POSIX"};
	locale_t own = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);

	for (size_t i = 0; i < COUNT(names) && setlocale(LC_ALL, names[i]) == NULL; i++)
		continue;
	if (own != (locale_t)0)
		uselocale(own);
}

/* As in sudo: started by somebody, and root. */
static void
be_setuid(void)
{
	if (geteuid() == 0 && setresuid(65534, 0, 0) != 0)
		_exit(93);
}

/* --- The child's whole life ------------------------------------------------------------------ */

struct condition {
	const char *name;
	void (*prepare)(void);
	bool slowly; /* the reply comes byte by byte, over some hundred milliseconds */
};

/* Its end, once; by now it is the host's handler that has it, and nobody else. */
static void
wait_for_child(void)
{
	for (int ms = 0; reaped == 0 && ms < PATIENCE_MS; ms++)
		usleep(1000);
	if (reaped != 1)
		_exit(6);
}

static void
log_in(struct host *host, const struct condition *condition, int code)
{
	char *before;

	condition->prepare();
	before = host_state();
	if (condition->prepare == reap_children && condition->slowly)
		have_a_child();
	if (pam_authenticate(host->pamh, 0) != code)
		_exit(1);
	if (code == PAM_SUCCESS && pam_acct_mgmt(host->pamh, 0) != code)
		_exit(2);
	if (connected_fd <= STDERR_FILENO)
		_exit(3);
	if (condition->prepare == be_interrupted && alarms < 2)
		_exit(5);
	if (condition->prepare == reap_children && condition->slowly)
		wait_for_child();
	host_child_unchanged(before);
	_exit(0);
}

static void
in_a_child(const struct condition *condition, struct double_step step, int code)
{
	struct service_double *service;
	struct host host;
	pid_t pid;
	int status;

	if (condition->slowly)
		step.shape = DOUBLE_DRIP;
	service = double_start(&step, 1);
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		log_in(&host, condition, code);
	status = host_child_status(pid);
	if (status != 0)
		fail_msg("%s: status %x", condition->name, (unsigned)status);
	host_close(&host);
	double_stop(service);
}

static const struct condition conditions[] = {
    {"nothing unusual", nothing, false},
    {"standard descriptors closed", close_standard_descriptors, false},
    {"standard input closed", close_standard_input, false},
    {"many descriptors", open_many_descriptors, false},
    {"interrupted", be_interrupted, true},
    {"signals held back", hold_signals_back, false},
    {"ignores SIGCHLD", ignore_children, false},
    {"reaps every child", reap_children, true},
    {"dies of SIGPIPE", die_of_broken_pipes, false},
    {"ignores SIGPIPE", ignore_broken_pipes, false},
    {"elsewhere", go_elsewhere, false},
    {"directory removed", lose_the_directory, false},
    {"another locale", speak_otherwise, false},
    {"a setuid program", be_setuid, false},
};

static void
logs_in_under_every_condition(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(conditions); i++)
		in_a_child(&conditions[i], step, PAM_SUCCESS);
}

/* The service hangs up between connect and write. */
static void
a_service_that_goes_away_kills_no_host(void **state)
{
	struct double_step step = {.shape = DOUBLE_CLOSE};

	(void)state;
	wait_for_hangup = true;
	for (size_t i = 0; i < COUNT(conditions); i++) {
		struct condition condition = conditions[i];

		condition.slowly = false;
		if (condition.prepare != be_interrupted)
			in_a_child(&condition, step, PAM_AUTHINFO_UNAVAIL);
	}
	wait_for_hangup = false;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logs_in_under_every_condition),
	    cmocka_unit_test(a_service_that_goes_away_kills_no_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
