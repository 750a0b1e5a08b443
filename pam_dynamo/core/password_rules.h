/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules for new passwords (NIST SP 800-63B-4, 3.1.1.2), one set for web page, command and PAM.
 * They judge the password as a whole and in normalisation form C, in which it is hashed. */
#ifndef PASSWORD_RULES_H
#define PASSWORD_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "core/blocklist.h"
#include "core/conf.h"
#include "core/password_words.h"
#include "core/pd_error.h"

#define PASSWORD_RULES_POINTS 128   /* code points of a new password, at most */
#define PASSWORD_RULES_WHY_SIZE 160 /* holds any sentence with its NUL */

struct password_rules {
	size_t min_length;                 /* code points */
	int64_t min_guess_bits;            /* 0: not estimated */
	const struct blocklist *blocklist; /* NULL: empty */
	const struct password_words *words;
};

/* What the configuration asks for; all are borrowed. */
struct password_rules password_rules_of(
    const struct conf *conf, const struct blocklist *blocklist, const struct password_words *words);

/* PD_OK: good, and why is "". PD_INVALID: why is a sentence for the user, without the password. */
enum pd_error password_rules_check(const struct password_rules *rules, const char *password,
    size_t len, char why[PASSWORD_RULES_WHY_SIZE]);

/* The same for who has sentences of its own: NULL: good; else the id of the rule, a constant:
 * "too-short" (than min_length), "too-long" (128 characters, 511 bytes), "not-text", "control",
 * "blocklist", "own-word" (a name or address of the user or host), "too-easy". */
const char *password_rules_broken(
    const struct password_rules *rules, const char *password, size_t len);

#endif
