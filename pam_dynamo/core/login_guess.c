/* SPDX-License-Identifier: BSD-2-Clause */
/* One guess at a password: fetch, verify once, count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/login_private.h"
#include "core/secret.h"

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

/* The two counters that a guess is under way in. */
struct guess {
	struct inflight_guess name;
	struct inflight_guess source; /* not entered: there is none */
	enum inflight_end name_end;
	enum inflight_end source_end;
};

/* `locked`: how a denial for the counter's sake is called. */
static struct policy_answer
admit(struct login_step *step, struct inflight_guess *guess, const struct state *state,
    const struct state_limit *limit, enum policy_reason locked)
{
	int64_t count = state_count(state, limit, step->context.now);

	/* The lock may be over while the window still counts. */
	if (count >= limit->max)
		return (struct policy_answer){VERDICT_DENY, locked};
	switch (inflight_admit(step->login->guard->inflight, guess, count, &state->attempts,
	    limit->max, step->request->deadline_ms)) {
	case INFLIGHT_FULL:
		return (struct policy_answer){VERDICT_DENY, REASON_IN_FLIGHT};
	case INFLIGHT_LATE:
		return busy;
	case INFLIGHT_ADMITTED:
		return go_on;
	}
	return (struct policy_answer){VERDICT_FAULT, REASON_BUG};
}

/* Whatever is guessed from there. */
static bool
source_locked(const struct login_step *step)
{
	int64_t now = step->context.now;

	return step->network[0] != '\0' &&
	    (state_locked(&step->source, now) ||
		state_count(&step->source, &step->source_limit, now) >= step->source_limit.max);
}

/* Always the name first, so that no two guesses wait for each other. */
static struct policy_answer
admit_both(struct login_step *step, struct guess *guess)
{
	struct policy_answer answer;

	if (source_locked(step))
		return (struct policy_answer){VERDICT_DENY, REASON_SOURCE_LOCKED};
	answer = admit(step, &guess->name, &step->out->fail, &step->limit, REASON_LOCKED);
	if (answer.reason == REASON_NONE && step->network[0] != '\0')
		answer = admit(
		    step, &guess->source, &step->source, &step->source_limit, REASON_SOURCE_LOCKED);
	return answer;
}

/* What is decided before any hash; REASON_NONE: the record's own hash decides. */
static struct policy_answer
screen(struct login_step *step, enum pd_error error, struct guess *guess)
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
	if (login_capped(step))
		return (struct policy_answer){VERDICT_DENY, REASON_CAPPED};
	if (step->out->user.password == NULL)
		return (struct policy_answer){VERDICT_DENY, REASON_NO_PASSWORD};
	return admit_both(step, guess);
}

void
login_verify_dummy(const struct login_step *step)
{
	const struct login_request *request = step->request;
	struct password_cost cost = login_cost(step->login);

	password_verify_dummy(
	    &cost, request->password, request->password == NULL ? 0 : request->password_len);
}

/* A network that asks for names that nobody has is guessing too, until it is locked. */
static bool
counts_unknown(const struct login_step *step, struct policy_answer answer)
{
	return answer.reason == REASON_UNKNOWN_USER && step->network[0] != '\0' &&
	    screen_password(step->request) == REASON_NONE && !source_locked(step);
}

static struct policy_answer
answer_uncounted(struct login_step *step, const char *what, const char *whose, enum pd_error error)
{
	log_line(step->login->log, LOG_LEVEL_WARNING,
	    "%s %s: a wrong password could not be counted in the state table", what, whose);
	return login_error_answer(step, error);
}

/* A denial without a verification takes as long as one with: the hash, and one more request that
 * takes its time where the other writes its failure; two, where networks are counted. */
static struct policy_answer
deny_slowly(struct login_step *step, struct policy_answer answer, struct guess *guess)
{
	bool counts = counts_unknown(step, answer);
	enum pd_error error;

	if (!hash_gate_enter(&step->login->guard->gate, step->request->deadline_ms))
		return busy;
	login_verify_dummy(step);
	hash_gate_leave(&step->login->guard->gate);
	if (answer.verdict == VERDICT_FAULT)
		return answer;
	login_count_nothing(step, !counts);
	if (counts) {
		error = login_count_source(step, guess->source.attempt);
		guess->source_end = error == PD_OK ? INFLIGHT_COUNTED : INFLIGHT_UNCOUNTED;
		if (error != PD_OK)
			return answer_uncounted(step, "network", step->network, error);
	}
	return clock_left_ms(step->request->deadline_ms) == 0 ? late : answer;
}

static struct policy_answer
answer_mismatch(struct login_step *step, struct guess *guess)
{
	enum pd_error error = login_count_failure(step, guess->name.attempt);

	guess->name_end = error == PD_OK ? INFLIGHT_COUNTED : INFLIGHT_UNCOUNTED;
	guess->source_end = INFLIGHT_UNCOUNTED;
	step->out->count_cap = login_has_cap(step->login);
	if (error != PD_OK)
		return answer_uncounted(step, "user", step->request->name, error);
	error = login_count_source(step, guess->source.attempt);
	if (error != PD_OK)
		return answer_uncounted(step, "network", step->network, error);
	guess->source_end = INFLIGHT_COUNTED;
	return policy_authenticate(step->account, false);
}

static struct policy_answer
answer_bad_hash(struct login_step *step, enum password_match match)
{
	bool expensive = match == PASSWORD_TOO_EXPENSIVE;

	login_verify_dummy(step);
	log_line(step->login->log, LOG_LEVEL_ERROR,
	    "user %s: attribute password: %s; set a new password with `pam-dynamo passwd %s`",
	    step->request->name,
	    expensive ? "asks for more than max_memory_kib, max_passes or max_rounds allows"
		      : "not an encoded hash of a known format",
	    step->request->name);
	return (struct policy_answer){
	    VERDICT_FAULT, expensive ? REASON_HASH_TOO_EXPENSIVE : REASON_HASH_MALFORMED};
}

enum password_match
login_verify(struct login_step *step, struct policy_answer *answer)
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
verify_and_count(struct login_step *step, struct guess *guess)
{
	struct policy_answer answer = {VERDICT_DENY, REASON_BUG};
	enum password_match match;

	if (!hash_gate_enter(&step->login->guard->gate, step->request->deadline_ms))
		return busy;
	match = login_verify(step, &answer);
	hash_gate_leave(&step->login->guard->gate);
	if (match == PASSWORD_MISMATCH)
		return answer_mismatch(step, guess);
	return clock_left_ms(step->request->deadline_ms) == 0 ? late : answer;
}

/* Before the fetch: inflight.h says why. */
static bool
enter(struct login_step *step, struct guess *guess)
{
	struct inflight *inflight = step->login->guard->inflight;
	char id[sizeof("net#") + SOURCE_SIZE];

	if (!inflight_enter(inflight, step->request->name, &guess->name))
		return false;
	if (step->source_limit.max == 0 || !source_network(step->request->rhost, step->network))
		return true;
	snprintf(id, sizeof(id), "net#%s", step->network);
	return inflight_enter(inflight, id, &guess->source);
}

static void
leave(struct login_step *step, struct guess *guess)
{
	struct inflight *inflight = step->login->guard->inflight;

	inflight_leave(inflight, &guess->source, guess->source_end, step->source_limit.window_s);
	inflight_leave(inflight, &guess->name, guess->name_end, step->limit.window_s);
}

struct policy_answer
login_guess(struct login_step *step)
{
	struct guess guess = {.name_end = INFLIGHT_NO_FAILURE, .source_end = INFLIGHT_NO_FAILURE};
	struct policy_answer answer = login_error_answer(step, PD_NO_MEMORY);

	if (enter(step, &guess))
		answer = screen(step, login_fetch(step), &guess);
	switch (answer.verdict) {
	case VERDICT_DENY:
	case VERDICT_UNKNOWN:
	case VERDICT_FAULT:
		answer = answer.reason == REASON_NONE ? verify_and_count(step, &guess)
						      : deny_slowly(step, answer, &guess);
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
	leave(step, &guess);
	state_free(&step->source);
	if (answer.verdict == VERDICT_SUCCESS)
		inflight_forget(step->login->guard->inflight, step->request->name);
	return answer;
}
