/* SPDX-License-Identifier: BSD-2-Clause */
/* A form that somebody filled in: from the first look to the answer. */
#include "core/registration.h"

#include <stdlib.h>
#include <string.h>

#include "core/invitation.h"
#include "core/registration_private.h"
#include "core/secret.h"
#include "core/waiting.h"

#define COMPANIONS (1 + 2 + 1) /* waiting, token and link, invitation */

/* One form under way. */
struct submission {
	const struct registration *registration;
	const struct registration_form *form;
	struct registration_result *out;
	int64_t now;
	struct user user;   /* as it is to be stored */
	struct user holder; /* who has the name; zeroed: nobody */
	struct one_time token;
	struct waiting_change waiting;
	struct invitation_use invitation;
	struct store_companion rows[COMPANIONS];
	size_t count;
};

static bool
by_email(const struct conf *conf)
{
	return conf->registration == CONF_REGISTRATION_EMAIL ||
	    conf->registration == CONF_REGISTRATION_EMAIL_APPROVAL;
}

/* Whether the answer may say that a name is taken. */
static bool
tells(const struct conf *conf)
{
	return conf->registration == CONF_REGISTRATION_OPEN ||
	    conf->registration == CONF_REGISTRATION_INVITE;
}

static bool
given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool
check_form(struct submission *one)
{
	const struct registration_form *form = one->form;
	const struct conf *conf = one->registration->conf;

	if (conf->registration == CONF_REGISTRATION_OFF)
		return registration_say(one->out, REGISTRATION_SHUT);
	if (!reserved_names_grammar(form->name))
		return registration_invalid(one->out, "username", "name");
	if (by_email(conf) && !given(form->email))
		return registration_invalid(one->out, "email", "missing");
	if (given(form->email) &&
	    !email_registrable(form->email, conf->allow_local_domains, &conf->email_domains))
		return registration_invalid(one->out, "email", "address");
	if (conf->registration == CONF_REGISTRATION_INVITE && !given(form->invitation))
		return registration_invalid(one->out, "invite", "missing");
	return true;
}

static bool
take_limits(struct submission *one)
{
	return registration_rate_network(one->registration, one->out, "register",
		   one->form->network, REGISTRATION_NETWORK_MAX) &&
	    registration_rate(one->registration, one->out, "register", REGISTRATION_SITE_MAX, 3600,
		REGISTRATION_FULL);
}

static enum user_status
first_status(const struct conf *conf)
{
	switch (conf->registration) {
	case CONF_REGISTRATION_EMAIL:
	case CONF_REGISTRATION_EMAIL_APPROVAL:
		return USER_STATUS_PENDING_EMAIL;
	case CONF_REGISTRATION_APPROVAL:
		return USER_STATUS_PENDING_APPROVAL;
	case CONF_REGISTRATION_OPEN:
	case CONF_REGISTRATION_INVITE:
		return USER_STATUS_ACTIVE;
	case CONF_REGISTRATION_OFF:
		break;
	}
	return USER_STATUS_INVALID;
}

static char *
full_name(const struct pairs *fields)
{
	const char *given_name = pairs_get(fields, "given_name");
	const char *family_name = pairs_get(fields, "family_name");
	struct buf text;
	char *out = NULL;

	buf_init(&text, 0);
	if (given_name != NULL)
		buf_add_string(&text, given_name);
	if (given_name != NULL && given(family_name))
		buf_add_char(&text, ' ');
	if (family_name != NULL)
		buf_add_string(&text, family_name);
	if (text.len > 0 && !text.failed)
		out = strdup(buf_string(&text));
	buf_free(&text);
	return out;
}

/* The record but for its hash: no uid, no hosts. */
static bool
fill_user(struct submission *one)
{
	const struct registration_form *form = one->form;
	struct user *user = &one->user;
	bool good = true;

	user->schema = USER_SCHEMA;
	user->epoch = 1;
	user->created_at = user->updated_at = user->password_changed_at = one->now;
	user->username = strdup(form->name);
	user->status = strdup(user_status_word(first_status(one->registration->conf)));
	user->full_name = full_name(form->fields);
	if (given(form->email))
		user->email = strdup(form->email);
	for (size_t i = 0; i < form->fields->names.len; i++)
		good = good &&
		    pairs_set(&user->profile, form->fields->names.items[i],
			form->fields->values.items[i]);
	if (good && user->username != NULL && user->status != NULL &&
	    (user->email != NULL || !given(form->email)))
		return true;
	return registration_error(one->out, PD_NO_MEMORY);
}

static bool
hash_password(struct submission *one)
{
	const struct registration_form *form = one->form;
	char hash[PASSWORD_HASH_SIZE] = {0};
	bool good;

	good = registration_judge_password(
		   one->registration, one->out, &one->user, form->password, form->password_len) &&
	    registration_hash(
		one->registration, one->out, form->password, form->password_len, hash);
	if (good && (one->user.password = strdup(hash)) == NULL)
		good = registration_error(one->out, PD_NO_MEMORY);
	secret_wipe(hash, sizeof(hash));
	return good;
}

/* Local and reserved names are as taken as others. */
static bool
is_barred(struct submission *one, bool *barred)
{
	const struct registration *registration = one->registration;
	enum pd_error error;

	*barred = reserved_names_has(registration->reserved, one->form->name);
	if (*barred)
		one->out->event = "reserved";
	error = registration->is_local(registration->ctx, one->form->name);
	if (error == PD_OK) {
		*barred = true;
		one->out->event = "local";
	}
	return error == PD_OK || error == PD_NOT_FOUND || registration_error(one->out, error);
}

/* What the mailbox's owner is told; who filled the form in is told nothing. */
static void
send_mail(struct submission *one, enum mail_kind kind, const char *token)
{
	const struct registration_mail mail = {.kind = kind,
	    .to = one->form->email,
	    .token = token,
	    .network = one->form->network,
	    .language = one->form->language};

	if (by_email(one->registration->conf))
		registration_send(one->registration, &one->out->call, &mail);
}

static void
add_row(struct submission *one, struct store_companion row)
{
	one->rows[one->count++] = row;
}

static bool
plan_companions(struct submission *one)
{
	const struct conf *conf = one->registration->conf;
	bool email = by_email(conf);
	int64_t life = email ? REGISTRATION_CONFIRM_S : REGISTRATION_APPROVAL_S;

	one->count = 0;
	if (first_status(conf) != USER_STATUS_ACTIVE) {
		one->waiting = (struct waiting_change){.add = one->form->name,
		    .until = one->now + life,
		    .max = (size_t)conf->pending_max,
		    .now = one->now,
		    .keep = true};
		add_row(one,
		    (struct store_companion){WAITING_REGISTRATIONS, waiting_step, &one->waiting});
	}
	if (email) {
		if (!one_time_make(&one->token, ONE_TIME_CONFIRM, one->form->name, NULL,
			one->now + ONE_TIME_CONFIRM_S))
			return registration_error(one->out, PD_BUG);
		one_time_issue(&one->token, &one->rows[one->count]);
		one->count += 2;
	}
	if (conf->registration == CONF_REGISTRATION_INVITE) {
		if (!invitation_use(&one->invitation, one->form->invitation, &one->user, one->now))
			return registration_invalid(one->out, "invite", "invite");
		add_row(one,
		    (struct store_companion){
			one->invitation.id, invitation_step, &one->invitation});
	}
	return true;
}

/* A record that a new registration of this name may replace: one whose time has passed, or the
 * same person's, as far as anybody can say, who registers again for another mail. */
static bool
is_replaceable(const struct submission *one)
{
	char held[EMAIL_SIZE], asked[EMAIL_SIZE];

	if (one->holder.username == NULL)
		return false;
	if (registration_stale(&one->holder, one->now))
		return true;
	return by_email(one->registration->conf) &&
	    user_status_parse(one->holder.status) == USER_STATUS_PENDING_EMAIL &&
	    email_key(one->holder.email, held) && email_key(one->form->email, asked) &&
	    strcmp(held, asked) == 0;
}

static enum pd_error
write_record(struct submission *one, enum store_taken *taken)
{
	const struct store_companions with = {one->rows, one->count, one->now};
	struct store *store = one->registration->store;

	if (!is_replaceable(one))
		return store_create_user_with(store, &one->out->call, &one->user, &with, taken);
	one->user.version = one->holder.version;
	return store_update_user_with(
	    store, &one->out->call, &one->holder, &one->user, &with, taken);
}

/* The write was refused for this. */
static void
answer_taken(struct submission *one, enum store_taken taken)
{
	const struct conf *conf = one->registration->conf;

	if (one->waiting.full) {
		one->out->event = "waiting-full";
		one->out->retry_s = 3600;
		(void)registration_say(one->out, REGISTRATION_FULL);
		return;
	}
	if (one->invitation.refused) {
		one->out->event = "invite";
		(void)registration_invalid(one->out, "invite", "invite");
		return;
	}
	one->out->event = taken == STORE_TAKEN_EMAIL ? "email-taken" : "taken";
	send_mail(one, taken == STORE_TAKEN_EMAIL ? MAIL_ACCOUNT_EXISTS : MAIL_NAME_TAKEN, NULL);
	if (!tells(conf))
		(void)registration_say(one->out, REGISTRATION_DONE);
	else if (taken == STORE_TAKEN_EMAIL)
		(void)registration_invalid(one->out, "email", "address");
	else
		(void)registration_say(one->out, REGISTRATION_TAKEN);
}

static void
write_account(struct submission *one)
{
	enum store_taken taken = STORE_TAKEN_NONE;
	enum pd_error error = write_record(one, &taken);

	if (error == PD_OK) {
		send_mail(one, MAIL_CONFIRM, one->token.secret);
		one->out->user = one->user;
		one->user = (struct user){0};
		(void)registration_say(one->out, REGISTRATION_DONE);
	} else if (one->waiting.full || one->invitation.refused ||
	    (error == PD_CONFLICT && taken != STORE_TAKEN_STATE)) {
		answer_taken(one, taken);
	} else {
		(void)registration_error(one->out, error);
	}
}

/* As much work as a write, and then the answer of a taken name. */
static void
answer_barred(struct submission *one)
{
	const char *event = one->out->event;
	enum pd_error error = store_idle_swap(
	    one->registration->store, &one->out->call, WAITING_REGISTRATIONS);

	if (error != PD_OK) {
		(void)registration_error(one->out, error);
		return;
	}
	answer_taken(one, STORE_TAKEN_NAME);
	one->out->event = event;
}

static void
decide(struct submission *one)
{
	struct store *store = one->registration->store;
	enum pd_error error;
	bool barred = false;

	if (!is_barred(one, &barred))
		return;
	registration_sweep(one->registration, &one->out->call, 4);
	error = store_get_user(store, &one->out->call, one->form->name, &one->holder);
	if (error == PD_INVALID && barred) /* "root" */
		error = PD_NOT_FOUND;
	if (error != PD_OK && error != PD_NOT_FOUND) {
		(void)registration_error(one->out, error);
		return;
	}
	if (!plan_companions(one))
		return;
	if (barred)
		answer_barred(one);
	else
		write_account(one);
}

void
registration_submit(const struct registration *registration, const struct registration_form *form,
    struct registration_result *out)
{
	struct submission one = {.registration = registration, .form = form, .out = out};

	registration_begin(out, form->deadline_ms);
	one.now = store_now(registration->store);
	if (check_form(&one) && take_limits(&one) && fill_user(&one) && hash_password(&one))
		decide(&one);
	user_free(&one.user);
	user_free(&one.holder);
	one_time_wipe(&one.token);
	invitation_use_free(&one.invitation);
}
