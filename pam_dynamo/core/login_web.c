/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/login_web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/login_private.h"
#include "core/secret.h"

#define ID_SIZE (STATE_ID_MAX + 1)
#define CHANGE_ROUNDS 3 /* writes that another one may come before */

static const struct state_limit name_limit = {.window_s = LOGIN_WEB_WINDOW_S,
    .max = LOGIN_WEB_FREE,
    .lockout_s = LOGIN_WEB_DELAY_S,
    .lockout_max_s = LOGIN_WEB_DELAY_MAX_S};
static const struct state_limit network_limit = {
    .window_s = LOGIN_WEB_NETWORK_WINDOW_S, .max = LOGIN_WEB_NETWORK_MAX};

static const struct policy_answer busy = {VERDICT_UNAVAILABLE, REASON_BUSY};
static const struct policy_answer go_on = {VERDICT_DENY, REASON_NONE};
static const struct policy_answer wrong = {VERDICT_DENY, REASON_WRONG_PASSWORD};

/* One sign-in under way: its two counters. */
struct attempt {
	char name_id[ID_SIZE];
	char network_id[ID_SIZE];
	char id[SECRET_ID_SIZE];
	int64_t now;
};

/* What is no name may be a password that was typed into the wrong field: only its digest is kept.
 */
static bool
name_attempt(const struct login_step *step, struct attempt *out)
{
	const struct login_request *request = step->request;
	char hex[DIGEST_SHA256_HEX_SIZE];
	char network[SOURCE_SIZE];

	secret_random_id(out->id);
	out->now = store_now(step->login->store);
	if (!source_network(request->rhost, network) || request->name == NULL)
		return false;
	(void)snprintf(out->network_id, sizeof(out->network_id), "webnet#%s", network);
	if (user_name_allowed(request->name, step->login->conf->names)) {
		(void)snprintf(out->name_id, sizeof(out->name_id), "webfail#%s", request->name);
		return true;
	}
	if (!digest_sha256_hex(request->name, strlen(request->name), hex))
		return false;
	(void)snprintf(out->name_id, sizeof(out->name_id), "webfail##%s", hex);
	return true;
}

static struct policy_answer
throttled(const struct login_step *step, enum pd_error error)
{
	if (error == PD_CONFLICT)
		return (struct policy_answer){VERDICT_TRY_AGAIN, REASON_THROTTLED};
	return login_error_answer(step, error);
}

/* Counts the attempt as a failure before anything is known of it. */
static struct policy_answer
take(struct login_step *step, const struct attempt *attempt, int64_t *retry_after_s)
{
	struct store *store = step->login->store;
	enum pd_error error;

	error = store_take_event(store, &step->call, attempt->name_id, &name_limit, attempt->id,
	    attempt->now, retry_after_s);
	if (error != PD_OK)
		return throttled(step, error);
	error = store_take_event(store, &step->call, attempt->network_id, &network_limit,
	    attempt->id, attempt->now, retry_after_s);
	if (error == PD_OK)
		return go_on;
	(void)store_give_back_event(
	    store, &step->call, attempt->name_id, attempt->id, attempt->now);
	return throttled(step, error);
}

/* It was no failure. What cannot be taken back ends by itself. */
static void
take_back(struct login_step *step, const struct attempt *attempt)
{
	struct store *store = step->login->store;

	(void)store_clear_events(store, &step->call, attempt->name_id);
	(void)store_give_back_event(
	    store, &step->call, attempt->network_id, attempt->id, attempt->now);
}

/* The record, or none: PD_NOT_FOUND. */
static enum pd_error
fetch(struct login_step *step)
{
	struct login_result *out = step->out;
	enum pd_error error;

	if (!user_name_allowed(step->request->name, step->login->conf->names))
		return PD_NOT_FOUND;
	error = store_get_login_from(step->login->store, &step->call, step->request->name, NULL,
	    &out->user, &out->fail, &step->source, &step->cap);
	out->online = error == PD_OK || error == PD_NOT_FOUND || error == PD_CORRUPT;
	step->context.now = store_now(step->login->store);
	return error;
}

/* One verification, of the record's hash or of none. */
static struct policy_answer
verify(struct login_step *step, bool there)
{
	const struct login_request *request = step->request;
	struct policy_answer answer = wrong;
	enum password_match match = PASSWORD_MISMATCH;

	if (!hash_gate_enter(&step->login->guard->gate, request->deadline_ms))
		return busy;
	if (there && step->out->user.password != NULL && request->password != NULL &&
	    request->password_len > 0)
		match = login_verify(step, &answer);
	else
		login_verify_dummy(step);
	hash_gate_leave(&step->login->guard->gate);
	if (match == PASSWORD_MATCH)
		return (struct policy_answer){VERDICT_SUCCESS, REASON_GOOD};
	return match == PASSWORD_MISMATCH ? wrong : answer;
}

/* What the record says, asked after the password alone; every trouble is the same denial. */
static struct policy_answer
judge(struct login_step *step, enum user_status wanted)
{
	struct policy_answer answer = policy_web(&step->out->user, wanted, step->context.now);

	if (login_capped(step))
		return (struct policy_answer){VERDICT_DENY, REASON_CAPPED};
	if (answer.verdict == VERDICT_EXPIRED || answer.verdict == VERDICT_FORBIDDEN)
		answer.verdict = VERDICT_DENY;
	return answer;
}

static struct policy_answer
verify_and_judge(struct login_step *step, enum user_status wanted)
{
	enum pd_error error = fetch(step);
	struct policy_answer answer;

	if (error != PD_OK && error != PD_NOT_FOUND && error != PD_CORRUPT)
		return login_error_answer(step, error);
	answer = verify(step, error == PD_OK);
	if (error == PD_CORRUPT)
		return login_error_answer(step, error);
	if (answer.verdict == VERDICT_SUCCESS)
		return judge(step, wanted);
	if (error == PD_NOT_FOUND && answer.reason == REASON_WRONG_PASSWORD)
		answer.reason = REASON_UNKNOWN_USER;
	return answer;
}

/* The result without its record where there is no success: nobody reads it by mistake. */
static void
end(struct login_step *step, struct policy_answer answer)
{
	struct login_result *out = step->out;

	out->clear_cap = answer.verdict == VERDICT_SUCCESS && step->cap.count > 0;
	state_free(&step->cap);
	state_free(&step->source);
	if (answer.verdict != VERDICT_SUCCESS)
		user_free(&out->user);
	login_end(step, answer);
	out->message[0] = '\0'; /* the page has sentences of its own, in its user's language */
	login_deny_on_grid(step, out->verdict);
}

static void
begin(struct login_step *step, struct login *login, const struct login_request *request,
    struct login_result *out)
{
	(void)login_begin(step, login, request, out);
	step->source_limit.max = 0; /* the page's networks have a counter of their own */
}

void
login_web_sign_in(struct login *login, const struct login_request *request, enum user_status wanted,
    struct login_result *out, int64_t *retry_after_s)
{
	struct password_cost cost = login_cost(login);
	struct attempt attempt;
	struct login_step step;
	struct policy_answer answer = {VERDICT_FAULT, REASON_BUG};

	begin(&step, login, request, out);
	*retry_after_s = 0;
	if (name_attempt(&step, &attempt))
		answer = take(&step, &attempt, retry_after_s);
	if (answer.reason == REASON_NONE) {
		answer = verify_and_judge(&step, wanted);
		if (answer.verdict == VERDICT_SUCCESS)
			take_back(&step, &attempt);
		out->count_cap = answer.reason == REASON_WRONG_PASSWORD;
		out->count_nothing = answer.verdict == VERDICT_DENY && !out->count_cap;
	}
	end(&step, answer);
	if (out->verdict != VERDICT_SUCCESS)
		return;
	out->last_login = login->conf->last_login && wanted == USER_STATUS_ACTIVE;
	out->rehash = conf_users_writable(login->conf) &&
	    password_needs_rehash(out->user.password, &cost);
}

void
login_web_confirm(
    struct login *login, const struct login_request *request, struct login_result *out)
{
	struct login_step step;

	begin(&step, login, request, out);
	end(&step, verify_and_judge(&step, USER_STATUS_ACTIVE));
}

/* Without the current password: by a token. A cap is no hindrance, for this is what ends it. */
static struct policy_answer
admit(struct login_step *step)
{
	struct policy_answer answer;
	enum pd_error error;

	if (step->request->password != NULL)
		return verify_and_judge(step, USER_STATUS_ACTIVE);
	error = fetch(step);
	if (error != PD_OK)
		return login_error_answer(step, error);
	answer = policy_web(&step->out->user, USER_STATUS_ACTIVE, step->context.now);
	if (answer.verdict == VERDICT_EXPIRED || answer.verdict == VERDICT_FORBIDDEN)
		answer.verdict = VERDICT_DENY;
	return answer;
}

static struct policy_answer
change_once(struct login_step *step)
{
	struct policy_answer answer = admit(step);

	if (answer.verdict == VERDICT_SUCCESS && !conf_users_writable(step->login->conf))
		return (struct policy_answer){VERDICT_FORBIDDEN, REASON_NOT_ALLOWED};
	return answer.verdict == VERDICT_SUCCESS ? login_update(step) : answer;
}

void
login_web_change(struct login *login, const struct login_request *request, struct login_result *out,
    const char **rule)
{
	struct login_step step;
	struct policy_answer answer = {VERDICT_TRY_AGAIN, REASON_CHANGED_MEANWHILE};

	begin(&step, login, request, out);
	for (int round = 0; round < CHANGE_ROUNDS && answer.verdict == VERDICT_TRY_AGAIN; round++) {
		user_free(&out->user);
		state_free(&out->fail);
		state_free(&step.cap);
		answer = change_once(&step);
	}
	*rule = answer.verdict == VERDICT_REFUSED ? step.rule : NULL;
	end(&step, answer);
	if (out->verdict != VERDICT_SUCCESS)
		return;
	/* fail# stays: it may be an administrator's lock, and the page does not look at it */
	out->clear_web = true;
	inflight_forget(login->guard->inflight, request->name);
}
