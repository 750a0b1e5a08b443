/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/clock.h"
#include "core/password_estimate.h"

static double
bits(const char *password, const char *const *words)
{
	return password_estimate(password, strlen(password), words);
}

static void
better_passwords_take_more_guesses(void **state)
{
	/* Each clearly more than the one before. */
	static const char *const rows[] = {"passwordpassword", "iloveyouiloveyou!", "mauve ladder",
	    "mauve ladder trombone", "mauve ladder trombone gherkin", "vN3$kq8!tZp0#rW5mL9&xB"};

	(void)state;
	for (size_t i = 1; i < COUNT_OF(rows); i++)
		if (bits(rows[i], NULL) < bits(rows[i - 1], NULL) + 2)
			fail_msg("%s: %f, %s: %f", rows[i - 1], bits(rows[i - 1], NULL), rows[i],
			    bits(rows[i], NULL));
	assert_true(bits("", NULL) < 1);
	assert_true(bits("passwordpassword", NULL) < 27);
	assert_true(bits("mauve ladder trombone", NULL) > 27);
}

static void
known_words_take_none(void **state)
{
	static const char *const words[] = {"xqjzvw", "\xd0\xb6\xd1\x84\xd1\x89\xd1\x8a", NULL};
	static const char *const none[] = {NULL};

	(void)state;
	assert_true(bits("xqjzvwxqjzvw", words) < 5);
	assert_true(bits("XQJZVW2026", words) < 15);
	assert_true(bits("xqjzvwxqjzvw", none) > 20);
	assert_true(bits("\xd0\x96\xd0\xa4\xd0\xa9\xd0\xaa", words) < 5);
	assert_true(bits("\xd0\x96\xd0\xa4\xd0\xa9\xd0\xaa", NULL) > 15);
	assert_true(bits("xqjzvw mauve ladder trombone", words) > 27);
}

/* A letter of two bytes is one symbol, not two. */
static void
other_scripts_count_by_the_letter(void **state)
{
	double greek = bits("\xce\xb8\xcf\x81\xce\xbf\xcf\x86\xce\xbd", NULL);
	double emoji = bits("\xf0\x9f\x90\xa6\xf0\x9f\x8d\x8a\xf0\x9f\x9a\x80\xf0\x9f\x8e\xb2"
			    "\xf0\x9f\xa7\xb2",
	    NULL);

	(void)state;
	assert_true(greek > 25 && greek < 40);
	assert_true(emoji > 25 && emoji < 40);
}

/* What takes zxcvbn longest; the limit is one that only a runaway reaches. */
static void
every_password_is_estimated_soon(void **state)
{
	static const char *const units[] = {"a", "!", "ab", "4c3g1o5tx2", "1l|!7t+0o(c<",
	    "12.12.2012", "password", "p4ssw0rd", "zaq1", "\xc3\xa4", "s5$5z2"};
	char text[513];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		size_t n = strlen(units[i]);
		int64_t start = clock_monotonic_ms();

		for (size_t at = 0; at < sizeof(text) - 1; at++)
			text[at] = units[i][at % n];
		text[sizeof(text) - 1] = '\0';
		(void)bits(text, NULL);
		assert_true(clock_monotonic_ms() - start < 10000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(better_passwords_take_more_guesses),
	    cmocka_unit_test(known_words_take_none),
	    cmocka_unit_test(other_scripts_count_by_the_letter),
	    cmocka_unit_test(every_password_is_estimated_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
