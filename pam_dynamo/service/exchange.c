/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/exchange.h"

#include <string.h>

#include "core/clock.h"
#include "service/audit.h"
#include "service/generation.h"
#include "service/web.h"

#define REPLY_SIZE 1024

struct text {
	uint16_t tag;
	size_t offset;
};

static const struct text texts[] = {
    {PROTOCOL_TAG_USER, offsetof(struct exchange, name)},
    {PROTOCOL_TAG_SERVICE, offsetof(struct exchange, service)},
    {PROTOCOL_TAG_RHOST, offsetof(struct exchange, rhost)},
    {PROTOCOL_TAG_TTY, offsetof(struct exchange, tty)},
    {PROTOCOL_TAG_RUSER, offsetof(struct exchange, ruser)},
};

/* A text that is there must fit and hold no NUL byte. */
static bool
read_texts(struct exchange *exchange)
{
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (frame_find(&exchange->frame, texts[i].tag) != NULL &&
		    !frame_string(&exchange->frame, texts[i].tag,
			(char *)exchange + texts[i].offset, EXCHANGE_TEXT_SIZE))
			return false;
	return true;
}

static bool
read_u32(const struct exchange *exchange, uint16_t tag, uint32_t *out)
{
	*out = 0;
	return frame_find(&exchange->frame, tag) == NULL || frame_u32(&exchange->frame, tag, out);
}

static void
read_secret(const struct exchange *exchange, uint16_t tag, const char **value, size_t *len)
{
	const struct frame_field *field = frame_find(&exchange->frame, tag);

	*value = field == NULL ? NULL : (const char *)field->value;
	*len = field == NULL ? 0 : field->len;
}

/* The module's minimum replaces the configured one only for root: others may raise it. */
static int64_t
choose_minimum(const struct call *call, uint32_t asked)
{
	int64_t configured = call->generation->conf.minimum_uid;

	if (asked == 0 || (call->peer.uid != 0 && asked < configured))
		return configured;
	return asked;
}

bool
exchange_read(struct call *call, struct exchange *out)
{
	uint32_t minimum_uid, wait_ms;
	struct login_request *request = &out->request;

	memset(out, 0, sizeof(*out));
	out->call = call;
	exchange_answer(out, VERDICT_FAULT, REASON_BUG);
	if (!frame_parse(call->data, call->len, &out->frame) ||
	    out->frame.version != PROTOCOL_VERSION || !read_texts(out) ||
	    !read_u32(out, PROTOCOL_TAG_MINIMUM_UID, &minimum_uid) ||
	    !read_u32(out, PROTOCOL_TAG_DEADLINE, &wait_ms))
		return false;
	read_secret(out, PROTOCOL_TAG_PASSWORD, &request->password, &request->password_len);
	read_secret(
	    out, PROTOCOL_TAG_NEW_PASSWORD, &request->new_password, &request->new_password_len);
	request->name = out->name;
	request->service = out->service;
	request->rhost = out->rhost;
	request->minimum_uid = choose_minimum(call, minimum_uid);
	request->deadline_ms = call->deadline_ms;
	if (wait_ms > 0 && call->received_us / 1000 + wait_ms < request->deadline_ms)
		request->deadline_ms = call->received_us / 1000 + wait_ms;
	request->by_root = call->peer.uid == 0;
	return true;
}

void
exchange_answer(struct exchange *exchange, enum verdict verdict, enum policy_reason reason)
{
	exchange->result.verdict = verdict;
	exchange->result.reason = reason;
}

/* To the page, which reads nothing else: what became of a question that no handler answered. */
static void
add_web_result(struct frame_writer *writer, enum verdict verdict)
{
	unsigned char result = (unsigned char)web_result_of(verdict);

	frame_add(writer, WEB_TAG_RESULT, &result, sizeof(result));
	if (result == WEB_UNAVAILABLE)
		frame_add_u32(writer, WEB_TAG_RETRY_S, WEB_RETRY_S);
}

static void
add_details(struct frame_writer *writer, const struct exchange *exchange)
{
	const struct login_result *result = &exchange->result;

	frame_add_string(writer, PROTOCOL_TAG_REASON, policy_reason_word(result->reason));
	if (result->request_id[0] != '\0')
		frame_add_string(writer, PROTOCOL_TAG_REQUEST_ID, result->request_id);
	frame_add_u32(writer, PROTOCOL_TAG_REQUESTS, result->requests);
	frame_add_u32(writer, PROTOCOL_TAG_LATENCY_US,
	    exchange->latency_us > UINT32_MAX ? UINT32_MAX : (uint32_t)exchange->latency_us);
}

bool
exchange_reply(struct exchange *exchange)
{
	unsigned char data[REPLY_SIZE];
	unsigned char verdict = (unsigned char)exchange->result.verdict;
	struct call *call = exchange->call;
	struct frame_writer writer;
	size_t len;

	exchange->latency_us = clock_monotonic_us() - call->received_us;
	frame_begin(&writer, data, sizeof(data), PROTOCOL_REPLY);
	frame_add(&writer, PROTOCOL_TAG_VERDICT, &verdict, sizeof(verdict));
	if (web_is_operation(exchange->frame.operation))
		add_web_result(&writer, exchange->result.verdict);
	if (call->peer.uid == 0)
		add_details(&writer, exchange);
	else
		frame_add_string(
		    &writer, PROTOCOL_TAG_REASON, audit_verdict_word(exchange->result.verdict));
	if (exchange->result.message[0] != '\0')
		frame_add_string(&writer, PROTOCOL_TAG_MESSAGE, exchange->result.message);
	if (exchange->has_ticket)
		frame_add(&writer, PROTOCOL_TAG_TICKET, exchange->ticket, sizeof(exchange->ticket));
	if (exchange->info[0] != '\0')
		frame_add_string(&writer, PROTOCOL_TAG_INFO, exchange->info);
	len = frame_end(&writer);
	return len > 0 && call->write(call->write_ctx, data, len, 0);
}
