/* SPDX-License-Identifier: BSD-2-Clause */
/* What password.c and the files of its formats share; callers of password.h never see it. */
#ifndef PASSWORD_FORMAT_H
#define PASSWORD_FORMAT_H

#include "core/password.h"

/* One row of the table in password.c. `text` is what follows the row's `prefix`. */
struct password_format {
	const char *name; /* for people: audit line, `pam-dynamo show` */
	const char *prefix;
	int kind; /* which of its file's algorithms */

	/* Judges the text and its cost, computes nothing: MATCH (go on), MALFORMED or
	 * TOO_EXPENSIVE. */
	enum password_match (*check)(const struct password_format *format, const char *text,
	    const struct password_bound *bound);

	/* Called on what check() let pass, with at most PASSWORD_MAX bytes. */
	enum password_match (*verify)(const struct password_format *format, const char *text,
	    const char *password, size_t len);
};

/* password_argon2.c */
enum { PASSWORD_ARGON2I, PASSWORD_ARGON2ID };
enum password_match password_argon2_check(
    const struct password_format *format, const char *text, const struct password_bound *bound);
enum password_match password_argon2_verify(
    const struct password_format *format, const char *text, const char *password, size_t len);
enum pd_error password_argon2_make(const struct password_cost *cost, const char *password,
    size_t len, char out[PASSWORD_HASH_SIZE]);
void password_argon2_dummy(const struct password_cost *cost, const char *password, size_t len);
bool password_argon2_is_good_enough(const char *encoded, const struct password_cost *cost);

/* True for what password_argon2_make writes, whatever its cost. */
bool password_argon2_is_own(const char *encoded);

#endif
