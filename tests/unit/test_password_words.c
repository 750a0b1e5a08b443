/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/password_words.h"

static bool
has(const struct password_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->list[i], word) == 0)
			return true;
	return false;
}

static void
expect_words(const char *text, const char *const *expected, size_t count)
{
	struct password_words words = {0};

	password_words_add(&words, text);
	for (size_t i = 0; i < count; i++)
		if (!has(&words, expected[i]))
			fail_msg("%s: lacks %s", text, expected[i]);
	if (words.count != count)
		fail_msg("%s: %zu words, not %zu", text, words.count, count);
	assert_null(words.list[count]);
}

#define EXPECT(text, ...)                                      \
	expect_words(text, (const char *const[]){__VA_ARGS__}, \
	    COUNT_OF(((const char *const[]){__VA_ARGS__})))

static void
texts_are_cut_into_words(void **state)
{
	(void)state;
	EXPECT("alice", "alice");
	EXPECT("Alice", "alice");
	EXPECT("jo", "jo");
	EXPECT("web_admin-7", "web_admin-7", "web", "admin", "webadmin7");
	EXPECT("Alexandra M\xc3\xbcller-Fox", "alexandra m\xc3\xbcller-fox", "alexandra",
	    "m\xc3\xbcller", "fox", "alexandram\xc3\xbcllerfox");
	EXPECT("  J. R.  Fox ", "  j. r.  fox ", "fox", "jrfox");
	EXPECT("sasha.fox@example.org", "sasha.fox@example.org", "sasha.fox", "example.org",
	    "sasha", "fox", "sashafox", "example", "org", "exampleorg");
	EXPECT("\xe6\x9d\x8e \xe5\xb0\x8f\xe9\xbe\x99", "\xe6\x9d\x8e \xe5\xb0\x8f\xe9\xbe\x99",
	    "\xe6\x9d\x8e", "\xe5\xb0\x8f\xe9\xbe\x99", "\xe6\x9d\x8e\xe5\xb0\x8f\xe9\xbe\x99");
}

static void
nothing_gives_no_word(void **state)
{
	struct password_words words = {0};

	(void)state;
	password_words_add(&words, NULL);
	password_words_add(&words, "");
	password_words_add(&words, "not \xff text");
	assert_int_equal(words.count, 0);
}

static void
the_record_and_the_place_give_words(void **state)
{
	char name[] = "alice";
	char *values[] = {(char[]){"Wonderland"}, (char[]){"looking glass"}};
	const struct user user = {.username = name, .profile.values = {values, 2}};
	struct password_words words;

	(void)state;
	memset(&words, 0xa5, sizeof(words));
	password_words_fill(&words, &user, "web1.example.net", "sshd");
	assert_true(has(&words, "alice"));
	assert_true(has(&words, "web1"));
	assert_true(has(&words, "web1.example.net"));
	assert_true(has(&words, "sshd"));
	assert_true(has(&words, "wonderland"));
	assert_true(has(&words, "lookingglass"));
	password_words_fill(&words, &user, NULL, "");
	assert_false(has(&words, "web1"));
	assert_null(words.list[words.count]);
}

static void
too_much_is_left_out(void **state)
{
	struct password_words words = {0};
	char text[] = "word000 other";
	char large[512];

	(void)state;
	for (int i = 0; i < 999; i++) {
		text[4] = (char)('0' + i / 100);
		text[5] = (char)('0' + i / 10 % 10);
		text[6] = (char)('0' + i % 10);
		password_words_add(&words, text);
	}
	assert_int_equal(words.count, PASSWORD_WORDS_MAX);
	assert_null(words.list[PASSWORD_WORDS_MAX]);
	words = (struct password_words){0};
	for (char c = 'a'; c <= 'z'; c++) {
		memset(large, c, sizeof(large));
		large[sizeof(large) - 1] = '\0';
		password_words_add(&words, large);
	}
	assert_true(words.count > 0 && words.count < 26);
	assert_true(words.used <= PASSWORD_WORDS_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_are_cut_into_words),
	    cmocka_unit_test(nothing_gives_no_word),
	    cmocka_unit_test(the_record_and_the_place_give_words),
	    cmocka_unit_test(too_much_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
