/* SPDX-License-Identifier: BSD-2-Clause */
/* Password changes, and the ticket between authenticate and account. */
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
open_with(struct host *host, struct service_double **service, const struct double_step *steps,
    size_t count, const char *arguments)
{
	*service = double_start(steps, count);
	host_open(host, "alice", double_path(*service), arguments);
}

static void
asked_for(const struct service_double *service, size_t n, enum protocol_operation operation,
    const char *password, const char *new_password)
{
	struct frame request = double_request(service, n);
	char text[64];

	assert_int_equal(request.operation, operation);
	assert_true(frame_string(&request, PROTOCOL_TAG_USER, text, sizeof(text)));
	assert_string_equal(text, "alice");
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
asks_for_the_current_and_twice_for_the_new(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service;
	struct host host;

	(void)state;
	open_with(&host, &service, &step, 1, NULL);
	host_answer(&host, PAM_SUCCESS, "old");
	host_answer(&host, PAM_SUCCESS, "new");
	host_answer(&host, PAM_SUCCESS, "new");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	assert_int_equal(host.asked, 3);
	assert_string_equal(host.prompts[0].text, "Current password: ");
	assert_string_equal(host.prompts[1].text, "New password: ");
	assert_string_equal(host.prompts[2].text, "Retype new password: ");
	assert_int_equal(double_request_count(service), 2);
	asked_for(service, 0, PROTOCOL_CHANGE_CHECK, "old", NULL);
	asked_for(service, 1, PROTOCOL_CHANGE, "old", "new");
	host_close(&host);
	double_stop(service);
}

static void
a_wrong_current_password_ends_it(void **state)
{
	struct double_step step = double_verdict(VERDICT_DENY, "Wrong password.", NULL);
	struct service_double *service;
	struct host host;

	(void)state;
	open_with(&host, &service, &step, 1, NULL);
	host_answer(&host, PAM_SUCCESS, "wrong");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_AUTH_ERR);
	assert_int_equal(host.asked, 1);
	assert_int_equal(double_request_count(service), 1);
	assert_string_equal(host.messages[0].text, "Wrong password.");
	host_close(&host);
	double_stop(service);
}

static void
two_that_differ_are_asked_for_again_three_times(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service;
	struct host host;

	(void)state;
	for (size_t differing = 1; differing <= 3; differing++) {
		open_with(&host, &service, &step, 1, NULL);
		host_answer(&host, PAM_SUCCESS, "old");
		for (size_t i = 0; i < differing; i++) {
			host_answer(&host, PAM_SUCCESS, "new");
			host_answer(&host, PAM_SUCCESS, "newer");
		}
		host_answer(&host, PAM_SUCCESS, "new");
		host_answer(&host, PAM_SUCCESS, "new");
		assert_int_equal(host_call(&host, HOST_CHANGE, 0),
		    differing < 3 ? PAM_SUCCESS : PAM_AUTHTOK_ERR);
		assert_int_equal(host.told, differing);
		assert_string_equal(host.messages[0].text, "The two passwords differ.");
		assert_int_equal(double_request_count(service), differing < 3 ? 2 : 1);
		host_close(&host);
		double_stop(service);
	}
}

static void
a_refused_one_is_asked_for_again_with_the_reason(void **state)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	    double_verdict(VERDICT_REFUSED, "Too short.", NULL),
	    double_verdict(VERDICT_SUCCESS, "Changed.", NULL),
	};
	struct service_double *service;
	struct host host;

	(void)state;
	open_with(&host, &service, steps, COUNT(steps), NULL);
	host_answer(&host, PAM_SUCCESS, "old");
	host_answer(&host, PAM_SUCCESS, "new");
	host_answer(&host, PAM_SUCCESS, "new");
	host_answer(&host, PAM_SUCCESS, "long");
	host_answer(&host, PAM_SUCCESS, "long");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	assert_int_equal(host.told, 2);
	assert_int_equal(host.messages[0].style, PAM_ERROR_MSG);
	assert_string_equal(host.messages[0].text, "Too short.");
	assert_int_equal(host.messages[1].style, PAM_TEXT_INFO);
	asked_for(service, 2, PROTOCOL_CHANGE, "old", "long");
	host_close(&host);
	double_stop(service);
}

static void
other_verdicts_on_the_new_one_are_final(void **state)
{
	static const struct {
		enum verdict verdict;
		int code;
	} rows[] = {
	    {VERDICT_DENY, PAM_AUTH_ERR},
	    {VERDICT_UNAVAILABLE, PAM_AUTHINFO_UNAVAIL},
	    {VERDICT_TRY_AGAIN, PAM_TRY_AGAIN},
	    {VERDICT_FORBIDDEN, PAM_PERM_DENIED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct double_step steps[] = {
		    double_verdict(VERDICT_SUCCESS, NULL, NULL),
		    double_verdict(rows[i].verdict, NULL, NULL),
		};
		struct service_double *service;
		struct host host;

		open_with(&host, &service, steps, 2, NULL);
		host_answer(&host, PAM_SUCCESS, "same");
		assert_int_equal(host_call(&host, HOST_CHANGE, 0), rows[i].code);
		assert_int_equal(double_request_count(service), 2);
		host_close(&host);
		double_stop(service);
	}
}

static void
nothing_typed_gives_up(void **state)
{
	static const struct {
		int conversation;
		const char *text;
		int code;
	} rows[] = {
	    {PAM_SUCCESS, "", PAM_AUTHTOK_ERR},
	    {PAM_SUCCESS, NULL, PAM_AUTHTOK_ERR},
	    {PAM_CONV_ERR, NULL, PAM_CONV_ERR},
	    {PAM_CONV_AGAIN, NULL, PAM_INCOMPLETE},
	};
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct service_double *service;
		struct host host;

		open_with(&host, &service, &step, 1, NULL);
		host_answer(&host, PAM_SUCCESS, "old");
		host_answer(&host, rows[i].conversation, rows[i].text);
		assert_int_equal(host_call(&host, HOST_CHANGE, 0), rows[i].code);
		assert_int_equal(host.asked, 2);
		assert_int_equal(double_request_count(service), 1);
		host_close(&host);
		double_stop(service);
	}
}

static void
only_an_expired_password_is_changed_when_asked_so(void **state)
{
	static const struct {
		enum verdict account;
		int code;
		size_t asked;
		size_t requests;
	} rows[] = {
	    {VERDICT_SUCCESS, PAM_SUCCESS, 0, 2}, /* one for each pass */
	    {VERDICT_EXPIRED, PAM_ACCT_EXPIRED, 0, 1},
	    {VERDICT_UNAVAILABLE, PAM_AUTHINFO_UNAVAIL, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct double_step step = double_verdict(rows[i].account, NULL, NULL);
		struct service_double *service;
		struct host host;

		open_with(&host, &service, &step, 1, NULL);
		host_answer(&host, PAM_SUCCESS, "same");
		assert_int_equal(
		    host_call(&host, HOST_CHANGE, PAM_CHANGE_EXPIRED_AUTHTOK), rows[i].code);
		assert_int_equal(host.asked, rows[i].asked);
		assert_int_equal(double_request_count(service), rows[i].requests);
		asked_for(service, 0, PROTOCOL_ACCOUNT, NULL, NULL);
		host_close(&host);
		double_stop(service);
	}
}

static void
an_expired_password_is_changed(void **state)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_CHANGE, NULL, NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	    double_verdict(VERDICT_CHANGE, NULL, NULL),
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	};
	struct service_double *service;
	struct host host;

	(void)state;
	open_with(&host, &service, steps, COUNT(steps), NULL);
	host_answer(&host, PAM_SUCCESS, "old");
	host_answer(&host, PAM_SUCCESS, "new");
	assert_int_equal(host_call(&host, HOST_CHANGE, PAM_CHANGE_EXPIRED_AUTHTOK), PAM_SUCCESS);
	asked_for(service, 1, PROTOCOL_CHANGE_CHECK, "old", NULL);
	asked_for(service, 3, PROTOCOL_CHANGE, "old", "new");
	host_close(&host);
	double_stop(service);
}

/* The first line obtains both passwords and is then not concerned; ours takes what it left. */
static void
use_authtok_takes_the_new_one_from_before(void **state)
{
	struct double_step first = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *before = double_start(&first, 1);
	struct service_double *service = double_start(&step, 1);
	struct host host;
	char stack[16384];

	(void)state;
	snprintf(stack, sizeof(stack),
	    "password required %s socket=%s\npassword required %s socket=%s use_first_pass "
	    "use_authtok\n",
	    host_module_path(), double_path(before), host_module_path(), double_path(service));
	host_open_stack(&host, "alice", stack);
	host_answer(&host, PAM_SUCCESS, "old");
	host_answer(&host, PAM_SUCCESS, "new");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	assert_int_equal(host.asked, 3);
	asked_for(service, 0, PROTOCOL_CHANGE_CHECK, "old", NULL);
	asked_for(service, 1, PROTOCOL_CHANGE, "old", "new");
	host_close(&host);
	double_stop(before);
	double_stop(service);
}

static void
use_authtok_never_asks(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service;
	struct host host;

	(void)state;
	open_with(&host, &service, &step, 1, "use_authtok");
	host_answer(&host, PAM_SUCCESS, "old");
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_AUTHTOK_ERR);
	assert_int_equal(host.asked, 1);
	assert_int_equal(double_request_count(service), 1);
	host_close(&host);
	double_stop(service);
}

static bool
ticket_sent(const struct service_double *service, size_t n, const unsigned char *ticket)
{
	struct frame request = double_request(service, n);
	const struct frame_field *field = frame_find(&request, PROTOCOL_TAG_TICKET);

	assert_int_equal(request.operation, PROTOCOL_ACCOUNT);
	if (field == NULL)
		return false;
	assert_int_equal(field->len, PROTOCOL_TICKET_LEN);
	assert_memory_equal(field->value, ticket, PROTOCOL_TICKET_LEN);
	return true;
}

static void
the_ticket_of_a_login_goes_with_its_account_step(void **state)
{
	static const unsigned char ticket[PROTOCOL_TICKET_LEN] = "0123456789abcde";
	struct double_step good = double_verdict(VERDICT_SUCCESS, NULL, ticket);
	struct service_double *service;
	struct host host;

	(void)state;
	open_with(&host, &service, &good, 1, NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
	assert_false(ticket_sent(service, 0, ticket)); /* a key login */
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
	assert_true(ticket_sent(service, 2, ticket));
	assert_int_equal(pam_set_item(host.pamh, PAM_USER, "bob"), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_SUCCESS);
	assert_false(ticket_sent(service, 3, ticket));
	host_close(&host);
	double_stop(service);
}

static void
a_refusal_leaves_no_ticket(void **state)
{
	static const unsigned char ticket[PROTOCOL_TICKET_LEN] = "0123456789abcde";
	struct double_step bad = double_verdict(VERDICT_DENY, NULL, ticket);
	struct service_double *service;
	struct host host;

	(void)state;
	open_with(&host, &service, &bad, 1, NULL);
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), PAM_AUTH_ERR);
	assert_int_equal(host_call(&host, HOST_ACCOUNT, 0), PAM_PERM_DENIED);
	assert_false(ticket_sent(service, 1, ticket));
	host_close(&host);
	double_stop(service);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asks_for_the_current_and_twice_for_the_new),
	    cmocka_unit_test(a_wrong_current_password_ends_it),
	    cmocka_unit_test(two_that_differ_are_asked_for_again_three_times),
	    cmocka_unit_test(a_refused_one_is_asked_for_again_with_the_reason),
	    cmocka_unit_test(other_verdicts_on_the_new_one_are_final),
	    cmocka_unit_test(nothing_typed_gives_up),
	    cmocka_unit_test(only_an_expired_password_is_changed_when_asked_so),
	    cmocka_unit_test(an_expired_password_is_changed),
	    cmocka_unit_test(use_authtok_takes_the_new_one_from_before),
	    cmocka_unit_test(use_authtok_never_asks),
	    cmocka_unit_test(the_ticket_of_a_login_goes_with_its_account_step),
	    cmocka_unit_test(a_refusal_leaves_no_ticket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
