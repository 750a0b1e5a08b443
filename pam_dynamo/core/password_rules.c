/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password_rules.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/password.h"
#include "core/utf8.h"

/* True if all code points are one and the same; the text is valid UTF-8. */
static bool
is_repeated(const char *text, size_t len)
{
	uint32_t first = 0;
	uint32_t point = 0;

	utf8_next(text, len, &first);
	for (size_t at = 0; at < len; at += utf8_next(text + at, len - at, NULL)) {
		utf8_next(text + at, len - at, &point);
		if (point != first)
			return false;
	}
	return true;
}

static bool
is_context_word(const struct password_rules *rules, const char *password, size_t len)
{
	for (const char *const *word = rules->context; word != NULL && *word != NULL; word++)
		if (strlen(*word) == len && strncasecmp(*word, password, len) == 0)
			return true;
	return false;
}

enum pd_error
password_rules_check(
    const struct password_rules *rules, const char *password, size_t len, const char **why)
{
	size_t points = 0;

	*why = NULL;
	if (len > PASSWORD_NEW_MAX)
		*why = "The new password is too long.";
	else if (memchr(password, '\0', len) != NULL || !utf8_valid(password, len, &points))
		*why = "The new password is not valid text.";
	else if (points < rules->min_length)
		*why = "The new password is too short.";
	else if (points > PASSWORD_RULES_POINTS)
		*why = "The new password is too long.";
	else if (is_repeated(password, len))
		*why = "The new password is one character repeated.";
	else if (is_context_word(rules, password, len))
		*why = "The new password is your name or mail address.";
	return *why == NULL ? PD_OK : PD_INVALID;
}
