/* SPDX-License-Identifier: BSD-2-Clause */
/* One guess at a password: fetch, verify once, count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/login_private.h"
#include "core/secret.h"

#define FAIL_ID_SIZE (sizeof("fail#") + USER_NAME_MAX)

static const struct policy_answer go_on = {VERDICT_DENY, REASON_NONE};
static const struct policy_answer busy = {VERDICT_UNAVAILABLE, REASON_BUSY};
static const struct policy_answer late = {VERDICT_UNAVAILABLE, REASON_DEADLINE};

/* Passwords that nobody has: they cost what a guess costs and count nothing. */
static enum policy_reason
screen_password(const struct login_request *request)
{
	if (request->password == NULL || request->password_len == 0)
		return REASON_EMPTY_PASSWORD;
	if (request->password_len > PASSWORD_MAX)
		return REASON_OVERLONG_PASSWORD;
	if (password_is_junk(request->password, request->password_len))
		return REASON_JUNK_PASSWORD;
	return REASON_NONE;
}

static struct policy_answer
admit(struct login_step *step, struct inflight_guess *guess)
{
	int64_t max = step->limit.max;
	int64_t count = state_count(&step->out->fail, &step->limit, step->context.now);

	/* The lock may be over while the window still counts. */
	if (count >= max)
		return (struct policy_answer){VERDICT_DENY, REASON_LOCKED};
	switch (inflight_admit(step->login->guard->inflight, guess, count,
	    &step->out->fail.attempts, max, step->request->deadline_ms)) {
	case INFLIGHT_FULL:
		return (struct policy_answer){VERDICT_DENY, REASON_IN_FLIGHT};
	case INFLIGHT_LATE:
		return busy;
	case INFLIGHT_ADMITTED:
		return go_on;
	}
	return (struct policy_answer){VERDICT_FAULT, REASON_BUG};
}

/* What is decided before any hash; REASON_NONE: the record's own hash decides. */
static struct policy_answer
screen(struct login_step *step, enum pd_error error, struct inflight_guess *guess)
{
	enum policy_reason reason = screen_password(step->request);

	if (error != PD_OK)
		return login_error_answer(step, error);
	if (step->account.reason == REASON_LOW_UID || step->account.reason == REASON_NOT_ALLOWED)
		return step->account;
	if (step->account.reason == REASON_LOCKED)
		return (struct policy_answer){VERDICT_DENY, REASON_LOCKED};
	if (reason != REASON_NONE)
		return (struct policy_answer){VERDICT_DENY, reason};
	if (step->out->user.password == NULL)
		return (struct policy_answer){VERDICT_DENY, REASON_NO_PASSWORD};
	return admit(step, guess);
}

static void
verify_dummy(const struct login_step *step)
{
	const struct login_request *request = step->request;
	struct password_cost cost = login_cost(step->login);

	password_verify_dummy(
	    &cost, request->password, request->password == NULL ? 0 : request->password_len);
}

/* A denial without a verification takes as long as one with: the hash, and one more request that
 * takes its time where the other writes its failure. */
static struct policy_answer
deny_slowly(struct login_step *step, struct policy_answer answer)
{
	char id[FAIL_ID_SIZE];

	if (!hash_gate_enter(&step->login->guard->gate, step->request->deadline_ms))
		return busy;
	verify_dummy(step);
	hash_gate_leave(&step->login->guard->gate);
	if (answer.verdict == VERDICT_FAULT)
		return answer;
	snprintf(id, sizeof(id), "fail#%s", step->request->name);
	(void)store_idle_swap(step->login->store, &step->call, id);
	return clock_left_ms(step->request->deadline_ms) == 0 ? late : answer;
}

/* Swaps the failure in from the state that was just read: one request. When somebody else counted
 * meanwhile, the store reads again; the attempt id keeps it one failure. */
static enum pd_error
count_failure(struct login_step *step, const char *attempt)
{
	struct store *store = step->login->store;
	struct state *fail = &step->out->fail;
	int64_t now = step->context.now;
	struct state next = {0};
	char id[FAIL_ID_SIZE];
	enum pd_error error;

	snprintf(id, sizeof(id), "fail#%s", step->request->name);
	if (fail->id == NULL && (fail->id = strdup(id)) == NULL)
		return PD_NO_MEMORY;
	error = state_add_event(fail, &step->limit, attempt, now, &next);
	if (error == PD_OK)
		error = store_swap_state(store, &step->call, fail, &next, now);
	if (error == PD_CONFLICT) {
		state_free(&next);
		error = store_count_failure(store, &step->call, step->request->name, &step->limit,
		    attempt, store_now(store), &next);
	}
	if (error == PD_OK) {
		state_free(fail);
		*fail = next;
	} else {
		state_free(&next);
	}
	return error;
}

static struct policy_answer
answer_mismatch(struct login_step *step, const char *attempt, enum inflight_end *end)
{
	enum pd_error error = count_failure(step, attempt);

	*end = error == PD_OK ? INFLIGHT_COUNTED : INFLIGHT_UNCOUNTED;
	if (error == PD_OK)
		return policy_authenticate(step->account, false);
	log_line(step->login->log, LOG_LEVEL_WARNING,
	    "user %s: a wrong password could not be counted in the state table",
	    step->request->name);
	return login_error_answer(step, error);
}

static struct policy_answer
answer_bad_hash(struct login_step *step, enum password_match match)
{
	bool expensive = match == PASSWORD_TOO_EXPENSIVE;

	verify_dummy(step);
	log_line(step->login->log, LOG_LEVEL_ERROR,
	    "user %s: attribute password: %s; set a new password with `pam-dynamo passwd %s`",
	    step->request->name,
	    expensive ? "asks for more than max_memory_kib, max_passes or max_rounds allows"
		      : "not an encoded hash of a known format",
	    step->request->name);
	return (struct policy_answer){
	    VERDICT_FAULT, expensive ? REASON_HASH_TOO_EXPENSIVE : REASON_HASH_MALFORMED};
}

/* Inside the gate: the one verification. */
static enum password_match
verify(struct login_step *step, struct policy_answer *answer)
{
	const struct conf *conf = step->login->conf;
	const struct password_bound bound = {
	    .memory_kib = (uint32_t)conf->max_memory_kib,
	    .passes = (uint32_t)conf->max_passes,
	    .rounds = (uint32_t)conf->max_rounds,
	};
	enum password_match match = password_verify(
	    step->out->user.password, &bound, step->request->password, step->request->password_len);

	switch (match) {
	case PASSWORD_MATCH:
		*answer = policy_authenticate(step->account, true);
		break;
	case PASSWORD_MISMATCH:
		break;
	case PASSWORD_MALFORMED:
	case PASSWORD_TOO_EXPENSIVE:
		*answer = answer_bad_hash(step, match);
		break;
	case PASSWORD_NO_MEMORY:
		*answer = login_error_answer(step, PD_NO_MEMORY);
		break;
	}
	return match;
}

static struct policy_answer
verify_and_count(struct login_step *step, const char *attempt, enum inflight_end *end)
{
	struct policy_answer answer = {VERDICT_DENY, REASON_BUG};
	enum password_match match;

	if (!hash_gate_enter(&step->login->guard->gate, step->request->deadline_ms))
		return busy;
	match = verify(step, &answer);
	hash_gate_leave(&step->login->guard->gate);
	if (match == PASSWORD_MISMATCH)
		return answer_mismatch(step, attempt, end);
	return clock_left_ms(step->request->deadline_ms) == 0 ? late : answer;
}

struct policy_answer
login_guess(struct login_step *step)
{
	struct inflight *inflight = step->login->guard->inflight;
	enum inflight_end end = INFLIGHT_NO_FAILURE;
	struct inflight_guess guess;
	struct policy_answer answer;

	/* Before the fetch: inflight.h says why. */
	if (!inflight_enter(inflight, step->request->name, &guess))
		return login_error_answer(step, PD_NO_MEMORY);
	answer = screen(step, login_fetch(step), &guess);
	switch (answer.verdict) {
	case VERDICT_DENY:
	case VERDICT_UNKNOWN:
	case VERDICT_FAULT:
		answer = answer.reason == REASON_NONE ? verify_and_count(step, guess.attempt, &end)
						      : deny_slowly(step, answer);
		break;
	case VERDICT_EXPIRED:
	case VERDICT_FORBIDDEN:
	case VERDICT_UNAVAILABLE:
	case VERDICT_NO_MEMORY:
	case VERDICT_CHANGE:
	case VERDICT_REFUSED:
	case VERDICT_TRY_AGAIN:
	case VERDICT_SUCCESS:
		break;
	}
	inflight_leave(inflight, &guess, end, step->limit.window_s);
	if (answer.verdict == VERDICT_SUCCESS)
		inflight_forget(inflight, step->request->name);
	return answer;
}
