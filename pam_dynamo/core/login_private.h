/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the login share; callers never see it. */
#ifndef LOGIN_PRIVATE_H
#define LOGIN_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/login.h"
#include "core/password.h"
#include "core/source.h"

#define LOGIN_HOST_SIZE 256
#define LOGIN_NOTED_MAX 1024

/* The last logins that were noted a short while ago, so that most logins need not look. */
struct login_noted {
	uint64_t name; /* hash; a collision costs one note */
	int64_t until_ms;
};

struct login {
	const struct conf *conf;
	struct store *store;
	const struct log *log;
	struct login_guard *guard;
	const struct blocklist *blocklist;
	char host_full[LOGIN_HOST_SIZE];
	char host_short[LOGIN_HOST_SIZE];
	atomic_bool rehash_refused; /* this host's role may not write records */
	pthread_mutex_t noted_mutex;
	struct login_noted noted[LOGIN_NOTED_MAX];
};

/* Wrong passwords in a row, of logins and of the page, that a name may have: then its password is
 * good for nothing until it is set anew or an administrator unlocks it (NIST SP 800-63B-4, 3.2.2).
 * In a row: what ends the count is a good password. */
#define LOGIN_CAP_MAX 100
#define LOGIN_CAP_WINDOW_S (400 * 86400LL)

/* One phase under way. */
struct login_step {
	struct login *login;
	const struct login_request *request;
	struct login_result *out;
	int64_t begun_us; /* clock_monotonic_us */
	struct store_call call;
	struct policy_context context;
	struct state_limit limit;
	char network[SOURCE_SIZE];       /* that guesses are counted for; "": none */
	struct state source;             /* its failures; login_guess frees it */
	struct state_limit source_limit; /* source_max_failures */
	const char *rule; /* after login_judge_new_password refused: the id of the rule */
	struct state cap; /* who fetches frees it */
	struct policy_answer account; /* after login_fetch: what the rules say of the record */
};

/* REASON_NONE: go on; anything else is the answer, and nothing was asked of the store. */
struct policy_answer login_begin(struct login_step *step, struct login *login,
    const struct login_request *request, struct login_result *out);

/* Reads record and failure state into step->out, then the clock, then asks the rules. PD_OK with a
 * zeroed user: not the uid that is expected; step->account forbids. */
enum pd_error login_fetch(struct login_step *step);

/* The sentence for the user; one that is too long is cut. */
void login_say(struct login_result *out, const char *sentence);

/* Fills in everything of step->out but the marks for login_finish. */
void login_end(struct login_step *step, struct policy_answer answer);

/* What a store's error means for a login; PD_OK does not come here. */
struct policy_answer login_error_answer(const struct login_step *step, enum pd_error error);

/* What a denial writes, or what takes its time where it writes nothing. */
enum pd_error login_count_failure(struct login_step *step, const char *attempt);
enum pd_error login_count_source(struct login_step *step, const char *attempt);
void login_count_nothing(struct login_step *step, bool source_too);

/* The cap is for hosts of the page: elsewhere a name is locked for a while only, and a login
 * neither reads nor writes more. */
bool login_has_cap(const struct login *login);

/* After login_fetch. */
bool login_capped(const struct login_step *step);

/* Inside the gate: the one verification, against the record's hash. *answer is set for what is
 * neither a match nor a mismatch, and on a match to what the account's answer makes of it. */
enum password_match login_verify(struct login_step *step, struct policy_answer *answer);
void login_verify_dummy(const struct login_step *step);

/* Judges the new password, hashes it, and writes it on the version of step->out->user. */
struct policy_answer login_update(struct login_step *step);

/* Fetches and verifies one password, and counts the failure: the answer of authenticate. */
struct policy_answer login_guess(struct login_step *step);

/* Waits, if the answer is a denial, for the next line of LOGIN_DENIAL_GRID_US after the phase
 * began: what was left to tell one denial from another - a record to read, a write to build - is
 * seen only where it crosses a line. And up to
 * LOGIN_DENIAL_JITTER_US more, at random: behind the line too the machine is not quite the same
 * after a write. Not beyond the deadline. */
void login_deny_on_grid(const struct login_step *step, enum verdict verdict);

/* SUCCESS, or REFUSED and the sentence that says what a new password needs. */
struct policy_answer login_judge_new_password(struct login_step *step);

struct password_cost login_cost(const struct login *login);

#endif
