/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invitations: tokens that an administrator makes, each for so many accounts. `token#<sha256>` of
 * kind "invite" holds in `count` how often it was used, and in `data` "USES EMAIL GROUPS", with "-"
 * where there is none; `invitations` lists the digests. One is used in the transaction of the
 * account that it makes, so exactly as often as it may be.
 */
#ifndef INVITATION_H
#define INVITATION_H

#include "core/one_time.h"
#include "core/user.h"

#define INVITATION_KIND "invite"
#define INVITATION_USES_MAX 1000

struct invitation {
	int64_t uses; /* at most */
	int64_t used;
	int64_t expires_at;
	char email[USER_EMAIL_MAX + 1]; /* whom it is for; "": anybody */
	struct strlist groups;
};
void invitation_free(struct invitation *invitation);

/* Reads an item; PD_CORRUPT, PD_NO_MEMORY. */
enum pd_error invitation_read(const struct state *stored, struct invitation *out);

/* Makes one; the secret is for whoever is invited. PD_INVALID: what may not be in it; PD_CONFLICT:
 * too many. */
enum pd_error invitation_create(struct store *store, struct store_call *call,
    const struct invitation *invitation, int64_t now, char secret[ONE_TIME_SIZE]);

/* Removes the one of this digest. PD_NOT_FOUND. */
enum pd_error invitation_revoke(
    struct store *store, struct store_call *call, const char *digest, int64_t now);

/* One account made with an invitation: the context of invitation_step. */
struct invitation_use {
	char id[STATE_ID_MAX + 1];
	struct user *user; /* who gets the groups; borrowed */
	int64_t now;
	bool refused; /* out: unknown, old, used up, or for another address */
};

/* False: the secret is none. */
bool invitation_use(struct invitation_use *out, const char *secret, struct user *user, int64_t now);
void invitation_use_free(struct invitation_use *use);

/* A step of the store: PD_NOT_FOUND where it is refused. */
enum pd_error invitation_step(const struct state *stored, void *ctx, struct state *next);

#endif
