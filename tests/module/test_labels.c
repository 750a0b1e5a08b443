/* SPDX-License-Identifier: BSD-2-Clause */
/* What hosts and users put into PAM items stays what it is: bytes that travel, cut to their bound.
 */
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
#define LABEL_MAX 255 /* bytes, PROTOCOL.md */

static const struct {
	int item;
	uint16_t tag;
} items[] = {
    {PAM_RHOST, PROTOCOL_TAG_RHOST},
    {PAM_TTY, PROTOCOL_TAG_TTY},
    {PAM_RUSER, PROTOCOL_TAG_RUSER},
    {PAM_SERVICE, PROTOCOL_TAG_SERVICE},
};

/* One line, of printable bytes; libpam itself puts the service's name at its beginning. */
static void
log_is_a_line(void)
{
	const char *line = host_log();
	size_t len = strlen(line);

	assert_true(len > 0 && line[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		assert_in_range((unsigned char)line[i], ' ', '~');
}

static void
travels(size_t item, const char *label, const char *arguments, enum verdict verdict)
{
	struct double_step step = double_verdict(verdict, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	struct host host;
	struct frame request;
	const struct frame_field *field;

	host_open(&host, "alice", double_path(service), arguments);
	host_answer(&host, PAM_SUCCESS, "secret");
	host.answers[0].item = items[item].item; /* the service's name can be set in no other way */
	host.answers[0].value = label;
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0),
	    verdict == VERDICT_SUCCESS ? PAM_SUCCESS : PAM_AUTH_ERR);
	request = double_request(service, 0);
	field = frame_find(&request, items[item].tag);
	assert_non_null(field);
	assert_int_equal(field->len, strnlen(label, LABEL_MAX));
	assert_memory_equal(field->value, label, field->len);
	if (arguments != NULL && items[item].item != PAM_SERVICE)
		log_is_a_line();
	host_close(&host);
	double_stop(service);
}

static void
hostile_labels_are_only_labels(void **state)
{
	static char overlong[4097];
	static const char *const labels[] = {"%n%s%n%s%1000000d", "line\nanother line\r\n",
	    "\x01\x1b[2j\x7f", "\xff\xfe\xc3(", "\"quoted\" 'and' \\ back", "a=b user=root", "",
	    " ", overlong};

	(void)state;
	memset(overlong, 'x', sizeof(overlong) - 1);
	for (size_t i = 0; i < COUNT(labels) * COUNT(items); i++) {
		travels(i % COUNT(items), labels[i / COUNT(items)], "debug", VERDICT_SUCCESS);
		travels(i % COUNT(items), labels[i / COUNT(items)], NULL, VERDICT_DENY);
	}
}

/* All four at their bound beside two passwords at theirs still fit into a request. */
static void
the_largest_request_fits(void **state)
{
	struct double_step step = double_verdict(VERDICT_SUCCESS, NULL, NULL);
	struct service_double *service = double_start(&step, 1);
	static char password[513];
	static char label[4097];
	struct host host;
	struct frame request;

	(void)state;
	memset(password, 'p', sizeof(password) - 1);
	memset(label, 'x', sizeof(label) - 1);
	host_open(
	    &host, "abcdefghijklmnopqrstuvwxyzabcde", double_path(service), "minimum_uid=1000");
	host_answer(&host, PAM_SUCCESS, password);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pam_set_item(host.pamh, items[i].item, label), PAM_SUCCESS);
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	request = double_request(service, double_request_count(service) - 1);
	assert_int_equal(request.operation, PROTOCOL_CHANGE);
	assert_int_equal(frame_find(&request, PROTOCOL_TAG_NEW_PASSWORD)->len, 512);
	assert_int_equal(frame_find(&request, PROTOCOL_TAG_RUSER)->len, LABEL_MAX);
	host_close(&host);
	double_stop(service);
}

/* Between the two passes, or while the new password is typed, by a host that knows better. */
static void
an_old_password_that_is_set_anew_is_the_one_sent(void **state)
{
	struct double_step steps[] = {
	    double_verdict(VERDICT_DENY, NULL, NULL), /* root's reset, where root runs this */
	    double_verdict(VERDICT_SUCCESS, NULL, NULL),
	};
	bool root = getuid() == 0;
	struct service_double *service = double_start(root ? steps : steps + 1, root ? 2 : 1);
	struct host host;
	struct frame request;
	char password[32];

	(void)state;
	host_open(&host, "alice", double_path(service), NULL);
	host_answer(&host, PAM_SUCCESS, "old");
	host_answer(&host, PAM_SUCCESS, "new");
	host_answer(&host, PAM_SUCCESS, "new");
	host.answers[1].item = PAM_OLDAUTHTOK;
	host.answers[1].value = "older";
	assert_int_equal(host_call(&host, HOST_CHANGE, 0), PAM_SUCCESS);
	request = double_request(service, double_request_count(service) - 1);
	assert_int_equal(request.operation, PROTOCOL_CHANGE);
	assert_true(frame_string(&request, PROTOCOL_TAG_PASSWORD, password, sizeof(password)));
	assert_string_equal(password, "older");
	host_close(&host);
	double_stop(service);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hostile_labels_are_only_labels),
	    cmocka_unit_test(the_largest_request_fits),
	    cmocka_unit_test(an_old_password_that_is_set_anew_is_the_one_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
