/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may ask about whom, and which names are never ours. */
#ifndef PERMISSION_H
#define PERMISSION_H

#include "service/exchange.h"

/* Peers other than root ask not too often, whatever they ask. False: the answer is set. */
bool permission_rate(struct exchange *exchange);

/* False: the answer is set. Names outside the grammar and names of this host never reach the
 * directory. Peers other than root ask about their own name only: their uid has it in the local
 * file, or its item and the record itself say so. Everything else gets one answer, and nothing is
 * hashed. */
bool permission_check(struct exchange *exchange);

/* After a good login: a peer other than root must have the uid of the very record that answered.
 * False: the answer is no longer a success. */
bool permission_confirm(struct exchange *exchange);

/* May the directory answer for name on this host? PD_OK; PD_NOT_FOUND: never ours (*reason says
 * why); PD_CONFIG, PD_NO_MEMORY: the local files cannot be read. */
enum pd_error permission_name(
    const struct call *call, const char *name, int64_t minimum_uid, enum policy_reason *reason);

#endif
