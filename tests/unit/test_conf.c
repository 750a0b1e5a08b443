/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines: what is understood, and what every mistake is told. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "conf_unit.h"
#include "core/buf.h"

static void
comments_blanks_and_lists_are_understood(void **state)
{
	struct conf conf = parse("# comment\n; comment\n\n   \n  # indented comment\n"
				 "[service]   ; comment\nworkers\t=  3   ; three\n"
				 "[userdb]\ngroups = staff, web\n   ops,\n\tdb\n"
				 "[service]\nqueue=7");

	(void)state;
	assert_int_equal(conf.workers, 3);
	assert_int_equal(conf.queue, 7);
	assert_int_equal(conf.groups.len, 4);
	assert_string_equal(conf.groups.items[1], "web");
	assert_string_equal(conf.groups.items[3], "db");
	conf_free(&conf);
}

static void
mistakes_name_file_line_and_key(void **state)
{
	static const char *const rows[][2] = {
	    {"\n[bogus]\n", "FILE:2: [bogus]: unknown section;"},
	    {"[]\n", "FILE:1: unknown section;"},
	    {"[log\n", "FILE:1: not a section;"},
	    {"[log] x\n", "FILE:1: not a section;"},
	    {"[log]level = info\n", "FILE:1: not a section;"},
	    {"level = info\n", "FILE:1: level: before the first section;"},
	    {"[log]\nlevle = info\n", "FILE:2: [log] levle: unknown key;"},
	    {"[log]\nLEVEL = info\n", "FILE:2: [log] LEVEL: unknown key;"},
	    {"[log]\nworkers = 1\n", "FILE:2: [log] workers: unknown key;"},
	    {"[log]\n\nlevel\n", "FILE:3: [log]: not a setting;"},
	    {"[log]\nlevel: info\n", "FILE:2: [log]: not a setting;"},
	    {"[log]\n= info\n", "FILE:2: [log]: not a setting;"},
	    {"[log]\nlevel=info\nlevel=info\n", "FILE:3: [log] level: set in line 2 already;"},
	    {"[log]\nlevel=info\n[store]\n[log]\nlevel=error\n",
		"FILE:5: [log] level: set in line 2 already;"},
	    {"[userdb]\ngroups=a\ngroups=b\n", "FILE:3: [userdb] groups: set in line 2 already;"},
	    {"[log]\n level = info\n", "FILE:2: [log]: begins with a blank"},
	    {"[log]\nlevel = info\n info\n", "FILE:3: [log]: begins with a blank"},
	    {"[userdb]\ngroups=a\n[host]\n b\n", "FILE:4: [host]: begins with a blank"},
	    {"[userdb]\ngroups=a\n  b:c\n", "FILE:3: [userdb] groups: not a group name;"},
	    {"\xef\xbb\xbf[log]\n", "FILE:1: a byte that is not text"},
	    {"[log]\r\nlevel = info\r\n", "FILE:1: a byte that is not text"},
	    {"[log]\nlevel = \xff\n", "FILE:2: a byte that is not text"},
	    {"[log]\nlevel = info\x1b\n", "FILE:2: a byte that is not text"},
	    {"# \xe2\x80\xae\n", "FILE:1: a byte that is not text"},
	    {"[service]\nworkers = 8 8\n", "FILE:2: [service] workers: not a number"},
	    {"[service]\nworkers = +8\n", "FILE:2: [service] workers: not a number"},
	    {"[service]\nworkers = 08\n", "FILE:2: [service] workers: not a number"},
	    {"[service]\nworkers = 99999999999999999999\n",
		"FILE:2: [service] workers: not a number"},
	    {"[service]\nworkers = 8 # eight\n", "FILE:2: [service] workers: not a number"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_refused(rows[i][0], rows[i][1]);
	assert_refused_len("[log]\nlevel = info\0\n", 20, "FILE:2: a byte that is not text");
}

static void
over_long_lines_are_refused_not_cut(void **state)
{
	struct conf conf;
	char text[512] = "[userdb]\ngroups = ";

	(void)state;
	memset(text + strlen(text), 'g', 198 - strlen("groups = "));
	conf = parse(text);
	assert_int_equal(strlen(conf.groups.items[0]), 189);
	conf_free(&conf);
	strcat(text, "\n");
	conf = parse(text);
	conf_free(&conf);
	text[strlen(text) - 1] = 'g';
	assert_refused(text, "FILE:2: [userdb]: longer than 198 bytes;");
	text[9] = '#';
	assert_refused(text, "FILE:2: [userdb]: longer than 198 bytes;");
}

static void
over_long_files_are_refused(void **state)
{
	size_t len = 256 * 1024;
	char *text = malloc(len + 1);
	struct conf conf;

	(void)state;
	memset(text, '\n', len + 1);
	assert_int_equal(conf_parse("FILE", text, len, NULL, NULL, 0, &conf), PD_OK);
	conf_free(&conf);
	assert_refused_len(text, len + 1, "FILE: longer than 256 KiB;");
	free(text);
}

static void
remember(void *ctx, enum log_level level, const char *line)
{
	struct buf *lines = ctx;

	buf_add_format(lines, "%s %s\n", log_level_name(level), line);
}

static void
the_first_mistake_is_logged_once(void **state)
{
	static const char text[] = "[log]\nfirst = 1\nsecond = 2\n[third]\n";
	struct buf lines;
	struct log log = {LOG_LEVEL_DEBUG, remember, &lines};
	struct conf conf;
	char tiny[8];

	(void)state;
	buf_init(&lines, 0);
	assert_int_equal(
	    conf_parse("a\nb", text, strlen(text), &log, tiny, sizeof(tiny), &conf), PD_CONFIG);
	assert_string_equal(buf_string(&lines),
	    "error a\\x0ab:2: [log] first: unknown key; see pam_dynamo.conf(5)\n");
	assert_string_equal(tiny, "a\\x0ab:");
	buf_free(&lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(comments_blanks_and_lists_are_understood),
	    cmocka_unit_test(mistakes_name_file_line_and_key),
	    cmocka_unit_test(over_long_lines_are_refused_not_cut),
	    cmocka_unit_test(over_long_files_are_refused),
	    cmocka_unit_test(the_first_mistake_is_logged_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
