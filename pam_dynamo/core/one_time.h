/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One-time tokens of users: what a link in a mail carries. 36 random bytes as 48 characters of
 * base64url; the store keeps the SHA-256, so who reads the table can use none. A token is for one
 * purpose and one user, ends at its time, and is void as soon as a newer one of the same purpose
 * was made: `link#<kind>#<name>` says which is the newest. It is used up in the transaction of the
 * change that it allows.
 */
#ifndef ONE_TIME_H
#define ONE_TIME_H

#include "core/digest.h"
#include "core/store.h"

#define ONE_TIME_SIZE 49 /* of the secret, with its NUL */
#define ONE_TIME_TRIES 5 /* wrong passwords that kill a token */
#define ONE_TIME_CONFIRM_S (24 * 3600)
#define ONE_TIME_RESET_S (30 * 60)

/* Kinds. */
#define ONE_TIME_CONFIRM "confirm" /* the address of a registration */
#define ONE_TIME_EMAIL "email"     /* another address; data is the address */
#define ONE_TIME_RESET "reset"

/* A token that is being made or used: room for its ids, and the context of its steps. */
struct one_time {
	char secret[ONE_TIME_SIZE]; /* secret; its owner wipes it with one_time_wipe */
	char digest[DIGEST_SHA256_HEX_SIZE];
	char token_id[STATE_ID_MAX + 1];
	char link_id[STATE_ID_MAX + 1];
	const char *kind;
	const char *owner;
	const char *data; /* NULL: none */
	int64_t expires_at;
};

/* Draws a secret. False: the name is too long. kind, owner and data are borrowed. */
bool one_time_make(struct one_time *out, const char *kind, const char *owner, const char *data,
    int64_t expires_at);
void one_time_wipe(struct one_time *token);

/* Two companions that store it, in rows[0] and rows[1], and make older ones void. */
void one_time_issue(struct one_time *token, struct store_companion rows[2]);

/* The same by themselves. */
enum pd_error one_time_put(
    struct store *store, struct store_call *call, struct one_time *token, int64_t now);

/* Looks for a token that somebody gave; nothing is used up. PD_NOT_FOUND: malformed, of another
 * kind, old, used, or void. kinds is a list that NULL ends. *stored is what the token says; free it
 * with state_free. out borrows from it. */
enum pd_error one_time_find(struct store *store, struct store_call *call, const char *secret,
    const char *const *kinds, int64_t now, struct one_time *out, struct state *stored);

/* Two companions that use it up: PD_NOT_FOUND where that was done already. */
void one_time_use(struct one_time *token, struct store_companion rows[2]);

/* One that makes every token of the kind void. id has room for the companion's id. */
bool one_time_void(
    const char *kind, const char *owner, char id[STATE_ID_MAX + 1], struct store_companion *row);

/* A wrong password was given with it: the fifth uses it up. */
enum pd_error one_time_fail(
    struct store *store, struct store_call *call, struct one_time *token, int64_t now);

/* The address that waits to be confirmed, of a link# item of ONE_TIME_EMAIL; NULL: none. */
const char *one_time_address(const struct state *link);

#endif
