/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/module/return_codes.h"

#include <security/pam_modules.h>

/* clang-format off */

/*                        authenticate          account               change                update                setcred          open             close */
#define ALL(code)        {code,                 code,                 code,                 code,                 PAM_SUCCESS,     PAM_SUCCESS,     PAM_SUCCESS}
#define EACH(a, b, c, d) {a,                    b,                    c,                    d,                    PAM_SUCCESS,     PAM_SUCCESS,     PAM_SUCCESS}

const struct return_outcome return_outcomes[] = {
	{"success", VERDICT_SUCCESS, .code = ALL(PAM_SUCCESS)},
	{"deny", VERDICT_DENY, .code = EACH(PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTH_ERR, PAM_AUTH_ERR)},
	{"unknown", VERDICT_UNKNOWN, .code = ALL(PAM_USER_UNKNOWN)},
	{"expired", VERDICT_EXPIRED, .code = ALL(PAM_ACCT_EXPIRED)},
	{"forbidden", VERDICT_FORBIDDEN, .code = ALL(PAM_PERM_DENIED)},
	{"unavailable", VERDICT_UNAVAILABLE, .code = ALL(PAM_AUTHINFO_UNAVAIL)},
	{"fault", VERDICT_FAULT, .code = ALL(PAM_SERVICE_ERR)},
	{"no memory", VERDICT_NO_MEMORY, .code = ALL(PAM_BUF_ERR)},
	{"change", VERDICT_CHANGE, .code = EACH(PAM_SERVICE_ERR, PAM_NEW_AUTHTOK_REQD, PAM_SERVICE_ERR, PAM_SERVICE_ERR)},
	{"refused", VERDICT_REFUSED, .code = EACH(PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_AUTHTOK_ERR, PAM_AUTHTOK_ERR)},
	{"try again", VERDICT_TRY_AGAIN, .code = EACH(PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_TRY_AGAIN, PAM_TRY_AGAIN)},
	{"a verdict that does not exist", VERDICT_COUNT, .code = ALL(PAM_SERVICE_ERR)},
	/* only these two arguments make PAM_IGNORE; a change that has begun is not ignored */
	{"unknown, ignored", VERDICT_UNKNOWN, .arguments = "ignore_unknown_user",
	 .code = EACH(PAM_IGNORE, PAM_IGNORE, PAM_IGNORE, PAM_USER_UNKNOWN)},
	{"unavailable, ignored", VERDICT_UNAVAILABLE, .arguments = "ignore_authinfo_unavail",
	 .code = EACH(PAM_IGNORE, PAM_IGNORE, PAM_IGNORE, PAM_AUTHINFO_UNAVAIL)},
	{"fault, not ignored", VERDICT_FAULT, .arguments = "ignore_unknown_user ignore_authinfo_unavail",
	 .code = ALL(PAM_SERVICE_ERR)},
	{"unreachable", VERDICT_SUCCESS, RETURN_UNREACHABLE, .code = ALL(PAM_AUTHINFO_UNAVAIL)},
	{"rubbish", VERDICT_SUCCESS, RETURN_RUBBISH, .code = ALL(PAM_SERVICE_ERR)},
	{"a bad name", VERDICT_SUCCESS, RETURN_BAD_NAME, .code = ALL(PAM_USER_UNKNOWN)},
	{"a bad argument", VERDICT_SUCCESS, RETURN_BAD_ARGUMENT, .arguments = "bogus",
	 .code = {PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR,
		  PAM_SERVICE_ERR, PAM_SERVICE_ERR, PAM_SERVICE_ERR}},
	/* nothing is asked of the user in account */
	{"a failed conversation", VERDICT_SUCCESS, RETURN_CONVERSATION, PAM_CONV_ERR,
	 .code = EACH(PAM_CONV_ERR, PAM_SUCCESS, PAM_CONV_ERR, PAM_CONV_ERR)},
	{"a conversation to be continued", VERDICT_SUCCESS, RETURN_CONVERSATION, PAM_CONV_AGAIN,
	 .code = EACH(PAM_INCOMPLETE, PAM_SUCCESS, PAM_INCOMPLETE, PAM_INCOMPLETE)},
	{"no answer", VERDICT_SUCCESS, RETURN_NO_ANSWER,
	 .code = EACH(PAM_AUTH_ERR, PAM_SUCCESS, PAM_AUTH_ERR, PAM_AUTHTOK_ERR)},
};
const size_t return_outcome_count = sizeof(return_outcomes) / sizeof(return_outcomes[0]);

/* --- What libpam makes of it ------------------------------------------------------------------ */

#define PERMIT "%s required pam_permit.so\n"
#define DENY "%s required pam_deny.so\n"

const struct return_form return_forms[RETURN_FORM_COUNT] = {
	{"required", ""},
	{"required", PERMIT},
	{"required", DENY},
	{"requisite", ""},
	{"requisite", PERMIT},
	{"requisite", DENY},
	{"sufficient", ""},
	{"sufficient", PERMIT},
	{"sufficient", DENY},
	{"optional", ""},
	{"optional", PERMIT},
	{"optional", DENY},
	{"[success=1 default=ignore]", ""},
	{"[success=1 default=ignore]", PERMIT},
	{"[success=1 default=ignore]", DENY},
	{"[success=1 default=ignore]", "%s requisite pam_deny.so\n" PERMIT}, /* common-auth of Debian */
};

/* The stack's answer: */
enum answer {
	OWN,  /* the module's code */
	GOOD, /* PAM_SUCCESS */
	DENI, /* pam_deny's code */
	NONE, /* PAM_PERM_DENIED: nobody said yes */
	JUMP, /* GOOD or NONE: versions of libpam count a jump here as ok or as ignore */
};

/* when the module said: */
enum said {
	SAID_GOOD,    /* PAM_SUCCESS */
	SAID_RENEW,   /* PAM_NEW_AUTHTOK_REQD */
	SAID_IGNORED, /* PAM_IGNORE */
	SAID_BAD,     /* anything else */
	SAID_COUNT,
};

/* required, requisite: a failure is final, and stands before a later one. sufficient, optional:
 * a failure does not count. A jump "is ignore" itself: without a module that says yes behind it,
 * nobody has said yes. Where GOOD stands under "bad", the administrator's own lines let everybody
 * in whom our module refuses. */
static const enum answer usual[RETURN_FORM_COUNT][SAID_COUNT] = {
	/*                        good  renew ignored bad */
	/* required            */ {OWN,  OWN,  NONE,  OWN},
	/* required + permit   */ {OWN,  OWN,  GOOD,  OWN},
	/* required + deny     */ {DENI, DENI, DENI,  OWN},
	/* requisite           */ {OWN,  OWN,  NONE,  OWN},
	/* requisite + permit  */ {OWN,  OWN,  GOOD,  OWN},
	/* requisite + deny    */ {DENI, DENI, DENI,  OWN},
	/* sufficient          */ {OWN,  OWN,  NONE,  NONE},
	/* sufficient + permit */ {OWN,  OWN,  GOOD,  GOOD},
	/* sufficient + deny   */ {OWN,  OWN,  DENI,  DENI},
	/* optional            */ {OWN,  OWN,  NONE,  NONE},
	/* optional + permit   */ {OWN,  OWN,  GOOD,  GOOD},
	/* optional + deny     */ {DENI, DENI, DENI,  DENI},
	/* jump                */ {NONE, NONE, NONE,  NONE},
	/* jump + permit       */ {NONE, GOOD, GOOD,  GOOD},
	/* jump + deny         */ {NONE, DENI, DENI,  DENI},
	/* Debian              */ {GOOD, DENI, DENI,  DENI},
};

/* pam_setcred and pam_close_session alone: as usual, but a jump "is one of ignore, ok, or bad
 * depending on the module's return value". */
static const enum answer jump_counts[RETURN_FORM_COUNT][SAID_COUNT] = {
	/*                        good  renew ignored bad */
	/* required            */ {OWN,  OWN,  NONE,  OWN},
	/* required + permit   */ {OWN,  OWN,  GOOD,  OWN},
	/* required + deny     */ {DENI, DENI, DENI,  OWN},
	/* requisite           */ {OWN,  OWN,  NONE,  OWN},
	/* requisite + permit  */ {OWN,  OWN,  GOOD,  OWN},
	/* requisite + deny    */ {DENI, DENI, DENI,  OWN},
	/* sufficient          */ {OWN,  OWN,  NONE,  NONE},
	/* sufficient + permit */ {OWN,  OWN,  GOOD,  GOOD},
	/* sufficient + deny   */ {OWN,  OWN,  DENI,  DENI},
	/* optional            */ {OWN,  OWN,  NONE,  NONE},
	/* optional + permit   */ {OWN,  OWN,  GOOD,  GOOD},
	/* optional + deny     */ {DENI, DENI, DENI,  DENI},
	/* jump                */ {NONE, NONE, NONE,  NONE},
	/* jump + permit       */ {JUMP, GOOD, GOOD,  GOOD},
	/* jump + deny         */ {JUMP, DENI, DENI,  DENI},
	/* Debian              */ {GOOD, DENI, DENI,  DENI},
};

/* pam_setcred after pam_authenticate, by what that returned: its modules again, each required; who
 * was refused gets no credentials unless the lines let him in anyway. */
static const enum answer after_authenticate[RETURN_FORM_COUNT][SAID_COUNT] = {
	/*                        good  renew ignored bad */
	/* required            */ {GOOD, GOOD, NONE,  NONE},
	/* required + permit   */ {GOOD, GOOD, GOOD,  NONE},
	/* required + deny     */ {DENI, DENI, DENI,  NONE},
	/* requisite           */ {GOOD, GOOD, NONE,  NONE},
	/* requisite + permit  */ {GOOD, GOOD, GOOD,  NONE},
	/* requisite + deny    */ {DENI, DENI, DENI,  NONE},
	/* sufficient          */ {GOOD, GOOD, NONE,  NONE},
	/* sufficient + permit */ {GOOD, GOOD, GOOD,  GOOD},
	/* sufficient + deny   */ {GOOD, GOOD, DENI,  DENI},
	/* optional            */ {GOOD, GOOD, NONE,  NONE},
	/* optional + permit   */ {GOOD, GOOD, GOOD,  GOOD},
	/* optional + deny     */ {DENI, DENI, DENI,  DENI},
	/* jump                */ {NONE, NONE, NONE,  NONE},
	/* jump + permit       */ {JUMP, GOOD, GOOD,  GOOD},
	/* jump + deny         */ {JUMP, DENI, DENI,  DENI},
	/* Debian              */ {GOOD, DENI, DENI,  DENI},
};

static const struct step {
	const enum answer (*answers)[SAID_COUNT];
	int denied; /* pam_deny's code */
} steps[RETURN_STEP_COUNT] = {
	[RETURN_AUTHENTICATE] = {usual, PAM_AUTH_ERR},
	[RETURN_ACCOUNT] = {usual, PAM_AUTH_ERR},
	[RETURN_CHANGE] = {usual, PAM_AUTHTOK_ERR},
	[RETURN_UPDATE] = {usual, PAM_AUTHTOK_ERR},
	[RETURN_CRED] = {jump_counts, PAM_CRED_ERR},
	[RETURN_OPEN] = {usual, PAM_SESSION_ERR},
	[RETURN_CLOSE] = {jump_counts, PAM_SESSION_ERR},
	[RETURN_CRED_AFTER] = {after_authenticate, PAM_CRED_ERR},
};

/* clang-format on */

static enum said
said(int code)
{
	if (code == PAM_SUCCESS)
		return SAID_GOOD;
	if (code == PAM_NEW_AUTHTOK_REQD)
		return SAID_RENEW;
	return code == PAM_IGNORE ? SAID_IGNORED : SAID_BAD;
}

int
return_of_stack(enum return_step step, size_t form, int code)
{
	/* no second pass where the first one fails */
	if (step == RETURN_UPDATE &&
	    return_of_stack(RETURN_CHANGE, form, PAM_SUCCESS) != PAM_SUCCESS)
		code = PAM_SUCCESS;
	/* the application is to call the same function again: pam_authenticate(3) */
	if (code == PAM_INCOMPLETE)
		return step == RETURN_CRED_AFTER ? PAM_ABORT : PAM_INCOMPLETE;
	switch (steps[step].answers[form][said(code)]) {
	case OWN:
		return code;
	case GOOD:
	case JUMP:
		return PAM_SUCCESS;
	case DENI:
		return steps[step].denied;
	case NONE:
		break;
	}
	return PAM_PERM_DENIED;
}

bool
return_may_be_denied(enum return_step step, size_t form, int code)
{
	return steps[step].answers[form][said(code)] == JUMP;
}
