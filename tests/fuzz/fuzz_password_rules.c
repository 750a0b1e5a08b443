/* SPDX-License-Identifier: BSD-2-Clause */
/* New passwords, and the texts whose words they must not be: the input is a mode, the password, a
 * zero byte, and a text. What is accepted is so in each of its forms. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/nfc.h"
#include "core/password.h"
#include "core/password_rules.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

/* A form is its own form, and folding the form or the text is the same. */
static void
look_at_forms(const char *text, size_t len)
{
	static char form[NFC_EXPANSION * NFC_TEXT_MAX + 1];
	static char again[NFC_EXPANSION * NFC_EXPANSION * NFC_TEXT_MAX + 1];
	static char folded[NFC_EXPANSION * NFC_TEXT_MAX + 1];
	size_t form_len = 0;
	size_t again_len = 0;
	size_t folded_len = 0;
	bool valid = utf8_valid(text, len, NULL) && (len == 0 || memchr(text, 0, len) == NULL);

	must(nfc_normalise(text, len, form, sizeof(form), &form_len) ==
	    (valid && len <= NFC_TEXT_MAX));
	must(nfc_fold(text, len, folded, sizeof(folded), &folded_len) ==
	    (valid && len <= NFC_TEXT_MAX));
	must(utf8_valid(form, form_len, NULL) && form[form_len] == '\0');
	must(utf8_valid(folded, folded_len, NULL) && folded[folded_len] == '\0');
	if (!valid || len > NFC_TEXT_MAX || form_len > NFC_TEXT_MAX)
		return;
	must(nfc_normalise(form, form_len, again, sizeof(again), &again_len));
	must(again_len == form_len && memcmp(form, again, form_len) == 0);
}

static enum pd_error
check(const struct password_rules *rules, const char *password, size_t len)
{
	char why[PASSWORD_RULES_WHY_SIZE];
	enum pd_error error;

	memset(why, 'x', sizeof(why));
	error = password_rules_check(rules, password, len, why);
	must(memchr(why, '\0', sizeof(why)) != NULL);
	must((error == PD_OK) == (why[0] == '\0') && (error == PD_OK || error == PD_INVALID));
	return error;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct password_words words;
	char *text = calloc(1, size + 1);
	const char *password;
	size_t len;
	struct password_rules rules = {.min_length = 1, .words = &words};
	static char form[NFC_EXPANSION * PASSWORD_NEW_MAX + 1];
	size_t form_len = 0;

	if (text == NULL || size == 0) {
		free(text);
		return 0;
	}
	memcpy(text, data, size);
	rules.min_length = (size_t)(data[0] & 0x0f) + 1;
	rules.min_guess_bits = data[0] >> 4;
	password = text + 1;
	len = strnlen(password, size - 1);
	memset(&words, 0, sizeof(words));
	if (len + 2 < size)
		password_words_add(&words, password + len + 1);
	must(words.count <= PASSWORD_WORDS_MAX && words.list[words.count] == NULL);
	look_at_forms(text + 1, size - 1);
	look_at_forms(password, len);
	if (check(&rules, password, len) == PD_OK) {
		must(nfc_normalise(password, len, form, sizeof(form), &form_len));
		must(form_len <= PASSWORD_NEW_MAX && check(&rules, form, form_len) == PD_OK);
		for (size_t i = 0; i < words.count; i++)
			must(strcmp(words.list[i], form) != 0);
	}
	free(text);
	return 0;
}
