/* SPDX-License-Identifier: BSD-2-Clause */
/* A new password from the person to its hash; the clear text lives in one function. */
#ifndef NEW_PASSWORD_H
#define NEW_PASSWORD_H

#include "core/password.h"
#include "core/user.h"
#include "utils/session.h"

/* Reads it (--password-stdin or the terminal), holds it against the rules with the user's own
 * words, and hashes it at the configured cost. Says what is wrong. The caller wipes out. */
enum exit_code new_password_hash(
    struct session *session, const struct user *user, char out[PASSWORD_HASH_SIZE]);

/* Sets the hash in the record with what follows from it; PD_NO_MEMORY. */
enum pd_error new_password_set(struct user *user, const char *hash, bool must_change, int64_t now);

#endif
