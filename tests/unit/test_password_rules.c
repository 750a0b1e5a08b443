/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/password.h"
#include "core/password_rules.h"

static void
test_new_password_rules(void **state)
{
	static const char *const words[] = {"alexandra.fox", "alexandra@example.org", NULL};
	static const struct password_rules rules = {.min_length = 12, .context = words};
	static const struct {
		const char *password;
		const char *why;
	} rows[] = {
	    {"twelve bytes", NULL},
	    {"elevenbytes", "too short"},
	    {"\xc3\xa4\xc3\xa4\xc3\xb6\xc3\xb6\xc3\xbc\xc3\xbc", "too short"},
	    {"\xc3\xa4\xc3\xa4\xc3\xb6\xc3\xb6\xc3\xbc\xc3\xbc\xc3\xa4\xc3\xa4\xc3\xb6\xc3\xb6"
	     "\xc3\xbc\xc3\xbc",
		NULL},
	    {"", "too short"},
	    {"aaaaaaaaaaaaaaaa", "one character"},
	    {"aaaaaaaaaaaaaaaab", NULL},
	    {"\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83"
	     "\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83\xe2\x98\x83",
		"one character"},
	    {"Alexandra.Fox", "your name"},
	    {"ALEXANDRA@example.ORG", "your name"},
	    {"Alexandra.Fox1", NULL},
	    {"Alexandra.Fo", NULL},
	    {"not utf-8 \xff at all", "not valid"},
	    {"overlong \xc0\xaf form", "not valid"},
	    {"surrogate \xed\xa0\x80 half", "not valid"},
	    {"beyond \xf4\x90\x80\x80 unicode", "not valid"},
	    {"cut at the end \xe2\x98", "not valid"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = "not set";
		enum pd_error error = password_rules_check(
		    &rules, rows[i].password, strlen(rows[i].password), &why);

		if (error != (rows[i].why == NULL ? PD_OK : PD_INVALID))
			fail_msg("%s: %d", rows[i].password, (int)error);
		if (rows[i].why == NULL ? why != NULL : strstr(why, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].password, why);
	}
}

static void
test_new_password_limits(void **state)
{
	static const struct password_rules rules = {.min_length = 1};
	char text[PASSWORD_NEW_MAX + 2];
	const char *why;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[0] = 'b';
	assert_int_equal(password_rules_check(&rules, text, PASSWORD_RULES_POINTS, &why), PD_OK);
	assert_int_equal(
	    password_rules_check(&rules, text, PASSWORD_RULES_POINTS + 1, &why), PD_INVALID);
	assert_non_null(strstr(why, "too long"));
	/* 127 points of four bytes and one of three: 128 points, 511 bytes */
	for (size_t i = 0; i < 127; i++)
		memcpy(text + 4 * i, "\xf0\x9f\x90\xa6", 4);
	memcpy(text + 508, "\xe2\x98\x83", 3);
	assert_int_equal(password_rules_check(&rules, text, PASSWORD_NEW_MAX, &why), PD_OK);
	memcpy(text + 508, "\xf0\x9f\x90\xa7", 4);
	assert_int_equal(
	    password_rules_check(&rules, text, PASSWORD_NEW_MAX + 1, &why), PD_INVALID);
	assert_non_null(strstr(why, "too long"));
	assert_int_equal(password_rules_check(&rules, "a\0bc", 4, &why), PD_INVALID);
	assert_non_null(strstr(why, "not valid"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_new_password_rules),
	    cmocka_unit_test(test_new_password_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
