/* SPDX-License-Identifier: BSD-2-Clause */
/* One question to the service. */
#ifndef PAM_REQUEST_H
#define PAM_REQUEST_H

#include "ipc/protocol.h"
#include "pam_call.h"
#include "pam_reply.h"

#define PAM_REQUEST_PASSWORD_MAX 512 /* bytes; a longer one is sent as its first 513: refused */
#define PAM_REQUEST_LABEL_MAX 255    /* bytes of service, rhost, tty, ruser; the rest is cut */

struct pam_request {
	enum protocol_operation operation;
	const char *password;        /* NULL: not sent */
	const char *new_password;    /* NULL: not sent */
	const unsigned char *ticket; /* NULL: not sent; PROTOCOL_TICKET_LEN bytes */
};

/* Asks about call->user and waits, at most call->left_ms, which it lessens. out->verdict is always
 * set: VERDICT_UNAVAILABLE without a service, VERDICT_FAULT for a reply that breaks the format;
 * both are logged. No copy of a password is left. The caller wipes out, for its ticket. */
void pam_request_send(
    struct pam_call *call, const struct pam_request *request, struct pam_reply *out);

#endif
