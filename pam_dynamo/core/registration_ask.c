/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking for a link: for a new password, for another address, once more. */
#include <stdio.h>
#include <string.h>

#include "core/registration_private.h"

#define BUCKET_SIZE 128

/* The account's share, whether there is such an account or not. */
static bool
rate_account(
    const struct registration *registration, struct registration_result *out, const char *who)
{
	char hex[DIGEST_SHA256_HEX_SIZE], bucket[BUCKET_SIZE];

	if (!digest_sha256_hex(who, strlen(who), hex))
		return registration_error(out, PD_BUG);
	(void)snprintf(bucket, sizeof(bucket), "reset#%s", hex);
	return registration_rate(
	    registration, out, bucket, REGISTRATION_RESET_ACCOUNT_MAX, 3600, REGISTRATION_DONE);
}

/* Whom a name or an address means. PD_NOT_FOUND: nobody, or nobody who may be sent anything. As
 * many requests either way. */
static enum pd_error
find_account(const struct registration *registration, struct store_call *call, const char *who,
    struct user *out)
{
	const struct conf *conf = registration->conf;
	char name[USER_NAME_SIZE] = "", key[EMAIL_SIZE];
	enum pd_error error = PD_NOT_FOUND;

	if (email_key(who, key))
		error = store_email_owner(registration->store, call, who, name);
	if (error == PD_NOT_FOUND && user_name_allowed(who, conf->names))
		(void)snprintf(name, sizeof(name), "%s", who);
	else if (error != PD_OK && error != PD_NOT_FOUND)
		return error;
	/* "nobody" is reserved: asking for that record costs what another one does */
	error = store_get_user(registration->store, call,
	    name[0] != '\0'                       ? name
		: conf->names == CONF_NAMES_POSIX ? "nobody"
						  : "nobody@localhost.invalid",
	    out);
	if (error == PD_OK &&
	    (name[0] == '\0' || user_status_parse(out->status) != USER_STATUS_ACTIVE ||
		out->email == NULL || !out->email_verified))
		error = PD_NOT_FOUND;
	return error;
}

static enum pd_error
idle(const struct registration *registration, struct store_call *call)
{
	enum pd_error error = store_idle_swap(registration->store, call, "token#");

	return error == PD_OK ? store_idle_swap(registration->store, call, "link#") : error;
}

void
registration_reset_request(const struct registration *registration,
    const struct registration_ask *ask, struct registration_result *out)
{
	struct registration_mail mail = {
	    .kind = MAIL_RESET, .network = ask->network, .language = ask->language, .always = true};
	struct one_time token = {0};
	struct user user = {0};
	enum pd_error error;

	registration_begin(out, ask->deadline_ms);
	if (!registration_rate_network(
		registration, out, "reset", ask->network, REGISTRATION_RESET_NETWORK_MAX) ||
	    !rate_account(registration, out, ask->who))
		return;
	error = find_account(registration, &out->call, ask->who, &user);
	if (!one_time_make(&token, ONE_TIME_RESET, error == PD_OK ? user.username : "-", NULL,
		store_now(registration->store) + ONE_TIME_RESET_S))
		error = PD_BUG;
	if (error == PD_OK) {
		error = one_time_put(
		    registration->store, &out->call, &token, store_now(registration->store));
		mail.to = user.email;
	} else if (error == PD_NOT_FOUND) {
		error = idle(registration, &out->call);
	}
	mail.token = token.secret;
	if (error == PD_OK) {
		registration_send(registration, &out->call, &mail);
		out->event = mail.to == NULL ? "unmatched" : "matched";
		(void)registration_say(out, REGISTRATION_DONE);
	} else {
		(void)registration_error(out, error);
	}
	if (mail.to != NULL) {
		out->user = user;
		user = (struct user){0};
	}
	one_time_wipe(&token);
	user_free(&user);
}

/* A token for the address, and a mail with it; to its owner another one, if it has one already. */
static void
send_link(const struct registration *registration, const struct registration_ask *ask,
    const struct user *user, const char *email, struct registration_result *out)
{
	struct registration_mail mail = {.kind = MAIL_EMAIL_CONFIRM,
	    .to = email,
	    .network = ask->network,
	    .language = ask->language};
	int64_t now = store_now(registration->store);
	char owner[USER_NAME_SIZE] = "";
	struct one_time token = {0};
	enum pd_error error = store_email_owner(registration->store, &out->call, email, owner);

	if (error == PD_OK && strcmp(owner, user->username) != 0)
		mail.kind = MAIL_ACCOUNT_EXISTS;
	if (error == PD_OK || error == PD_NOT_FOUND)
		error = one_time_make(
			    &token, ONE_TIME_EMAIL, user->username, email, now + ONE_TIME_CONFIRM_S)
		    ? one_time_put(registration->store, &out->call, &token, now)
		    : PD_BUG;
	if (error == PD_OK) {
		mail.token = mail.kind == MAIL_EMAIL_CONFIRM ? token.secret : NULL;
		registration_send(registration, &out->call, &mail);
		(void)registration_say(out, REGISTRATION_DONE);
	} else {
		(void)registration_error(out, error);
	}
	one_time_wipe(&token);
}

void
registration_email(const struct registration *registration, const struct registration_ask *ask,
    const struct user *user, struct registration_result *out)
{
	const struct conf *conf = registration->conf;
	const struct registration_mail notice = {.kind = MAIL_EMAIL_NOTICE,
	    .to = user->email,
	    .network = ask->network,
	    .language = ask->language,
	    .always = true};

	registration_begin(out, ask->deadline_ms);
	if (conf->mail_spool[0] == '\0') {
		(void)registration_invalid(out, "email", "no-mail");
		return;
	}
	if (ask->email == NULL ||
	    !email_registrable(ask->email, conf->allow_local_domains, &conf->email_domains)) {
		(void)registration_invalid(out, "email", "address");
		return;
	}
	if (!rate_account(registration, out, user->username))
		return;
	send_link(registration, ask, user, ask->email, out);
	if (out->outcome == REGISTRATION_DONE && user->email != NULL && user->email_verified)
		registration_send(registration, &out->call, &notice);
}

enum pd_error
registration_pending_email(const struct registration *registration, struct store_call *call,
    const char *name, char out[USER_EMAIL_MAX + 1])
{
	char id[STATE_ID_MAX + 1];
	struct store_companion row;
	struct state link = {0};
	const char *email = NULL;
	enum pd_error error = PD_INVALID;

	out[0] = '\0';
	if (one_time_void(ONE_TIME_EMAIL, name, id, &row))
		error = store_get_state(
		    registration->store, call, id, store_now(registration->store), &link);
	if (error == PD_OK)
		email = one_time_address(&link);
	if (email != NULL)
		(void)snprintf(out, USER_EMAIL_MAX + 1, "%s", email);
	state_free(&link);
	return error == PD_NOT_FOUND ? PD_OK : error;
}

void
registration_resend(const struct registration *registration, const struct registration_ask *ask,
    const struct user *user, struct registration_result *out)
{
	char pending[USER_EMAIL_MAX + 1];
	const char *email = pending;
	enum pd_error error;

	registration_begin(out, ask->deadline_ms);
	if (!registration_rate_network(
		registration, out, "reset", ask->network, REGISTRATION_RESET_NETWORK_MAX) ||
	    !rate_account(registration, out, user->username))
		return;
	error = registration_pending_email(registration, &out->call, user->username, pending);
	if (error == PD_OK && pending[0] == '\0' && !user->email_verified)
		email = user->email;
	if (error != PD_OK)
		(void)registration_error(out, error);
	else if (email == NULL || email[0] == '\0')
		(void)registration_say(out, REGISTRATION_DONE);
	else
		send_link(registration, ask, user, email, out);
}

enum pd_error
registration_drop_email(
    const struct registration *registration, struct store_call *call, const char *name)
{
	char id[STATE_ID_MAX + 1];
	struct store_companion row;

	if (!one_time_void(ONE_TIME_EMAIL, name, id, &row))
		return PD_INVALID;
	return store_step_state(
	    registration->store, call, &row, store_now(registration->store), NULL);
}
