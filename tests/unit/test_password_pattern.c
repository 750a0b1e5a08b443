/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/password_pattern.h"

#define SNOWMAN "\xe2\x98\x83"

struct row {
	const char *text;
	bool found;
};

static void
expect_rows(bool (*pattern)(const char *, size_t), const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pattern(rows[i].text, strlen(rows[i].text)) != rows[i].found)
			fail_msg("%s", rows[i].text);
}

static void
blocks_repeat(void **state)
{
	static const struct row rows[] = {
	    {"", false},
	    {"a", false},
	    {"aa", true},
	    {"ab", false},
	    {"abab", true},
	    {"aba", false},
	    {"ababa", true},
	    {"abcab", false},
	    {"abcabc", true},
	    {"abcdabcdab", true},
	    {"abcdabcdba", false},
	    {"abcdeabcde", false},
	    {"aaaaaaaab", false},
	    {"baaaaaaaa", false},
	    {SNOWMAN SNOWMAN, true},
	    {SNOWMAN "a" SNOWMAN "a" SNOWMAN, true},
	    {SNOWMAN "abc" SNOWMAN "abc", true},
	    {SNOWMAN "abcd" SNOWMAN "abcd", false},
	    {"\xc3\xa4\xc3\xb6", false},
	};

	(void)state;
	expect_rows(password_pattern_repeats, rows, COUNT_OF(rows));
}

static void
runs_go_up_and_down(void **state)
{
	static const struct row rows[] = {
	    {"", false},
	    {"a", false},
	    {"ab", false},
	    {"abc", true},
	    {"cba", true},
	    {"xyzabc", true},
	    {"cbazyx", true},
	    {"abd", false},
	    {"890123", true},
	    {"321098", true},
	    {"qwerty", true},
	    {"ytrewq", true},
	    {"zxcvbnmqwertyuiop", true},
	    {"qwertyasdfgh", false},
	    {"4rfv5tgb", true},
	    {"!@#$%^&*()", true},
	    {")(*&^%$#@!", true},
	    {"poiuztrewq", true},
	    {"\xc3\xbc"
	     "asdfghjkl\xc3\xb6\xc3\xa4yxc",
		true},
	    {"cxy\xc3\xa4\xc3\xb6lkj", true},
	    {"\xce\xb1\xce\xb2\xce\xb3\xce\xb4", true},
	    {"\xce\xb4\xce\xb3\xce\xb2\xce\xb1", true},
	    {"\xce\xb4\xce\xb3\xce\xb2\xce\xb2", false},
	    {"a b c d", false},
	};
	char text[PASSWORD_PATTERN_MAX + 26];

	(void)state;
	expect_rows(password_pattern_run, rows, COUNT_OF(rows));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('z' - i % 26);
	assert_true(password_pattern_run(text, PASSWORD_PATTERN_MAX));
	assert_false(password_pattern_run(text, sizeof(text)));
}

static void
words_stand_alone_repeated_or_with_digits(void **state)
{
	static const struct {
		const char *text;
		const char *word;
		bool found;
	} rows[] = {
	    {"alice", "alice", true},
	    {"alicealice", "alice", true},
	    {"alice1", "alice", true},
	    {"2026alicealice99", "alice", true},
	    {"alicealic", "alice", false},
	    {"alice9alice", "alice", false},
	    {"malice", "alice", false},
	    {"1malice", "alice", false},
	    {"alice!", "alice", false},
	    {"alic", "alice", false},
	    {"", "alice", false},
	    {"123", "alice", false},
	    {"alice", "", false},
	    {"7of9", "7of9", true},
	    {"117of922", "7of9", true},
	    {"77of9", "7of9", true},
	    {"1990", "1990", true},
	    {"19901990", "1990", true},
	    {"199019", "1990", false},
	    {"19901", "1990", false},
	    {"199", "1990", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (password_pattern_word(rows[i].text, strlen(rows[i].text), rows[i].word) !=
		    rows[i].found)
			fail_msg("%s in %s", rows[i].word, rows[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(blocks_repeat),
	    cmocka_unit_test(runs_go_up_and_down),
	    cmocka_unit_test(words_stand_alone_repeated_or_with_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
