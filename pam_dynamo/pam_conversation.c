/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_conversation.h"

#include <stdlib.h>
#include <string.h>

#include <security/pam_ext.h>

void
pam_conversation_forget(char *secret)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}

int
pam_conversation_ask(const struct pam_call *call, const char *prompt, int no_answer, char **out)
{
	char *answer = NULL;
	int code = pam_prompt(call->pamh, PAM_PROMPT_ECHO_OFF, &answer, "%s", prompt);

	*out = NULL;
	if (code != PAM_SUCCESS) {
		pam_conversation_forget(answer);
		return code == PAM_CONV_AGAIN ? PAM_INCOMPLETE : PAM_CONV_ERR;
	}
	if (answer == NULL)
		return no_answer;
	*out = answer;
	return PAM_SUCCESS;
}

int
pam_conversation_token(
    const struct pam_call *call, int item, const char *prompt, int no_answer, const char **out)
{
	const void *stored = NULL;
	char *answer = NULL;
	int code;

	*out = NULL;
	if (call->args.use_first_pass || call->args.try_first_pass) {
		code = pam_get_item(call->pamh, item, &stored);
		if (code == PAM_SUCCESS && stored != NULL) {
			*out = stored;
			return PAM_SUCCESS;
		}
		if (call->args.use_first_pass)
			return no_answer;
	}
	code = pam_conversation_ask(call, prompt, no_answer, &answer);
	if (code != PAM_SUCCESS)
		return code;
	code = pam_set_item(call->pamh, item, answer);
	pam_conversation_forget(answer);
	if (code != PAM_SUCCESS)
		return PAM_BUF_ERR;
	code = pam_get_item(call->pamh, item, &stored);
	if (code != PAM_SUCCESS || stored == NULL)
		return PAM_BUF_ERR;
	*out = stored;
	return PAM_SUCCESS;
}

void
pam_conversation_tell(const struct pam_call *call, int style, const char *text)
{
	if (text[0] == '\0' || !pam_call_may_tell(call))
		return;
	(void)pam_prompt(call->pamh, style, NULL, "%s", text);
}
