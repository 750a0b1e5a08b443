/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password_rules.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/nfc.h"
#include "core/password.h"
#include "core/password_estimate.h"
#include "core/password_pattern.h"
#include "core/secret.h"
#include "core/utf8.h"

#define FORM_SIZE (NFC_EXPANSION * PASSWORD_NEW_MAX + 1)
#define FOLDED_SIZE PASSWORD_PATTERN_MAX

/* The password while it is judged; secret. A rule may rely on those above it in the table. */
struct candidate {
	const struct password_rules *rules;
	const char *text;
	size_t len;
	char form[FORM_SIZE];
	size_t form_len;
	size_t points;
	char folded[FOLDED_SIZE];
	size_t folded_len;
};

/* True: the rule is broken. */
typedef bool rule_fn(struct candidate *candidate);

static bool
too_many_bytes(struct candidate *candidate)
{
	return candidate->len > PASSWORD_NEW_MAX;
}

static bool
no_text(struct candidate *candidate)
{
	return !nfc_normalise(candidate->text, candidate->len, candidate->form,
		   sizeof(candidate->form), &candidate->form_len) ||
	    !utf8_valid(candidate->form, candidate->form_len, &candidate->points);
}

/* What ends a line or steers a terminal; format characters (of Hebrew or of an emoji) are text. */
static bool
has_control(struct candidate *candidate)
{
	uint32_t point = 0;

	for (size_t at = 0; at < candidate->form_len;) {
		at += utf8_next(candidate->form + at, candidate->form_len - at, &point);
		if (point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x2028 ||
		    point == 0x2029)
			return true;
	}
	return false;
}

static bool
too_short(struct candidate *candidate)
{
	return candidate->points < candidate->rules->min_length;
}

static bool
too_long(struct candidate *candidate)
{
	return candidate->points > PASSWORD_RULES_POINTS;
}

static bool
form_has_too_many_bytes(struct candidate *candidate)
{
	return candidate->form_len > PASSWORD_NEW_MAX ||
	    !nfc_fold(candidate->form, candidate->form_len, candidate->folded,
		sizeof(candidate->folded), &candidate->folded_len);
}

static bool
cannot_be_judged(struct candidate *candidate)
{
	return !blocklist_usable(candidate->rules->blocklist);
}

static bool
is_common(struct candidate *candidate)
{
	return blocklist_has(candidate->rules->blocklist, candidate->folded);
}

static bool
is_own_word(struct candidate *candidate)
{
	const struct password_words *words = candidate->rules->words;

	for (size_t i = 0; words != NULL && i < words->count; i++)
		if (password_pattern_word(candidate->folded, candidate->folded_len, words->list[i]))
			return true;
	return false;
}

static bool
repeats(struct candidate *candidate)
{
	return password_pattern_repeats(candidate->folded, candidate->folded_len);
}

static bool
is_run(struct candidate *candidate)
{
	return password_pattern_run(candidate->folded, candidate->folded_len);
}

static bool
is_guessed_soon(struct candidate *candidate)
{
	const struct password_rules *rules = candidate->rules;

	return rules->min_guess_bits > 0 &&
	    password_estimate(candidate->form, candidate->form_len,
		rules->words == NULL ? NULL : rules->words->list) < (double)rules->min_guess_bits;
}

#define TOO_EASY                                                                                  \
	"This password is too easy to guess: it repeats or follows a pattern. Try three or four " \
	"unrelated words."
#define TOO_MANY_BYTES \
	"Enter a password of 128 characters or fewer; this one takes more than 511 bytes."

/* In this order. */
static const struct rule {
	rule_fn *broken;
	const char *id;
	const char *why;
	const char *after; /* not NULL: why, the least length, and this make the sentence */
} table[] = {
    {.broken = cannot_be_judged,
	.id = "no-list",
	.why = "Passwords cannot be changed now: the list of common ones cannot be read. Tell the "
	       "administrator."},
    {.broken = too_many_bytes, .id = "too-long", .why = TOO_MANY_BYTES},
    {.broken = no_text,
	.id = "not-text",
	.why = "This password is not valid text. Enter it in UTF-8."},
    {.broken = has_control,
	.id = "control",
	.why = "This password has a control character in it. Use letters, digits, signs and "
	       "spaces."},
    {.broken = too_short,
	.id = "too-short",
	.why = "Enter a password of ",
	.after = " characters or more."},
    {.broken = too_long, .id = "too-long", .why = "Enter a password of 128 characters or fewer."},
    {.broken = form_has_too_many_bytes, .id = "too-long", .why = TOO_MANY_BYTES},
    {.broken = is_common,
	.id = "blocklist",
	.why = "This password is on a list of commonly used passwords. Choose a different one."},
    {.broken = is_own_word,
	.id = "own-word",
	.why = "This password is made of a name or address that belongs to you or this host. "
	       "Choose a different one."},
    {.broken = repeats, .id = "too-easy", .why = TOO_EASY},
    {.broken = is_run, .id = "too-easy", .why = TOO_EASY},
    {.broken = is_guessed_soon, .id = "too-easy", .why = TOO_EASY},
};

struct password_rules
password_rules_of(
    const struct conf *conf, const struct blocklist *blocklist, const struct password_words *words)
{
	return (struct password_rules){
	    .min_length = (size_t)conf->min_length,
	    .min_guess_bits = conf->min_guess_bits,
	    .blocklist = blocklist,
	    .words = words,
	};
}

static const struct rule *
find_broken(const struct password_rules *rules, const char *password, size_t len)
{
	struct candidate candidate = {.rules = rules, .text = password, .len = len};
	const struct rule *broken = NULL;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]) && broken == NULL; i++)
		if (table[i].broken(&candidate))
			broken = &table[i];
	secret_wipe(&candidate, sizeof(candidate));
	return broken;
}

const char *
password_rules_broken(const struct password_rules *rules, const char *password, size_t len)
{
	const struct rule *broken = find_broken(rules, password, len);

	return broken == NULL ? NULL : broken->id;
}

enum pd_error
password_rules_check(const struct password_rules *rules, const char *password, size_t len,
    char why[PASSWORD_RULES_WHY_SIZE])
{
	const struct rule *broken = find_broken(rules, password, len);

	why[0] = '\0';
	if (broken == NULL)
		return PD_OK;
	if (broken->after == NULL)
		(void)snprintf(why, PASSWORD_RULES_WHY_SIZE, "%s", broken->why);
	else
		(void)snprintf(why, PASSWORD_RULES_WHY_SIZE, "%s%zu%s", broken->why,
		    rules->min_length, broken->after);
	return PD_INVALID;
}
