/* SPDX-License-Identifier: BSD-2-Clause */
/* The module's rule for names is a copy; this holds it against the core's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/user.h"
#include "pam_name.h"

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
	    {"abcdefghijklmnopqrstuvwxyz01234", true},
	    {"abcdefghijklmnopqrstuvwxyz012345", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (pam_name_ours(rows[i].name) != rows[i].ours)
			fail_msg("%s", rows[i].name);
		if (rows[i].name != NULL && user_name_allowed(rows[i].name) != rows[i].ours)
			fail_msg("core: %s", rows[i].name);
	}
}

/* Every byte as the first, a middle and the last of a name. */
static void
every_byte_at_every_place(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		for (size_t at = 0; at < 3; at++) {
			char name[] = "abc";

			name[at] = (char)byte;
			assert_int_equal(pam_name_ours(name), user_name_allowed(name));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
