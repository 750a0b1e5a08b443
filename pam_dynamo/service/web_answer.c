/* SPDX-License-Identifier: BSD-2-Clause */
/* What handlers of the page's operations have in common: setting the answer, and its fields. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/secret.h"
#include "service/service.h"
#include "service/web.h"

static const enum web_result results[VERDICT_COUNT] = {
    [VERDICT_DENY] = WEB_REFUSED,
    [VERDICT_UNKNOWN] = WEB_REFUSED,
    [VERDICT_EXPIRED] = WEB_REFUSED,
    [VERDICT_FORBIDDEN] = WEB_REFUSED,
    [VERDICT_UNAVAILABLE] = WEB_UNAVAILABLE,
    [VERDICT_FAULT] = WEB_FAULT,
    [VERDICT_NO_MEMORY] = WEB_UNAVAILABLE,
    [VERDICT_CHANGE] = WEB_REFUSED,
    [VERDICT_REFUSED] = WEB_INVALID,
    [VERDICT_TRY_AGAIN] = WEB_CONFLICT,
    [VERDICT_SUCCESS] = WEB_DONE,
};

static const enum verdict verdicts[WEB_RESULT_COUNT] = {
    [WEB_REFUSED] = VERDICT_DENY,
    [WEB_DONE] = VERDICT_SUCCESS,
    [WEB_INVALID] = VERDICT_REFUSED,
    [WEB_TAKEN] = VERDICT_REFUSED,
    [WEB_LATER] = VERDICT_TRY_AGAIN,
    [WEB_FULL] = VERDICT_TRY_AGAIN,
    [WEB_SHUT] = VERDICT_FORBIDDEN,
    [WEB_GONE] = VERDICT_DENY,
    [WEB_NO_SESSION] = VERDICT_DENY,
    [WEB_CONFLICT] = VERDICT_TRY_AGAIN,
    [WEB_UNAVAILABLE] = VERDICT_UNAVAILABLE,
    [WEB_FAULT] = VERDICT_FAULT,
};

static const struct {
	enum web_result result;
	enum policy_reason reason;
} errors[PD_ERROR_COUNT] = {
    [PD_OK] = {WEB_FAULT, REASON_BUG},
    [PD_NOT_FOUND] = {WEB_NO_SESSION, REASON_NO_SESSION},
    [PD_CONFLICT] = {WEB_CONFLICT, REASON_CHANGED_MEANWHILE},
    [PD_INVALID] = {WEB_FAULT, REASON_BUG},
    [PD_CONFIG] = {WEB_UNAVAILABLE, REASON_CONFIG},
    [PD_UNAVAILABLE] = {WEB_UNAVAILABLE, REASON_UNAVAILABLE},
    [PD_UNCERTAIN] = {WEB_UNAVAILABLE, REASON_UNAVAILABLE},
    [PD_CORRUPT] = {WEB_FAULT, REASON_CORRUPT},
    [PD_NO_MEMORY] = {WEB_UNAVAILABLE, REASON_NO_MEMORY},
    [PD_BUG] = {WEB_FAULT, REASON_BUG},
};

enum web_result
web_result_of(enum verdict verdict)
{
	return verdict < VERDICT_COUNT ? results[verdict] : WEB_FAULT;
}

void
web_set(struct exchange *exchange, enum web_result result, enum policy_reason reason)
{
	struct web *web = exchange->web;

	web->result = result;
	if (result == WEB_UNAVAILABLE && web->retry_s == 0)
		web->retry_s = WEB_RETRY_S;
	exchange_answer(exchange, verdicts[result], reason);
}

void
web_set_error(struct exchange *exchange, enum pd_error error)
{
	size_t row = (size_t)error < PD_ERROR_COUNT ? (size_t)error : PD_BUG;

	web_set(exchange, errors[row].result, errors[row].reason);
	if (errors[row].result == WEB_UNAVAILABLE || errors[row].result == WEB_FAULT)
		exchange->web->event = "backend_error";
}

void
web_set_invalid(struct exchange *exchange, const char *field, const char *text, int64_t bound)
{
	web_set(exchange, WEB_INVALID, REASON_FORM);
	web_add_string(exchange, WEB_TAG_FIELD, field);
	web_add_string(exchange, WEB_TAG_TEXT, text);
	if (bound > 0)
		web_add_u32(exchange, WEB_TAG_NUMBER, bound);
}

void
web_add(struct exchange *exchange, uint16_t tag, const void *value, size_t len)
{
	frame_add(&exchange->web->writer, tag, value, len);
}

bool
web_may_write(struct exchange *exchange)
{
	if (conf_users_writable(&exchange->call->generation->conf))
		return true;
	web_set_invalid(exchange, "", "elsewhere", 0);
	return false;
}

void
web_add_string(struct exchange *exchange, uint16_t tag, const char *text)
{
	frame_add_string(&exchange->web->writer, tag, text);
}

void
web_add_u32(struct exchange *exchange, uint16_t tag, int64_t number)
{
	uint32_t value = number < 0 ? 0 : number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;

	frame_add_u32(&exchange->web->writer, tag, value);
}

/* One pair at *at: u8 length, name, u16 length, value. NULs end a text too early: malformed. */
static bool
read_pair(const unsigned char **at, size_t *left, struct pairs *out)
{
	char *name = NULL, *value = NULL;
	size_t name_len = *left > 0 ? (*at)[0] : 0;
	size_t value_len;
	bool good = false;

	if (*left < 3 + name_len || name_len == 0)
		return false;
	value_len = (size_t)((*at)[1 + name_len] << 8 | (*at)[2 + name_len]);
	if (*left < 3 + name_len + value_len)
		return false;
	name = strndup((const char *)*at + 1, name_len);
	value = strndup((const char *)*at + 3 + name_len, value_len);
	good = name != NULL && value != NULL && strlen(name) == name_len &&
	    strlen(value) == value_len && pairs_get(out, name) == NULL &&
	    pairs_set(out, name, value);
	free(name);
	free(value);
	*at += 3 + name_len + value_len;
	*left -= 3 + name_len + value_len;
	return good;
}

bool
web_pairs(struct exchange *exchange, struct pairs *out)
{
	const struct frame_field *field = frame_find(&exchange->frame, WEB_TAG_PAIRS);
	const unsigned char *at = field == NULL ? NULL : field->value;
	size_t left = field == NULL ? 0 : field->len;

	*out = (struct pairs){0};
	for (size_t i = 0; left > 0; i++) {
		if (i < 2 * WEB_FIELDS_MAX && read_pair(&at, &left, out))
			continue;
		pairs_free(out);
		web_set(exchange, WEB_FAULT, REASON_BUG);
		return false;
	}
	return true;
}

void
web_add_pairs(struct exchange *exchange, const struct pairs *pairs)
{
	unsigned char data[32768];
	size_t len = 0;

	for (size_t i = 0; i < pairs->names.len; i++) {
		size_t name_len = strlen(pairs->names.items[i]);
		size_t value_len = strlen(pairs->values.items[i]);

		if (name_len > UINT8_MAX || value_len > UINT16_MAX ||
		    len + 3 + name_len + value_len > sizeof(data))
			continue;
		data[len++] = (unsigned char)name_len;
		memcpy(data + len, pairs->names.items[i], name_len);
		len += name_len;
		data[len++] = (unsigned char)(value_len >> 8);
		data[len++] = (unsigned char)(value_len & 0xff);
		memcpy(data + len, pairs->values.items[i], value_len);
		len += value_len;
	}
	web_add(exchange, WEB_TAG_PAIRS, data, len);
}

struct store_call
web_call(const struct exchange *exchange)
{
	return (struct store_call){.deadline_ms = exchange->request.deadline_ms};
}

void
web_spend(struct exchange *exchange, const struct store_call *call)
{
	exchange->requests += call->requests;
	if (call->request_id[0] != '\0')
		memcpy(exchange->result.request_id, call->request_id,
		    sizeof(exchange->result.request_id));
}

static bool
find_session(struct exchange *exchange, struct web_session *out, bool before_password)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);
	int64_t now = store_now(store);
	enum pd_error error = PD_NOT_FOUND;

	*out = (struct web_session){0};
	if (exchange->web->secret != NULL)
		error = web_session_check(store, &call, exchange->web->secret, now, out);
	if (error == PD_OK) {
		exchange->result.online = true;
		memcpy(exchange->name, out->user.username, strlen(out->user.username) + 1);
	}
	if (error == PD_OK && before_password)
		error = web_session_try(store, &call, out, now);
	web_spend(exchange, &call);
	if (error == PD_OK)
		return true;
	if (error == PD_NOT_FOUND && exchange->web->secret != NULL)
		exchange->web->event = "session_expired";
	web_set_error(exchange, error);
	web_session_free(out);
	return false;
}

bool
web_session(struct exchange *exchange, struct web_session *out)
{
	return find_session(exchange, out, false);
}

bool
web_session_before_password(struct exchange *exchange, struct web_session *out)
{
	return find_session(exchange, out, true);
}

void
web_session_after_wrong(struct exchange *exchange, struct web_session *session)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);
	enum pd_error error = web_session_wrong(store, &call, session, store_now(store));

	web_spend(exchange, &call);
	if (error == PD_NOT_FOUND)
		web_audit(exchange, "session", "session_ended");
	if (error != PD_OK)
		web_set_error(exchange, error);
}

bool
web_begin_session(struct exchange *exchange, const struct user *user)
{
	const struct web_session_from from = {
	    .network = exchange->rhost, .agent = exchange->web->agent};
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);
	unsigned char secret[WEB_SESSION_SECRET_LEN];
	enum pd_error error = web_session_create(
	    store, &call, user, &from, store_now(store), secret);

	web_spend(exchange, &call);
	if (error == PD_OK)
		web_add(exchange, WEB_TAG_SESSION, secret, sizeof(secret));
	else
		web_set_error(exchange, error == PD_NOT_FOUND ? PD_BUG : error);
	secret_wipe(secret, sizeof(secret));
	return error == PD_OK;
}

void
web_forget(const struct exchange *exchange, const char *name)
{
	struct service *service = exchange->call->service;

	userdb_cache_seen(service->cache, name, NULL);
	ticket_drop(service->tickets, name);
}
