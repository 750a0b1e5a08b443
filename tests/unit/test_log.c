/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

struct seen {
	int lines;
	enum log_level level;
	char line[2 * LOG_LINE_MAX];
};

static void
remember(void *ctx, enum log_level level, const char *line)
{
	struct seen *seen = ctx;

	seen->lines++;
	seen->level = level;
	(void)snprintf(seen->line, sizeof(seen->line), "%s", line);
}

static void
every_level_has_a_word_both_ways(void **state)
{
	enum log_level level = LOG_LEVEL_DEBUG;

	(void)state;
	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
		assert_true(log_level_parse(log_level_name((enum log_level)i), &level));
		assert_int_equal(level, i);
	}
	assert_string_equal(log_level_name(LOG_LEVEL_ERROR), "error");
	assert_string_equal(log_level_name((enum log_level)99), "unknown");
	assert_false(log_level_parse("Error", &level));
	assert_false(log_level_parse("", &level));
	assert_false(log_level_parse(NULL, &level));
}

static void
lines_above_the_level_are_dropped(void **state)
{
	struct seen seen = {0};
	struct log log = {LOG_LEVEL_NOTICE, remember, &seen};

	(void)state;
	log_line(&log, LOG_LEVEL_INFO, "quiet");
	assert_int_equal(seen.lines, 0);
	log_line(&log, LOG_LEVEL_NOTICE, "user %s, %d", "alice", 7);
	assert_int_equal(seen.lines, 1);
	assert_int_equal(seen.level, LOG_LEVEL_NOTICE);
	assert_string_equal(seen.line, "user alice, 7");
	log_line(&log, LOG_LEVEL_ERROR, "loud");
	assert_int_equal(seen.lines, 2);
}

static void
a_null_log_drops_everything(void **state)
{
	struct log log = {LOG_LEVEL_DEBUG, NULL, NULL};

	(void)state;
	log_line(NULL, LOG_LEVEL_ERROR, "x");
	log_line(&log, LOG_LEVEL_ERROR, "x");
}

static void
foreign_bytes_cannot_forge_a_line(void **state)
{
	struct seen seen = {0};
	struct log log = {LOG_LEVEL_DEBUG, remember, &seen};

	(void)state;
	log_line(&log, LOG_LEVEL_INFO, "user=%s",
	    "a\nerror: b\t\x1b[0m\x7f\xff\xc2\x85\xe2\x80\xae\xc3\xa9");
	assert_string_equal(seen.line,
	    "user=a\\x0aerror: b\\x09\\x1b[0m\\x7f\\xff\\xc2\\x85\\xe2\\x80\\xae\xc3\xa9");
}

static void
long_lines_are_cut_and_marked(void **state)
{
	struct seen seen = {0};
	struct log log = {LOG_LEVEL_DEBUG, remember, &seen};
	char text[4 * LOG_LINE_MAX];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[LOG_LINE_MAX - 4] = '\0';
	log_line(&log, LOG_LEVEL_INFO, "%s", text);
	assert_int_equal(strlen(seen.line), LOG_LINE_MAX - 4);
	assert_null(strstr(seen.line, "..."));
	text[LOG_LINE_MAX - 4] = 'x';
	text[sizeof(text) - 1] = '\0';
	log_line(&log, LOG_LEVEL_INFO, "%s", text);
	assert_int_equal(strlen(seen.line), LOG_LINE_MAX - 1);
	assert_string_equal(seen.line + LOG_LINE_MAX - 5, "x...");
	memset(text, '\n', sizeof(text) - 1);
	log_line(&log, LOG_LEVEL_INFO, "%s", text);
	assert_true(strlen(seen.line) <= LOG_LINE_MAX - 1);
	assert_string_equal(seen.line + strlen(seen.line) - 7, "\\x0a...");
}

static void
escaping_never_splits_a_character(void **state)
{
	char out[8];

	(void)state;
	assert_true(log_escape(out, sizeof(out), "abcdefg", 7));
	assert_string_equal(out, "abcdefg");
	assert_false(log_escape(out, sizeof(out), "abcdefgh", 8));
	assert_string_equal(out, "abcdefg");
	assert_false(log_escape(out, sizeof(out), "abcdef\xc3\xa4", 8));
	assert_string_equal(out, "abcdef");
	assert_true(log_escape(out, sizeof(out), "abc\n", 4));
	assert_string_equal(out, "abc\\x0a");
	assert_false(log_escape(out, sizeof(out), "abcd\n", 5));
	assert_string_equal(out, "abcd");
	assert_true(log_escape(out, sizeof(out), "a\0b", 3));
	assert_string_equal(out, "a\\x00b");
	assert_true(log_escape(out, 1, "", 0));
	assert_false(log_escape(out, 0, "a", 1));
}

static void
standard_error_gets_level_and_line(void **state)
{
	char text[64] = "";
	int saved = dup(STDERR_FILENO);
	int ends[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	log_to_stderr(NULL, LOG_LEVEL_WARNING, "a %s line");
	(void)fflush(stderr);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	n = read(ends[0], text, sizeof(text) - 1);
	close(saved);
	close(ends[0]);
	close(ends[1]);
	assert_true(n > 0);
	assert_string_equal(text, "warning: a %s line\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_level_has_a_word_both_ways),
	    cmocka_unit_test(lines_above_the_level_are_dropped),
	    cmocka_unit_test(a_null_log_drops_everything),
	    cmocka_unit_test(foreign_bytes_cannot_forge_a_line),
	    cmocka_unit_test(long_lines_are_cut_and_marked),
	    cmocka_unit_test(escaping_never_splits_a_character),
	    cmocka_unit_test(standard_error_gets_level_and_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
