/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "service/audit.h"

static void
test_values_in_a_fixed_order(void **state)
{
	const struct audit_event event = {.host = "h",
	    .service = "sshd",
	    .user = "alice",
	    .rhost = "192.0.2.7",
	    .tty = "ssh",
	    .ruser = "bob",
	    .peer = {.uid = 33, .pid = 4711},
	    .phase = "authenticate",
	    .verdict = VERDICT_SUCCESS,
	    .reason = REASON_GOOD,
	    .online = true,
	    .latency_us = 21480,
	    .requests = 1,
	    .request_id = "R1"};
	char line[AUDIT_LINE_MAX];

	(void)state;
	audit_format(&event, line);
	assert_string_equal(line,
	    "host=h service=sshd user=alice rhost=192.0.2.7 tty=ssh phase=authenticate "
	    "verdict=success reason=good source=online latency_us=21480 requests=1 "
	    "request_id=R1 ruser=bob peer=33/4711");
}

/* The line of a renewed hash has one value more; others do not have it. */
static void
test_a_renewed_hash(void **state)
{
	const struct audit_event event = {
	    .user = "alice", .phase = "rehash", .old_hash = "sha512-crypt"};
	char line[AUDIT_LINE_MAX];

	(void)state;
	audit_format(&event, line);
	assert_non_null(strstr(line, " user=alice "));
	assert_non_null(strstr(line, " phase=rehash "));
	assert_string_equal(strstr(line, " peer="), " peer=0/0 old_hash=sha512-crypt");
}

static void
test_a_value_cannot_pretend_to_be_two(void **state)
{
	const struct audit_event event = {
	    .user = "x verdict=success\nhost=\"\\", .rhost = "", .reason = REASON_BAD_NAME};
	char line[AUDIT_LINE_MAX];

	(void)state;
	audit_format(&event, line);
	assert_non_null(
	    strstr(line, "user=x\\x20verdict\\x3dsuccess\\x0ahost\\x3d\\x22\\x5c rhost=- "));
	assert_non_null(strstr(line, "verdict=deny reason=bad-name source=none"));
}

static void
test_long_values_are_cut(void **state)
{
	static char text[5000];
	const struct audit_event event = {.host = text,
	    .service = text,
	    .user = text,
	    .rhost = text,
	    .tty = text,
	    .phase = text,
	    .ruser = text,
	    .request_id = text};
	char line[AUDIT_LINE_MAX];

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	audit_format(&event, line);
	assert_true(strlen(line) < AUDIT_LINE_MAX - 1);
	assert_non_null(strstr(line, " request_id=\\x0a"));
}

/* The name says who: two long ones never look the same. */
static void
test_no_name_is_cut(void **state)
{
	char name[USER_NAME_SIZE];
	const struct audit_event event = {.user = name};
	char line[AUDIT_LINE_MAX];

	(void)state;
	memset(name, '=', sizeof(name) - 2);
	strcpy(name + sizeof(name) - 2, "z");
	audit_format(&event, line);
	assert_non_null(strstr(line, "\\x3dz rhost="));
}

static void
test_every_verdict_has_a_word(void **state)
{
	int verdict, other;

	(void)state;
	for (verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		assert_non_null(audit_verdict_word((enum verdict)verdict));
		for (other = 0; other < verdict; other++)
			assert_string_not_equal(audit_verdict_word((enum verdict)verdict),
			    audit_verdict_word((enum verdict)other));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values_in_a_fixed_order),
	    cmocka_unit_test(test_a_renewed_hash),
	    cmocka_unit_test(test_a_value_cannot_pretend_to_be_two),
	    cmocka_unit_test(test_long_values_are_cut),
	    cmocka_unit_test(test_no_name_is_cut),
	    cmocka_unit_test(test_every_verdict_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
