/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is signed in at the self-service page. The browser holds 256 random bits, the state table
 * their SHA-256 (FORMAT.md, "Sessions"). A session lives for 15 minutes without use and for 8 hours
 * in all, and counts for nothing once its user is not active or the record's epoch has moved.
 * Unconditional on the hosts: what one of them writes, all see.
 */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include "core/policy.h"
#include "core/store.h"

#define WEB_SESSION_SECRET_LEN 32
#define WEB_SESSION_IDLE_S 900
#define WEB_SESSION_LIFE_S (8 * 3600)
#define WEB_SESSION_NOTE_S 60   /* the last use is written at most so often */
#define WEB_SESSION_MAX 10      /* of one user; one more removes the oldest */
#define WEB_SESSION_WRONG_MAX 5 /* wrong passwords within a session, which end it */

/* Who asks, from where; any may be NULL. Labels: too long ones are cut. */
struct web_session_from {
	const char *network;
	const char *agent;
};

/* A session that is good, with its user's record; free with web_session_free. */
struct web_session {
	struct state state;
	struct user user;
};

void web_session_free(struct web_session *session); /* NULL is a no-op */

/* A new session of user, as of the epoch in the record. The secret is the caller's to wipe. */
enum pd_error web_session_create(struct store *store, struct store_call *call,
    const struct user *user, const struct web_session_from *from, int64_t now,
    unsigned char secret[WEB_SESSION_SECRET_LEN]);

/* PD_NOT_FOUND: no session, or one that is good no more, which is then removed. Notes the use. */
enum pd_error web_session_check(struct store *store, struct store_call *call,
    const unsigned char secret[WEB_SESSION_SECRET_LEN], int64_t now, struct web_session *out);

/* Once before each password that is given within a session, so that guesses side by side gain
 * nothing: PD_OK: verify it. PD_NOT_FOUND: that were too many, or the session has gone meanwhile;
 * it has ended. After a wrong one: PD_NOT_FOUND: it was the last, and the session has ended. After
 * a good one the count is forgotten. session is kept up to date. */
enum pd_error web_session_try(
    struct store *store, struct store_call *call, struct web_session *session, int64_t now);
enum pd_error web_session_wrong(
    struct store *store, struct store_call *call, struct web_session *session, int64_t now);
enum pd_error web_session_forget_tries(
    struct store *store, struct store_call *call, struct web_session *session, int64_t now);

/* Removes the session: PD_OK also where there is none. */
enum pd_error web_session_end(struct store *store, struct store_call *call,
    const unsigned char secret[WEB_SESSION_SECRET_LEN], int64_t now);

/* Removes every session of a name but `keep` (a state's id; NULL: every one). */
enum pd_error web_session_end_all(
    struct store *store, struct store_call *call, const char *name, const char *keep, int64_t now);

/* How many others the user of this session has. */
enum pd_error web_session_others(struct store *store, struct store_call *call,
    const struct web_session *session, int64_t now, size_t *out);

#endif
