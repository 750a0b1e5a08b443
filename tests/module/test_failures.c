/* SPDX-License-Identifier: BSD-2-Clause */
/* A service that is not there, or not what it should be: the right code, in time, with one line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/module/host.h"
#include "tests/module/host_child.h"
#include "tests/module/host_log.h"
#include "tests/module/host_state.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WAIT_MS 5250
#define MARGIN_MS 10000 /* a machine that stalls; the promise is 250 */

static void
check(const char *path, const char *what, int code, const char *line)
{
	struct host host;

	for (enum host_step each = HOST_AUTHENTICATE; each <= HOST_ACCOUNT; each++) {
		host_open(&host, "alice", path, NULL);
		host_answer(&host, PAM_SUCCESS, "secret");
		if (host_call(&host, each, 0) != code)
			fail_msg("%s: another code", what);
		if (strstr(host_log(), line) == NULL ||
		    strchr(host_log(), '\n') != strrchr(host_log(), '\n'))
			fail_msg("%s: logged %s", what, host_log());
		assert_int_equal(host.told, 0);
		host_close(&host);
	}
}

static void
check_step(const struct double_step *step, const char *what, int code, const char *line)
{
	struct service_double *service = double_start(step, 1);

	check(double_path(service), what, code, line);
	double_stop(service);
}

static void
no_service(void **state)
{
	struct double_step step = {.shape = DOUBLE_CLOSE};
	struct service_double *service = double_start(&step, 1);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char file[] = "/tmp/pam-dynamo-file.XXXXXX";
	int file_fd = mkstemp(file); /* ours, so that writing is allowed without root too */

	(void)state;
	assert_true(file_fd >= 0);
	check("/nonexistent/login.sock", "no socket", PAM_AUTHINFO_UNAVAIL,
	    "no answer from pam-dynamod at /nonexistent/login.sock: No such file or directory");
	check(file, "a file", PAM_AUTHINFO_UNAVAIL, "Connection refused");
	close(file_fd);
	unlink(file);
	check(double_path(service), "closes at once", PAM_AUTHINFO_UNAVAIL,
	    "Connection reset by peer");
	memcpy(address.sun_path, double_path(service), strlen(double_path(service)));
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	check(double_path(service), "refuses", PAM_AUTHINFO_UNAVAIL, "Connection refused");
	close(fd);
	double_stop(service);
}

static void
replies_that_break_the_protocol(void **state)
{
	static const struct {
		const char *what;
		size_t len;
		unsigned char bytes[40];
	} rows[] = {
	    {"text", 15, "HTTP/1.1 200 OK"},
	    {"zero length", 4, {0, 0, 0, 0}},
	    {"a length beyond all bounds", 11, {0xff, 0xff, 0xff, 0xff, 1, 128, 0, 64, 0, 1, 10}},
	    {"a length beyond our buffer", 11, {0, 0, 0x20, 0, 1, 128, 0, 64, 0, 1, 10}},
	    {"a length short of what follows", 11, {0, 0, 0, 2, 1, 128, 0, 64, 0, 1, 10}},
	    {"trailing bytes in the frame", 12, {0, 0, 0, 8, 1, 128, 0, 64, 0, 1, 10, 0}},
	    {"trailing bytes after it", 12, {0, 0, 0, 7, 1, 128, 0, 64, 0, 1, 10, 0}},
	    {"no verdict", 6, {0, 0, 0, 2, 1, 128}},
	    {"an empty verdict", 10, {0, 0, 0, 6, 1, 128, 0, 64, 0, 0}},
	    {"a verdict of two bytes", 12, {0, 0, 0, 8, 1, 128, 0, 64, 0, 2, 10, 10}},
	    {"two verdicts", 16, {0, 0, 0, 12, 1, 128, 0, 64, 0, 1, 10, 0, 64, 0, 1, 10}},
	    {"an unknown verdict", 11, {0, 0, 0, 7, 1, 128, 0, 64, 0, 1, 11}},
	    {"another version", 11, {0, 0, 0, 7, 2, 128, 0, 64, 0, 1, 10}},
	    {"no reply", 11, {0, 0, 0, 7, 1, 2, 0, 64, 0, 1, 10}},
	    {"a short ticket", 16, {0, 0, 0, 12, 1, 128, 0, 64, 0, 1, 10, 0, 9, 0, 1, 1}},
	    {"two replies, the first good", 22,
		{0, 0, 0, 7, 1, 128, 0, 64, 0, 1, 10, 0, 0, 0, 7, 1, 128, 0, 64, 0, 1, 0}},
	    {"two replies, the second good", 22,
		{0, 0, 0, 7, 1, 128, 0, 64, 0, 1, 0, 0, 0, 0, 7, 1, 128, 0, 64, 0, 1, 10}},
	    {"a field longer than the frame", 11, {0, 0, 0, 7, 1, 128, 0, 64, 0xff, 0xff, 10}},
	    {"a good verdict in another field", 11, {0, 0, 0, 7, 1, 128, 0, 65, 0, 1, 10}},
	    {"the last verdict there is", 11, {0, 0, 0, 7, 1, 128, 0, 64, 0, 1, 0xff}},
	    {"a NUL in the message", 16, {0, 0, 0, 12, 1, 128, 0, 64, 0, 1, 10, 0, 66, 0, 1, 0}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct double_step step = {.shape = DOUBLE_REPLY, .len = rows[i].len};

		memcpy(step.bytes, rows[i].bytes, rows[i].len);
		check_step(&step, rows[i].what, PAM_SERVICE_ERR,
		    "reply that breaks the protocol from: /tmp/");
	}
}

static void
replies_that_end_too_early(void **state)
{
	struct double_step whole = double_verdict(VERDICT_SUCCESS, NULL, NULL);

	(void)state;
	for (size_t len = 0; len < whole.len; len++) {
		struct double_step step = whole;

		step.len = len;
		check_step(&step, "cut", PAM_AUTHINFO_UNAVAIL, "Connection reset by peer");
	}
}

/* The largest that is taken, and one byte more. */
static void
a_reply_is_bounded(void **state)
{
	static const unsigned char filling[PROTOCOL_LOGIN_REPLY_MAX];
	unsigned char verdict = VERDICT_SUCCESS;

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		struct double_step step = {.shape = DOUBLE_REPLY};
		struct frame_writer writer;

		frame_begin(&writer, step.bytes, sizeof(step.bytes), PROTOCOL_REPLY);
		frame_add(&writer, PROTOCOL_TAG_VERDICT, &verdict, 1);
		frame_add(&writer, 9999, filling, PROTOCOL_LOGIN_REPLY_MAX - 15 + more);
		step.len = frame_end(&writer);
		assert_int_equal(step.len, PROTOCOL_LOGIN_REPLY_MAX + more);
		assert_int_equal(host_once(&step, HOST_AUTHENTICATE, "secret", NULL),
		    more == 0 ? PAM_SUCCESS : PAM_SERVICE_ERR);
	}
}

/* Connections that nobody takes, until there is no room for another. */
static size_t
fill_queue(const char *path, int *fds, size_t size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t count = 0;

	memcpy(address.sun_path, path, strlen(path));
	while (count < size) {
		fds[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (connect(fds[count++], (struct sockaddr *)&address, sizeof(address)) != 0) {
			assert_int_equal(errno, EAGAIN);
			return count;
		}
	}
	fail_msg("a queue without an end");
	return count;
}

/* Services that never answer whole. */
static const struct silence {
	const char *what;
	enum host_step which;
	struct double_step step;
} silences[] = {
    {"silent", HOST_AUTHENTICATE, {.shape = DOUBLE_SILENT}},
    {"silent to account", HOST_ACCOUNT, {.shape = DOUBLE_SILENT}},
    {"silent to a change", HOST_CHANGE, {.shape = DOUBLE_SILENT}},
    {"silent after a part", HOST_AUTHENTICATE,
	{.shape = DOUBLE_SILENT, .len = 10, .bytes = {0, 0, 0, 7, 1, 128, 0, 64, 0, 1}}},
    {"drop by drop", HOST_ACCOUNT,
	{.shape = DOUBLE_DRIP, .len = 6, .bytes = {0, 0, 0x0f, 0, 1, 128}}},
    {"never accepts", HOST_AUTHENTICATE, {.shape = DOUBLE_NO_ACCEPT}},
    {"full", HOST_AUTHENTICATE, {.shape = DOUBLE_NO_ACCEPT}},
};

/* In a process of its own, so that all wait at once. */
static void
be_kept_waiting(const struct silence *silence)
{
	struct service_double *service = double_start(&silence->step, 1);
	bool full = strcmp(silence->what, "full") == 0;
	int fds[64];
	size_t count = full ? fill_queue(double_path(service), fds, COUNT(fds)) : 0;
	struct host host;
	char *before;
	int code;

	host_open(&host, "alice", double_path(service), NULL);
	host.unwatched = true;
	host_answer(&host, PAM_SUCCESS, "secret");
	before = host_state();
	code = host_call(&host, silence->which, 0);
	host_child_unchanged(before);
	host_close(&host);
	double_stop(service);
	while (count > 0)
		close(fds[--count]);
	if (code != PAM_AUTHINFO_UNAVAIL)
		_exit(1);
	if (strstr(host_log(), "Connection timed out") == NULL)
		_exit(2);
	_exit(host.elapsed_ms >= WAIT_MS - 1 && host.elapsed_ms < WAIT_MS + MARGIN_MS ? 0 : 3);
}

static void
nobody_waits_longer_than_said(void **state)
{
	pid_t pids[COUNT(silences)];

	(void)state;
	for (size_t i = 0; i < COUNT(silences); i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			be_kept_waiting(&silences[i]);
	}
	for (size_t i = 0; i < COUNT(silences); i++) {
		int status = host_child_status(pids[i]);

		if (status != 0)
			print_error("%s: status %x\n", silences[i].what, (unsigned)status);
		pids[i] = status;
	}
	for (size_t i = 0; i < COUNT(silences); i++)
		assert_int_equal(pids[i], 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_service),
	    cmocka_unit_test(replies_that_break_the_protocol),
	    cmocka_unit_test(replies_that_end_too_early),
	    cmocka_unit_test(a_reply_is_bounded),
	    cmocka_unit_test(nobody_waits_longer_than_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
