/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command asks of values beyond the field table: each function says what is wrong and what
 * to give instead, and answers EXIT_CODE_REFUSED, EXIT_CODE_CONFLICT or EXIT_CODE_OK. */
#ifndef RULES_H
#define RULES_H

#include "core/user.h"
#include "utils/session.h"

/* The name is free of this machine's passwd file, unless local_names = allow. */
enum exit_code rules_local_name(const struct session *session, const char *name);

/* Everything that differs from before (an empty record for a new user): lengths and characters,
 * host patterns, group and service names, key lines, uid and gid ranges. */
enum exit_code rules_user(
    const struct session *session, const struct user *before, const struct user *after);

/* A user with hosts who has no uid gets one; users that are mail addresses need none. */
bool rules_draws_uid(const struct conf *conf, const struct user *user);

/* Home and shell from the configuration where a user with hosts and a uid has none. PD_NO_MEMORY.
 */
enum pd_error rules_complete(const struct conf *conf, struct user *user);

#endif
