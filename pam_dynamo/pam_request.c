/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_request.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>

#include "ipc/client.h"
#include "ipc/frame.h"
#include "pam_code.h"
#include "pam_log.h"

#define REQUEST_SIZE 4096 /* two passwords, the name and four labels are about 2,200 bytes */
#define REPLY_SIZE PROTOCOL_LOGIN_REPLY_MAX

static const char *const operation_words[] = {
    [PROTOCOL_AUTHENTICATE] = "authenticate",
    [PROTOCOL_ACCOUNT] = "account",
    [PROTOCOL_CHANGE_CHECK] = "change-check",
    [PROTOCOL_CHANGE] = "change",
};

static const struct label {
	int item;
	uint16_t tag;
} labels[] = {
    {PAM_SERVICE, PROTOCOL_TAG_SERVICE},
    {PAM_RHOST, PROTOCOL_TAG_RHOST},
    {PAM_TTY, PROTOCOL_TAG_TTY},
    {PAM_RUSER, PROTOCOL_TAG_RUSER},
};

static void
add_labels(const struct pam_call *call, struct frame_writer *writer)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		const void *text = NULL;

		if (pam_get_item(call->pamh, labels[i].item, &text) == PAM_SUCCESS && text != NULL)
			frame_add(
			    writer, labels[i].tag, text, strnlen(text, PAM_REQUEST_LABEL_MAX));
	}
}

static void
add_secret(struct frame_writer *writer, uint16_t tag, const char *secret)
{
	if (secret != NULL)
		frame_add(writer, tag, secret, strnlen(secret, PAM_REQUEST_PASSWORD_MAX + 1));
}

/* Bytes of the frame in data; 0: it does not fit. */
static size_t
compose(const struct pam_call *call, const struct pam_request *request,
    unsigned char data[REQUEST_SIZE])
{
	struct frame_writer writer;

	frame_begin(&writer, data, REQUEST_SIZE, (uint8_t)request->operation);
	frame_add_string(&writer, PROTOCOL_TAG_USER, call->user);
	add_secret(&writer, PROTOCOL_TAG_PASSWORD, request->password);
	add_secret(&writer, PROTOCOL_TAG_NEW_PASSWORD, request->new_password);
	add_labels(call, &writer);
	if (call->args.minimum_uid > 0)
		frame_add_u32(&writer, PROTOCOL_TAG_MINIMUM_UID, call->args.minimum_uid);
	if (request->ticket != NULL)
		frame_add(&writer, PROTOCOL_TAG_TICKET, request->ticket, PROTOCOL_TICKET_LEN);
	frame_add_u32(&writer, PROTOCOL_TAG_DEADLINE, (uint32_t)call->left_ms);
	return frame_end(&writer);
}

/* The verdict of a request that has no reply to parse, with its log line. */
static enum verdict
no_reply(struct pam_call *call, enum client_status status)
{
	switch (status) {
	case CLIENT_NO_SERVICE:
		pam_syslog(call->pamh, LOG_ERR, "no answer from pam-dynamod at %s: %s",
		    call->args.socket, strerror(errno));
		return VERDICT_UNAVAILABLE;
	case CLIENT_BAD_REPLY:
		pam_log(
		    call->pamh, LOG_ERR, "reply that breaks the protocol from", call->args.socket);
		return VERDICT_FAULT;
	case CLIENT_BAD_PATH:
		pam_log(call->pamh, LOG_ERR, "socket= is too long", call->args.socket);
		return VERDICT_FAULT;
	case CLIENT_OK:
		break;
	}
	return VERDICT_FAULT;
}

static void
log_answer(const struct pam_call *call, const struct pam_request *request,
    const struct pam_reply *reply, int elapsed_ms)
{
	char reason[PAM_LOG_TEXT_SIZE];

	if (!call->args.debug)
		return;
	pam_log_escape(reason, reply->reason);
	pam_syslog(call->pamh, LOG_DEBUG, "%s of %s: %s (%s) in %d ms",
	    operation_words[request->operation], call->user, pam_code_verdict_word(reply->verdict),
	    reason, elapsed_ms);
}

void
pam_request_send(struct pam_call *call, const struct pam_request *request, struct pam_reply *out)
{
	unsigned char data[REQUEST_SIZE];
	unsigned char reply[REPLY_SIZE];
	size_t reply_len = 0;
	size_t len;
	int64_t begun = client_clock_ms();
	int elapsed_ms;
	enum client_status status;

	memset(out, 0, sizeof(*out));
	len = pam_call_same_user(call) ? compose(call, request, data) : 0;
	if (len == 0) {
		out->verdict = VERDICT_FAULT;
		goto out;
	}
	status = client_request(
	    call->args.socket, data, len, reply, sizeof(reply), &reply_len, call->left_ms);
	elapsed_ms = (int)(client_clock_ms() - begun);
	call->left_ms = elapsed_ms < call->left_ms ? call->left_ms - elapsed_ms : 0;
	if (status != CLIENT_OK)
		out->verdict = no_reply(call, status);
	else if (!pam_reply_parse(reply, reply_len, out))
		out->verdict = no_reply(call, CLIENT_BAD_REPLY);
	log_answer(call, request, out, elapsed_ms);
out:
	explicit_bzero(data, sizeof(data));
	explicit_bzero(reply, sizeof(reply));
}
