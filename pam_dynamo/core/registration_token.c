/* SPDX-License-Identifier: BSD-2-Clause */
/* What a link in a mail leads to: looking at a token, and confirming an address with it. */
#include <stdlib.h>
#include <string.h>

#include "core/invitation.h"
#include "core/registration_private.h"
#include "core/secret.h"
#include "core/waiting.h"

#define COMPANIONS 3

/* A token under way with the record that it is about. */
struct claim {
	const struct registration *registration;
	const struct registration_claim *asked;
	struct registration_result *out;
	int64_t now;
	struct one_time token;
	struct state stored; /* the token's item */
	struct user before;
	struct user after;
};

static void
claim_free(struct claim *claim)
{
	one_time_wipe(&claim->token);
	state_free(&claim->stored);
	user_free(&claim->before);
	user_free(&claim->after);
}

static bool
gone(struct registration_result *out, enum pd_error error)
{
	if (error == PD_NOT_FOUND)
		return registration_say(out, REGISTRATION_GONE);
	return registration_error(out, error);
}

/* Whether a token of this kind means anything for the record. */
static bool
fits(const char *kind, const struct user *user, int64_t now)
{
	enum user_status status = user_status_parse(user->status);

	if (strcmp(kind, ONE_TIME_CONFIRM) == 0)
		return status == USER_STATUS_PENDING_EMAIL && !registration_stale(user, now);
	return status == USER_STATUS_ACTIVE;
}

/* Token and record. */
static bool
find(struct claim *claim, const char *const *kinds)
{
	struct store *store = claim->registration->store;
	struct store_call *call = &claim->out->call;
	enum pd_error error;

	if (!registration_rate_network(claim->registration, claim->out, "token",
		claim->asked->network, REGISTRATION_TOKEN_MAX))
		return false;
	claim->now = store_now(store);
	error = one_time_find(
	    store, call, claim->asked->token, kinds, claim->now, &claim->token, &claim->stored);
	if (error == PD_OK)
		error = store_get_user(store, call, claim->token.owner, &claim->before);
	if (error == PD_OK && !fits(claim->token.kind, &claim->before, claim->now))
		error = PD_NOT_FOUND;
	return error == PD_OK || gone(claim->out, error);
}

/* An invitation is no user's. */
static void
check_invitation(struct claim *claim)
{
	struct invitation_use use;
	struct invitation invitation = {0};
	enum pd_error error = PD_NOT_FOUND;

	if (!registration_rate_network(claim->registration, claim->out, "token",
		claim->asked->network, REGISTRATION_TOKEN_MAX))
		return;
	claim->now = store_now(claim->registration->store);
	if (invitation_use(&use, claim->asked->token, NULL, claim->now))
		error = store_get_state(claim->registration->store, &claim->out->call, use.id,
		    claim->now, &claim->stored);
	if (error == PD_OK)
		error = invitation_read(&claim->stored, &invitation);
	if (error == PD_CORRUPT || (error == PD_OK && invitation.used >= invitation.uses))
		error = PD_NOT_FOUND;
	invitation_free(&invitation);
	invitation_use_free(&use);
	if (error == PD_OK)
		(void)registration_say(claim->out, REGISTRATION_DONE);
	else
		(void)gone(claim->out, error);
}

void
registration_check_token(const struct registration *registration,
    const struct registration_claim *asked, struct registration_result *out)
{
	static const char *const confirm[] = {ONE_TIME_CONFIRM, ONE_TIME_EMAIL, NULL};
	static const char *const reset[] = {ONE_TIME_RESET, NULL};
	struct claim claim = {.registration = registration, .asked = asked, .out = out};

	registration_begin(out, asked->deadline_ms);
	if (strcmp(asked->kind, INVITATION_KIND) == 0) {
		check_invitation(&claim);
	} else if (find(&claim, strcmp(asked->kind, ONE_TIME_RESET) == 0 ? reset : confirm)) {
		out->user.username = strdup(claim.before.username);
		if (out->user.username == NULL)
			(void)registration_error(out, PD_NO_MEMORY);
		else
			(void)registration_say(out, REGISTRATION_DONE);
	}
	claim_free(&claim);
}

static bool
replace(char **text, const char *with)
{
	char *copy = strdup(with);

	if (copy == NULL)
		return false;
	free(*text);
	*text = copy;
	return true;
}

/* The record with the address confirmed. A registration goes on to the administrator where the
 * mode now asks for one. */
static bool
confirm(struct claim *claim, bool *waits)
{
	struct user *after = &claim->after;
	bool registers = strcmp(claim->token.kind, ONE_TIME_CONFIRM) == 0;
	enum user_status status = USER_STATUS_ACTIVE;

	*waits = registers &&
	    claim->registration->conf->registration == CONF_REGISTRATION_EMAIL_APPROVAL;
	if (*waits)
		status = USER_STATUS_PENDING_APPROVAL;
	if (user_copy(after, &claim->before) != PD_OK ||
	    !replace(&after->status, user_status_word(status)) ||
	    (!registers &&
		(claim->token.data == NULL || !replace(&after->email, claim->token.data))))
		return registration_error(claim->out, PD_NO_MEMORY);
	after->email_verified = true;
	after->updated_at = claim->now;
	return true;
}

static void
write_confirmed(struct claim *claim, bool waits)
{
	const char *name = claim->before.username;
	struct waiting_change change = {.remove = waits ? NULL : name,
	    .add = waits ? name : NULL,
	    .until = claim->now + REGISTRATION_APPROVAL_S,
	    .max = (size_t)claim->registration->conf->pending_max + 1, /* she is among them */
	    .now = claim->now,
	    .keep = true};
	struct store_companion rows[COMPANIONS] = {
	    [2] = {WAITING_REGISTRATIONS, waiting_step, &change}};
	const struct store_companions with = {rows, COMPANIONS, claim->now};
	enum store_taken taken = STORE_TAKEN_NONE;
	enum pd_error error;

	one_time_use(&claim->token, rows);
	error = store_update_user_with(claim->registration->store, &claim->out->call,
	    &claim->before, &claim->after, &with, &taken);
	/* somebody else was faster: with the token, the record, or the address */
	if (error == PD_CONFLICT || error == PD_NOT_FOUND) {
		(void)registration_say(claim->out, REGISTRATION_GONE);
	} else if (error != PD_OK) {
		(void)registration_error(claim->out, error);
	} else {
		claim->out->user = claim->after;
		claim->after = (struct user){0};
		(void)registration_say(claim->out, REGISTRATION_DONE);
	}
}

static bool
compare(struct claim *claim, bool *match)
{
	const struct registration *registration = claim->registration;
	const struct registration_claim *asked = claim->asked;
	struct registration_result *out = claim->out;
	enum registration_outcome outcome;

	if (registration->knows == NULL)
		return registration_compare(
		    registration, out, &claim->before, asked->password, asked->password_len, match);
	outcome = registration->knows(
	    registration->ctx, &claim->before, asked->password, asked->password_len, &out->retry_s);
	*match = outcome == REGISTRATION_DONE;
	return *match || outcome == REGISTRATION_REFUSED || registration_say(out, outcome);
}

/* The password that belongs to it; a wrong one counts against the token. */
static bool
knows_password(struct claim *claim)
{
	enum pd_error error;
	bool match = false;

	if (!compare(claim, &match))
		return false;
	if (match)
		return true;
	claim->out->user.username = strdup(claim->before.username);
	error = one_time_fail(
	    claim->registration->store, &claim->out->call, &claim->token, claim->now);
	if (error != PD_OK && error != PD_NOT_FOUND)
		return registration_error(claim->out, error);
	return registration_say(claim->out, REGISTRATION_REFUSED);
}

void
registration_verify(const struct registration *registration, const struct registration_claim *asked,
    struct registration_result *out)
{
	static const char *const kinds[] = {ONE_TIME_CONFIRM, ONE_TIME_EMAIL, NULL};
	struct claim claim = {.registration = registration, .asked = asked, .out = out};
	bool waits = false;

	registration_begin(out, asked->deadline_ms);
	if (find(&claim, kinds) && knows_password(&claim) && confirm(&claim, &waits))
		write_confirmed(&claim, waits);
	claim_free(&claim);
}

/* The record with the new hash; all sessions end. */
static bool
renew(struct claim *claim)
{
	const struct registration_claim *asked = claim->asked;
	struct user *after = &claim->after;
	char hash[PASSWORD_HASH_SIZE] = {0};
	bool good;

	if (!registration_judge_password(claim->registration, claim->out, &claim->before,
		asked->password, asked->password_len))
		return false;
	good = registration_hash(
	    claim->registration, claim->out, asked->password, asked->password_len, hash);
	if (good &&
	    (user_copy(after, &claim->before) != PD_OK ||
		(secret_free_string(after->password), (after->password = strdup(hash)) == NULL)))
		good = registration_error(claim->out, PD_NO_MEMORY);
	secret_wipe(hash, sizeof(hash));
	after->password_changed_at = after->updated_at = claim->now;
	after->password_must_change = false;
	after->epoch++;
	return good;
}

static void
write_renewed(struct claim *claim)
{
	char id[STATE_ID_MAX + 1];
	struct store_companion rows[COMPANIONS];
	const struct store_companions with = {rows, COMPANIONS, claim->now};
	enum store_taken taken = STORE_TAKEN_NONE;
	enum pd_error error;

	one_time_use(&claim->token, rows);
	if (!one_time_void(ONE_TIME_EMAIL, claim->before.username, id, &rows[2])) {
		(void)registration_error(claim->out, PD_BUG);
		return;
	}
	error = store_update_user_with(claim->registration->store, &claim->out->call,
	    &claim->before, &claim->after, &with, &taken);
	if (error == PD_CONFLICT || error == PD_NOT_FOUND) {
		(void)registration_say(claim->out, REGISTRATION_GONE);
		return;
	}
	if (error != PD_OK) {
		(void)registration_error(claim->out, error);
		return;
	}
	registration_notify(
	    claim->registration, &claim->after, claim->asked->network, claim->asked->language);
	claim->out->user = claim->after;
	claim->after = (struct user){0};
	(void)registration_say(claim->out, REGISTRATION_DONE);
}

void
registration_reset(const struct registration *registration, const struct registration_claim *asked,
    struct registration_result *out)
{
	static const char *const kinds[] = {ONE_TIME_RESET, NULL};
	struct claim claim = {.registration = registration, .asked = asked, .out = out};

	registration_begin(out, asked->deadline_ms);
	if (find(&claim, kinds) && renew(&claim))
		write_renewed(&claim);
	claim_free(&claim);
}
