/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding users for the user database: the rules first, then the cache, then the store,
 * for which a call is counted once. */
#ifndef USERDB_LOOKUP_H
#define USERDB_LOOKUP_H

#include "core/user.h"
#include "service/call.h"

/* PD_OK: a user of this host (user_free); PD_NOT_FOUND: none, by the rules or by the directory.
 * Every other error means that nobody knows. *out is zeroed then. */
enum pd_error userdb_lookup_name(struct call *call, const char *name, struct user *out);
enum pd_error userdb_lookup_uid(struct call *call, int64_t uid, struct user *out);

/* Calls fn for each user of this host; fn false ends early. */
typedef bool userdb_lookup_fn(void *ctx, const struct user *user);
enum pd_error userdb_lookup_each(struct call *call, userdb_lookup_fn *fn, void *ctx);

#endif
