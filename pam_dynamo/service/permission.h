/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may ask about whom, and which names are never ours. */
#ifndef PERMISSION_H
#define PERMISSION_H

#include "service/exchange.h"

/* The key of every stranger's rate. */
#define PERMISSION_STRANGERS ((uid_t)-1)

/* Nobody here has this uid: no local user, and it is outside of what the directory gives. Such
 * uids cost nothing to take on, so they share what one user has. */
bool permission_is_stranger(const struct call *call);

/* Peers other than root ask not too often, whatever they ask. Strangers, who can be told without
 * asking anybody that they may not, are not counted, and take nothing from those who may; nor do
 * the trusted ones, whom this notes. False: the answer is set. */
bool permission_rate(struct exchange *exchange);

/* False: the answer is set. Names outside the grammar and names of this host never reach the
 * directory. Peers other than root and trusted_users ask about their own name only: their uid has
 * it in the local file, or its item says so; the record itself must then say so too, for which
 * expected_uid is set.
 * Everything else gets one answer, and nothing is hashed. */
bool permission_check(struct exchange *exchange);

/* May the directory answer for name on this host? PD_OK; PD_NOT_FOUND: never ours (*reason says
 * why); PD_CONFIG, PD_NO_MEMORY: the local files cannot be read. */
enum pd_error permission_name(
    const struct call *call, const char *name, int64_t minimum_uid, enum policy_reason *reason);

#endif
