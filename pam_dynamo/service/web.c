/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/web.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/secret.h"
#include "service/operations.h"
#include "service/permission.h"
#include "service/service.h"

#define NOBODY ((uid_t)65534)

bool
web_is_operation(uint8_t operation)
{
	return operation >= WEB_INFO && operation <= WEB_RESEND;
}

bool
web_is_page(const struct call *call)
{
	const char *user = call->generation->conf.web_user;
	uid_t uid = 0;

	return user[0] != '\0' && call->peer.uid != 0 && call->peer.uid != NOBODY &&
	    local_names_user(call->service->local_names, user, &uid) == PD_OK &&
	    uid == call->peer.uid;
}

/* A text that is there fits, or the frame is not the page's. */
static bool
read_text(const struct exchange *exchange, uint16_t tag, char *out, size_t size)
{
	return frame_find(&exchange->frame, tag) == NULL ||
	    frame_string(&exchange->frame, tag, out, size);
}

static bool
read_request(struct exchange *exchange)
{
	struct web *web = exchange->web;
	const struct frame_field *secret = frame_find(&exchange->frame, WEB_TAG_SESSION);

	if (!read_text(exchange, WEB_TAG_AGENT, web->agent, sizeof(web->agent)) ||
	    !read_text(exchange, WEB_TAG_REQUEST, web->request_id, sizeof(web->request_id)) ||
	    !read_text(exchange, WEB_TAG_NETWORK, exchange->rhost, WEB_NETWORK_SIZE))
		return false;
	if (secret != NULL && secret->len == WEB_SESSION_LEN)
		web->secret = secret->value;
	(void)strcpy(exchange->service, WEB_SERVICE);
	exchange->trusted = true;
	return true;
}

static void
reply(struct exchange *exchange)
{
	struct web *web = exchange->web;
	unsigned char result = (unsigned char)web->result;
	struct call *call = exchange->call;
	size_t len;

	exchange->latency_us = clock_monotonic_us() - call->received_us;
	web_add(exchange, WEB_TAG_RESULT, &result, sizeof(result));
	if (web->retry_s > 0)
		web_add_u32(exchange, WEB_TAG_RETRY_S, web->retry_s);
	len = frame_end(&web->writer);
	if (len > 0)
		(void)call->write(call->write_ctx, web->data, len, 0);
}

static void
handle(struct exchange *exchange, const struct operation *operation)
{
	struct web *web = exchange->web;

	web->data = malloc(FRAME_SIZE);
	if (web->data == NULL) {
		exchange_answer(exchange, VERDICT_NO_MEMORY, REASON_NO_MEMORY);
		(void)exchange_reply(exchange);
		return;
	}
	frame_begin(&web->writer, web->data, FRAME_SIZE, PROTOCOL_REPLY);
	if (read_request(exchange))
		operation->handle(exchange);
	else
		web_set(exchange, WEB_FAULT, REASON_BUG);
	reply(exchange);
	secret_wipe(web->data, FRAME_SIZE);
	free(web->data);
	web->data = NULL;
	if (web->event != NULL)
		web_audit(exchange, operation->name, web->event);
}

void
web_answer(struct exchange *exchange, const struct operation *operation)
{
	struct call *call = exchange->call;
	struct web web = {0};

	exchange->web = &web;
	if (web_is_page(call)) {
		handle(exchange, operation);
	} else {
		if (permission_rate(exchange))
			exchange_answer(exchange, VERDICT_FORBIDDEN, REASON_NOT_ALLOWED);
		(void)exchange_reply(exchange);
		if (!exchange->held ||
		    log_limit_pass(call->service->log_limit, LOG_LIMIT_SLOWED, call->peer.uid,
			clock_monotonic_ms()))
			web_audit(exchange, operation->name, "authz_fail");
	}
	exchange->web = NULL;
}

/* A name that is none may be a password. */
static const char *
shown_name(const struct exchange *exchange)
{
	return user_name_allowed(exchange->name, exchange->call->generation->conf.names)
	    ? exchange->name
	    : "";
}

void
web_audit(const struct exchange *exchange, const char *phase, const char *event)
{
	const struct login_result *result = &exchange->result;
	const struct audit_event line = {
	    .host = exchange->call->generation->host,
	    .service = WEB_SERVICE,
	    .user = shown_name(exchange),
	    .rhost = exchange->rhost,
	    .phase = phase,
	    .verdict = result->verdict,
	    .reason = result->reason,
	    .online = result->online,
	    .latency_us = exchange->latency_us,
	    .requests = exchange->requests + result->requests,
	    .request_id = result->request_id,
	    .peer = exchange->call->peer,
	    .event = event,
	    .agent = exchange->web == NULL ? NULL : exchange->web->agent,
	    .page_request = exchange->web == NULL ? NULL : exchange->web->request_id,
	};

	audit_event(exchange->call->service->audit, &line);
}
