/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_change.h"

#include <stdbool.h>
#include <string.h>

#include "pam_code.h"
#include "pam_conversation.h"
#include "pam_request.h"

#define PROMPT_CURRENT "Current password: "
#define PROMPT_NEW "New password: "
#define PROMPT_AGAIN "Retype new password: "
#define CHECKED "pam_dynamo_checked" /* libpam keeps it between the passes */
#define NEW_PASSWORD_TRIES 3         /* for two entries that differ, or one that breaks a rule */

/* A change that has passed its check is ours to make or to refuse. Were it ignored then, the module
 * that follows could call it done. */
static enum pam_phase
phase_of(const struct pam_call *call)
{
	const void *checked = NULL;

	if ((call->flags & PAM_UPDATE_AUTHTOK) == 0 ||
	    pam_get_data(call->pamh, CHECKED, &checked) != PAM_SUCCESS || checked == NULL)
		return PAM_PHASE_CHANGE;
	return PAM_PHASE_UPDATE;
}

static enum verdict
ask_service(struct pam_call *call, const struct pam_request *request)
{
	struct pam_reply reply;
	enum verdict verdict;

	pam_request_send(call, request, &reply);
	verdict = reply.verdict;
	pam_conversation_tell(
	    call, verdict == VERDICT_SUCCESS ? PAM_TEXT_INFO : PAM_ERROR_MSG, reply.message);
	explicit_bzero(&reply, sizeof(reply));
	return verdict;
}

/* Whether there is anything to change: PAM_CHANGE_EXPIRED_AUTHTOK wants it only for a password that
 * must be changed. True: go on; false: *code is the answer. */
static bool
is_due(struct pam_call *call, int *code)
{
	struct pam_reply reply;
	enum verdict verdict;

	if ((call->flags & PAM_CHANGE_EXPIRED_AUTHTOK) == 0)
		return true;
	pam_request_send(call, &(struct pam_request){.operation = PROTOCOL_ACCOUNT}, &reply);
	verdict = reply.verdict;
	explicit_bzero(&reply, sizeof(reply));
	*code = pam_code(&call->args, phase_of(call), verdict);
	return verdict == VERDICT_CHANGE;
}

static int
check(struct pam_call *call)
{
	struct pam_request request = {.operation = PROTOCOL_CHANGE_CHECK};
	int code = PAM_SERVICE_ERR;

	if (!is_due(call, &code))
		return code;
	code = pam_conversation_token(
	    call, PAM_OLDAUTHTOK, PROMPT_CURRENT, PAM_AUTH_ERR, &request.password);
	if (code != PAM_SUCCESS)
		return code;
	return pam_code(&call->args, PAM_PHASE_CHANGE, ask_service(call, &request));
}

int
pam_change_check(struct pam_call *call)
{
	int code = check(call);

	if (pam_set_data(call->pamh, CHECKED, code == PAM_SUCCESS ? call->pamh : NULL, NULL) !=
	    PAM_SUCCESS)
		return PAM_BUF_ERR;
	return code;
}

/* Asks twice and stores the answer in PAM_AUTHTOK. *differ: the two were not the same. */
static int
ask_new(struct pam_call *call, bool *differ)
{
	char *first = NULL;
	char *second = NULL;
	int code = pam_conversation_ask(call, PROMPT_NEW, PAM_AUTHTOK_ERR, &first);

	if (code == PAM_SUCCESS && first[0] == '\0')
		code = PAM_AUTHTOK_ERR; /* nothing typed: the user gave up */
	if (code == PAM_SUCCESS)
		code = pam_conversation_ask(call, PROMPT_AGAIN, PAM_AUTHTOK_ERR, &second);
	if (code == PAM_SUCCESS && strcmp(first, second) != 0) {
		*differ = true;
		pam_conversation_tell(call, PAM_ERROR_MSG, "The two passwords differ.");
		code = PAM_AUTHTOK_ERR;
	}
	if (code == PAM_SUCCESS && pam_set_item(call->pamh, PAM_AUTHTOK, first) != PAM_SUCCESS)
		code = PAM_BUF_ERR;
	pam_conversation_forget(first);
	pam_conversation_forget(second);
	return code;
}

/* One try; *again: another one may help. */
static int
change_once(struct pam_call *call, const char *current, bool *again)
{
	const void *chosen = NULL;
	struct pam_request request = {.operation = PROTOCOL_CHANGE, .password = current};
	enum verdict verdict;
	int code;

	*again = false;
	if (!call->args.use_authtok) {
		code = ask_new(call, again);
		if (code != PAM_SUCCESS)
			return code;
	}
	code = pam_get_item(call->pamh, PAM_AUTHTOK, &chosen);
	if (code != PAM_SUCCESS || chosen == NULL)
		return PAM_AUTHTOK_ERR;
	request.new_password = chosen;
	verdict = ask_service(call, &request);
	*again = verdict == VERDICT_REFUSED && !call->args.use_authtok;
	return pam_code(&call->args, phase_of(call), verdict);
}

int
pam_change_update(struct pam_call *call)
{
	const void *current = NULL;
	bool again = true;
	int code = PAM_SERVICE_ERR;

	if (!is_due(call, &code))
		return code;
	if (pam_get_item(call->pamh, PAM_OLDAUTHTOK, &current) != PAM_SUCCESS || current == NULL)
		return PAM_AUTHTOK_RECOVERY_ERR;
	for (int tries = 0; again && tries < NEW_PASSWORD_TRIES; tries++)
		code = change_once(call, current, &again);
	return code;
}
