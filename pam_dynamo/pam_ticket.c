/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_ticket.h"

#include <stdlib.h>
#include <string.h>

#include "pam_name.h"

#define DATA_NAME "pam_dynamo_ticket"

struct ticket {
	char user[PAM_NAME_SIZE];
	unsigned char bytes[PROTOCOL_TICKET_LEN];
};

static void
cleanup(pam_handle_t *pamh, void *data, int error_status)
{
	(void)pamh;
	(void)error_status;
	if (data == NULL)
		return;
	explicit_bzero(data, sizeof(struct ticket));
	free(data);
}

void
pam_ticket_keep(const struct pam_call *call, const unsigned char ticket[PROTOCOL_TICKET_LEN])
{
	size_t user_len = strlen(call->user);
	struct ticket *kept;

	if (user_len >= sizeof(kept->user))
		return;
	kept = calloc(1, sizeof(*kept));
	if (kept == NULL)
		return;
	memcpy(kept->user, call->user, user_len);
	memcpy(kept->bytes, ticket, sizeof(kept->bytes));
	if (pam_set_data(call->pamh, DATA_NAME, kept, cleanup) != PAM_SUCCESS)
		cleanup(call->pamh, kept, 0);
}

const unsigned char *
pam_ticket_find(const struct pam_call *call)
{
	const void *data = NULL;
	const struct ticket *kept;

	if (pam_get_data(call->pamh, DATA_NAME, &data) != PAM_SUCCESS || data == NULL)
		return NULL;
	kept = data;
	return strcmp(kept->user, call->user) == 0 ? kept->bytes : NULL;
}
