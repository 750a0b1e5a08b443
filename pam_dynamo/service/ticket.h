/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Logins just authenticated, so that the account step right after needs no request. A ticket is
 * random, good once, for five seconds, for the same process, uid and name, and under the same
 * generation of the configuration. The kept record holds a mark in place of the password hash.
 * Thread-safe.
 */
#ifndef TICKET_H
#define TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/login.h"
#include "ipc/protocol.h"
#include "service/call.h"

#define TICKET_TTL_MS 5000
#define TICKET_MAX 256 /* kept at once; the oldest makes room */

struct ticket_table;

enum pd_error ticket_open(struct ticket_table **out); /* PD_NO_MEMORY */
void ticket_free(struct ticket_table *table);

/* Keeps a copy of result without its secrets. PD_NO_MEMORY: no ticket, which costs a request only.
 */
enum pd_error ticket_put(struct ticket_table *table, unsigned generation, const struct peer *peer,
    const char *name, const struct login_result *result, int64_t now_ms,
    unsigned char out[PROTOCOL_TICKET_LEN]);

/* Hands the kept result over (login_result_free) and forgets it; false: no such ticket for this
 * peer and name. A ticket shown by another peer is left to its owner. */
bool ticket_take(struct ticket_table *table, unsigned generation, const struct peer *peer,
    const char *name, const unsigned char ticket[PROTOCOL_TICKET_LEN], int64_t now_ms,
    struct login_result *out);

/* Forgets every ticket of a name: its record has been changed. */
void ticket_drop(struct ticket_table *table, const char *name);

/* Frees what has expired. */
void ticket_expire(struct ticket_table *table, int64_t now_ms);

#endif
