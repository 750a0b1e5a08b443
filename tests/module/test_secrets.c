/* SPDX-License-Identifier: BSD-2-Clause */
/* No password stays behind: not in a freed block, not on the heap, not on the stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/module/host.h"
#include "tests/module/host_log.h"
#include "tests/module/secret_watch.h"

static void
answer_secret(struct host *host)
{
	host_answer(host, PAM_SUCCESS, NULL);
	host->answers[host->answer_count - 1].fill = secret_watch_fill;
	host->answers[host->answer_count - 1].size = SECRET_WATCH_SIZE;
}

/* libpam wipes its own copy before pam_authenticate returns; nothing may be left but that. */
static void
leaves_nothing(const struct double_step *steps, size_t count, enum host_step step, int code)
{
	struct service_double *service = double_start(steps, count);
	struct host host;
	size_t freed;

	assert_int_equal(secret_watch_count(), 0);
	host_open(&host, "alice", double_path(service), "debug");
	host.unwatched = true; /* looking would write over the stack */
	answer_secret(&host);
	secret_watch_begin();
	assert_int_equal(host_call(&host, step, 0), code);
	freed = secret_watch_end();
	assert_int_equal(freed, 0);
	assert_int_equal(secret_watch_count(), 0);
	host_close(&host);
	assert_int_equal(secret_watch_count(), 0);
	assert_true(double_request_count(service) > 0 || steps[0].shape == DOUBLE_CLOSE);
	double_stop(service);
}

static void
the_watch_sees(void **state)
{
	char *block = malloc(SECRET_WATCH_SIZE);

	(void)state;
	if (!secret_watch_possible()) {
		free(block);
		return;
	}
	secret_watch_fill(block, SECRET_WATCH_SIZE);
	assert_int_equal(secret_watch_count(), 1);
	secret_watch_begin();
	free(block);
	assert_int_equal(secret_watch_end(), 1);
	block = malloc(SECRET_WATCH_SIZE); /* the same block */
	memset(block, 0, SECRET_WATCH_SIZE);
	free(block);
	assert_int_equal(secret_watch_count(), 0);
}

static void
after_a_login(void **state)
{
	static const unsigned char ticket[PROTOCOL_TICKET_LEN] = "0123456789abcde";
	struct double_step good = double_verdict(VERDICT_SUCCESS, "Welcome.", ticket);
	struct double_step bad = double_verdict(VERDICT_DENY, NULL, NULL);

	(void)state;
	leaves_nothing(&good, 1, HOST_AUTHENTICATE, PAM_SUCCESS);
	leaves_nothing(&bad, 1, HOST_AUTHENTICATE, PAM_AUTH_ERR);
}

static void
after_a_failure(void **state)
{
	struct double_step closing = {.shape = DOUBLE_CLOSE};
	struct double_step rubbish = {.shape = DOUBLE_REPLY, .len = 4};

	(void)state;
	leaves_nothing(&closing, 1, HOST_AUTHENTICATE, PAM_AUTHINFO_UNAVAIL);
	leaves_nothing(&rubbish, 1, HOST_AUTHENTICATE, PAM_SERVICE_ERR);
}

/* A service that sends the password back: the reply is wiped too. */
static void
after_an_echo(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct frame_writer writer;
	char secret[SECRET_WATCH_SIZE];
	unsigned char verdict = VERDICT_DENY;

	(void)state;
	secret_watch_fill(secret, sizeof(secret));
	frame_begin(&writer, step.bytes, sizeof(step.bytes), PROTOCOL_REPLY);
	frame_add(&writer, PROTOCOL_TAG_VERDICT, &verdict, 1);
	frame_add_string(&writer, 9999, secret);
	step.len = frame_end(&writer);
	explicit_bzero(secret, sizeof(secret));
	assert_int_equal(secret_watch_count(), secret_watch_possible() ? 1 : 0); /* in step */
	{
		struct service_double *service = double_start(&step, 1);
		struct host host;

		explicit_bzero(&step, sizeof(step));
		assert_int_equal(secret_watch_count(), 0);
		host_open(&host, "alice", double_path(service), NULL);
		host.unwatched = true;
		host_answer(&host, PAM_SUCCESS, "another");
		assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_AUTH_ERR);
		assert_int_equal(secret_watch_count(), 0);
		host_close(&host);
		double_stop(service);
	}
}

static void
after_a_change(void **state)
{
	struct double_step good = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct double_step bad = double_verdict(VERDICT_DENY, NULL, NULL);
	struct double_step refused[] = {good, double_verdict(VERDICT_REFUSED, "No.", NULL)};

	(void)state;
	leaves_nothing(&good, 1, HOST_CHANGE, PAM_SUCCESS);
	leaves_nothing(&bad, 1, HOST_CHANGE, PAM_AUTH_ERR);
	leaves_nothing(refused, 2, HOST_CHANGE, PAM_AUTHTOK_ERR);
}

static void
after_a_change_of_mind(void **state)
{
	struct double_step good = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&good, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host.unwatched = true;
	answer_secret(&host); /* current */
	answer_secret(&host); /* new */
	host_answer(&host, PAM_CONV_ERR, NULL);
	secret_watch_begin();
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_CONV_ERR);
	assert_int_equal(secret_watch_end(), 0);
	assert_int_equal(secret_watch_count(), 0);
	host_close(&host);
	double_stop(service);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_watch_sees),
	    cmocka_unit_test(after_a_login),
	    cmocka_unit_test(after_a_failure),
	    cmocka_unit_test(after_an_echo),
	    cmocka_unit_test(after_a_change),
	    cmocka_unit_test(after_a_change_of_mind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
