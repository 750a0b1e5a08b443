/* SPDX-License-Identifier: BSD-2-Clause */
/* What the page asks for without a token: a link for a new password, another address. */
#include "service/web_registration.h"

static struct registration_ask
ask_of(const struct exchange *exchange, const struct web_texts *texts)
{
	return (struct registration_ask){.who = exchange->name,
	    .email = texts->email,
	    .network = exchange->rhost,
	    .language = texts->language,
	    .deadline_ms = web_registration_deadline_ms(exchange)};
}

void
web_reset_request(struct exchange *exchange)
{
	struct registration registration = web_desk(exchange);
	struct registration_result result;
	struct registration_ask ask;
	struct web_texts texts;

	if (!web_read_texts(exchange, &texts))
		return;
	if (registration.conf->mail_spool[0] == '\0') {
		web_set_invalid(exchange, "username", "no-mail", 0);
		return;
	}
	ask = ask_of(exchange, &texts);
	registration_reset_request(&registration, &ask, &result);
	web_answer_registration(exchange, &result);
	if (result.outcome == REGISTRATION_DONE)
		exchange->web->event = result.user.username != NULL ? "reset_requested"
								    : "reset_unmatched";
	registration_result_free(&result);
}

void
web_email(struct exchange *exchange)
{
	struct registration registration = web_desk(exchange);
	struct registration_result result;
	struct registration_ask ask;
	struct web_session session;
	struct web_texts texts;

	if (!web_read_texts(exchange, &texts) || !web_confirm(exchange, &session))
		return;
	if (!web_may_write(exchange)) {
		web_session_free(&session);
		return;
	}
	ask = ask_of(exchange, &texts);
	registration_email(&registration, &ask, &exchange->result.user, &result);
	web_answer_registration(exchange, &result);
	if (result.outcome == REGISTRATION_DONE)
		exchange->web->event = "email_change_requested";
	registration_result_free(&result);
	web_session_free(&session);
}

void
web_resend(struct exchange *exchange)
{
	struct registration registration = web_desk(exchange);
	struct registration_result result;
	struct registration_ask ask;
	struct web_session session;
	struct web_texts texts;

	if (!web_read_texts(exchange, &texts) || !web_session(exchange, &session))
		return;
	ask = ask_of(exchange, &texts);
	registration_resend(&registration, &ask, &session.user, &result);
	web_answer_registration(exchange, &result);
	registration_result_free(&result);
	web_session_free(&session);
}

enum pd_error
web_add_pending(struct exchange *exchange, struct store_call *call, const char *name)
{
	struct registration registration = web_desk(exchange);
	char email[USER_EMAIL_MAX + 1];
	enum pd_error error = registration_pending_email(&registration, call, name, email);

	if (error == PD_OK && email[0] != '\0')
		web_add_string(exchange, WEB_TAG_PENDING, email);
	return error;
}

void
web_password_was_changed(struct exchange *exchange, const struct user *user, bool tell)
{
	struct registration registration = web_desk(exchange);
	struct store_call call = web_call(exchange);
	struct web_texts texts;

	(void)registration_drop_email(&registration, &call, user->username);
	web_spend(exchange, &call);
	if (tell && exchange->rhost[0] != '\0' && web_read_texts(exchange, &texts))
		registration_notify(&registration, user, exchange->rhost, texts.language);
}
