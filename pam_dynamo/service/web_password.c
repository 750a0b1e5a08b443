/* SPDX-License-Identifier: BSD-2-Clause */
/* What a signed-in user confirms with her password: a new one, and the end of the account. */
#include <stdlib.h>
#include <string.h>

#include "core/login_web.h"
#include "core/password_rules.h"
#include "core/secret.h"
#include "service/service.h"
#include "service/web.h"

/* Characters that the broken rule is about; 0: none. */
static int64_t
bound_of(const struct exchange *exchange, const char *rule)
{
	if (strcmp(rule, "too-short") == 0)
		return exchange->call->generation->conf.min_length;
	return strcmp(rule, "too-long") == 0 ? PASSWORD_RULES_POINTS : 0;
}

/* The epoch has moved, so no old session is good any more; their items are only in the way. */
static void
clear_sessions(struct exchange *exchange, const char *name)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);

	(void)web_session_end_all(store, &call, name, NULL, store_now(store));
	web_spend(exchange, &call);
}

static void
answer_change(struct exchange *exchange, struct web_session *session, const char *rule)
{
	struct login_result *result = &exchange->result;
	struct web *web = exchange->web;

	web->event = result->verdict == VERDICT_SUCCESS ? "password_changed"
							: "password_change_fail";
	web->result = web_result_of(result->verdict);
	if (web->result == WEB_UNAVAILABLE)
		web->retry_s = WEB_RETRY_S;
	if (result->verdict == VERDICT_REFUSED) {
		web_add_string(exchange, WEB_TAG_FIELD, "password");
		web_add_string(exchange, WEB_TAG_TEXT, rule);
		if (bound_of(exchange, rule) > 0)
			web_add_u32(exchange, WEB_TAG_NUMBER, bound_of(exchange, rule));
	}
	if (result->reason == REASON_WRONG_PASSWORD)
		web_session_after_wrong(exchange, session);
	if (result->verdict != VERDICT_SUCCESS)
		return;
	web_forget(exchange, session->user.username);
	clear_sessions(exchange, session->user.username);
	web_password_was_changed(exchange, &result->user, true);
	(void)web_begin_session(exchange, &result->user);
}

/* The right password was given: only wrong ones count. What cannot be forgotten counts on. */
static void
forget_tries(struct exchange *exchange, struct web_session *session)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);

	(void)web_session_forget_tries(store, &call, session, store_now(store));
	web_spend(exchange, &call);
}

void
web_password(struct exchange *exchange)
{
	struct login_request *request = &exchange->request;
	struct web_session session;
	const char *rule = NULL;

	if (request->password == NULL || request->new_password == NULL) {
		web_set(exchange, WEB_FAULT, REASON_BUG);
		return;
	}
	if (!web_session_before_password(exchange, &session))
		return;
	login_web_change(exchange->call->generation->login, request, &exchange->result, &rule);
	exchange->asked_login = true;
	if (exchange->result.verdict == VERDICT_REFUSED ||
	    exchange->result.verdict == VERDICT_FORBIDDEN)
		forget_tries(exchange, &session);
	if (exchange->result.verdict != VERDICT_FORBIDDEN || web_may_write(exchange))
		answer_change(exchange, &session, rule);
	web_session_free(&session);
}

bool
web_confirm(struct exchange *exchange, struct web_session *session)
{
	struct login_result *result = &exchange->result;
	struct web *web = exchange->web;

	if (exchange->request.password == NULL) {
		web_set(exchange, WEB_FAULT, REASON_BUG);
		return false;
	}
	if (!web_session_before_password(exchange, session))
		return false;
	login_web_confirm(exchange->call->generation->login, &exchange->request, result);
	exchange->asked_login = true;
	if (result->verdict == VERDICT_SUCCESS) {
		forget_tries(exchange, session);
		return true;
	}
	web->result = web_result_of(result->verdict);
	if (web->result == WEB_UNAVAILABLE)
		web->retry_s = WEB_RETRY_S;
	web->event = "signin_fail";
	if (result->reason == REASON_WRONG_PASSWORD)
		web_session_after_wrong(exchange, session);
	web_session_free(session);
	return false;
}

static enum pd_error
write_closed(struct exchange *exchange, const struct user *before)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);
	struct user after = {0};
	char *status = strdup(user_status_word(USER_STATUS_CLOSED));
	enum pd_error error = user_copy(&after, before);

	if (error == PD_OK && status == NULL)
		error = PD_NO_MEMORY;
	if (error == PD_OK) {
		free(after.status);
		after.status = status;
		status = NULL;
		after.epoch++;
		after.updated_at = store_now(store);
		error = store_update_user(store, &call, before, &after, false, NULL);
	}
	free(status);
	user_free(&after);
	web_spend(exchange, &call);
	return error == PD_NOT_FOUND ? PD_CONFLICT : error;
}

/* On the record that the password was verified against. */
void
web_close(struct exchange *exchange)
{
	struct web_session session;
	enum pd_error error;

	if (!web_confirm(exchange, &session))
		return;
	if (!web_may_write(exchange)) {
		web_session_free(&session);
		return;
	}
	error = write_closed(exchange, &exchange->result.user);
	if (error == PD_OK) {
		web_forget(exchange, session.user.username);
		clear_sessions(exchange, session.user.username);
		web_password_was_changed(exchange, &session.user, false);
		exchange->web->event = "account_closed";
		web_set(exchange, WEB_DONE, REASON_GOOD);
	} else {
		web_set_error(exchange, error);
	}
	web_session_free(&session);
}
