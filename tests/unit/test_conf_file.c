/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files are believed: judged on the open descriptor. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/conf.h"

static char folder[64];
static char path[96];

static int
make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/pam_dynamo_conf.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int
remove_file(void **state)
{
	(void)state;
	if (rmdir(path) != 0)
		(void)unlink(path);
	return 0;
}

static void
write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
remember(void *ctx, enum log_level level, const char *line)
{
	buf_add_format(ctx, "%s %s\n", log_level_name(level), line);
}

static void
assert_open(bool secret, int expected_errno, const char *expected)
{
	struct buf lines;
	struct log log = {LOG_LEVEL_DEBUG, remember, &lines};
	int fd;

	buf_init(&lines, 0);
	errno = 0;
	fd = conf_open_private(path, secret, &log);
	if (expected_errno == 0) {
		assert_true(fd >= 0);
		assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
		assert_string_equal(buf_string(&lines), "");
		close(fd);
	} else {
		assert_int_equal(fd, -1);
		assert_int_equal(errno, expected_errno);
		assert_non_null(strstr(buf_string(&lines), path));
		assert_non_null(strstr(buf_string(&lines), expected));
	}
	buf_free(&lines);
}

static void
modes_decide(void **state)
{
	static const struct {
		mode_t mode;
		bool secret;
		const char *wrong;
	} rows[] = {
	    {0600, false, NULL},
	    {0644, false, NULL},
	    {0444, false, NULL},
	    {0640, false, NULL},
	    {0600, true, NULL},
	    {0640, true, NULL},
	    {0440, true, NULL},
	    {0620, false, "error"},
	    {0602, false, "writable by others"},
	    {0664, false, "chmod go-w"},
	    {0666, true, "writable by others"},
	    {0644, true, "open to everybody"},
	    {0601, true, "open to everybody"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		write_file("x", rows[i].mode);
		assert_open(rows[i].secret, rows[i].wrong == NULL ? 0 : EPERM, rows[i].wrong);
		assert_int_equal(unlink(path), 0);
	}
}

static void
only_root_and_ourselves_are_owners(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("only root can give a file to somebody else\n");
		skip();
	}
	write_file("x", 0600);
	assert_int_equal(chown(path, 12345, 0), 0);
	assert_open(false, EPERM, "owned by somebody else");
}

static void
what_is_no_regular_file_is_refused(void **state)
{
	char target[128];

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_open(false, EPERM, "not a regular file");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_open(false, EPERM, "not a regular file");
	assert_int_equal(unlink(path), 0);
	write_file("x", 0600);
	(void)snprintf(target, sizeof(target), "%s.target", path);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_open(false, ELOOP, "symbolic link");
	assert_int_equal(unlink(target), 0);
}

static void
absence_is_told_at_debug_level(void **state)
{
	(void)state;
	assert_open(false, ENOENT, "debug ");
}

static void
a_good_file_is_loaded(void **state)
{
	struct conf conf;
	char reason[256] = "x";

	(void)state;
	write_file("[service]\nworkers = 5\n", 0644);
	assert_int_equal(conf_load(path, NULL, reason, sizeof(reason), &conf), PD_OK);
	assert_int_equal(conf.workers, 5);
	assert_string_equal(reason, "");
	conf_free(&conf);
}

static void
assert_load_refused(const char *expected)
{
	static const struct conf zero;
	struct buf lines;
	struct log log = {LOG_LEVEL_ERROR, remember, &lines};
	struct conf conf;
	char reason[256] = "";
	char line[300];

	buf_init(&lines, 0);
	assert_int_equal(conf_load(path, &log, reason, sizeof(reason), &conf), PD_CONFIG);
	assert_memory_equal(&conf, &zero, sizeof(conf));
	assert_non_null(strstr(reason, path));
	assert_non_null(strstr(reason, expected));
	(void)snprintf(line, sizeof(line), "error %s\n", reason);
	assert_string_equal(buf_string(&lines), line);
	buf_free(&lines);
}

static void
bad_files_are_refused_with_their_name(void **state)
{
	FILE *file;

	(void)state;
	assert_load_refused("cannot be read: No such file or directory");
	write_file("", 0666);
	assert_load_refused("writable by others");
	write_file("[service]\nworkers = x\n", 0644);
	assert_load_refused("file:2: [service] workers: not a number");
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 300 * 1024; i++)
		(void)fputc('\n', file);
	assert_int_equal(fclose(file), 0);
	assert_load_refused("longer than 256 KiB");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(modes_decide, remove_file),
	    cmocka_unit_test_teardown(only_root_and_ourselves_are_owners, remove_file),
	    cmocka_unit_test_teardown(what_is_no_regular_file_is_refused, remove_file),
	    cmocka_unit_test_teardown(absence_is_told_at_debug_level, remove_file),
	    cmocka_unit_test_teardown(a_good_file_is_loaded, remove_file),
	    cmocka_unit_test_teardown(bad_files_are_refused_with_their_name, remove_file),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
