/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_call.h"

#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>

static const char *
handle_user(const struct pam_call *call)
{
	const void *user = NULL;

	return pam_get_item(call->pamh, PAM_USER, &user) == PAM_SUCCESS ? user : NULL;
}

void
pam_call_read_user(struct pam_call *call)
{
	const char *user = handle_user(call);
	size_t len = user != NULL ? strnlen(user, sizeof(call->user)) : 0;

	memset(call->user, 0, sizeof(call->user));
	if (len > 0 && len < sizeof(call->user))
		memcpy(call->user, user, len);
}

bool
pam_call_same_user(const struct pam_call *call)
{
	const char *user = handle_user(call);

	if (user != NULL && strcmp(user, call->user) == 0)
		return true;
	pam_syslog(call->pamh, LOG_ERR, "PAM_USER was changed in the conversation");
	return false;
}

int
pam_call_end(const struct pam_call *call, int code)
{
	if (code != PAM_SUCCESS && code != PAM_NEW_AUTHTOK_REQD)
		return code;
	return pam_call_same_user(call) ? code : PAM_SERVICE_ERR;
}

int
pam_call_begin(struct pam_call *call, pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *user = NULL;
	int code;

	*call = (struct pam_call){
	    .pamh = pamh, .flags = (unsigned)flags, .left_ms = PAM_CALL_WAIT_MS};
	if (!pam_args_parse(pamh, argc, argv, &call->args))
		return PAM_SERVICE_ERR;
	code = pam_get_user(pamh, &user, NULL);
	/* libpam hands on what the conversation returned, PAM_IGNORE too */
	if (code == PAM_CONV_AGAIN)
		return PAM_INCOMPLETE;
	if (code != PAM_SUCCESS)
		return code == PAM_BUF_ERR ? PAM_BUF_ERR : PAM_CONV_ERR;
	if (user == NULL)
		return PAM_USER_UNKNOWN;
	pam_call_read_user(call);
	return PAM_SUCCESS;
}

bool
pam_call_may_tell(const struct pam_call *call)
{
	return (call->flags & PAM_SILENT) == 0 && !call->args.quiet;
}
