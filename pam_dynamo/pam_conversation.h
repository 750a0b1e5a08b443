/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said to and asked of the user. */
#ifndef PAM_CONVERSATION_H
#define PAM_CONVERSATION_H

#include "pam_call.h"

/* Asks for a secret. PAM_SUCCESS: *out is the caller's, ended with pam_conversation_forget. A NULL
 * answer gives no_answer; PAM_CONV_AGAIN becomes PAM_INCOMPLETE, every other failure PAM_CONV_ERR.
 */
int pam_conversation_ask(
    const struct pam_call *call, const char *prompt, int no_answer, char **out);

/* Wipes and frees; NULL is a no-op. */
void pam_conversation_forget(char *secret);

/* PAM_AUTHTOK or PAM_OLDAUTHTOK: the stored one as the arguments say (pam_dynamo(8)), else asked
 * for and stored for the modules that follow. *out is libpam's: read only. Codes as above, and
 * no_answer when the arguments forbid to ask. */
int pam_conversation_token(
    const struct pam_call *call, int item, const char *prompt, int no_answer, const char **out);

/* Shows a sentence as PAM_TEXT_INFO or PAM_ERROR_MSG, unless the user is not to be told or it is
 * empty. A failure is of no consequence. */
void pam_conversation_tell(const struct pam_call *call, int style, const char *text);

#endif
