/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "core/nfc.h"
#include "core/utf8.h"

/* UAX #15, figures 3 to 6 and its sections on singletons, exclusions and Hangul; the rest are rows
 * of NormalizationTest.txt. */
static const struct {
	const char *what;
	const char *text;
	const char *form_c;
} rows[] = {
    {"empty", "", ""},
    {"ascii", "correct horse battery staple", "correct horse battery staple"},
    {"singleton: angstrom sign", "\xe2\x84\xab", "\xc3\x85"},
    {"singleton: ohm sign", "\xe2\x84\xa6", "\xce\xa9"},
    {"composed stays", "\xc3\x85", "\xc3\x85"},
    {"decomposed", "A\xcc\x8a", "\xc3\x85"},
    {"two marks, s with dots", "s\xcc\xa3\xcc\x87", "\xe1\xb9\xa9"},
    {"two marks in the other order", "s\xcc\x87\xcc\xa3", "\xe1\xb9\xa9"},
    {"half composed", "\xe1\xb8\x8b\xcc\xa3", "\xe1\xb8\x8d\xcc\x87"},
    {"one mark stays behind", "q\xcc\x87\xcc\xa3", "q\xcc\xa3\xcc\x87"},
    {"d with dots", "d\xcc\x87\xcc\xa3", "\xe1\xb8\x8d\xcc\x87"},
    {"compatibility: ligature stays", "\xef\xac\x81", "\xef\xac\x81"},
    {"compatibility: superscript stays", "2\xe2\x81\xb5", "2\xe2\x81\xb5"},
    {"long s with dots", "\xe1\xba\x9b\xcc\xa3", "\xe1\xba\x9b\xcc\xa3"},
    {"hangul jamo", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c"},
    {"hangul syllable and jamo", "\xed\x95\x98\xe1\x86\xab", "\xed\x95\x9c"},
    {"hangul stays", "\xed\x95\x9c\xea\xb8\x80", "\xed\x95\x9c\xea\xb8\x80"},
    {"exclusion: devanagari qa", "\xe0\xa5\x98", "\xe0\xa4\x95\xe0\xa4\xbc"},
    {"exclusion stays apart", "\xe0\xa4\x95\xe0\xa4\xbc", "\xe0\xa4\x95\xe0\xa4\xbc"},
    {"exclusion: hebrew shin", "\xef\xac\xaa", "\xd7\xa9\xd7\x81"},
    {"non-starter decomposition", "\xcd\x84", "\xcc\x88\xcc\x81"},
    {"blocked mark", "a\xcc\x96\xcc\x80\xcc\x81", "\xc3\xa0\xcc\x96\xcc\x81"},
    {"marks without a base", "\xcc\x81\xcc\xa3", "\xcc\xa3\xcc\x81"},
    {"three marks", "\xce\xb9\xcc\x88\xcc\x81", "\xce\x90"},
    {"emoji", "\xf0\x9f\x90\xa6\xe2\x80\x8d\xe2\xac\x9b",
	"\xf0\x9f\x90\xa6\xe2\x80\x8d\xe2\xac\x9b"},
    {"musical symbol", "\xf0\x9d\x85\xa0", "\xf0\x9d\x85\x98\xf0\x9d\x85\xa5\xf0\x9d\x85\xae"},
    {"spaces stay", "  a  \xc2\xa0 ", "  a  \xc2\xa0 "},
    {"cjk compatibility ideograph", "\xef\xa4\x80", "\xe8\xb1\x88"},
};

static void
texts_have_their_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char out[64];
		size_t len = 99;

		if (!nfc_normalise(rows[i].text, strlen(rows[i].text), out, sizeof(out), &len) ||
		    strcmp(out, rows[i].form_c) != 0 || len != strlen(rows[i].form_c))
			fail_msg("%s: %s", rows[i].what, out);
		/* The form of a form is itself. */
		assert_true(
		    nfc_normalise(rows[i].form_c, strlen(rows[i].form_c), out, sizeof(out), NULL));
		if (strcmp(out, rows[i].form_c) != 0)
			fail_msg("%s again: %s", rows[i].what, out);
	}
}

static void
what_is_no_text_is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} bad[] = {{"a\xff", 2}, {"\xc0\xaf", 2}, {"\xed\xa0\x80", 3}, {"\xf4\x90\x80\x80", 4},
	    {"cut \xe2\x98", 6}, {"a\0b", 3}, {"\0", 1}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char out[16];
		size_t len = 99;

		memset(out, 'x', sizeof(out));
		assert_false(nfc_normalise(bad[i].text, bad[i].len, out, sizeof(out), &len));
		assert_int_equal(len, 0);
		for (size_t at = 0; at < sizeof(out); at++)
			assert_int_equal(out[at], 0);
	}
}

static void
the_form_needs_its_room(void **state)
{
	char out[8];
	size_t len;

	(void)state;
	/* Four bytes that become twelve. */
	assert_false(nfc_normalise("\xf0\x9d\x85\xa0", 4, out, sizeof(out), &len));
	assert_false(nfc_normalise("12345678", 8, out, sizeof(out), &len));
	assert_memory_equal(out, "\0\0\0\0\0\0\0\0", sizeof(out));
	assert_true(nfc_normalise("1234567", 7, out, sizeof(out), &len));
	assert_int_equal(len, 7);
	/* Eight bytes that become six. */
	assert_true(nfc_normalise("A\xcc\x8a\xcc\xa7"
				  "A\xcc\x8a",
	    8, out, sizeof(out), &len));
	assert_int_equal(len, 6);
	assert_false(nfc_normalise("", 0, out, 0, &len));
	assert_true(nfc_normalise("", 0, out, 1, &len));
	assert_int_equal(len, 0);
}

/* Texts of the greatest length, of the code points that expand most. */
static void
expansion_is_bounded(void **state)
{
	static const char *const units[] = {"a", "\xc3\xa4", "\xce\x90", "\xc7\x95", "\xe1\xbe\x82",
	    "\xf0\x9d\x85\xa0", "\xcd\x84", "\xed\x95\x9c", "\xf0\x9d\x85\xa4", "\xef\xac\x83",
	    "\xc5\x89"};
	static char text[NFC_TEXT_MAX + 4];
	static char out[3 * NFC_TEXT_MAX + 1];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		size_t n = strlen(units[i]);

		for (size_t at = 0; at + n <= sizeof(text); at += n)
			memcpy(text + at, units[i], n);
		len = NFC_TEXT_MAX / n * n;
		assert_true(nfc_normalise(text, len, out, sizeof(out), &len));
		assert_true(utf8_valid(out, len, NULL));
		assert_true(nfc_fold(text, NFC_TEXT_MAX / n * n, out, sizeof(out), &len));
		assert_false(nfc_normalise(text, NFC_TEXT_MAX / n * n + n, out, sizeof(out), &len));
	}
}

/* 128 code points with marks in the wrong order: every base gets all of its marks in order. */
static void
long_text_is_ordered(void **state)
{
	char text[512];
	char want[512];
	char out[512];
	size_t at = 0;
	size_t points = 0;
	size_t len;

	(void)state;
	want[0] = '\0';
	for (size_t i = 0; i < 42; i++) {
		at += (size_t)sprintf(text + at, "s\xcc\x87\xcc\xa3");
		strcat(want, "\xe1\xb9\xa9");
	}
	at += (size_t)sprintf(text + at, "ab");
	strcat(want, "ab");
	assert_true(utf8_valid(text, at, &points));
	assert_int_equal(points, 128);
	assert_true(nfc_normalise(text, at, out, sizeof(out), &len));
	assert_string_equal(out, want);
	assert_int_equal(len, strlen(want));
}

static void
differences_of_case_are_folded(void **state)
{
	static const struct {
		const char *one;
		const char *two;
	} same[] = {
	    {"Alexandra", "aLEXANDRA"},
	    {"\xc3\x84pfel", "A\xcc\x88PFEL"},
	    {"Stra\xc3\x9f"
	     "e",
		"STRASSE"},
	    {"\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
		"\xcf\x83\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83"},
	    {"\xef\xac\x83x", "FFIX"},
	    {"\xd0\x9f\xd0\x90\xd0\xa0\xd0\x9e\xd0\x9b\xd0\xac",
		"\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c"},
	};
	char one[64];
	char two[64];
	char again[64];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		assert_true(nfc_fold(same[i].one, strlen(same[i].one), one, sizeof(one), &len));
		assert_true(nfc_fold(same[i].two, strlen(same[i].two), two, sizeof(two), NULL));
		assert_string_equal(one, two);
		assert_int_equal(len, strlen(one));
		assert_true(nfc_fold(one, len, again, sizeof(again), NULL));
		assert_string_equal(one, again);
	}
	assert_true(nfc_fold("a b", 3, one, sizeof(one), NULL));
	assert_true(nfc_fold("a-b", 3, two, sizeof(two), NULL));
	assert_string_not_equal(one, two);
	assert_false(nfc_fold("a\xff", 2, one, sizeof(one), NULL));
	assert_int_equal(nfc_lower('A'), 'a');
	assert_int_equal(nfc_lower(0x416), 0x436);
	assert_int_equal(nfc_lower(0x2603), 0x2603);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_have_their_form),
	    cmocka_unit_test(what_is_no_text_is_refused),
	    cmocka_unit_test(the_form_needs_its_room),
	    cmocka_unit_test(expansion_is_bounded),
	    cmocka_unit_test(long_text_is_ordered),
	    cmocka_unit_test(differences_of_case_are_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
