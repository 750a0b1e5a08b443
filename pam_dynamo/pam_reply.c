/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_reply.h"

#include <string.h>

#include "ipc/frame.h"

static bool
take_verdict(const struct frame *frame, enum verdict *out)
{
	const struct frame_field *field = frame_find(frame, PROTOCOL_TAG_VERDICT);

	if (field == NULL || field->len != 1 || field->value[0] >= VERDICT_COUNT)
		return false;
	*out = (enum verdict)field->value[0];
	return true;
}

static bool
take_text(const struct frame *frame, uint16_t tag, char out[PAM_REPLY_TEXT_SIZE])
{
	return frame_find(frame, tag) == NULL || frame_string(frame, tag, out, PAM_REPLY_TEXT_SIZE);
}

static bool
take_ticket(const struct frame *frame, struct pam_reply *out)
{
	const struct frame_field *field = frame_find(frame, PROTOCOL_TAG_TICKET);

	if (field == NULL)
		return true;
	if (field->len != sizeof(out->ticket))
		return false;
	memcpy(out->ticket, field->value, sizeof(out->ticket));
	out->has_ticket = true;
	return true;
}

/* The sentence goes to somebody's terminal. */
static void
drop_control_bytes(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

bool
pam_reply_parse(const void *data, size_t len, struct pam_reply *out)
{
	struct frame frame;

	memset(out, 0, sizeof(*out));
	if (frame_parse(data, len, &frame) && frame.version == PROTOCOL_VERSION &&
	    frame.operation == PROTOCOL_REPLY && take_verdict(&frame, &out->verdict) &&
	    take_text(&frame, PROTOCOL_TAG_REASON, out->reason) &&
	    take_text(&frame, PROTOCOL_TAG_MESSAGE, out->message) && take_ticket(&frame, out)) {
		drop_control_bytes(out->message);
		return true;
	}
	explicit_bzero(out, sizeof(*out));
	out->verdict = VERDICT_FAULT;
	return false;
}
