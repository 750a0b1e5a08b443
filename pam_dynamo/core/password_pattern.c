/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password_pattern.h"

#include <stdint.h>
#include <string.h>

#include "core/secret.h"
#include "core/utf8.h"

#define RUN_MIN 3

/* What fingers and memory walk along, each in a circle and both ways. */
static const char *const walks[] = {
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890",
    "!@#$%^&*()",
    "!\"\xc2\xa7$%&/()=",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1qazxsw23edcvfr45tgbnhy67ujm,ki89ol./;p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1a2s3d4f5g6h7j8k9l",
    "a1b2c3d4e5f6g7h8i9j0",
    "qwertzuiop",
    "yxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "qwertzuiop\xc3\xbc"
    "asdfghjkl\xc3\xb6\xc3\xa4yxcvbnm,.-",
    "1234567890qwertzuiopasdfghjklyxcvbnm",
    "1qay2wsx3edc4rfv5tgb6zhn7ujm8ik,9ol.0p-",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "azertyuiopqsdfghjklmwxcvbn",
    "1234567890azertyuiopqsdfghjklmwxcvbn",
    "\xd0\xb9\xd1\x86\xd1\x83\xd0\xba\xd0\xb5\xd0\xbd\xd0\xb3\xd1\x88\xd1\x89\xd0\xb7\xd1\x85\xd1"
    "\x8a\xd1\x84\xd1\x8b\xd0\xb2\xd0\xb0\xd0\xbf\xd1\x80\xd0\xbe\xd0\xbb\xd0\xb4\xd0\xb6\xd1\x8d"
    "\xd1\x8f\xd1\x87\xd1\x81\xd0\xbc\xd0\xb8\xd1\x82\xd1\x8c\xd0\xb1\xd1\x8e",
};

/* Bytes of the first `points` characters; 0: there are fewer. */
static size_t
prefix(const char *text, size_t len, size_t points)
{
	size_t at = 0;

	for (; points > 0; points--) {
		size_t n = utf8_next(text + at, len - at, NULL);

		if (n == 0)
			return 0;
		at += n;
	}
	return at;
}

bool
password_pattern_repeats(const char *folded, size_t len)
{
	for (size_t points = 1; points <= PASSWORD_PATTERN_BLOCK; points++) {
		size_t block = prefix(folded, len, points);

		if (block > 0 && len >= 2 * block &&
		    memcmp(folded, folded + block, len - block) == 0)
			return true;
	}
	return false;
}

/* True if every code point is the one before it plus one. */
static bool
counts_up(const char *text, size_t len)
{
	uint32_t before = 0;
	uint32_t point = 0;

	for (size_t at = 0; at < len;) {
		size_t n = utf8_next(text + at, len - at, &point);

		if (n == 0 || (at > 0 && point != before + 1))
			return false;
		before = point;
		at += n;
	}
	return true;
}

static bool
walks_from(const char *text, size_t len, const char *walk, size_t start)
{
	size_t walk_len = strlen(walk);

	for (size_t i = 0; i < len; i++)
		if (text[i] != walk[(start + i) % walk_len])
			return false;
	return true;
}

static bool
goes_up(const char *text, size_t len)
{
	if (counts_up(text, len))
		return true;
	for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++)
		for (size_t start = 0; walks[i][start] != '\0'; start++)
			if (walks_from(text, len, walks[i], start))
				return true;
	return false;
}

/* The characters from the last to the first. */
static void
reverse(const char *text, size_t len, char *out)
{
	size_t to = len;

	for (size_t at = 0; at < len;) {
		size_t n = utf8_next(text + at, len - at, NULL);

		if (n == 0)
			n = 1;
		to -= n;
		memcpy(out + to, text + at, n);
		at += n;
	}
}

bool
password_pattern_run(const char *folded, size_t len)
{
	char backwards[PASSWORD_PATTERN_MAX];
	bool found;

	if (len > sizeof(backwards) || prefix(folded, len, RUN_MIN) == 0)
		return false;
	if (goes_up(folded, len))
		return true;
	reverse(folded, len, backwards);
	found = goes_up(backwards, len);
	secret_wipe(backwards, len);
	return found;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The word once or more from here, then digits to the end. */
static bool
word_from(const char *text, size_t len, const char *word, size_t word_len)
{
	size_t at = 0;

	while (word_len <= len - at && memcmp(text + at, word, word_len) == 0)
		at += word_len;
	if (at == 0)
		return false;
	while (at < len && is_digit(text[at]))
		at++;
	return at == len;
}

bool
password_pattern_word(const char *folded, size_t len, const char *word)
{
	size_t word_len = strlen(word);
	bool number = strspn(word, "0123456789") == word_len;

	if (word_len == 0)
		return false;
	/* A year in a name would make a word of every number that begins so. */
	if (number)
		return len % word_len == 0 && word_from(folded, len, word, word_len) &&
		    memcmp(folded, folded + word_len, len - word_len) == 0;
	for (size_t at = 0; at < len; at++) {
		if (word_from(folded + at, len - at, word, word_len))
			return true;
		if (!is_digit(folded[at]))
			return false;
	}
	return false;
}
