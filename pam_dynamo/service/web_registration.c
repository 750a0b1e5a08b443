/* SPDX-License-Identifier: BSD-2-Clause */
/* What the page asks about registering, confirming an address, and setting a password anew: the
 * request's fields to core/registration.h, and its outcome into the answer. */
#include <stdio.h>
#include <string.h>

#include "core/login_web.h"
#include "core/password_rules.h"
#include "core/profile.h"
#include "core/secret.h"
#include "core/web_session.h"
#include "service/service.h"
#include "service/web_registration.h"

static const struct {
	enum web_result result;
	enum policy_reason reason;
} outcomes[REGISTRATION_OUTCOMES] = {
    [REGISTRATION_REFUSED] = {WEB_REFUSED, REASON_WRONG_PASSWORD},
    [REGISTRATION_DONE] = {WEB_DONE, REASON_GOOD},
    [REGISTRATION_INVALID] = {WEB_INVALID, REASON_FORM},
    [REGISTRATION_TAKEN] = {WEB_TAKEN, REASON_FORM},
    [REGISTRATION_LATER] = {WEB_LATER, REASON_THROTTLED},
    [REGISTRATION_FULL] = {WEB_FULL, REASON_THROTTLED},
    [REGISTRATION_SHUT] = {WEB_SHUT, REASON_NOT_ALLOWED},
    [REGISTRATION_GONE] = {WEB_GONE, REASON_NO_SESSION},
    [REGISTRATION_UNAVAILABLE] = {WEB_UNAVAILABLE, REASON_UNAVAILABLE},
    [REGISTRATION_FAULT] = {WEB_FAULT, REASON_BUG},
};

static enum pd_error
is_local(void *ctx, const char *name)
{
	const struct exchange *exchange = ctx;
	struct local_names *names = exchange->call->service->local_names;
	enum pd_error error = local_names_user(names, name, NULL);

	return error == PD_NOT_FOUND ? local_names_group(names, name, NULL) : error;
}

/* A sign-in under the page's own counters; login_finish is due. */
static enum registration_outcome
knows_password(
    void *ctx, const struct user *user, const char *password, size_t len, int64_t *retry_s)
{
	struct exchange *exchange = ctx;
	struct login_request *request = &exchange->request;
	struct login_result *result = &exchange->result;

	(void)snprintf(exchange->name, sizeof(exchange->name), "%s", user->username);
	request->password = password;
	request->password_len = len;
	login_web_sign_in(exchange->call->generation->login, request,
	    user_status_parse(user->status), result, retry_s);
	exchange->asked_login = true;
	switch (web_result_of(result->verdict)) {
	case WEB_DONE:
		return REGISTRATION_DONE;
	case WEB_REFUSED:
		return REGISTRATION_REFUSED;
	case WEB_CONFLICT:
		return REGISTRATION_LATER;
	case WEB_UNAVAILABLE:
		return REGISTRATION_UNAVAILABLE;
	case WEB_INVALID:
	case WEB_TAKEN:
	case WEB_LATER:
	case WEB_FULL:
	case WEB_SHUT:
	case WEB_GONE:
	case WEB_NO_SESSION:
	case WEB_FAULT:
	case WEB_RESULT_COUNT:
		break;
	}
	return REGISTRATION_FAULT;
}

struct registration
web_desk(struct exchange *exchange)
{
	struct generation *generation = exchange->call->generation;

	return (struct registration){.conf = &generation->conf,
	    .store = generation->store,
	    .guard = exchange->call->service->guard,
	    .blocklist = generation->blocklist,
	    .reserved = generation->reserved,
	    .log = &generation->log,
	    .host = generation->host,
	    .is_local = is_local,
	    .knows = knows_password,
	    .ctx = exchange};
}

int64_t
web_registration_deadline_ms(const struct exchange *exchange)
{
	return exchange->call->received_us / 1000 + WEB_REGISTRATION_MS;
}

static bool
read_text(const struct exchange *exchange, uint16_t tag, char *out, size_t size)
{
	out[0] = '\0';
	return frame_find(&exchange->frame, tag) == NULL ||
	    frame_string(&exchange->frame, tag, out, size);
}

bool
web_read_texts(struct exchange *exchange, struct web_texts *out)
{
	if (!read_text(exchange, WEB_TAG_TOKEN, out->token, sizeof(out->token)))
		(void)strcpy(out->token, "-");
	if (!read_text(exchange, WEB_TAG_EMAIL, out->email, sizeof(out->email)))
		(void)strcpy(out->email, "-");
	if (read_text(exchange, WEB_TAG_KIND, out->kind, sizeof(out->kind)) &&
	    read_text(exchange, WEB_TAG_LANGUAGE, out->language, sizeof(out->language)) &&
	    exchange->rhost[0] != '\0')
		return true;
	web_set(exchange, WEB_FAULT, REASON_BUG);
	return false;
}

static int64_t
bound_of(const struct exchange *exchange, const struct registration_result *result)
{
	if (strcmp(result->text, "too-short") == 0)
		return exchange->call->generation->conf.min_length;
	return strcmp(result->text, "too-long") == 0 ? PASSWORD_RULES_POINTS : 0;
}

void
web_answer_registration(struct exchange *exchange, const struct registration_result *result)
{
	struct web *web = exchange->web;

	web_spend(exchange, &result->call);
	exchange->result.online = result->outcome != REGISTRATION_UNAVAILABLE;
	if (result->outcome == REGISTRATION_INVALID) {
		web_set_invalid(exchange, result->field, result->text, bound_of(exchange, result));
		return;
	}
	web->retry_s = result->retry_s > 0 ? (uint32_t)result->retry_s : 0;
	web_set(exchange, outcomes[result->outcome].result, outcomes[result->outcome].reason);
	if (result->outcome == REGISTRATION_UNAVAILABLE || result->outcome == REGISTRATION_FAULT)
		web->event = "backend_error";
	else if (result->outcome == REGISTRATION_LATER || result->outcome == REGISTRATION_FULL)
		web->event = "rate_limited";
}

/* Why nothing was stored, where the form is told nothing of it. */
static enum policy_reason
silent_reason(const char *event)
{
	return event != NULL && strcmp(event, "local") == 0 ? REASON_LOCAL_NAME : REASON_FORM;
}

static void
submit(struct exchange *exchange, const struct web_texts *texts, const struct pairs *fields)
{
	const struct registration_form form = {.name = exchange->name,
	    .password = exchange->request.password,
	    .password_len = exchange->request.password_len,
	    .email = texts->email,
	    .invitation = texts->token,
	    .fields = fields,
	    .network = exchange->rhost,
	    .language = texts->language,
	    .deadline_ms = web_registration_deadline_ms(exchange)};
	struct registration registration = web_desk(exchange);
	struct registration_result result;

	registration_submit(&registration, &form, &result);
	web_answer_registration(exchange, &result);
	if (exchange->web->event == NULL)
		exchange->web->event = result.user.username != NULL ? "register"
								    : "register_rejected";
	if (result.user.username != NULL)
		web_forget(exchange, result.user.username);
	else if (result.outcome == REGISTRATION_DONE) /* for the audit line alone */
		exchange_answer(exchange, VERDICT_REFUSED, silent_reason(result.event));
	registration_result_free(&result);
}

void
web_register(struct exchange *exchange)
{
	const struct conf *conf = &exchange->call->generation->conf;
	struct profile_fault fault = {0};
	struct pairs given = {0}, fields = {0};
	struct web_texts texts;
	enum pd_error error;

	if (exchange->request.password == NULL || !web_read_texts(exchange, &texts)) {
		web_set(exchange, WEB_FAULT, REASON_BUG);
		return;
	}
	if (conf->registration == CONF_REGISTRATION_OFF) {
		exchange->web->event = "register_rejected";
		web_set(exchange, WEB_SHUT, REASON_NOT_ALLOWED);
	} else if (web_pairs(exchange, &given)) {
		error = profile_read(conf, PROFILE_REGISTER, &given, &fields, &fault);
		if (error == PD_OK)
			submit(exchange, &texts, &fields);
		else if (error == PD_INVALID)
			web_set_invalid(exchange, fault.field, fault.text, fault.bound);
		else
			web_set_error(exchange, error);
	}
	pairs_free(&given);
	pairs_free(&fields);
	secret_wipe(&texts, sizeof(texts));
}

static struct registration_claim
claim_of(const struct exchange *exchange, const struct web_texts *texts, const char *password,
    size_t len)
{
	return (struct registration_claim){.token = texts->token,
	    .kind = texts->kind,
	    .password = password == NULL ? "" : password,
	    .password_len = password == NULL ? 0 : len,
	    .network = exchange->rhost,
	    .language = texts->language,
	    .deadline_ms = web_registration_deadline_ms(exchange)};
}

/* Whom it is about, for the audit line. */
static void
take_name(struct exchange *exchange, const struct registration_result *result)
{
	if (result->user.username != NULL)
		(void)snprintf(exchange->name, sizeof(exchange->name), "%s", result->user.username);
}

void
web_token_check(struct exchange *exchange)
{
	struct registration registration = web_desk(exchange);
	struct registration_result result;
	struct registration_claim claim;
	struct web_texts texts;

	if (!web_read_texts(exchange, &texts))
		return;
	claim = claim_of(exchange, &texts, NULL, 0);
	registration_check_token(&registration, &claim, &result);
	web_answer_registration(exchange, &result);
	take_name(exchange, &result);
	if (result.outcome == REGISTRATION_DONE && result.user.username != NULL)
		web_add_string(exchange, PROTOCOL_TAG_USER, result.user.username);
	registration_result_free(&result);
	secret_wipe(&texts, sizeof(texts));
}

static void
answer_verified(struct exchange *exchange, const struct registration_result *result)
{
	take_name(exchange, result);
	if (result->outcome == REGISTRATION_REFUSED)
		exchange->web->event = "signin_fail";
	if (result->outcome != REGISTRATION_DONE)
		return;
	exchange->web->event = "email_verified";
	web_forget(exchange, result->user.username);
	web_add_string(exchange, PROTOCOL_TAG_USER, result->user.username);
	web_add_string(exchange, WEB_TAG_STATE, result->user.status);
	if (user_status_parse(result->user.status) == USER_STATUS_ACTIVE)
		(void)web_begin_session(exchange, &result->user);
}

void
web_verify(struct exchange *exchange)
{
	struct registration registration = web_desk(exchange);
	struct registration_result result;
	struct registration_claim claim;
	struct web_texts texts;

	if (!web_read_texts(exchange, &texts))
		return;
	claim = claim_of(
	    exchange, &texts, exchange->request.password, exchange->request.password_len);
	registration_verify(&registration, &claim, &result);
	web_answer_registration(exchange, &result);
	answer_verified(exchange, &result);
	registration_result_free(&result);
	secret_wipe(&texts, sizeof(texts));
}

/* The page's counter of wrong passwords and the cap are forgotten, and no session is left. What
 * locks logins stays: it may be an administrator's word. */
static void
after_reset(struct exchange *exchange, struct registration_result *result)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);

	take_name(exchange, result);
	exchange->web->event = "reset_done";
	web_forget(exchange, result->user.username);
	(void)web_session_end_all(store, &call, result->user.username, NULL, store_now(store));
	web_spend(exchange, &call);
	exchange->asked_login = true;
	exchange->result.clear_cap = true;
	exchange->result.clear_web = true;
	inflight_forget(exchange->call->service->guard->inflight, exchange->name);
}

void
web_reset(struct exchange *exchange)
{
	struct registration registration = web_desk(exchange);
	struct registration_result result;
	struct registration_claim claim;
	struct web_texts texts;

	if (!web_read_texts(exchange, &texts))
		return;
	claim = claim_of(
	    exchange, &texts, exchange->request.new_password, exchange->request.new_password_len);
	registration_reset(&registration, &claim, &result);
	web_answer_registration(exchange, &result);
	if (result.outcome == REGISTRATION_DONE)
		after_reset(exchange, &result);
	registration_result_free(&result);
	secret_wipe(&texts, sizeof(texts));
}
