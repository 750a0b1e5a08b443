/* SPDX-License-Identifier: BSD-2-Clause */
/* What an authenticate leaves for the account step of the same PAM handle. */
#ifndef PAM_TICKET_H
#define PAM_TICKET_H

#include "ipc/protocol.h"
#include "pam_call.h"

/* Keeps a copy bound to call->user; libpam has it wiped and freed. Without memory there is no
 * ticket, and account asks anew. */
void pam_ticket_keep(const struct pam_call *call, const unsigned char ticket[PROTOCOL_TICKET_LEN]);

/* The ticket kept for call->user, or NULL; lives as long as the handle. */
const unsigned char *pam_ticket_find(const struct pam_call *call);

#endif
