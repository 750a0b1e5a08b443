/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/client.h"
#include "ipc/frame.h"
#include "tests/lib/service_double.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SHORT_MS 300  /* deadline where it is awaited */
#define MARGIN_MS 250 /* how late an answer may be */

struct outcome {
	enum client_status status;
	int error;
	int64_t elapsed_ms;
	size_t reply_len;
	unsigned char reply[256];
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct outcome
ask(const char *path, int timeout_ms)
{
	struct outcome outcome = {.reply_len = 99};
	unsigned char request[64];
	struct frame_writer writer;
	int64_t begun = now_ms();

	frame_begin(&writer, request, sizeof(request), PROTOCOL_PING);
	frame_add_string(&writer, PROTOCOL_TAG_USER, "alice");
	outcome.status = client_request(path, request, frame_end(&writer), outcome.reply,
	    sizeof(outcome.reply), &outcome.reply_len, timeout_ms);
	outcome.error = errno;
	outcome.elapsed_ms = now_ms() - begun;
	return outcome;
}

static struct outcome
ask_double(struct double_step step, int timeout_ms)
{
	struct service_double *service = double_start(&step, 1);
	struct outcome outcome = ask(double_path(service), timeout_ms);

	double_stop(service);
	return outcome;
}

static void
carries_a_request_and_its_reply(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct outcome outcome = ask(double_path(service), 5000);
	struct frame request = double_request(service, 0);
	char user[8];

	(void)state;
	assert_int_equal(outcome.status, CLIENT_OK);
	assert_int_equal(outcome.reply_len, step.len);
	assert_memory_equal(outcome.reply, step.bytes, step.len);
	assert_int_equal(request.operation, PROTOCOL_PING);
	assert_true(frame_string(&request, PROTOCOL_TAG_USER, user, sizeof(user)));
	assert_string_equal(user, "alice");
	double_stop(service);
}

static void
paths_that_no_socket_can_have(void **state)
{
	struct sockaddr_un address;
	char path[sizeof(address.sun_path) + 1];

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(ask(path, 100).status, CLIENT_BAD_PATH);
	path[sizeof(path) - 2] = '\0'; /* the longest that fits */
	assert_int_equal(ask(path, 100).status, CLIENT_NO_SERVICE);
	assert_int_equal(ask("login.sock", 100).status, CLIENT_BAD_PATH);
	assert_int_equal(ask("", 100).status, CLIENT_BAD_PATH);
	assert_int_equal(ask(NULL, 100).status, CLIENT_BAD_PATH);
}

static void
says_why_there_is_no_service(void **state)
{
	struct double_step step = {.shape = DOUBLE_CLOSE};
	struct service_double *service = double_start(&step, 1);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct outcome outcome;

	(void)state;
	outcome = ask("/nonexistent/login.sock", 1000);
	assert_int_equal(outcome.status, CLIENT_NO_SERVICE);
	assert_int_equal(outcome.error, ENOENT);
	assert_int_equal(outcome.reply_len, 0);
	/* bound, nobody listens */
	memcpy(address.sun_path, double_path(service), strlen(double_path(service)));
	assert_int_equal(unlink(address.sun_path), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	outcome = ask(address.sun_path, 1000);
	assert_int_equal(outcome.status, CLIENT_NO_SERVICE);
	assert_int_equal(outcome.error, ECONNREFUSED);
	close(fd);
	double_stop(service);
}

static void
a_reply_must_be_whole_and_nothing_more(void **state)
{
	static const struct {
		const char *what;
		enum client_status status;
		size_t len;
		unsigned char bytes[8];
	} rows[] = {
	    {"closed without a reply", CLIENT_NO_SERVICE, 0, {0}},
	    {"closed in the length word", CLIENT_NO_SERVICE, 3, {0, 0, 0}},
	    {"closed in the body", CLIENT_NO_SERVICE, 6, {0, 0, 0, 8, 1, 128}},
	    {"length of nothing", CLIENT_BAD_REPLY, 4, {0, 0, 0, 0}},
	    {"more than the buffer holds", CLIENT_BAD_REPLY, 6, {0, 0, 1, 0, 1, 128}},
	    {"more than a frame may hold", CLIENT_BAD_REPLY, 4, {0xff, 0xff, 0xff, 0xff}},
	    {"text", CLIENT_BAD_REPLY, 8, {'H', 'T', 'T', 'P', '/', '1', '.', '1'}},
	    {"trailing bytes", CLIENT_BAD_REPLY, 8, {0, 0, 0, 2, 1, 128, 0, 0}},
	    {"smallest", CLIENT_OK, 6, {0, 0, 0, 2, 1, 128}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct double_step step = {.shape = DOUBLE_REPLY, .len = rows[i].len};
		struct outcome outcome;

		memcpy(step.bytes, rows[i].bytes, rows[i].len);
		outcome = ask_double(step, 5000);
		if (outcome.status != rows[i].status)
			fail_msg("%s: %d", rows[i].what, (int)outcome.status);
		if (rows[i].status == CLIENT_NO_SERVICE)
			assert_int_equal(outcome.error, ECONNRESET);
		assert_true(outcome.elapsed_ms < 4000);
	}
	assert_int_equal(ask_double((struct double_step){.shape = DOUBLE_CLOSE}, 5000).status,
	    CLIENT_NO_SERVICE);
}

static void
an_answer_given_before_the_question_counts(void **state)
{
	struct double_step step = double_verdict(VERDICT_UNAVAILABLE, NULL, NULL);

	(void)state;
	step.shape = DOUBLE_REPLY_EARLY;
	for (int i = 0; i < 5; i++)
		assert_int_equal(ask_double(step, 5000).status, CLIENT_OK);
}

static void
in_time(const struct outcome *outcome)
{
	assert_int_equal(outcome->status, CLIENT_NO_SERVICE);
	assert_int_equal(outcome->error, ETIMEDOUT);
	assert_in_range(outcome->elapsed_ms, SHORT_MS - 1, SHORT_MS + MARGIN_MS);
}

static void
the_deadline_covers_everything(void **state)
{
	struct double_step silent = {.shape = DOUBLE_SILENT};
	struct double_step half = {
	    .shape = DOUBLE_SILENT, .len = 7, .bytes = {0, 0, 0, 200, 1, 128, 0}};
	struct double_step drip = {
	    .shape = DOUBLE_DRIP, .len = 7, .bytes = {0, 0, 0, 200, 1, 128, 0}};
	struct outcome outcome;

	(void)state;
	outcome = ask_double(silent, SHORT_MS);
	in_time(&outcome);
	outcome = ask_double(half, SHORT_MS);
	in_time(&outcome);
	outcome = ask_double(drip, SHORT_MS);
	in_time(&outcome);
}

static void
a_full_listen_queue_is_waited_for(void **state)
{
	struct double_step step = {.shape = DOUBLE_NO_ACCEPT};
	struct service_double *service = double_start(&step, 1);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fds[4];
	struct outcome outcome;

	(void)state;
	memcpy(address.sun_path, double_path(service), strlen(double_path(service)));
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fds[i], (struct sockaddr *)&address, sizeof(address));
	}
	outcome = ask(double_path(service), SHORT_MS);
	assert_int_equal(outcome.status, CLIENT_NO_SERVICE);
	assert_in_range(outcome.elapsed_ms, SHORT_MS - 1, SHORT_MS + MARGIN_MS);
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	double_stop(service);
}

static volatile sig_atomic_t alarms;

static void
on_alarm(int number)
{
	(void)number;
	alarms = alarms + 1;
}

static void
signals_neither_end_nor_prolong_the_wait(void **state)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct sigaction old;
	struct itimerval each = {.it_interval = {0, 10000}, .it_value = {0, 10000}};
	struct itimerval none = {0};
	struct outcome outcome;

	(void)state;
	sigaction(SIGALRM, &action, &old); /* no SA_RESTART */
	setitimer(ITIMER_REAL, &each, NULL);
	outcome = ask_double((struct double_step){.shape = DOUBLE_SILENT}, SHORT_MS);
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &old, NULL);
	in_time(&outcome);
	assert_true(alarms > 5);
}

static void
leaves_no_descriptor(void **state)
{
	int first = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int second;

	(void)state;
	close(first);
	ask_double(double_verdict(VERDICT_DENY, NULL, NULL), 5000);
	ask_double((struct double_step){.shape = DOUBLE_CLOSE}, 5000);
	ask("/nonexistent/login.sock", 100);
	second = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(first, second);
	close(second);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(carries_a_request_and_its_reply),
	    cmocka_unit_test(paths_that_no_socket_can_have),
	    cmocka_unit_test(says_why_there_is_no_service),
	    cmocka_unit_test(a_reply_must_be_whole_and_nothing_more),
	    cmocka_unit_test(an_answer_given_before_the_question_counts),
	    cmocka_unit_test(the_deadline_covers_everything),
	    cmocka_unit_test(a_full_listen_queue_is_waited_for),
	    cmocka_unit_test(signals_neither_end_nor_prolong_the_wait),
	    cmocka_unit_test(leaves_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
