/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/operations.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "service/crowd.h"
#include "service/permission.h"
#include "service/service.h"
#include "service/web.h"

static void
ping(struct exchange *exchange)
{
	exchange_answer(exchange, VERDICT_SUCCESS, REASON_GOOD);
	(void)snprintf(exchange->info, sizeof(exchange->info), "pam-dynamod %s %s", PD_VERSION,
	    store_engine_name(exchange->call->generation->store));
}

/* Says what a login has just read, so that the user database does not show what is gone, and finds
 * a record that was added without an item for its uid. */
static void
tell_cache(const struct exchange *exchange)
{
	const struct login_result *result = &exchange->result;
	const struct call *call = exchange->call;
	struct userdb_cache *cache = call->service->cache;
	bool good = result->verdict == VERDICT_SUCCESS || result->verdict == VERDICT_CHANGE;

	if (result->user.username != NULL) {
		userdb_cache_seen(cache, exchange->name, &result->user);
		if (call->peer.uid == 0 && good)
			userdb_cache_learn_owner(cache, call->generation->number, result->user.uid,
			    exchange->name, clock_monotonic_ms());
	} else if (result->reason == REASON_UNKNOWN_USER || result->reason == REASON_CORRUPT) {
		userdb_cache_seen(cache, exchange->name, NULL);
	}
}

static void
authenticate(struct exchange *exchange)
{
	struct call *call = exchange->call;
	struct login_result *result = &exchange->result;

	if (exchange->request.password == NULL) {
		exchange->request.password = "";
		exchange->request.password_len = 0;
	}
	login_authenticate(call->generation->login, &exchange->request, result);
	exchange->asked_login = true;
	tell_cache(exchange);
	if (result->verdict == VERDICT_SUCCESS)
		exchange->has_ticket = ticket_put(call->service->tickets, call->generation->number,
					   &call->peer, exchange->name, result,
					   clock_monotonic_ms(), exchange->ticket) == PD_OK;
}

static void
account(struct exchange *exchange)
{
	struct call *call = exchange->call;
	const struct frame_field *ticket = frame_find(&exchange->frame, PROTOCOL_TAG_TICKET);
	struct login_result kept;

	exchange->request.password = NULL;
	if (ticket != NULL && ticket->len == PROTOCOL_TICKET_LEN &&
	    ticket_take(call->service->tickets, call->generation->number, &call->peer,
		exchange->name, ticket->value, clock_monotonic_ms(), &kept)) {
		login_account_again(
		    call->generation->login, &exchange->request, &kept, &exchange->result);
		login_result_free(&kept);
	} else {
		login_account(call->generation->login, &exchange->request, &exchange->result);
		tell_cache(exchange);
	}
	exchange->asked_login = true;
}

static void
change_check(struct exchange *exchange)
{
	exchange->request.new_password = NULL;
	exchange->request.new_password_len = 0;
	login_change(exchange->call->generation->login, &exchange->request, &exchange->result);
	exchange->asked_login = true;
	tell_cache(exchange);
}

/* Without a new password this would be a check, and the caller would believe it changed. */
static void
change(struct exchange *exchange)
{
	if (exchange->request.new_password == NULL) {
		exchange_answer(exchange, VERDICT_REFUSED, REASON_WEAK_PASSWORD);
		return;
	}
	login_change(exchange->call->generation->login, &exchange->request, &exchange->result);
	exchange->asked_login = true;
	userdb_cache_seen(exchange->call->service->cache, exchange->name, NULL);
	/* the account step after a forced change, of the same login, sees what was written */
	ticket_drop(exchange->call->service->tickets, exchange->name);
}

const struct operation operations[] = {
    {PROTOCOL_PING, "ping", OPERATION_ANYONE, ping},
    {PROTOCOL_AUTHENTICATE, "authenticate", OPERATION_OWN_NAME, authenticate},
    {PROTOCOL_ACCOUNT, "account", OPERATION_OWN_NAME, account},
    {PROTOCOL_CHANGE_CHECK, "change-check", OPERATION_OWN_NAME, change_check},
    {PROTOCOL_CHANGE, "change", OPERATION_OWN_NAME, change},
    {WEB_INFO, "info", OPERATION_WEB, web_info},
    {WEB_SIGN_IN, "sign-in", OPERATION_WEB, web_sign_in},
    {WEB_SESSION_CHECK, "session", OPERATION_WEB, web_session_is},
    {WEB_SESSION_END, "sign-out", OPERATION_WEB, web_sign_out},
    {WEB_END_OTHERS, "sign-out-others", OPERATION_WEB, web_sign_out_others},
    {WEB_PROFILE_GET, "profile", OPERATION_WEB, web_profile_get},
    {WEB_PROFILE_SET, "profile-change", OPERATION_WEB, web_profile_set},
    {WEB_PASSWORD, "password", OPERATION_WEB, web_password},
    {WEB_CLOSE, "close", OPERATION_WEB, web_close},
    {WEB_REGISTER, "register", OPERATION_WEB, web_register},
    {WEB_TOKEN_CHECK, "token", OPERATION_WEB, web_token_check},
    {WEB_VERIFY, "verify", OPERATION_WEB, web_verify},
    {WEB_EMAIL, "email-change", OPERATION_WEB, web_email},
    {WEB_RESEND, "resend", OPERATION_WEB, web_resend},
    {WEB_RESET_REQUEST, "reset-request", OPERATION_WEB, web_reset_request},
    {WEB_RESET, "reset", OPERATION_WEB, web_reset},
};
const size_t operation_count = sizeof(operations) / sizeof(operations[0]);

static const struct operation *
find_operation(uint8_t number)
{
	size_t i;

	for (i = 0; i < operation_count; i++)
		if (operations[i].number == number)
			return &operations[i];
	return NULL;
}

static struct audit_event
describe(const struct exchange *exchange, const struct operation *operation)
{
	const struct login_result *result = &exchange->result;

	return (struct audit_event){
	    .host = exchange->call->generation->host,
	    .service = exchange->service,
	    .user = exchange->name,
	    .rhost = exchange->rhost,
	    .tty = exchange->tty,
	    .ruser = exchange->ruser,
	    .phase = operation->name,
	    .verdict = result->verdict,
	    .reason = result->reason,
	    .online = result->online,
	    .latency_us = exchange->latency_us,
	    .requests = exchange->requests + result->requests,
	    .request_id = result->request_id,
	    .peer = exchange->call->peer,
	};
}

static void
write_audit(const struct exchange *exchange, const struct operation *operation)
{
	const struct audit_event event = describe(exchange, operation);

	audit_event(exchange->call->service->audit, &event);
}

/* What can wait until the peer has its answer; it gets its own time. Only logins that root or a
 * trusted user asks for are noted: who unlocks a screen did not come from anywhere. */
static void
finish(struct exchange *exchange, const struct operation *operation)
{
	const struct generation *generation = exchange->call->generation;
	struct audit_event renewal;

	exchange->request.deadline_ms = clock_monotonic_ms() + generation->conf.deadline_ms;
	if (!exchange->request.by_root && !exchange->trusted)
		exchange->result.last_login = false;
	renewal = describe(exchange, operation);
	renewal.phase = "rehash";
	renewal.old_hash = login_finish(generation->login, &exchange->request, &exchange->result);
	if (renewal.old_hash != NULL)
		audit_event(exchange->call->service->audit, &renewal);
}

/* Where somebody came from locks a network out for everybody: of those who ask about themselves
 * nobody is believed. The audit line says what they said. */
static void
judge_source(struct exchange *exchange)
{
	if (!exchange->request.by_root && !exchange->trusted)
		exchange->request.rhost = NULL;
}

static void
answer(struct exchange *exchange, const struct operation *operation)
{
	struct call *call = exchange->call;

	if (operation->caller == OPERATION_WEB) {
		web_answer(exchange, operation);
		if (exchange->asked_login)
			finish(exchange, operation);
		return;
	}
	if (permission_rate(exchange) &&
	    (operation->caller == OPERATION_ANYONE || permission_check(exchange))) {
		judge_source(exchange);
		operation->handle(exchange);
	}
	(void)exchange_reply(exchange); /* sent or not, the connection ends here */
	if (operation->caller != OPERATION_ANYONE &&
	    (!exchange->held ||
		log_limit_pass(call->service->log_limit, LOG_LIMIT_SLOWED, call->peer.uid,
		    clock_monotonic_ms())))
		write_audit(exchange, operation);
	if (exchange->asked_login)
		finish(exchange, operation);
}

static void
reject(struct exchange *exchange)
{
	const struct call *call = exchange->call;
	const struct peer *peer = &call->peer;

	if (log_limit_pass(
		call->service->log_limit, LOG_LIMIT_MALFORMED, peer->uid, clock_monotonic_ms()))
		log_line(&call->generation->log, LOG_LEVEL_WARNING,
		    "malformed request from process %ld of uid %lu: version %u operation %u",
		    (long)peer->pid, (unsigned long)peer->uid, exchange->frame.version,
		    exchange->frame.operation);
	exchange_answer(exchange, VERDICT_FAULT, REASON_BUG);
	(void)exchange_reply(exchange);
}

/* One request, then the connection is closed. */
static bool
handle(struct call *call)
{
	const struct operation *operation;
	struct exchange exchange;
	bool ok = exchange_read(call, &exchange);

	operation = find_operation(exchange.frame.operation);
	if (ok && operation != NULL)
		answer(&exchange, operation);
	else
		reject(&exchange);
	login_result_free(&exchange.result);
	return false;
}

/* A whole request for which no worker came. */
static void
turn_away(struct call *call, enum policy_reason reason)
{
	const struct operation *operation;
	struct exchange exchange;
	bool ok = exchange_read(call, &exchange);

	operation = find_operation(exchange.frame.operation);
	if (!ok || operation == NULL) {
		reject(&exchange);
		return;
	}
	exchange_answer(&exchange, VERDICT_UNAVAILABLE, reason);
	(void)exchange_reply(&exchange);
	if (operation->caller != OPERATION_ANYONE &&
	    log_limit_pass(
		call->service->log_limit, LOG_LIMIT_BUSY, call->peer.uid, clock_monotonic_ms()))
		write_audit(&exchange, operation);
}

static void
refuse(struct call *call, enum call_refusal why)
{
	struct exchange exchange = {.call = call};

	switch (why) {
	case CALL_REFUSED_BUSY:
		turn_away(call, REASON_BUSY);
		return;
	case CALL_REFUSED_LATE:
		turn_away(call, REASON_DEADLINE);
		return;
	case CALL_REFUSED_MALFORMED:
		reject(&exchange);
		return;
	case CALL_REFUSED_CROWD:
		break;
	}
	exchange_answer(&exchange, VERDICT_UNAVAILABLE, REASON_BUSY);
	(void)exchange_reply(&exchange);
	if (log_limit_pass(
		call->service->log_limit, LOG_LIMIT_BUSY, call->peer.uid, clock_monotonic_ms()))
		log_line(&call->generation->log, LOG_LEVEL_WARNING,
		    "too many connections: process %ld of uid %lu was turned away",
		    (long)call->peer.pid, (unsigned long)call->peer.uid);
}

const struct call_protocol operations_protocol = {
    .name = "login",
    .max = FRAME_SIZE,
    .root_rank = QUEUE_FIRST,
    .per_uid = CROWD_LOGINS_PER_UID,
    .per_trusted = CROWD_LOGINS_PER_TRUSTED,
    .others = CROWD_MAX - CROWD_ROOT,
    .needed = frame_needed,
    .handle = handle,
    .refuse = refuse,
};
