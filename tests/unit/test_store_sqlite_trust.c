/* SPDX-License-Identifier: BSD-2-Clause */
/* Files, directories and schemas that cannot be trusted are refused. */
#include <fcntl.h>
#include <sys/stat.h>

#include "sqlite_fixture.h"

static void
test_untrusted(void **state)
{
	struct fixture *fixture = *state;
	char other[128];

	chmod(fixture->path, 0604);
	refused(fixture, "chmod 600 it");
	chmod(fixture->path, 0620);
	refused(fixture, "chmod 600 it");
	chmod(fixture->path, 0600);
	chmod(fixture->path, 0640);
	refused(fixture, "chmod 600 it");
	chmod(fixture->path, 0600);
	chmod(fixture->directory, 0770);
	refused(fixture, "give it one of its own");
	chmod(fixture->directory, 01777);
	refused(fixture, "give it one of its own");
	chmod(fixture->directory, 0755);
	assert_error(PD_NOT_FOUND, get(fixture, "alice"));
	if (geteuid() == 0) {
		assert_int_equal(0, chown(fixture->path, NOBODY, NOBODY));
		refused(fixture, "chown it to the service's user");
		assert_int_equal(0, chown(fixture->path, 0, 0));
	}
	assert_error(PD_NOT_FOUND, get(fixture, "alice"));
	snprintf(other, sizeof(other), "%s.other", fixture->path);
	assert_int_equal(0, rename(fixture->path, other));
	assert_int_equal(0, symlink(other, fixture->path));
	refused(fixture, "links are not followed");
}

/* Whoever can make the file beside the database writes the database. */
static void
test_untrusted_companions(void **state)
{
	static const char *const suffixes[] = {"-journal", "-wal", "-shm"};
	struct fixture *fixture = *state;
	char path[128];

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		store_close(fixture->store); /* and with it what SQLite put there */
		fixture->store = NULL;
		snprintf(path, sizeof(path), "%s%s", fixture->path, suffixes[i]);
		close(open(path, O_CREAT | O_EXCL | O_WRONLY, 0600));
		chmod(path, 0640);
		refused(fixture, "open to others: chmod 600 it");
		assert_non_null(strstr(fixture->lines, suffixes[i]));
		if (geteuid() == 0) {
			chmod(path, 0600);
			assert_int_equal(0, chown(path, NOBODY, NOBODY));
			refused(fixture, "beside it belongs to somebody else");
		}
		unlink(path);
		assert_int_equal(0, symlink("/dev/null", path));
		refused(fixture, "beside it is not a regular file");
		unlink(path);
		assert_error(PD_NOT_FOUND, get(fixture, "alice"));
	}
}

/* Refused before a file is left there. */
static void
test_init_in_a_public_directory(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	chmod(fixture->directory, 01777);
	assert_error(PD_CONFIG, store_init(fixture->store, &call, NULL, NULL));
	assert_non_null(strstr(fixture->lines, "give it one of its own"));
	assert_int_equal(-1, access(fixture->path, F_OK));
}

static void
test_newer_schema(void **state)
{
	by_hand(*state, "PRAGMA user_version = 3");
	refused(*state, "was made by a newer release");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_untrusted),
	    TEST(test_untrusted_companions),
	    TEST_EMPTY(test_init_in_a_public_directory),
	    TEST(test_newer_schema),
	};

	return cmocka_run_group_tests_name("store_sqlite_trust", tests, NULL, NULL);
}
