/* SPDX-License-Identifier: BSD-2-Clause */
/* The module's rules for names are a copy; this holds them against the core's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/user.h"
#include "pam_name.h"

static bool
cores(const char *name)
{
	return user_name_allowed(name, CONF_NAMES_POSIX) ||
	    user_name_allowed(name, CONF_NAMES_EMAIL);
}

static void
the_size_is_the_cores(void **state)
{
	(void)state;
	assert_int_equal(PAM_NAME_SIZE, USER_NAME_SIZE);
}

static void
known_names(void **state)
{
	static const struct {
		const char *name;
		bool ours;
	} rows[] = {
	    {NULL, false},
	    {"", false},
	    {"a", true},
	    {"_", true},
	    {"alice", true},
	    {"a-b_c-9", true},
	    {"root", false},
	    {"roo", true},
	    {"roots", true},
	    {"9a", false},
	    {"-a", false},
	    {"Alice", false},
	    {"alicE", false},
	    {"al.ice", false},
	    {"al ice", false},
	    {"alice\n", false},
	    {"alice$", false},
	    {"alice@example.org", true},
	    {"a.b+c@mail.example.org", true},
	    {"root@example.org", true},
	    {"Alice@example.org", false},
	    {"alice@example", false},
	    {"-alice@example.org", false},
	    {".alice@example.org", false},
	    {"alice.@example.org", false},
	    {"al..ice@example.org", false},
	    {"alice@-example.org", false},
	    {"alice@example-.org", false},
	    {"alice@example.org.", false},
	    {"alice@example..org", false},
	    {"alice@b@example.org", false},
	    {"email#@example.org", false},
	    {"@example.org", false},
	    {"alice@", false},
	    {"abcdefghijklmnopqrstuvwxyz01234", true},
	    {"abcdefghijklmnopqrstuvwxyz012345", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (pam_name_ours(rows[i].name) != rows[i].ours)
			fail_msg("%s", rows[i].name);
		if (rows[i].name != NULL && cores(rows[i].name) != rows[i].ours)
			fail_msg("core: %s", rows[i].name);
	}
}

/* Every byte at every place of a name of each kind. */
static void
every_byte_at_every_place(void **state)
{
	static const char *const names[] = {"abc", "a.b@c-d.ef"};

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			for (size_t at = 0; names[i][at] != '\0'; at++) {
				char name[16];

				strcpy(name, names[i]);
				name[at] = (char)byte;
				assert_int_equal(pam_name_ours(name), cores(name));
			}
		}
	}
}

/* Parts of every length about the limits. */
static void
every_length(void **state)
{
	char name[600];

	(void)state;
	for (int local = 62; local <= 66; local++) {
		for (int label = 61; label <= 65; label++) {
			for (int last = 1; last <= 65; last++) {
				snprintf(name, sizeof(name), "%0*d@%0*d.%0*d.%0*d", local, 1, label,
				    1, label, 1, last, 1);
				assert_int_equal(pam_name_ours(name), cores(name));
			}
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_size_is_the_cores),
	    cmocka_unit_test(known_names),
	    cmocka_unit_test(every_byte_at_every_place),
	    cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
