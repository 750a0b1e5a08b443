/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing the password by its owner. */
#include <stdlib.h>
#include <string.h>

#include "core/login_private.h"
#include "core/password_rules.h"
#include "core/secret.h"

static struct policy_answer
check_rules(struct login_step *step)
{
	const struct login_request *request = step->request;
	const struct user *user = &step->out->user;
	const char *words[4] = {user->username};
	const struct password_rules rules = {
	    .min_length = (size_t)step->login->conf->min_length, .context = words};
	const char *why = NULL;
	size_t len = 1;

	if (user->email != NULL)
		words[len++] = user->email;
	if (user->full_name != NULL)
		words[len++] = user->full_name;
	if (request->new_password_len == request->password_len &&
	    secret_equal(request->new_password, request->password, request->password_len))
		why = "The new password is the old one.";
	else if (password_rules_check(
		     &rules, request->new_password, request->new_password_len, &why) == PD_OK)
		return (struct policy_answer){VERDICT_SUCCESS, REASON_GOOD};
	if (why != NULL)
		login_say(step->out, why);
	return (struct policy_answer){VERDICT_REFUSED, REASON_WEAK_PASSWORD};
}

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
	/* Removed meanwhile is changed meanwhile: it was there a moment ago. */
	return error == PD_NOT_FOUND ? PD_CONFLICT : error;
}

static struct policy_answer
update(struct login_step *step)
{
	const struct login_request *request = step->request;
	struct password_cost cost = login_cost(step->login);
	struct policy_answer answer = check_rules(step);
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
	if (error != PD_OK)
		answer = login_error_answer(step, error);
	secret_wipe(hash, sizeof(hash));
	return answer;
}

void
login_change(struct login *login, const struct login_request *request, struct login_result *out)
{
	struct login_step step;
	struct policy_answer answer = login_begin(&step, login, request, out);

	/* Without the old password nobody changes it here; root resets with the command. */
	if (answer.reason == REASON_NONE && request->password == NULL && request->by_root)
		answer = (struct policy_answer){VERDICT_DENY, REASON_NOT_ALLOWED};
	if (answer.reason == REASON_NONE)
		answer = login_guess(&step);
	if (answer.verdict == VERDICT_SUCCESS && request->new_password != NULL)
		answer = update(&step);
	login_end(&step, answer);
	out->clear_failures = out->verdict == VERDICT_SUCCESS && out->fail.count > 0;
}
