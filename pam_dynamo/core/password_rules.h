/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules for new passwords, one set for web page, command and PAM. */
#ifndef PASSWORD_RULES_H
#define PASSWORD_RULES_H

#include <stddef.h>

#include "core/pd_error.h"

#define PASSWORD_RULES_POINTS 128 /* code points of a new password, at most */

/* The rules for a new password: valid UTF-8, enough code points and not too many, no word of the
 * context (in any ASCII case), not one character repeated. PD_INVALID: *why is one constant
 * sentence for the user. */
struct password_rules {
	size_t min_length; /* code points */
	const char *const
	    *context; /* words that it must not be (name, mail address); NULL ends; may be NULL */
};
enum pd_error password_rules_check(
    const struct password_rules *rules, const char *password, size_t len, const char **why);

#endif
