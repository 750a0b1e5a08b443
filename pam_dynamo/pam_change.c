/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_change.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "pam_code.h"
#include "pam_conversation.h"
#include "pam_request.h"

#define PROMPT_CURRENT "Current password: "
#define PROMPT_NEW "New password: "
#define PROMPT_AGAIN "Retype new password: "
#define NO_CHANGE "No answer from the user directory: the password stays as it is."
#define NO_IDEA "No answer from the user directory: try the new password first, then the old one."
/* libpam keeps these between the passes */
#define CHECKED "pam_dynamo_checked"
#define RESET "pam_dynamo_reset"
#define NEW_PASSWORD_TRIES 3 /* for two entries that differ, or one that breaks a rule */

static bool
mark(const struct pam_call *call, const char *name, bool set)
{
	return pam_set_data(call->pamh, name, set ? call->pamh : NULL, NULL) == PAM_SUCCESS;
}

static bool
is_marked(const struct pam_call *call, const char *name)
{
	const void *set = NULL;

	return pam_get_data(call->pamh, name, &set) == PAM_SUCCESS && set != NULL;
}

/* A change that has passed its check is ours to make or to refuse. Were it ignored then, the module
 * that follows could call it done. */
static enum pam_phase
phase_of(const struct pam_call *call)
{
	if ((call->flags & PAM_UPDATE_AUTHTOK) == 0 || !is_marked(call, CHECKED))
		return PAM_PHASE_CHANGE;
	return PAM_PHASE_UPDATE;
}

/* A reply always has its reason. */
static const char *
sentence(const struct pam_request *request, const struct pam_reply *reply)
{
	if (reply->message[0] != '\0' || reply->reason[0] != '\0' ||
	    reply->verdict != VERDICT_UNAVAILABLE)
		return reply->message;
	return request->operation == PROTOCOL_CHANGE ? NO_IDEA : NO_CHANGE;
}

static enum verdict
ask_service(struct pam_call *call, const struct pam_request *request)
{
	struct pam_reply reply;
	enum verdict verdict;

	pam_request_send(call, request, &reply);
	verdict = reply.verdict;
	/* what is good, or demanded, the account step has said */
	if (request->operation != PROTOCOL_ACCOUNT ||
	    (verdict != VERDICT_SUCCESS && verdict != VERDICT_CHANGE))
		pam_conversation_tell(call,
		    verdict == VERDICT_SUCCESS ? PAM_TEXT_INFO : PAM_ERROR_MSG,
		    sentence(request, &reply));
	explicit_bzero(&reply, sizeof(reply));
	return verdict;
}

/* Whether there is anything to change: PAM_CHANGE_EXPIRED_AUTHTOK wants it only for a password that
 * must be changed. True: go on; false: *code is the answer. */
static bool
is_due(struct pam_call *call, int *code)
{
	enum verdict verdict;

	if ((call->flags & PAM_CHANGE_EXPIRED_AUTHTOK) == 0)
		return true;
	verdict = ask_service(call, &(struct pam_request){.operation = PROTOCOL_ACCOUNT});
	*code = pam_code(&call->args, phase_of(call), verdict);
	return verdict == VERDICT_CHANGE;
}

/* Root may set a password without the old one, where the service lets it: pam_unix(8)'s rule. A
 * program that was started by a user, and a change demanded at a login, are not root's. True: *code
 * is the answer; false: the current password is needed. */
static bool
check_reset(struct pam_call *call, int *code)
{
	struct pam_request request = {.operation = PROTOCOL_CHANGE_CHECK};
	enum verdict verdict;

	if (getuid() != 0 || (call->flags & PAM_CHANGE_EXPIRED_AUTHTOK) != 0)
		return false;
	verdict = ask_service(call, &request);
	*code = pam_code(&call->args, PAM_PHASE_CHANGE, verdict);
	return verdict != VERDICT_DENY;
}

static int
check(struct pam_call *call, bool *reset)
{
	struct pam_request request = {.operation = PROTOCOL_CHANGE_CHECK};
	int code = PAM_SERVICE_ERR;

	if (!is_due(call, &code))
		return code;
	*reset = check_reset(call, &code);
	if (*reset)
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
	bool reset = false;
	int code = check(call, &reset);

	if (!mark(call, CHECKED, code == PAM_SUCCESS) ||
	    !mark(call, RESET, code == PAM_SUCCESS && reset))
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

/* The old password as libpam holds it, NULL for a reset. To be looked up after each conversation,
 * whose function may set it anew. False: there is none. */
static bool
find_current(const struct pam_call *call, const void **out)
{
	*out = NULL;
	if (is_marked(call, RESET))
		return true;
	return pam_get_item(call->pamh, PAM_OLDAUTHTOK, out) == PAM_SUCCESS && *out != NULL;
}

/* One try; *again: another one may help. */
static int
change_once(struct pam_call *call, bool *again)
{
	const void *current = NULL;
	const void *chosen = NULL;
	struct pam_request request = {.operation = PROTOCOL_CHANGE};
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
	if (!find_current(call, &current))
		return PAM_AUTHTOK_RECOVERY_ERR;
	request.password = current;
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
	if (!find_current(call, &current))
		return PAM_AUTHTOK_RECOVERY_ERR;
	for (int tries = 0; again && tries < NEW_PASSWORD_TRIES; tries++)
		code = change_once(call, &again);
	return code;
}
