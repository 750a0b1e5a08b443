/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/service_call.h"

#include <string.h>

#include "web/secret.h"

#include "ipc/client.h"

void
service_call_begin(struct service_call *call, enum web_operation operation)
{
	service_call_free(call);
	frame_begin(
	    &call->writer, call->question_bytes, sizeof(call->question_bytes), (uint8_t)operation);
	frame_add_u32(&call->writer, PROTOCOL_TAG_DEADLINE, WEB_WAIT_MS);
}

static bool
understand(struct service_call *call, size_t reply_len)
{
	const struct frame_field *result;

	if (!frame_parse(call->reply_bytes, reply_len, &call->reply) ||
	    call->reply.version != PROTOCOL_VERSION || call->reply.operation != PROTOCOL_REPLY)
		return false;
	result = frame_find(&call->reply, WEB_TAG_RESULT);
	if (result == NULL || result->len != 1 || result->value[0] >= WEB_RESULT_COUNT)
		return false;
	call->result = (enum web_result)result->value[0];
	(void)frame_u32(&call->reply, WEB_TAG_RETRY_S, &call->retry_s);
	return true;
}

enum web_result
service_call_ask(struct service_call *call, const char *socket, int timeout_ms)
{
	size_t len = frame_end(&call->writer);
	size_t reply_len = 0;

	call->result = WEB_UNAVAILABLE;
	call->retry_s = 0;
	if (len > 0 &&
	    client_request(socket, call->question_bytes, len, call->reply_bytes,
		sizeof(call->reply_bytes), &reply_len, timeout_ms) == CLIENT_OK &&
	    !understand(call, reply_len))
		memset(&call->reply, 0, sizeof(call->reply));
	secret_wipe(call->question_bytes, len);
	return call->result;
}

void
service_call_free(struct service_call *call)
{
	secret_wipe(call->question_bytes, call->writer.len);
	secret_wipe(call->reply_bytes, sizeof(call->reply_bytes));
	call->writer = (struct frame_writer){0};
	memset(&call->reply, 0, sizeof(call->reply));
	call->result = WEB_UNAVAILABLE;
	call->retry_s = 0;
}

void
service_call_pair(
    unsigned char *data, size_t size, size_t *len, const char *name, const char *value)
{
	size_t name_len = strlen(name);
	size_t value_len = strlen(value);

	/* the form's own bounds are far below; an overrun would be a bug here */
	if (name_len > UINT8_MAX || value_len > UINT16_MAX ||
	    size - *len < 3 + name_len + value_len)
		return;
	data[(*len)++] = (unsigned char)name_len;
	memcpy(data + *len, name, name_len);
	*len += name_len;
	data[(*len)++] = (unsigned char)(value_len >> 8);
	data[(*len)++] = (unsigned char)(value_len & 0xff);
	memcpy(data + *len, value, value_len);
	*len += value_len;
}

bool
service_call_find_pair(const struct frame *reply, const char *name, char *out, size_t out_size)
{
	const struct frame_field *pairs = frame_find(reply, WEB_TAG_PAIRS);
	size_t left = pairs == NULL ? 0 : pairs->len;
	const unsigned char *at = pairs == NULL ? NULL : pairs->value;

	out[0] = '\0';
	while (left > 0) {
		size_t name_len = at[0];
		size_t value_len;

		if (left < 3 + name_len)
			return false;
		value_len = (size_t)(at[1 + name_len] << 8 | at[2 + name_len]);
		if (left < 3 + name_len + value_len)
			return false;
		if (name_len == strlen(name) && memcmp(at + 1, name, name_len) == 0) {
			const unsigned char *value = at + 3 + name_len;

			if (value_len >= out_size || memchr(value, '\0', value_len) != NULL)
				return false;
			memcpy(out, value, value_len);
			out[value_len] = '\0';
			return true;
		}
		at += 3 + name_len + value_len;
		left -= 3 + name_len + value_len;
	}
	return false;
}
