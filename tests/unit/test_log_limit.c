/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "service/log_limit.h"

#define LINES_MAX 64

struct lines {
	size_t count;
	char last[LOG_LINE_MAX];
	char first[LOG_LINE_MAX];
};

static void
keep_line(void *ctx, enum log_level level, const char *line)
{
	struct lines *lines = ctx;

	assert_int_equal(level, LOG_LEVEL_WARNING);
	assert_true(strlen(line) < LOG_LINE_MAX);
	strcpy(lines->count++ == 0 ? lines->first : lines->last, line);
}

static int
setup(void **state)
{
	struct log_limit *limit;

	if (log_limit_open(&limit) != PD_OK)
		return 1;
	*state = limit;
	return 0;
}

static int
teardown(void **state)
{
	log_limit_free(*state);
	return 0;
}

static unsigned
pass(struct log_limit *limit, enum log_limit_kind kind, uid_t uid, unsigned count)
{
	unsigned passed = 0;

	while (count-- > 0)
		passed += log_limit_pass(limit, kind, uid, 1000);
	return passed;
}

static void
test_a_burst_passes_and_the_rest_is_told_at_once(void **state)
{
	struct lines lines = {0};
	const struct log log = {.level = LOG_LEVEL_INFO, .sink = keep_line, .ctx = &lines};

	assert_int_equal(pass(*state, LOG_LIMIT_MALFORMED, 1000, 100), LOG_LIMIT_BURST);
	assert_int_equal(pass(*state, LOG_LIMIT_BUSY, 1000, 7), LOG_LIMIT_BURST);
	assert_int_equal(pass(*state, LOG_LIMIT_SLOWED, 1000, 8), LOG_LIMIT_BURST);
	log_limit_tell(*state, &log, LOG_LIMIT_TELL_MS - 1);
	assert_int_equal(lines.count, 0);
	log_limit_tell(*state, &log, LOG_LIMIT_TELL_MS);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.first,
	    "uid 1000: not logged one by one: 3 slowed down, 95 malformed, 2 turned away, 0 "
	    "lookups");
	log_limit_tell(*state, &log, INT64_MAX);
	assert_int_equal(lines.count, 1);
}

static void
test_root_passes_but_for_others_lookups(void **state)
{
	assert_int_equal(pass(*state, LOG_LIMIT_MALFORMED, 0, 1000), 1000);
	assert_int_equal(pass(*state, LOG_LIMIT_LOOKUP, 0, 1000), LOG_LIMIT_BURST);
}

static void
test_many_uids_gain_little(void **state)
{
	struct lines lines = {0};
	const struct log log = {.level = LOG_LEVEL_INFO, .sink = keep_line, .ctx = &lines};
	unsigned passed = 0;
	uid_t uid;

	for (uid = 100000; uid < 101000; uid++)
		passed += pass(*state, LOG_LIMIT_MALFORMED, uid, 10);
	assert_int_equal(passed, LOG_LIMIT_ALL_BURST);
	log_limit_tell(*state, &log, LOG_LIMIT_TELL_MS);
	assert_int_equal(lines.count, LOG_LIMIT_UIDS + 1);
	assert_non_null(strstr(lines.last, "further uids: not logged one by one: 0 slowed down, "));
}

#define WITH_LIMIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_LIMIT(test_a_burst_passes_and_the_rest_is_told_at_once),
	    WITH_LIMIT(test_root_passes_but_for_others_lookups),
	    WITH_LIMIT(test_many_uids_gain_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
