/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked of and said to the user, and what of it travels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/module/host.h"
#include "tests/module/host_log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
a_failed_conversation_is_no_password(void **state)
{
	static const struct {
		int conversation;
		const char *text;
		int code;
	} rows[] = {
	    {PAM_SUCCESS, NULL, PAM_AUTH_ERR},
	    {PAM_CONV_ERR, NULL, PAM_CONV_ERR},
	    {PAM_BUF_ERR, NULL, PAM_CONV_ERR},
	    {PAM_ABORT, NULL, PAM_CONV_ERR},
	    {PAM_IGNORE, NULL, PAM_CONV_ERR},
	    {PAM_CONV_AGAIN, NULL, PAM_INCOMPLETE},
	};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct host host;

		host_open(&host, "alice", double_path(service),
		    "ignore_unknown_user ignore_authinfo_unavail");
		host_answer(&host, rows[i].conversation, rows[i].text);
		assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), rows[i].code);
		host_close(&host);
	}
	assert_int_equal(double_request_count(service), 0);
	double_stop(service);
}

static void
a_conversation_to_be_continued_is(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_CONV_AGAIN, NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_INCOMPLETE);
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
	host_close(&host);
	double_stop(service);
}

static void
the_name_is_asked_for_where_the_host_has_none(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;
	struct frame request;
	char user[32];

	(void)state;
	host_open(&host, NULL, double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "alice");
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
	request = double_request(service, 0);
	assert_true(frame_string(&request, PROTOCOL_TAG_USER, user, sizeof(user)));
	assert_string_equal(user, "alice");
	host_close(&host);
	host_open(&host, NULL, double_path(service), NULL);
	host_answer(&host, PAM_CONV_AGAIN, NULL);
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_INCOMPLETE);
	host_close(&host);
	double_stop(service);
}

static void
fill_with_letters(char *out, size_t size)
{
	memset(out, 'p', size - 1);
	out[size - 1] = '\0';
}

/* The service sees every length up to the first byte too many, and takes its time for each. */
static void
every_length_is_sent_and_none_cut_to_a_good_one(void **state)
{
	static const struct {
		size_t len;
		size_t sent;
		int code; /* for a service that says yes to anything */
	} rows[] = {
	    {0, 0, PAM_SERVICE_ERR},
	    {1, 1, PAM_SUCCESS},
	    {511, 511, PAM_SUCCESS},
	    {512, 512, PAM_SUCCESS},
	    {513, 513, PAM_SERVICE_ERR},
	    {65536, 513, PAM_SERVICE_ERR},
	};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct service_double *service = double_start(&step, 1);
		struct host host;
		struct frame request;

		host_open(&host, "alice", double_path(service), NULL);
		host_answer(&host, PAM_SUCCESS, NULL);
		host.answers[0].fill = fill_with_letters;
		host.answers[0].size = rows[i].len + 1;
		assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), rows[i].code);
		request = double_request(service, 0);
		assert_int_equal(frame_find(&request, PROTOCOL_TAG_PASSWORD)->len, rows[i].sent);
		host_close(&host);
		double_stop(service);
	}
}

static void
an_empty_password_is_wrong_with_and_without_the_flag(void **state)
{
	struct double_step step = double_verdict(VERDICT_DENY, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_AUTH_ERR);
	assert_int_equal(
	    host_call(&host, HOST_AUTHENTICATE, PAM_DISALLOW_NULL_AUTHTOK), PAM_AUTH_ERR);
	assert_int_equal(double_request_count(service), 2);
	host_close(&host);
	double_stop(service);
}

/* Two lines: an earlier module (ours too, with a service that does not know the name) obtains the
 * password, the later one is under test. */
static size_t
asked_twice(const char *before, const char *arguments, int *code)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_UNKNOWN, NULL, NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	};
	struct service_double *service = double_start(
	    before != NULL ? steps : steps + 1, before != NULL ? 2 : 1);
	char stack[16384];
	struct host host;
	size_t asked;

	snprintf(stack, sizeof(stack),
	    "%s%s%s%s\nauth [success=done default=die] %s socket=%s %s\n",
	    before != NULL ? before : "", before != NULL ? host_module_path() : "",
	    before != NULL ? " socket=" : "", before != NULL ? double_path(service) : "",
	    host_module_path(), double_path(service), arguments);
	host_open_stack(&host, "alice", stack);
	host_answer(&host, PAM_SUCCESS, "first");
	host_answer(&host, PAM_SUCCESS, "second");
	*code = host_call(&host, HOST_AUTHENTICATE, 0);
	asked = host.asked;
	if (*code == PAM_SUCCESS) {
		struct frame request = double_request(service, double_request_count(service) - 1);
		char password[32];

		assert_true(
		    frame_string(&request, PROTOCOL_TAG_PASSWORD, password, sizeof(password)));
		assert_string_equal(password, asked == 2 ? "second" : "first");
	}
	host_close(&host);
	double_stop(service);
	return asked;
}

static void
an_earlier_password_is_used_as_the_arguments_say(void **state)
{
	static const char earlier[] = "auth [user_unknown=ignore default=die] ";
	static const struct {
		const char *before;
		const char *arguments;
		size_t asked;
		int code;
	} rows[] = {
	    {earlier, "", 2, PAM_SUCCESS}, {earlier, "use_first_pass", 1, PAM_SUCCESS},
	    {earlier, "try_first_pass", 1, PAM_SUCCESS},
	    {earlier, "use_first_pass try_first_pass", 1, PAM_SUCCESS}, {NULL, "", 1, PAM_SUCCESS},
	    {NULL, "try_first_pass", 1, PAM_SUCCESS}, {NULL, "use_first_pass", 0, PAM_AUTH_ERR},
	    {NULL, "use_first_pass try_first_pass", 0, PAM_AUTH_ERR},
	    {NULL, "use_authtok", 1, PAM_SUCCESS}, /* a matter of password changes */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int code;
		size_t asked = asked_twice(rows[i].before, rows[i].arguments, &code);

		if (asked != rows[i].asked || code != rows[i].code)
			fail_msg("row %zu: asked %zu times, code %d", i, asked, code);
	}
}

static void
what_the_host_knows_travels_and_is_bounded(void **state)
{
	static const struct {
		int item;
		uint16_t tag;
	} rows[] = {
	    {PAM_RHOST, PROTOCOL_TAG_RHOST},
	    {PAM_TTY, PROTOCOL_TAG_TTY},
	    {PAM_RUSER, PROTOCOL_TAG_RUSER},
	};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	char text[300];
	struct host host;
	struct frame request;
	uint32_t deadline = 0;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	for (size_t len = 254; len <= 256; len++) {
		memset(text, '\n', len);
		text[len] = '\0';
		for (size_t i = 0; i < COUNT(rows); i++)
			assert_int_equal(pam_set_item(host.pamh, rows[i].item, text), PAM_SUCCESS);
		assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
		request = double_request(service, len - 254);
		for (size_t i = 0; i < COUNT(rows); i++) {
			const struct frame_field *field = frame_find(&request, rows[i].tag);

			assert_int_equal(field->len, len < 255 ? len : 255);
			assert_memory_equal(field->value, text, field->len);
		}
	}
	assert_memory_equal(frame_find(&request, PROTOCOL_TAG_SERVICE)->value, "host", 4);
	assert_true(frame_u32(&request, PROTOCOL_TAG_DEADLINE, &deadline));
	assert_int_equal(deadline, 5250);
	host_close(&host);
	double_stop(service);
}

static void
a_message_is_shown_unless_silent_or_quiet(void **state)
{
	static const struct {
		const char *arguments;
		int flags;
		size_t told;
	} rows[] = {
	    {NULL, 0, 1},
	    {NULL, PAM_SILENT, 0},
	    {"quiet", 0, 0},
	};
	struct double_step step = double_verdict(
	    VERDICT_CHANGE, "Change it.\n\x1b[2J\x7f \xc3\xa4", NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct service_double *service = double_start(&step, 1);
		struct host host;

		host_open(&host, "alice", double_path(service), rows[i].arguments);
		assert_int_equal(
		    host_call(&host, HOST_ACCOUNT, rows[i].flags), PAM_NEW_AUTHTOK_REQD);
		assert_int_equal(host.told, rows[i].told);
		if (host.told > 0) {
			assert_string_equal(host.messages[0].text, "Change it.??[2J? \xc3\xa4");
			assert_int_equal(host.messages[0].style, PAM_ERROR_MSG);
		}
		host_close(&host);
		double_stop(service);
	}
}

/* A good account may come with a word: the password expires soon. */
static void
account_says_good_news_as_information(void **state)
{
	struct double_step step = double_verdict(
	    VERDICT_SUCCESS, "Your password expires tomorrow.", NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
	assert_int_equal(host.told, 1);
	assert_int_equal(host.messages[0].style, PAM_TEXT_INFO);
	assert_string_equal(host.messages[0].text, "Your password expires tomorrow.");
	host_close(&host);
	double_stop(service);
}

/* A refusal must look the same whatever the reason. */
static void
authenticate_shows_nothing(void **state)
{
	(void)state;
	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		struct double_step step = double_verdict(verdict, "The account is locked.", NULL);
		struct service_double *service = double_start(&step, 1);
		struct host host;

		host_open(&host, "alice", double_path(service), NULL);
		host_answer(&host, PAM_SUCCESS, "secret");
		host_call(&host, HOST_AUTHENTICATE, 0);
		assert_int_equal(host.told, 0);
		host_close(&host);
		double_stop(service);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_failed_conversation_is_no_password),
	    cmocka_unit_test(a_conversation_to_be_continued_is),
	    cmocka_unit_test(the_name_is_asked_for_where_the_host_has_none),
	    cmocka_unit_test(every_length_is_sent_and_none_cut_to_a_good_one),
	    cmocka_unit_test(an_empty_password_is_wrong_with_and_without_the_flag),
	    cmocka_unit_test(an_earlier_password_is_used_as_the_arguments_say),
	    cmocka_unit_test(what_the_host_knows_travels_and_is_bounded),
	    cmocka_unit_test(a_message_is_shown_unless_silent_or_quiet),
	    cmocka_unit_test(account_says_good_news_as_information),
	    cmocka_unit_test(authenticate_shows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
