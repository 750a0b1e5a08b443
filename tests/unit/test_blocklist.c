/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/blocklist.h"
#include "core/buf.h"
#include "core/nfc.h"

#define SHIPPED "conf/common-passwords"

static char folder[64];
static char path[96];
static char site_path[96];
static struct conf conf;

static void
set(char **value, const char *text)
{
	free(*value);
	*value = strdup(text);
	assert_non_null(*value);
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/pam_dynamo_list.XXXXXX");
	if (mkdtemp(folder) == NULL || conf_init(&conf) != PD_OK)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/list", folder);
	(void)snprintf(site_path, sizeof(site_path), "%s/site", folder);
	set(&conf.blocklist, path);
	conf.min_length = 8;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(site_path);
	conf_free(&conf);
	return rmdir(folder);
}

static void
write_bytes(const char *file_path, const char *text, size_t len)
{
	FILE *file = fopen(file_path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(file_path, 0644), 0);
}

static void
write_list(const char *text)
{
	write_bytes(path, text, strlen(text));
}

static struct blocklist *
load(void)
{
	struct blocklist *list = NULL;
	char reason[256] = "";

	if (blocklist_load(&conf, NULL, reason, sizeof(reason), &list) != PD_OK)
		fail_msg("%s", reason);
	assert_non_null(list);
	return list;
}

static void
remember(void *ctx, enum log_level level, const char *line)
{
	buf_add_format(ctx, "%s %s\n", log_level_name(level), line);
}

/* The list is refused with these words in the reason and in the log. */
static void
expect_refused(const char *one, const char *two)
{
	struct blocklist *list = NULL;
	struct buf lines;
	const struct log log = {LOG_LEVEL_ERROR, remember, &lines};
	char reason[256] = "";

	buf_init(&lines, 0);
	assert_int_equal(blocklist_load(&conf, &log, reason, sizeof(reason), &list), PD_CONFIG);
	assert_null(list);
	if (strstr(reason, one) == NULL || strstr(reason, two) == NULL ||
	    strstr(buf_string(&lines), reason) == NULL)
		fail_msg("\"%s\" and \"%s\": %s; %s", one, two, reason, buf_string(&lines));
	buf_free(&lines);
}

static bool
has(const struct blocklist *list, const char *password)
{
	char folded[256];

	assert_true(nfc_fold(password, strlen(password), folded, sizeof(folded), NULL));
	return blocklist_has(list, folded);
}

static void
passwords_are_found_whole_in_any_case(void **state)
{
	struct blocklist *list;

	(void)state;
	write_list("hunter22\nCorrect Horse\n  spaces stay  \n#starts with hash\n"
		   "\xc3\x84pfel und Birnen\nStra\xc3\x9f"
		   "enbahn\nwindows line\r\n\n\nlast without end");
	list = load();
	assert_int_equal(blocklist_count(list), 8);
	assert_true(has(list, "hunter22"));
	assert_true(has(list, "HUNTER22"));
	assert_true(has(list, "correct horse"));
	assert_true(has(list, "  Spaces Stay  "));
	assert_false(has(list, "spaces stay"));
	assert_true(has(list, "#Starts with hash"));
	assert_true(has(list, "a\xcc\x88PFEL UND BIRNEN"));
	assert_true(has(list, "STRASSENBAHN"));
	assert_true(has(list, "windows line"));
	assert_true(has(list, "last without end"));
	assert_false(has(list, "hunter2"));
	assert_false(has(list, "hunter223"));
	assert_false(has(list, ""));
	blocklist_free(list);
}

static void
comments_are_marked(void **state)
{
	struct blocklist *list;

	(void)state;
	write_list("#!comment: not a password\nsome password\n#!comment:\n");
	list = load();
	assert_int_equal(blocklist_count(list), 1);
	assert_false(has(list, "#!comment: not a password"));
	blocklist_free(list);
}

static void
a_byte_order_mark_is_none(void **state)
{
	struct blocklist *list;

	(void)state;
	write_list("\xef\xbb\xbf"
		   "first password\nsecond password\n");
	list = load();
	assert_true(has(list, "first password"));
	assert_true(has(list, "second password"));
	blocklist_free(list);
}

static void
both_lists_count(void **state)
{
	struct blocklist *list;

	(void)state;
	write_list("from the first\n");
	write_bytes(site_path, "from the second\n", 16);
	set(&conf.site_blocklist, site_path);
	list = load();
	assert_true(has(list, "from the first"));
	assert_true(has(list, "from the second"));
	blocklist_free(list);
	set(&conf.blocklist, "");
	list = load();
	assert_false(has(list, "from the first"));
	assert_true(has(list, "from the second"));
	blocklist_free(list);
	set(&conf.site_blocklist, "");
	list = load();
	assert_int_equal(blocklist_count(list), 0);
	assert_false(has(list, "from the first"));
	blocklist_free(list);
	assert_false(blocklist_has(NULL, "anything"));
	assert_int_equal(blocklist_count(NULL), 0);
}

static void
what_is_too_short_anyway_is_not_kept(void **state)
{
	struct blocklist *list;

	(void)state;
	write_list("seven 7\neight  8\n\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\n");
	list = load();
	assert_int_equal(blocklist_count(list), 1);
	assert_true(has(list, "eight  8"));
	blocklist_free(list);
	conf.min_length = 1;
	list = load();
	assert_int_equal(blocklist_count(list), 3);
	blocklist_free(list);
}

static void
lines_that_are_no_text_are_named(void **state)
{
	static char large[600];

	(void)state;
	write_list("good password\nbad \xff password\n");
	expect_refused(path, "line 2: not UTF-8");
	write_bytes(path, "good password\ngood password\nNUL \0 password\n", 42);
	expect_refused(path, "line 3: not UTF-8");
	memset(large, 'x', sizeof(large) - 1);
	write_list(large);
	expect_refused(path, "line 1: longer than");
	large[511] = '\n';
	large[512] = '\0';
	write_list(large);
	blocklist_free(load());
}

static void
a_list_that_cannot_be_trusted_is_refused(void **state)
{
	(void)state;
	expect_refused(path, "does not exist");
	write_list("some password\n");
	assert_int_equal(chmod(path, 0666), 0);
	expect_refused(path, "nobody else can write");
	assert_int_equal(chmod(path, 0664), 0);
	expect_refused(path, "nobody else can write");
	assert_int_equal(chmod(path, 0644), 0);
	blocklist_free(load());
	assert_int_equal(symlink(path, site_path), 0);
	set(&conf.site_blocklist, site_path);
	expect_refused(site_path, "must be a file itself");
	set(&conf.site_blocklist, folder);
	expect_refused(folder, "must be a file itself");
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 12345), 0);
		expect_refused(path, "of root");
	}
}

static void
the_shipped_list_is_good(void **state)
{
	static const char *const samples[] = {"password123456789", "123456789qwerty",
	    "thisismypassword", "CorrectHorseBatteryStaple", "may the force be with you"};
	struct blocklist *list;
	struct buf text;
	char block[4096];
	FILE *file = fopen(SHIPPED, "r");
	size_t n;

	(void)state;
	if (file == NULL)
		skip(); /* run from elsewhere than the source's folder */
	buf_init(&text, 0);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		buf_add(&text, block, n);
	assert_int_equal(fclose(file), 0);
	write_bytes(path, text.data, text.len);
	buf_free(&text);
	list = load();
	assert_true(blocklist_count(list) > 8000);
	assert_true(has(list, "password"));
	blocklist_free(list);
	conf.min_length = 15;
	list = load();
	assert_true(blocklist_count(list) > 100);
	for (size_t i = 0; i < COUNT_OF(samples); i++)
		if (!has(list, samples[i]))
			fail_msg("%s", samples[i]);
	assert_false(has(list, "password"));
	blocklist_free(list);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(passwords_are_found_whole_in_any_case),
	    TEST(comments_are_marked),
	    TEST(a_byte_order_mark_is_none),
	    TEST(both_lists_count),
	    TEST(what_is_too_short_anyway_is_not_kept),
	    TEST(lines_that_are_no_text_are_named),
	    TEST(a_list_that_cannot_be_trusted_is_refused),
	    TEST(the_shipped_list_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
