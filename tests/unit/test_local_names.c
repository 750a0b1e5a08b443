/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/local_names.h"

#define LONG_MEMBERS 20000 /* bytes of one group line */

struct fixture {
	char folder[64];
	char passwd[96];
	char group[96];
	struct local_names *names;
};

/* As vipw(8) and useradd(8) do: a new file in place of the old. */
static void
write_file(const char *path, const char *text)
{
	char fresh[128];
	FILE *file;

	assert_true(snprintf(fresh, sizeof(fresh), "%s.new", path) > 0);
	file = fopen(fresh, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(fresh, path), 0);
}

static int
setup(void **state)
{
	static struct fixture fixture;

	strcpy(fixture.folder, "/tmp/test_local_names.XXXXXX");
	if (mkdtemp(fixture.folder) == NULL)
		return 1;
	(void)snprintf(fixture.passwd, sizeof(fixture.passwd), "%s/passwd", fixture.folder);
	(void)snprintf(fixture.group, sizeof(fixture.group), "%s/group", fixture.folder);
	write_file(fixture.passwd,
	    "root:x:0:0:root:/root:/bin/sh\nbroken\n+nis\nlocal:x:1000:1000::/home/local:/bin/"
	    "sh\n");
	write_file(fixture.group, "root:x:0:\nstaff:x:50:local\n");
	*state = &fixture;
	return local_names_open(fixture.passwd, fixture.group, NULL, &fixture.names) == PD_OK ? 0
											      : 1;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	local_names_free(fixture->names);
	unlink(fixture->passwd);
	unlink(fixture->group);
	return rmdir(fixture->folder);
}

static void
test_names_and_ids(void **state)
{
	struct local_names *names = ((struct fixture *)*state)->names;
	uid_t uid = 99;
	gid_t gid = 99;

	assert_int_equal(local_names_user(names, "local", &uid), PD_OK);
	assert_int_equal(uid, 1000);
	assert_int_equal(local_names_user(names, "loca", NULL), PD_NOT_FOUND);
	assert_int_equal(local_names_user(names, "staff", NULL), PD_NOT_FOUND);
	assert_int_equal(local_names_uid(names, 0), PD_OK);
	assert_int_equal(local_names_uid(names, 50), PD_NOT_FOUND);
	assert_int_equal(local_names_group(names, "staff", &gid), PD_OK);
	assert_int_equal(gid, 50);
	assert_int_equal(local_names_gid(names, 50), PD_OK);
	assert_int_equal(local_names_gid(names, 1000), PD_NOT_FOUND);
}

static void
test_a_changed_file_is_read_again(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(local_names_user(fixture->names, "fresh", NULL), PD_NOT_FOUND);
	write_file(fixture->passwd, "fresh:x:1000:1000::/home/local:/bin/sh\n");
	assert_int_equal(local_names_user(fixture->names, "fresh", NULL), PD_OK);
	assert_int_equal(local_names_user(fixture->names, "local", NULL), PD_NOT_FOUND);
}

static void
test_a_missing_file_holds_nothing(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(local_names_user(fixture->names, "local", NULL), PD_OK);
	assert_int_equal(unlink(fixture->passwd), 0);
	assert_int_equal(local_names_user(fixture->names, "local", NULL), PD_NOT_FOUND);
	write_file(fixture->passwd, "back:x:1:1::/:/bin/sh\n");
	assert_int_equal(local_names_user(fixture->names, "back", NULL), PD_OK);
}

static void
test_an_unreadable_file_is_an_error(void **state)
{
	struct local_names *names;

	(void)state;
	assert_int_equal(local_names_open("/", "/", NULL, &names), PD_OK);
	assert_int_equal(local_names_user(names, "local", NULL), PD_CONFIG);
	assert_int_equal(local_names_gid(names, 5), PD_CONFIG);
	local_names_free(names);
}

static void
test_a_very_long_line(void **state)
{
	struct fixture *fixture = *state;
	static char text[LONG_MEMBERS + 64];

	strcpy(text, "many:x:60:");
	memset(text + strlen(text), 'm', LONG_MEMBERS);
	strcat(text, "\nafter:x:61:\n");
	write_file(fixture->group, text);
	assert_int_equal(local_names_gid(fixture->names, 60), PD_OK);
	assert_int_equal(local_names_group(fixture->names, "after", NULL), PD_OK);
}

static void
test_a_file_that_cannot_be_seen_is_an_error(void **state)
{
	static const char *const paths[] = {"/dev/null/passwd", "/proc/self/mem/passwd"};
	struct local_names *names;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(paths); i++) {
		assert_int_equal(local_names_open(paths[i], paths[i], NULL, &names), PD_OK);
		assert_int_equal(local_names_user(names, "local", NULL), PD_CONFIG);
		assert_int_equal(local_names_gid(names, 5), PD_CONFIG);
		local_names_free(names);
	}
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FILES(test_names_and_ids),
	    WITH_FILES(test_a_changed_file_is_read_again),
	    WITH_FILES(test_a_missing_file_holds_nothing),
	    WITH_FILES(test_an_unreadable_file_is_an_error),
	    WITH_FILES(test_a_very_long_line),
	    cmocka_unit_test(test_a_file_that_cannot_be_seen_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
