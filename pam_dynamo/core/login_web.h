/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passwords at the self-service page. The page has counters of its own, so that who guesses there
 * locks nobody out of a host; only the cap over wrong passwords in a row is common (FORMAT.md,
 * "Counting"). A sign-in is counted before its password is verified and taken back after a good
 * one: parallel guesses gain nothing on any host, and where nothing can be counted nothing is
 * verified.
 */
#ifndef LOGIN_WEB_H
#define LOGIN_WEB_H

#include "core/login.h"

/* Wrong sign-ins of one name: five are free, then each waits, 30 seconds that double up to 15
 * minutes. A day after the first they are forgotten. */
#define LOGIN_WEB_FREE 5
#define LOGIN_WEB_DELAY_S 30
#define LOGIN_WEB_DELAY_MAX_S 900
#define LOGIN_WEB_WINDOW_S 86400
/* Wrong sign-ins from one network, whatever the names. */
#define LOGIN_WEB_NETWORK_MAX 30
#define LOGIN_WEB_NETWORK_WINDOW_S 600

/*
 * Uses of struct login_request: name as it was submitted, password, rhost (the client's numeric
 * address), service ("web"), deadline_ms. Results: SUCCESS; DENY, whatever the reason, which is for
 * the audit line alone; TRY_AGAIN with *retry_after_s: nothing was verified; UNAVAILABLE, FAULT,
 * NO_MEMORY. out->user is the record after a success. login_finish is due afterwards.
 */

/* Signs in with one verification, of a record with this status: USER_STATUS_ACTIVE, or another for
 * who has to confirm something first. */
void login_web_sign_in(struct login *login, const struct login_request *request,
    enum user_status wanted, struct login_result *out, int64_t *retry_after_s);

/* The current password of somebody who is signed in: one verification, counted by the caller. */
void login_web_confirm(
    struct login *login, const struct login_request *request, struct login_result *out);

/* A new password, under the rules for them: the epoch is raised, every counter of wrong passwords
 * is cleared. With the current password, counted by the caller; without (NULL) where the caller
 * knows by other means who asks: a token. REFUSED: out->reason WEAK_PASSWORD, *rule is the id of
 * the rule that is broken ("same": the new one is the old one). */
void login_web_change(struct login *login, const struct login_request *request,
    struct login_result *out, const char **rule);

#endif
