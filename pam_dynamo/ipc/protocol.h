/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of the login protocol (PROTOCOL.md). A number, once given, is never given again. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#define PROTOCOL_VERSION 1
#define PROTOCOL_SOCKET_DEFAULT "/run/pam-dynamo/login.sock"
#define PROTOCOL_FRAME_MAX 65536      /* bytes after the length word */
#define PROTOCOL_LOGIN_REPLY_MAX 4096 /* bytes of a whole reply to operations 1 to 5 */
#define PROTOCOL_TICKET_LEN 16        /* bytes */

enum protocol_operation {
	PROTOCOL_PING = 1,         /* anyone: is the service there, and who is it */
	PROTOCOL_AUTHENTICATE = 2, /* USER PASSWORD; -> VERDICT REASON [TICKET] */
	PROTOCOL_ACCOUNT = 3,      /* USER [TICKET]; -> VERDICT REASON [MESSAGE] */
	PROTOCOL_CHANGE_CHECK = 4, /* USER [PASSWORD]: PAM_PRELIM_CHECK */
	PROTOCOL_CHANGE = 5,       /* USER [PASSWORD] NEW_PASSWORD: PAM_UPDATE_AUTHTOK */
	PROTOCOL_REPLY = 128,      /* every reply */
};

enum protocol_tag {
	PROTOCOL_TAG_USER = 1,
	PROTOCOL_TAG_PASSWORD = 2,     /* secret */
	PROTOCOL_TAG_NEW_PASSWORD = 3, /* secret */
	PROTOCOL_TAG_SERVICE = 4,
	PROTOCOL_TAG_RHOST = 5,
	PROTOCOL_TAG_TTY = 6,
	PROTOCOL_TAG_RUSER = 7,
	PROTOCOL_TAG_MINIMUM_UID = 8, /* u32, big-endian */
	PROTOCOL_TAG_TICKET = 9, /* PROTOCOL_TICKET_LEN bytes: names a login just authenticated */
	PROTOCOL_TAG_DEADLINE = 10, /* u32, milliseconds that the client will wait */
	PROTOCOL_TAG_VERDICT = 64,  /* u8, enum verdict */
	PROTOCOL_TAG_REASON = 65,   /* text id, policy_reason_word; root peers only, others get the
				       verdict's plain word */
	PROTOCOL_TAG_MESSAGE = 66,  /* a sentence for the user */
	PROTOCOL_TAG_REQUEST_ID = 67, /* for support; root peers only */
	PROTOCOL_TAG_REQUESTS = 68,   /* u32: store requests before the reply; root peers only */
	PROTOCOL_TAG_LATENCY_US = 69, /* u32: time inside the service; root peers only */
	PROTOCOL_TAG_INFO = 70,       /* PING: version and engine, text */
};

#endif
