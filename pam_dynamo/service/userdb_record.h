/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which records become system users on this host, and how they look there: JSON user and group
 * records. https://systemd.io/USER_RECORD/ https://systemd.io/GROUP_RECORD/
 */
#ifndef USERDB_RECORD_H
#define USERDB_RECORD_H

#include <stdbool.h>

#include "core/json.h"
#include "core/user.h"
#include "service/generation.h"
#include "service/local_names.h"

#define USERDB_SERVICE "io.pam-dynamo" /* in the records */

/* PD_OK: the record is a user of this host: active, or out of use (files still show the name),
 * granted for it, with a uid inside the range, not below minimum_uid, that no local file holds, nor
 * its name. PD_NOT_FOUND: it is not. Others: the local files cannot be read. */
enum pd_error userdb_record_serves(
    const struct generation *generation, struct local_names *names, const struct user *user);

/* PD_OK: the user has a private group of its own name that no local group takes. */
enum pd_error userdb_record_serves_group(struct local_names *names, const struct user *user);

int64_t userdb_record_gid(const struct user *user); /* the uid where the record names none */

/* The reply's parameters; keys are shown to root alone, and of active users only. NULL: no memory.
 */
struct json *userdb_record_user(const struct conf *conf, const struct user *user, bool for_root);
struct json *userdb_record_group(const struct user *user);
struct json *userdb_record_membership(const char *user, const char *group);

#endif
