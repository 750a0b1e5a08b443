/* SPDX-License-Identifier: BSD-2-Clause */
/* The page's forms, signing in and out, and sessions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/login_web.h"
#include "core/profile.h"
#include "service/service.h"
#include "service/web.h"

#define ROUNDS 3 /* writes of a record that another one may come before */

static const char *const types[] = {
    [CONF_FIELD_TEXT] = "text",
    [CONF_FIELD_EMAIL] = "email",
    [CONF_FIELD_TEL] = "tel",
    [CONF_FIELD_TEXTAREA] = "textarea",
};

/* name, label, type, flags, max_length and pattern, with tabs between them. */
static void
add_row(struct buf *out, const struct conf_field *field)
{
	const char *comma = "";

	buf_add_format(out, "%s\t%s\t%s\t", field->name, field->label, types[field->type]);
	if (field->required) {
		buf_add_string(out, "required");
		comma = ",";
	}
	if (field->editable) {
		buf_add_format(out, "%seditable", comma);
		comma = ",";
	}
	if (field->ask)
		buf_add_format(out, "%sregister", comma);
	buf_add_format(out, "\t%lld\t%s\n", (long long)field->max_length, field->pattern);
}

void
web_info(struct exchange *exchange)
{
	const struct conf *conf = &exchange->call->generation->conf;
	struct buf rows;

	buf_init(&rows, 0);
	for (size_t i = 0; i < conf->field_count; i++)
		if (conf_field_shown(conf, &conf->fields[i]))
			add_row(&rows, &conf->fields[i]);
	if (rows.failed) {
		web_set_error(exchange, PD_NO_MEMORY);
	} else {
		web_set(exchange, WEB_DONE, REASON_GOOD);
		web_add_string(exchange, WEB_TAG_MODE, conf_registration_word(conf->registration));
		web_add_string(exchange, WEB_TAG_FIELDS, buf_string(&rows));
		web_add_u32(exchange, WEB_TAG_NUMBER, conf->min_length);
	}
	buf_free(&rows);
}

static const char *
sign_in_event(const struct login_result *result)
{
	if (result->verdict == VERDICT_SUCCESS)
		return "signin_ok";
	if (result->reason == REASON_THROTTLED)
		return "signin_throttled";
	if (result->reason == REASON_CAPPED)
		return "password_disabled_cap";
	return result->verdict == VERDICT_DENY ? "signin_fail" : "backend_error";
}

void
web_sign_in(struct exchange *exchange)
{
	struct web *web = exchange->web;
	int64_t retry_after_s = 0;

	if (exchange->name[0] == '\0' || exchange->rhost[0] == '\0') {
		web_set(exchange, WEB_FAULT, REASON_BUG);
		return;
	}
	login_web_sign_in(exchange->call->generation->login, &exchange->request, USER_STATUS_ACTIVE,
	    &exchange->result, &retry_after_s);
	exchange->asked_login = true;
	web->event = sign_in_event(&exchange->result);
	web->result = web_result_of(exchange->result.verdict);
	if (web->result == WEB_UNAVAILABLE)
		web->retry_s = WEB_RETRY_S;
	if (exchange->result.reason == REASON_THROTTLED) {
		web->result = WEB_LATER;
		web->retry_s = (uint32_t)retry_after_s;
	}
	if (web->result != WEB_DONE)
		return;
	if (web_begin_session(exchange, &exchange->result.user))
		web_add_string(exchange, PROTOCOL_TAG_USER, exchange->result.user.username);
}

void
web_session_is(struct exchange *exchange)
{
	struct web_session session;

	if (!web_session(exchange, &session))
		return;
	web_set(exchange, WEB_DONE, REASON_GOOD);
	web_add_string(exchange, PROTOCOL_TAG_USER, session.user.username);
	web_add_u32(exchange, WEB_TAG_AUTH_TIME, session.state.at);
	web_session_free(&session);
}

void
web_sign_out(struct exchange *exchange)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);
	struct web_session session;
	enum pd_error error;

	if (!web_session(exchange, &session))
		return;
	error = web_session_end(store, &call, exchange->web->secret, store_now(store));
	web_spend(exchange, &call);
	web_session_free(&session);
	if (error != PD_OK) {
		web_set_error(exchange, error);
		return;
	}
	exchange->web->event = "signout";
	web_set(exchange, WEB_DONE, REASON_GOOD);
}

/* Raises the epoch: what a host or another session read before is worth nothing. In a table that
 * cannot keep one the sessions are removed by their list alone. */
static enum pd_error
raise_epoch(struct exchange *exchange, struct store_call *call, struct user *user)
{
	struct store *store = exchange->call->generation->store;
	enum pd_error error = PD_CONFLICT;
	int64_t epoch = user->epoch;

	if (!conf_users_writable(&exchange->call->generation->conf))
		return PD_OK;
	for (int round = 0; error == PD_CONFLICT && round < ROUNDS; round++) {
		struct user after = {0};

		if (round > 0) {
			char name[USER_NAME_SIZE];

			(void)snprintf(name, sizeof(name), "%s", user->username);
			user_free(user);
			error = store_get_user(store, call, name, user);
			if (error != PD_OK)
				return error;
			/* What moved the epoch meanwhile ended this session too. */
			if (user->epoch != epoch)
				return PD_NOT_FOUND;
		}
		error = user_copy(&after, user);
		after.epoch++;
		if (error == PD_OK)
			error = store_update_user(store, call, user, &after, false, NULL);
		if (error == PD_OK) {
			user_free(user);
			*user = after;
			after = (struct user){0};
		}
		user_free(&after);
	}
	return error;
}

void
web_sign_out_others(struct exchange *exchange)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);
	struct web_session session;
	enum pd_error error;

	if (!web_session(exchange, &session))
		return;
	error = raise_epoch(exchange, &call, &session.user);
	if (error == PD_OK)
		error = web_session_end_all(
		    store, &call, session.user.username, NULL, store_now(store));
	web_spend(exchange, &call);
	if (error != PD_OK) {
		web_set_error(exchange, error);
	} else if (web_begin_session(exchange, &session.user)) {
		exchange->web->event = "session_ended";
		web_set(exchange, WEB_DONE, REASON_GOOD);
	}
	web_session_free(&session);
}
