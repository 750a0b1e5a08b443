/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing one record: read, change, hold against the rules, write on the version that was read;
 * when somebody else was faster, once more from the start. */
#ifndef CHANGE_H
#define CHANGE_H

#include "core/user.h"
#include "utils/session.h"

#define CHANGE_TRIES 3

/* Changes `user`, a copy of the stored record; called again after a lost race, so it must not keep
 * state. Anything but EXIT_CODE_OK, which it has explained, ends the change. */
typedef enum exit_code change_fn(const struct session *session, struct user *user, void *ctx);

/* What follows from a change is done here: updated_at; epoch when an active account stops being
 * one; a new mail address is unverified; uid, home and shell when there are hosts. Errors are said.
 * *changed (may be NULL): false when there was nothing to write. out: the record as it stands now,
 * free with user_free, zeroed on failure. */
enum exit_code change_user(struct session *session, const char *name, change_fn *change, void *ctx,
    bool *changed, struct user *out);

/* The refusal of a create or update, from what the store says was taken. */
enum exit_code change_refused(const struct user *user, enum pd_error error, enum store_taken taken);

#endif
