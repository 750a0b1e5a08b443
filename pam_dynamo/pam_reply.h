/* SPDX-License-Identifier: BSD-2-Clause */
/* What the module reads from a reply frame. No PAM in it. */
#ifndef PAM_REPLY_H
#define PAM_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/protocol.h"
#include "verdict.h"

#define PAM_REPLY_TEXT_SIZE 256 /* bytes of a text field with its NUL */

struct pam_reply {
	enum verdict verdict;
	char reason[PAM_REPLY_TEXT_SIZE];  /* "": none */
	char message[PAM_REPLY_TEXT_SIZE]; /* for the user, without control bytes; "": none */
	bool has_ticket;
	unsigned char ticket[PROTOCOL_TICKET_LEN];
};

/* Parses a whole reply. False: malformed, of another version, no reply, or without a known verdict;
 * the verdict is VERDICT_FAULT then. A text that is too long or a ticket of another length counts
 * as malformed too; unknown fields are skipped. */
bool pam_reply_parse(const void *data, size_t len, struct pam_reply *out);

#endif
