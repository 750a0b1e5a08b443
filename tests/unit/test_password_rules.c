/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <malloc.h>
#include <string.h>

#include "core/password.h"
#include "core/password_rules.h"
#include "tests/lib/sanitized.h"

#define SNOWMAN "\xe2\x98\x83"
#define BIRD "\xf0\x9f\x90\xa6"

static char name[] = "alexandra.fox";
static char full_name[] = "Alexandra M\xc3\xbcller-Fox";
static char email[] = "sasha.fox@example.org";
static const struct user user = {.username = name, .full_name = full_name, .email = email};

struct row {
	const char *password;
	const char *why; /* a part of the sentence; NULL: good */
};

/* The id says the same as the sentence. */
static void
expect_id(const char *id, const char *why)
{
	static const struct {
		const char *id;
		const char *part;
	} ids[] = {
	    {"too-short", "characters or more"},
	    {"too-long", "128 characters or fewer"},
	    {"not-text", "not valid text"},
	    {"control", "control character"},
	    {"blocklist", "list of commonly used"},
	    {"own-word", "belongs to you"},
	    {"too-easy", "too easy to guess"},
	};
	const char *expected = NULL;

	for (size_t i = 0; i < COUNT_OF(ids); i++)
		if (strstr(why, ids[i].part) != NULL)
			expected = ids[i].id;
	if (expected == NULL)
		assert_null(id);
	else
		assert_string_equal(id, expected);
}

static void
expect(const struct password_rules *rules, const char *password, size_t len, const char *part)
{
	char why[PASSWORD_RULES_WHY_SIZE];
	enum pd_error error;

	memset(why, 'x', sizeof(why));
	error = password_rules_check(rules, password, len, why);
	if (error != (part == NULL ? PD_OK : PD_INVALID))
		fail_msg("%.*s: error %d, \"%s\"", (int)len, password, (int)error, why);
	if (part == NULL ? why[0] != '\0' : strstr(why, part) == NULL)
		fail_msg("%.*s: \"%s\"", (int)len, password, why);
	expect_id(password_rules_broken(rules, password, len), why);
}

static void
expect_rows(const struct password_rules *rules, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(rules, rows[i].password, strlen(rows[i].password), rows[i].why);
}

/* Nothing but lengths and characters. */
static const struct password_rules plain = {.min_length = 15};

static void
lengths_are_code_points_of_the_form(void **state)
{
	static const struct row rows[] = {
	    {"", "15 characters or more"},
	    {"fourteen bytes", "15 characters or more"},
	    {"fifteen  bytes!", NULL},
	    /* 14 and 15 of two bytes */
	    {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa9\xc3\xa8\xc3\xa0\xc3\xb1\xc3\xa7\xc3\xb8\xc3\xa5\xc3"
	     "\xa6\xc3\xb0\xc3\xbe\xc3\xb4",
		"15 characters or more"},
	    {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa9\xc3\xa8\xc3\xa0\xc3\xb1\xc3\xa7\xc3\xb8\xc3\xa5\xc3"
	     "\xa6\xc3\xb0\xc3\xbe\xc3\xb4\xc3\xbb",
		NULL},
	    /* Eight letters with eight marks are eight characters once composed. */
	    {"a\xcc\x88o\xcc\x88u\xcc\x88"
	     "e\xcc\x81"
	     "e\xcc\x80"
	     "a\xcc\x80n\xcc\x83"
	     "c\xcc\xa7",
		"15 characters or more"},
	    /* Marks that compose with nothing count. */
	    {"q\xcc\x8cw\xcc\x8cz\xcc\xa7x\xcc\xa7q\xcc\xa7w\xcc\xa7x\xcc\x8c!", NULL},
	};
	char text[PASSWORD_NEW_MAX + 2];

	(void)state;
	expect_rows(&plain, rows, COUNT_OF(rows));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i * i % 23);
	expect(&plain, text, PASSWORD_RULES_POINTS, NULL);
	expect(&plain, text, PASSWORD_RULES_POINTS + 1, "128 characters or fewer.");
	expect(&plain, text, PASSWORD_NEW_MAX + 1, "128 characters or fewer");
}

static void
bytes_are_counted_before_and_after_the_form(void **state)
{
	char text[PASSWORD_NEW_MAX + 5];

	(void)state;
	/* 127 points of four bytes and one of three: 128 points, 511 bytes; the last bird differs
	 */
	for (size_t i = 0; i < 127; i++)
		memcpy(text + 4 * i, i % 5 == 0 ? "\xf0\x9f\x90\xa7" : BIRD, 4);
	memcpy(text + 508, SNOWMAN, 3);
	expect(&plain, text, PASSWORD_NEW_MAX, NULL);
	memcpy(text + 508, BIRD, 4);
	expect(&plain, text, PASSWORD_NEW_MAX + 1, "511 bytes");
	/* 103 letters with two marks each: as many points of three bytes once composed */
	for (size_t i = 0; i < 103; i++)
		memcpy(text + 5 * i, i % 7 == 0 ? "o\xcc\x82\xcc\x81" : "a\xcc\x82\xcc\x81", 5);
	expect(&plain, text, 510, NULL);
	expect(&plain, text, 515, "511 bytes");
	/* 42 notes of four bytes become 126 points of four bytes each. */
	for (size_t i = 0; i < 42; i++)
		memcpy(text + 4 * i, "\xf0\x9d\x85\xa0", 4);
	memcpy(text + 168, BIRD SNOWMAN BIRD, 11);
	expect(&plain, text, 168 + 7, NULL);
	memcpy(text + 172, BIRD BIRD, 8);
	expect(&plain, text, 168 + 8, "511 bytes");
	expect(&plain, text, 168 + 12, "128 characters or fewer.");
	/* 128 points of two bytes whose form has four each */
	for (size_t i = 0; i < 128; i++)
		memcpy(text + 2 * i, i % 7 == 0 ? "\xcd\x84" : "\xc3\xa4", 2);
	expect(&plain, text, 256, "128 characters or fewer.");
}

static void
every_printable_character_is_accepted(void **state)
{
	static const struct row rows[] = {
	    {"  spaces at both ends  ", NULL},
	    {"no-break\xc2\xa0spaces\xe3\x80\x80too", NULL},
	    {BIRD SNOWMAN "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80 black bird", NULL},
	    {"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\xe2\x80\x8f hebrew mark", NULL},
	    {"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", NULL},
	    {"#starts with a hash", NULL},
	    {"tab\tbetween the words", "control character"},
	    {"line\nbetween the words", "control character"},
	    {"escape \x1b[31m sequence", "control character"},
	    {"delete \x7f as a character", "control character"},
	    {"a C1 control \xc2\x85 in it", "control character"},
	    {"line separator \xe2\x80\xa8 in it", "control character"},
	    {"paragraph \xe2\x80\xa9 separator", "control character"},
	    {"not utf-8 \xff at all, no", "not valid text"},
	    {"overlong \xc0\xaf form of it", "not valid text"},
	    {"surrogate \xed\xa0\x80 half in it", "not valid text"},
	    {"beyond \xf4\x90\x80\x80 unicode's end", "not valid text"},
	    {"cut at the very end \xe2\x98", "not valid text"},
	};

	(void)state;
	expect_rows(&plain, rows, COUNT_OF(rows));
	expect(&plain, "a NUL in the \0 middle", 21, "not valid text");
}

static void
own_words_are_refused_as_a_whole(void **state)
{
	static const struct row rows[] = {
	    {"alexandra.fox", "belongs to you"},
	    {"ALEXANDRA.FOX", "belongs to you"},
	    {"Alexandra.Fox1990", "belongs to you"},
	    {"1990Alexandra.Fox", "belongs to you"},
	    {"12alexandra34", "belongs to you"},
	    {"alexandraAlexandra", "belongs to you"},
	    {"alexandrafox2026", "belongs to you"},
	    {"foxfoxfoxfoxfox", "belongs to you"},
	    {"fox123456789012", "belongs to you"},
	    {"Alexandra M\xc3\xbcller-Fox", "belongs to you"},
	    {"alexandra mu\xcc\x88ller-fox", "belongs to you"},
	    {"ALEXANDRAM\xc3\x9cLLERFOX", "belongs to you"},
	    {"m\xc3\xbcllerM\xc3\x9cLLERmu\xcc\x88ller7", "belongs to you"},
	    {"sasha.fox@example.org", "belongs to you"},
	    {"SASHA.FOX@EXAMPLE.ORG1", "belongs to you"},
	    {"sasha.foxsasha.fox", "belongs to you"},
	    {"sashafox00000000", "belongs to you"},
	    {"example.org2026", "belongs to you"},
	    {"shell7.example.net", "belongs to you"},
	    {"Shell7Shell7Shell7", "belongs to you"},
	    {"openvpnopenvpn99", "belongs to you"},
	    {"alexandra.foxtrot", NULL},
	    {"alexandra.fo", NULL},
	    {"alexandra1fox1a", NULL},
	    {"alexandra keeps a red fox", NULL},
	    {"openvpn is no password", NULL},
	    {"my mail is sasha.fox@example.org", NULL},
	    {"12345678901234567", "follows a pattern"},
	};
	struct password_words words;
	const struct password_rules rules = {.min_length = 8, .words = &words};

	(void)state;
	password_words_fill(&words, &user, "shell7.example.net", "openvpn");
	expect_rows(&rules, rows, COUNT_OF(rows));
}

static void
repetitions_and_runs_are_refused(void **state)
{
	static const struct row rows[] = {
	    {"aaaaaaaaaaaaaaa", "too easy"},
	    {"aAaAaAaAaAaAaAa", "too easy"},
	    {SNOWMAN SNOWMAN SNOWMAN SNOWMAN SNOWMAN SNOWMAN SNOWMAN SNOWMAN SNOWMAN SNOWMAN SNOWMAN
		    SNOWMAN SNOWMAN SNOWMAN SNOWMAN,
		"too easy"},
	    {"abababababababa", "too easy"},
	    {"ab1ab1ab1ab1ab1", "too easy"},
	    {"x7!kx7!kx7!kx7!k", "too easy"},
	    {"x7!kx7!kx7!kx7!", "too easy"},
	    {"x7!kqx7!kqx7!kq", NULL},
	    {"aaaaaaaaaaaaaab", NULL},
	    {"abcdefghijklmno", "too easy"},
	    {"ABCDEFGHIJKLMNO", "too easy"},
	    {"ponmlkjihgfedcba", "too easy"},
	    {"uvwxyzabcdefghij", "too easy"},
	    {"123456789012345", "too easy"},
	    {"098765432109876", "too easy"},
	    {"678901234567890", "too easy"},
	    {"qwertyuiopasdfg", "too easy"},
	    {"QWERTYUIOPASDFGH", "too easy"},
	    {"mnbvcxzlkjhgfdsa", "too easy"},
	    {"qwertzuiopasdfg", "too easy"},
	    {"azertyuiopqsdfg", "too easy"},
	    {"1qaz2wsx3edc4rfv", "too easy"},
	    {"1q2w3e4r5t6y7u8i", "too easy"},
	    /* Cyrillic letters in their order, and a row of its keyboard */
	    {"\xd0\xb0\xd0\xb1\xd0\xb2\xd0\xb3\xd0\xb4\xd0\xb5\xd0\xb6\xd0\xb7\xd0\xb8\xd0\xb9\xd0"
	     "\xba\xd0\xbb\xd0\xbc\xd0\xbd\xd0\xbe",
		"too easy"},
	    {"\xd0\xb9\xd1\x86\xd1\x83\xd0\xba\xd0\xb5\xd0\xbd\xd0\xb3\xd1\x88\xd1\x89\xd0\xb7\xd1"
	     "\x85\xd1\x8a\xd1\x84\xd1\x8b\xd0\xb2",
		"too easy"},
	    {"abcdefghijklmnop qrs", NULL},
	    {"abcdefghijklmnox", NULL},
	    {"qwertyuiopasdfx", NULL},
	};

	(void)state;
	expect_rows(&plain, rows, COUNT_OF(rows));
}

static void
the_estimate_refuses_what_the_rest_lets_through(void **state)
{
	static const struct row rows[] = {
	    {"passwordpassword", "too easy"},
	    {"januaryfebruary", "too easy"},
	    {"letmeinletmeinplease", "too easy"},
	    {"correct horse battery", NULL},
	    {"mauve ladder trombone", NULL},
	    {"alexandra keeps a red fox", NULL},
	    {"Alexandra.Fox!!", "too easy"},
	};
	struct password_words words;
	struct password_rules rules = {.min_length = 15, .min_guess_bits = 27, .words = &words};

	(void)state;
	password_words_fill(&words, &user, "shell7.example.net", "sshd");
	expect_rows(&rules, rows, COUNT_OF(rows));
	rules.min_guess_bits = 0;
	expect(&rules, "passwordpassword", 16, NULL);
	rules.min_guess_bits = 128;
	expect(&rules, "correct horse battery", 21, "too easy");
}

/* Both forms of a text are judged alike. */
static void
the_form_decides(void **state)
{
	static const char *const composed = "gro\xc3\x9f"
					    "e \xc3\x84pfel";
	static const char *const decomposed = "gro\xc3\x9f"
					      "e A\xcc\x88pfel";
	const struct password_rules eleven = {.min_length = 11};
	const struct password_rules twelve = {.min_length = 12};

	(void)state;
	expect(&eleven, composed, strlen(composed), NULL);
	expect(&eleven, decomposed, strlen(decomposed), NULL);
	expect(&twelve, composed, strlen(composed), "12 characters or more");
	expect(&twelve, decomposed, strlen(decomposed), "12 characters or more");
}

static void
the_configuration_is_taken_over(void **state)
{
	struct password_words words;
	struct password_rules rules;
	struct conf conf;

	(void)state;
	assert_int_equal(conf_init(&conf), PD_OK);
	rules = password_rules_of(&conf, NULL, &words);
	assert_int_equal(rules.min_length, 15);
	assert_int_equal(rules.min_guess_bits, 27);
	assert_null(rules.blocklist);
	assert_ptr_equal(rules.words, &words);
	conf_free(&conf);
}

#define SECRET "mauve ladder trombone gherkin"
#define TERCES "nikrehg enobmort reddal evuam" /* zxcvbn looks at it from the end as well */

#if !SANITIZED
static volatile bool watching;
static volatile size_t found;

void __libc_free(void *memory);

/* Stands before libc's for libzxcvbn and us. */
void
free(void *memory)
{
	size_t size = watching && memory != NULL ? malloc_usable_size(memory) : 0;

	if (size > 0 &&
	    (memmem(memory, size, SECRET, 12) != NULL || memmem(memory, size, TERCES, 12) != NULL))
		found++;
	__libc_free(memory);
}

static void
no_copy_is_left_in_freed_memory(void **state)
{
	struct password_words words;
	const struct password_rules rules = {
	    .min_length = 15, .min_guess_bits = 27, .words = &words};
	char *volatile copy; /* else the compiler leaves both calls away */

	(void)state;
	password_words_fill(&words, &user, "shell7.example.net", "sshd");
	watching = true;
	expect(&rules, SECRET, strlen(SECRET), NULL);
	watching = false;
	assert_int_equal(found, 0);
	/* The watch sees. */
	copy = strdup(SECRET);
	assert_non_null(copy);
	watching = true;
	free(copy);
	watching = false;
	assert_int_equal(found, 1);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_code_points_of_the_form),
		cmocka_unit_test(bytes_are_counted_before_and_after_the_form),
		cmocka_unit_test(every_printable_character_is_accepted),
		cmocka_unit_test(own_words_are_refused_as_a_whole),
		cmocka_unit_test(repetitions_and_runs_are_refused),
		cmocka_unit_test(the_estimate_refuses_what_the_rest_lets_through),
		cmocka_unit_test(the_form_decides),
		cmocka_unit_test(the_configuration_is_taken_over),
#if !SANITIZED
		cmocka_unit_test(no_copy_is_left_in_freed_memory),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
