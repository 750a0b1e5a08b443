/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password_estimate.h"

#include <stdint.h>
#include <string.h>
#include <zxcvbn.h>

#include "core/nfc.h"
#include "core/password_words.h"
#include "core/secret.h"
#include "core/utf8.h"

#define SYMBOLS_SIZE (PASSWORD_ESTIMATE_POINTS + 1)

/* One byte for each code point, else the library would take a letter of two bytes for two
 * symbols; the same letter gives the same byte, in either case. */
static void
to_symbols(const char *text, size_t len, char out[SYMBOLS_SIZE])
{
	uint32_t point = 0;
	size_t used = 0;

	for (size_t at = 0; at < len && used < PASSWORD_ESTIMATE_POINTS; used++) {
		size_t n = utf8_next(text + at, len - at, &point);

		if (n == 0)
			break;
		out[used] = point < 0x80 ? (char)point : (char)(0x80 | (nfc_lower(point) & 0x7f));
		at += n;
	}
	out[used] = '\0';
}

double
password_estimate(const char *password, size_t len, const char *const *words)
{
	char known[PASSWORD_WORDS_MAX][SYMBOLS_SIZE];
	const char *list[PASSWORD_WORDS_MAX + 1];
	char symbols[SYMBOLS_SIZE];
	size_t count = 0;
	double bits;

	for (; words != NULL && words[count] != NULL && count < PASSWORD_WORDS_MAX; count++) {
		to_symbols(words[count], strlen(words[count]), known[count]);
		list[count] = known[count];
	}
	list[count] = NULL;
	to_symbols(password, len, symbols);
	bits = ZxcvbnMatch(symbols, list, NULL);
	secret_wipe(symbols, sizeof(symbols));
	return bits;
}
