/* SPDX-License-Identifier: BSD-2-Clause */
/* The six entry points. Every one begins as a refusal and ends with a code of pam_code.c's table.
 */
#include <string.h>

#include <security/pam_modules.h>

#include "pam_call.h"
#include "pam_change.h"
#include "pam_code.h"
#include "pam_conversation.h"
#include "pam_name.h"
#include "pam_request.h"
#include "pam_ticket.h"

#define EXPORT __attribute__((visibility("default")))
#define FAIL_DELAY_US 2000000 /* what pam_unix(8) asks for */

/* Passwords that no record may hold; the service refuses them too, and takes its time for it. */
static bool
password_possible(const char *password)
{
	return password[0] != '\0' &&
	    strnlen(password, PAM_REQUEST_PASSWORD_MAX + 1) <= PAM_REQUEST_PASSWORD_MAX;
}

EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct pam_call call;
	struct pam_request request = {.operation = PROTOCOL_AUTHENTICATE};
	struct pam_reply reply = {.verdict = VERDICT_DENY};
	int code = pam_call_begin(&call, pamh, flags, argc, argv);

	if (code != PAM_SUCCESS)
		goto out;
	/* asked for whoever it is: a prompt that is missing tells which names are ours, and the
	 * modules that follow want the answer */
	code = pam_conversation_token(
	    &call, PAM_AUTHTOK, call.args.prompt, PAM_AUTH_ERR, &request.password);
	if (code != PAM_SUCCESS)
		goto out;
	/* names that go on to pam_unix in the same stack take its delay, and would be known by it
	 */
	if (!call.args.nodelay)
		(void)pam_fail_delay(pamh, FAIL_DELAY_US);
	pam_call_read_user(&call); /* the answer may have come with another name */
	if (!pam_name_ours(call.user)) {
		code = pam_code(&call.args, PAM_PHASE_AUTHENTICATE, VERDICT_UNKNOWN);
		goto out;
	}
	pam_request_send(&call, &request, &reply);
	if (reply.verdict == VERDICT_SUCCESS && !password_possible(request.password))
		reply.verdict = VERDICT_FAULT;
	if (reply.verdict == VERDICT_SUCCESS && reply.has_ticket)
		pam_ticket_keep(&call, reply.ticket);
	code = pam_code(&call.args, PAM_PHASE_AUTHENTICATE, reply.verdict);
out:
	explicit_bzero(&reply, sizeof(reply));
	return code;
}

EXPORT int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct pam_call call;
	struct pam_request request = {.operation = PROTOCOL_ACCOUNT};
	struct pam_reply reply = {.verdict = VERDICT_DENY};
	int code = pam_call_begin(&call, pamh, flags, argc, argv);

	if (code != PAM_SUCCESS)
		goto out;
	if (!pam_name_ours(call.user)) {
		code = pam_code(&call.args, PAM_PHASE_ACCOUNT, VERDICT_UNKNOWN);
		goto out;
	}
	request.ticket = pam_ticket_find(&call);
	pam_request_send(&call, &request, &reply);
	pam_conversation_tell(
	    &call, reply.verdict == VERDICT_SUCCESS ? PAM_TEXT_INFO : PAM_ERROR_MSG, reply.message);
	code = pam_call_end(&call, pam_code(&call.args, PAM_PHASE_ACCOUNT, reply.verdict));
out:
	explicit_bzero(&reply, sizeof(reply));
	return code;
}

EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct pam_call call;
	int code = pam_call_begin(&call, pamh, flags, argc, argv);

	if (code != PAM_SUCCESS)
		return code;
	if (!pam_name_ours(call.user))
		return pam_code(&call.args, PAM_PHASE_CHANGE, VERDICT_UNKNOWN);
	if ((call.flags & PAM_PRELIM_CHECK) != 0)
		return pam_call_end(&call, pam_change_check(&call));
	if ((call.flags & PAM_UPDATE_AUTHTOK) != 0)
		return pam_call_end(&call, pam_change_update(&call));
	return PAM_SERVICE_ERR;
}

/* The rest have nothing to do: a login leaves no credential and no session state with us, and what
 * the service knows ends with its reply. They still refuse arguments that do not exist. */
static int
nothing_to_do(pam_handle_t *pamh, int argc, const char **argv)
{
	struct pam_args args;

	return pam_args_parse(pamh, argc, argv, &args) ? PAM_SUCCESS : PAM_SERVICE_ERR;
}

EXPORT int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return nothing_to_do(pamh, argc, argv);
}

EXPORT int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return nothing_to_do(pamh, argc, argv);
}

EXPORT int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	return nothing_to_do(pamh, argc, argv);
}
