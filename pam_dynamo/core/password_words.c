/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password_words.h"

#include <stdbool.h>
#include <string.h>

#include "core/nfc.h"

/* Bytes of other scripts belong to a word. */
static bool
in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static void
add_word(struct password_words *words, const char *word, size_t len)
{
	char *copy = words->text + words->used;

	if (len == 0 || words->count >= PASSWORD_WORDS_MAX ||
	    len >= sizeof(words->text) - words->used)
		return;
	for (size_t i = 0; i < words->count; i++)
		if (strlen(words->list[i]) == len && memcmp(words->list[i], word, len) == 0)
			return;
	memcpy(copy, word, len);
	copy[len] = '\0';
	words->used += len + 1;
	words->list[words->count++] = copy;
	words->list[words->count] = NULL;
}

static void
add_part(struct password_words *words, const char *part, size_t len)
{
	if (len >= PASSWORD_WORDS_PART)
		add_word(words, part, len);
}

/* "alexandra fox": "alexandra", "fox", "alexandrafox". */
static void
add_runs(struct password_words *words, const char *text, size_t len)
{
	char joined[NFC_EXPANSION * NFC_TEXT_MAX];
	size_t used = 0;

	for (size_t at = 0; at < len;) {
		size_t end = at;

		while (end < len && in_word(text[end]))
			end++;
		add_part(words, text + at, end - at);
		memcpy(joined + used, text + at, end - at);
		used += end - at;
		at = end + (end < len);
	}
	add_part(words, joined, used);
}

void
password_words_add(struct password_words *words, const char *text)
{
	char folded[NFC_EXPANSION * NFC_TEXT_MAX + 1];
	const char *at;
	size_t len;

	if (text == NULL || !nfc_fold(text, strlen(text), folded, sizeof(folded), &len))
		return;
	add_word(words, folded, len);
	at = strchr(folded, '@');
	if (at != NULL) {
		size_t local = (size_t)(at - folded);

		add_part(words, folded, local);
		add_part(words, at + 1, len - local - 1);
		add_runs(words, folded, local);
		add_runs(words, at + 1, len - local - 1);
	} else {
		add_runs(words, folded, len);
	}
}

void
password_words_fill(
    struct password_words *out, const struct user *user, const char *host, const char *service)
{
	const char *const texts[] = {user->username, user->full_name, user->email, host, service};

	out->list[0] = NULL;
	out->count = 0;
	out->used = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		password_words_add(out, texts[i]);
	for (size_t i = 0; i < user->profile.values.len; i++)
		password_words_add(out, user->profile.values.items[i]);
}
