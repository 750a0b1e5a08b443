/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The login itself: fetch, verify once, decide, count. Thread-safe; one struct login per
 * loading of the configuration, all over the one struct login_guard of the process.
 * Whenever the directory answered, authenticate does exactly one password verification, and a
 * denial costs the same round trips whatever its reason: the fetch and one more, or two more where
 * networks are counted and the login comes from one.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include "core/blocklist.h"
#include "core/conf.h"
#include "core/log.h"
#include "core/login_guard.h"
#include "core/policy.h"
#include "core/store.h"

#define LOGIN_MESSAGE_SIZE 256 /* bytes of a sentence for the user with its NUL */

#define LOGIN_DENIAL_GRID_US 10000
#define LOGIN_DENIAL_JITTER_US 2000 /* at random behind a line, for what the machine tells */

struct login; /* configuration, store, host, and what is noted of them */

struct login_request {
	const char *name;
	const char *password; /* borrowed; NULL for account, and for a change without the old one */
	size_t password_len;
	const char *new_password; /* change only */
	size_t new_password_len;
	const char *service;  /* PAM service, may be NULL */
	const char *rhost;    /* opaque label, may be NULL */
	int64_t minimum_uid;  /* the module's argument; 0: the configuration's */
	int64_t deadline_ms;  /* clock_monotonic_ms */
	bool by_root;         /* change: the peer is root */
	int64_t expected_uid; /* 0: any; else a record without this uid is none of the peer's, and
				 gets one answer, FORBIDDEN, unhashed and uncounted */
};

/* What authenticate, account and change answer; free with login_result_free. The user is handed
 * over so that an account step right after can reuse it (login_account_again) and the audit line
 * knows. */
struct login_result {
	enum verdict verdict;
	enum policy_reason reason;
	char message[LOGIN_MESSAGE_SIZE]; /* a filled sentence for the user, no secret in it; "":
					     none */
	struct user user;                 /* zeroed when there is none */
	struct state fail;
	unsigned requests; /* sent to the store before the reply */
	char request_id[STORE_REQUEST_ID_SIZE];
	bool clear_failures; /* for login_finish */
	bool clear_cap;      /* for login_finish */
	bool clear_web;      /* for login_finish: failures at the page */
	bool count_nothing;  /* for login_finish: takes the time of count_cap and counts nothing */
	bool count_cap;      /* for login_finish: a wrong password was counted */
	bool rehash;         /* for login_finish */
	bool last_login;     /* for login_finish */
	bool online;         /* the directory answered */
};

/* conf, store, guard, blocklist (NULL: empty) and log are borrowed until login_close. Computes
 * nothing heavy. The guard's gate takes the number of `hashes`; it is left as it was on
 * PD_NO_MEMORY and PD_CONFIG. */
enum pd_error login_open(const struct conf *conf, struct store *store, struct login_guard *guard,
    const struct blocklist *blocklist, const struct log *log, struct login **out);
void login_close(struct login *login);

void login_authenticate(
    struct login *login, const struct login_request *request, struct login_result *out);
void login_account(
    struct login *login, const struct login_request *request, struct login_result *out);

/* Account from the record that an authenticate of the same name just fetched; nothing is requested.
 * `from` is only read; out->user stays zeroed. */
void login_account_again(struct login *login, const struct login_request *request,
    const struct login_result *from, struct login_result *out);

/* chauthtok: PRELIM verifies reachability and the old password (new_password NULL), UPDATE verifies
 * it again and writes on the version that it read, from the start again when somebody else wrote
 * meanwhile; out->user is then the record as written. Who
 * could not log in cannot change the password either. Wrong old passwords count as in a login.
 * Root leaves the old password out (NULL) where [password] root_may_reset says so: then a lock by
 * failures does not matter, and a record without a password gets one; every other rule holds, those
 * for new passwords too. Elsewhere root without it is denied as REASON_NOT_ALLOWED, unhashed.
 * Whenever nothing was written, or nobody knows, the message says so; but a denial never says why.
 */
void login_change(
    struct login *login, const struct login_request *request, struct login_result *out);

/* What can wait until the reply is sent: clears failures, re-hashes, notes the last login, with a
 * deadline of its own. `request` still holds the password; `result` is only read. The answer is
 * the format of a hash that was replaced by one of ours, a constant for the audit line; NULL: none
 * was. */
const char *login_finish(
    struct login *login, const struct login_request *request, const struct login_result *result);

/* What a store's error means for whoever waits for a login. */
struct policy_answer login_answer_error(enum pd_error error, int64_t deadline_ms);

void login_result_free(struct login_result *result);

#endif
