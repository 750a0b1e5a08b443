/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_call.h"

#include <stddef.h>

int
pam_call_begin(struct pam_call *call, pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	int code;

	*call = (struct pam_call){
	    .pamh = pamh, .flags = (unsigned)flags, .left_ms = PAM_CALL_WAIT_MS};
	if (!pam_args_parse(pamh, argc, argv, &call->args))
		return PAM_SERVICE_ERR;
	code = pam_get_user(pamh, &call->user, NULL);
	if (code == PAM_CONV_AGAIN)
		return PAM_INCOMPLETE;
	if (code == PAM_SUCCESS && call->user == NULL)
		return PAM_USER_UNKNOWN;
	return code;
}

bool
pam_call_may_tell(const struct pam_call *call)
{
	return (call->flags & PAM_SILENT) == 0 && !call->args.quiet;
}
