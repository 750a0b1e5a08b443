/* SPDX-License-Identifier: BSD-2-Clause */
#include "registration_fixture.h"

static void
test_put(void **state)
{
	struct desk *desk = *state;
	struct stat st;
	char path[400];
	DIR *folder;
	const struct dirent *entry;

	assert_error(PD_OK,
	    mail_spool_put(desk->spool, "alice@example.org", "Subject: x\n\ny\n", 14, &desk->log));
	assert_error(PD_OK, mail_spool_put(desk->spool, "", "blank", 5, &desk->log));
	folder = opendir(desk->spool);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		assert_string_equal(entry->d_name + 32, MAIL_SPOOL_SUFFIX);
		(void)snprintf(path, sizeof(path), "%s/%s", desk->spool, entry->d_name);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	(void)closedir(folder);
	desk_read_mails(desk);
	assert_int_equal(desk->mail_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(
		    strcmp(desk->mails[i], "To alice@example.org\nSubject: x\n\ny\n") == 0 ||
		    strcmp(desk->mails[i], "To \nblank") == 0);
}

static void
test_refused(void **state)
{
	static const char *const bad[] = {"a", "-f@example.org", "a@b,c@d", "a@example.org\nx"};
	struct desk *desk = *state;
	char link_path[128];

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_error(PD_INVALID, mail_spool_put(desk->spool, bad[i], "x", 1, &desk->log));
	assert_error(
	    PD_UNAVAILABLE, mail_spool_put("/nonexistent", "a@example.org", "x", 1, &desk->log));
	assert_int_equal(chmod(desk->spool, 0750), 0);
	assert_error(
	    PD_UNAVAILABLE, mail_spool_put(desk->spool, "a@example.org", "x", 1, &desk->log));
	assert_int_equal(chmod(desk->spool, 0700), 0);
	(void)snprintf(link_path, sizeof(link_path), "%s/link", desk->folder);
	assert_int_equal(symlink(desk->spool, link_path), 0);
	assert_error(
	    PD_UNAVAILABLE, mail_spool_put(link_path, "a@example.org", "x", 1, &desk->log));
	assert_int_equal(unlink(link_path), 0);
	desk_read_mails(desk);
	assert_int_equal(desk->mail_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {DESK_TEST(test_put), DESK_TEST(test_refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
