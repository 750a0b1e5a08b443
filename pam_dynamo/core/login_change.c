/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing the password: by its owner, or by root where that is allowed. */
#include <stdlib.h>
#include <string.h>

#include "core/login_private.h"
#include "core/secret.h"

#define CHANGE_ROUNDS 3 /* writes that another one may come before */

/* The record with the new hash and what goes with it; `after` is a copy of the one read. */
static enum pd_error
renew(struct user *after, const char *hash, int64_t now)
{
	char *copy = strdup(hash);

	if (copy == NULL)
		return PD_NO_MEMORY;
	secret_free_string(after->password);
	after->password = copy;
	after->password_changed_at = now;
	after->password_must_change = false;
	after->epoch++;
	after->updated_at = now;
	return PD_OK;
}

/* Our write may have been done, its answer lost, and somebody else's write come upon it: no other
 * hash is the same. PD_OK: it was; PD_CONFLICT: it was not; PD_UNCERTAIN: nobody can say. */
static enum pd_error
look_again(struct login_step *step, const char *hash)
{
	struct user stored = {0};
	enum pd_error error = store_get_user(
	    step->login->store, &step->call, step->request->name, &stored);

	if (error == PD_OK &&
	    (stored.password == NULL || strlen(stored.password) != strlen(hash) ||
		!secret_equal(stored.password, hash, strlen(hash))))
		error = PD_CONFLICT;
	if (error == PD_OK) {
		user_free(&step->out->user);
		step->out->user = stored;
		stored = (struct user){0};
	}
	user_free(&stored);
	/* Removed meanwhile is changed meanwhile: it was there a moment ago. */
	if (error == PD_NOT_FOUND)
		error = PD_CONFLICT;
	return error == PD_OK || error == PD_CONFLICT ? error : PD_UNCERTAIN;
}

static enum pd_error
write_hash(struct login_step *step, const char *hash)
{
	struct user after = {0};
	enum store_taken taken = STORE_TAKEN_NONE;
	enum pd_error error = user_copy(&after, &step->out->user);

	if (error == PD_OK)
		error = renew(&after, hash, step->context.now);
	if (error == PD_OK)
		error = store_update_user(
		    step->login->store, &step->call, &step->out->user, &after, false, &taken);
	if (error == PD_OK) {
		user_free(&step->out->user);
		step->out->user = after;
		after = (struct user){0};
	}
	user_free(&after);
	if (error == PD_UNAVAILABLE && step->call.in_doubt)
		error = PD_UNCERTAIN;
	if (error == PD_CONFLICT)
		error = look_again(step, hash);
	return error == PD_NOT_FOUND ? PD_CONFLICT : error;
}

/* What became of a write that did not go well; the caller's verdict says only that. */
static void
say_unwritten(struct login_step *step, enum pd_error error)
{
	if (error == PD_CONFLICT)
		return; /* has its sentence */
	if (error == PD_CONFIG)
		login_say(step->out, "Passwords cannot be changed here: yours stays as it is.");
	else if (error == PD_UNCERTAIN)
		login_say(step->out,
		    "Nobody knows whether the password was changed: try the new one first, "
		    "then the old one.");
}

struct policy_answer
login_update(struct login_step *step)
{
	const struct login_request *request = step->request;
	struct password_cost cost = login_cost(step->login);
	struct policy_answer answer = login_judge_new_password(step);
	char hash[PASSWORD_HASH_SIZE] = {0};
	enum pd_error error;

	if (answer.verdict != VERDICT_SUCCESS)
		return answer;
	if (!hash_gate_enter(&step->login->guard->gate, request->deadline_ms))
		return (struct policy_answer){VERDICT_UNAVAILABLE, REASON_BUSY};
	error = password_make(&cost, request->new_password, request->new_password_len, hash);
	hash_gate_leave(&step->login->guard->gate);
	if (error == PD_OK)
		error = write_hash(step, hash);
	if (error != PD_OK) {
		say_unwritten(step, error);
		answer = login_error_answer(step, error);
	}
	secret_wipe(hash, sizeof(hash));
	return answer;
}

/* Root's word in the place of the old password. */
static struct policy_answer
admit_root(struct login_step *step)
{
	struct policy_answer answer = {VERDICT_DENY, REASON_NOT_ALLOWED};
	enum pd_error error;

	if (!step->login->conf->root_may_reset)
		return answer;
	error = login_fetch(step);
	if (error != PD_OK)
		return login_error_answer(step, error);
	/* without the failures: who has guessed too often may well be who asked root for help */
	answer = policy_account(&step->out->user, NULL, &step->context);
	return policy_authenticate(answer, true);
}

/* A table that other software keeps and that we only read. Told to who knows the password alone. */
static struct policy_answer
refuse_where_read_only(struct login_step *step, struct policy_answer answer)
{
	if (conf_users_writable(step->login->conf))
		return answer;
	login_say(step->out, "Passwords cannot be changed here: yours stays as it is.");
	return (struct policy_answer){VERDICT_FORBIDDEN, REASON_NOT_ALLOWED};
}

/* What a change that did not come about says where nothing better is known. */
static void
say_unchanged(struct login_result *out, enum verdict verdict)
{
	if (out->message[0] != '\0')
		return;
	if (verdict == VERDICT_UNAVAILABLE)
		login_say(out,
		    "The user directory is out of reach: the password stays as it is. Please try "
		    "again later.");
	else if (verdict == VERDICT_FAULT || verdict == VERDICT_NO_MEMORY)
		login_say(out, "The password cannot be changed now: it stays as it is.");
}

/* From the read to the write. */
static struct policy_answer
change_once(struct login_step *step, bool reset)
{
	struct policy_answer answer = reset ? admit_root(step) : login_guess(step);

	if (answer.verdict == VERDICT_SUCCESS)
		answer = refuse_where_read_only(step, answer);
	if (answer.verdict == VERDICT_SUCCESS && step->request->new_password != NULL)
		answer = login_update(step);
	return answer;
}

/* Somebody wrote the record between our read and our write - the login before this change may just
 * have renewed the hash - so everything is looked at again, the old password too. */
static struct policy_answer
change(struct login_step *step, bool reset)
{
	struct policy_answer answer = change_once(step, reset);

	for (int again = 1; again < CHANGE_ROUNDS && answer.verdict == VERDICT_TRY_AGAIN; again++) {
		user_free(&step->out->user);
		state_free(&step->out->fail);
		state_free(&step->cap);
		answer = change_once(step, reset);
	}
	return answer;
}

void
login_change(struct login *login, const struct login_request *request, struct login_result *out)
{
	struct login_step step;
	struct policy_answer answer = login_begin(&step, login, request, out);
	bool reset = request->password == NULL && request->by_root;

	if (answer.reason == REASON_NONE)
		answer = change(&step, reset);
	if (answer.verdict == VERDICT_SUCCESS && reset && request->new_password != NULL) {
		answer.reason = REASON_RESET;
		inflight_forget(login->guard->inflight, request->name);
	}
	say_unchanged(out, answer.verdict);
	login_end(&step, answer);
	login_deny_on_grid(&step, out->verdict);
	out->clear_failures = out->verdict == VERDICT_SUCCESS && out->fail.count > 0 &&
	    (!reset || request->new_password != NULL);
	out->clear_cap = out->verdict == VERDICT_SUCCESS && step.cap.count > 0 &&
	    (!reset || request->new_password != NULL);
	state_free(&step.cap);
}
