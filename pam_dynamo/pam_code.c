/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_code.h"

static const struct row {
	const char *word;
	int code[3]; /* by enum pam_phase; the update has those of the change */
} rows[VERDICT_COUNT] = {
    [VERDICT_DENY] = {"deny", {PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR}},
    [VERDICT_UNKNOWN] = {"unknown", {PAM_USER_UNKNOWN, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN}},
    [VERDICT_EXPIRED] = {"expired", {PAM_ACCT_EXPIRED, PAM_ACCT_EXPIRED, PAM_ACCT_EXPIRED}},
    [VERDICT_FORBIDDEN] = {"forbidden", {PAM_PERM_DENIED, PAM_PERM_DENIED, PAM_PERM_DENIED}},
    [VERDICT_UNAVAILABLE] = {"unavailable",
	{PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL}},
    [VERDICT_FAULT] = {"fault", {PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR}},
    [VERDICT_NO_MEMORY] = {"no-memory", {PAM_BUF_ERR, PAM_BUF_ERR, PAM_BUF_ERR}},
    /* the next three have one phase each; elsewhere the service broke the protocol */
    [VERDICT_CHANGE] = {"change", {PAM_SERVICE_ERR, PAM_NEW_AUTHTOK_REQD, PAM_SERVICE_ERR}},
    [VERDICT_REFUSED] = {"refused", {PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_AUTHTOK_ERR}},
    [VERDICT_TRY_AGAIN] = {"try-again", {PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_TRY_AGAIN}},
    [VERDICT_SUCCESS] = {"success", {PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS}},
};

int
pam_code(const struct pam_args *args, enum pam_phase phase, enum verdict verdict)
{
	int code;

	if ((unsigned)verdict >= VERDICT_COUNT)
		return PAM_SERVICE_ERR;
	if (phase == PAM_PHASE_UPDATE)
		phase = PAM_PHASE_CHANGE;
	else if ((verdict == VERDICT_UNKNOWN && args->ignore_unknown_user) ||
	    (verdict == VERDICT_UNAVAILABLE && args->ignore_authinfo_unavail))
		return PAM_IGNORE;
	code = rows[verdict].code[phase];
	/* PAM_SUCCESS is zero: a row left out of the table must not let anyone in */
	return code == PAM_SUCCESS && verdict != VERDICT_SUCCESS ? PAM_SERVICE_ERR : code;
}

const char *
pam_code_verdict_word(enum verdict verdict)
{
	return (unsigned)verdict < VERDICT_COUNT ? rows[verdict].word : "none";
}
