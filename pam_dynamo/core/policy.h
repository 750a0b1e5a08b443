/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decision over a record, pure: no store, no clock, no hash. The first trouble in this order
 * counts: a uid below the minimum (not ours to answer), locked, status, account expiry, service,
 * host, no uid (a web account), password age.
 */
#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"
#include "core/user.h"
#include "verdict.h"

/* Why; the audit line's word (policy_reason_word) and the reply's text id. */
enum policy_reason {
	REASON_NONE = 0,
	REASON_GOOD,
	REASON_RESET, /* good: root set a new password without the old one */
	REASON_WRONG_PASSWORD,
	REASON_EMPTY_PASSWORD,
	REASON_OVERLONG_PASSWORD,
	REASON_JUNK_PASSWORD,
	REASON_LOCKED,
	REASON_SOURCE_LOCKED,
	REASON_CAPPED,    /* too many wrong passwords in a row, over all channels */
	REASON_THROTTLED, /* the page: too many sign-ins that went wrong */
	REASON_IN_FLIGHT, /* as many guesses under way as the window still allows */
	REASON_UNKNOWN_USER,
	REASON_BAD_NAME,
	REASON_LOCAL_NAME,
	REASON_LOW_UID,
	REASON_NO_PASSWORD, /* the record has none: key logins only */
	REASON_PENDING,
	REASON_DISABLED,
	REASON_CLOSED,
	REASON_ACCOUNT_EXPIRED,
	REASON_SERVICE,
	REASON_HOST,
	REASON_NO_UID, /* a web account */
	REASON_PASSWORD_EXPIRED,
	REASON_MUST_CHANGE,
	REASON_CORRUPT,
	REASON_HASH_MALFORMED,
	REASON_HASH_TOO_EXPENSIVE,
	REASON_UNAVAILABLE,
	REASON_CONFIG,
	REASON_DEADLINE,
	REASON_BUSY,
	REASON_NO_MEMORY,
	REASON_WEAK_PASSWORD,
	REASON_FORM, /* a field of a form breaks a rule */
	REASON_CHANGED_MEANWHILE,
	REASON_NO_SESSION,  /* none, ended, or too old */
	REASON_NOT_ALLOWED, /* this peer may not ask that */
	REASON_BUG,
	REASON_COUNT_, /* number of rows */
};

const char *policy_reason_word(enum policy_reason reason); /* "wrong-password", ... never NULL */

/* Who and where: the names this host answers to (short, full, groups), all borrowed. */
struct policy_context {
	const char *host_short;
	const char *host_full;
	const struct strlist *host_groups;
	const char *service; /* PAM service; NULL or "": none */
	int64_t now;
	int64_t minimum_uid;
	int64_t max_age_days;  /* 0: none */
	int64_t warn_age_days; /* 0: no warning */
	bool local_allowed;    /* local_names = allow, names = email: a record needs no uid */
};

struct policy_answer {
	enum verdict verdict;
	enum policy_reason reason;
};

/* The rules apart from the password. VERDICT_SUCCESS or VERDICT_CHANGE means that the account is
 * good. `fail` may be NULL: no failures. */
struct policy_answer policy_account(
    const struct user *user, const struct state *fail, const struct policy_context *context);

/* The rules of the self-service page: the status and nothing that is about hosts. Somebody who has
 * to confirm something first is `wanted` as such. */
struct policy_answer policy_web(const struct user *user, enum user_status wanted, int64_t now);

/* For a good account whose password must be changed within warn_age_days: how many days are left,
 * by the calendar of UTC: 0 today, 1 tomorrow. -1: nothing to warn of. */
int64_t policy_days_left(const struct user *user, const struct policy_context *context);

/* What authenticate answers, given the account's answer and whether the password matched (table in
 * pam_dynamo(8)): not matched: DENY whatever the account says; matched: EXPIRED, FORBIDDEN, UNKNOWN
 * as account, a lock: DENY, CHANGE becomes SUCCESS. */
struct policy_answer policy_authenticate(struct policy_answer account, bool password_matched);

/* An entry is `*`, a name, a shell pattern of fnmatch(3) without FNM_PERIOD, or - of hosts -
 * `@group` for a [host] group; names and patterns in any ASCII case. No entry: no host, but every
 * service. */
bool policy_host_allowed(const struct strlist *hosts, const struct policy_context *context);
bool policy_service_allowed(const struct strlist *services, const char *service);

#endif
