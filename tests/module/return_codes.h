/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of return codes, in two parts: what our module returns for every outcome in every entry
 * point, and what libpam makes of a module's code under every control. Both are written down from
 * what is promised, not from what came out: the first from the tables in PROTOCOL.md and
 * pam_dynamo(8), the second from pam.conf(5).
 */
#ifndef RETURN_CODES_H
#define RETURN_CODES_H

#include <stdbool.h>
#include <stddef.h>

#include "verdict.h"

enum return_step {
	RETURN_AUTHENTICATE,
	RETURN_ACCOUNT,
	RETURN_CHANGE, /* pam_chauthtok that fails in its first pass, or in none */
	RETURN_UPDATE, /* pam_chauthtok that fails in its second pass */
	RETURN_CRED,   /* pam_setcred and the sessions without anything before */
	RETURN_OPEN,
	RETURN_CLOSE,
	RETURN_CRED_AFTER, /* pam_setcred after pam_authenticate, whatever that returned */
	RETURN_STEP_COUNT,
};

/* What goes wrong beside a verdict. */
enum return_trouble {
	RETURN_NO_TROUBLE,
	RETURN_UNREACHABLE,  /* the connection ends without a reply */
	RETURN_RUBBISH,      /* the reply breaks the protocol */
	RETURN_BAD_NAME,     /* a name that is not ours */
	RETURN_BAD_ARGUMENT, /* of the module */
	RETURN_CONVERSATION, /* the conversation function returns answer_code */
	RETURN_NO_ANSWER,    /* it answers with NULL */
};

struct return_outcome {
	const char *name;
	enum verdict verdict;
	enum return_trouble trouble;
	int answer_code;
	const char *arguments; /* of the module; NULL: none */
	int code[RETURN_CLOSE + 1];
};

extern const struct return_outcome return_outcomes[];
extern const size_t return_outcome_count;

/* One line of /etc/pam.d with our module, and what follows it. */
struct return_form {
	const char *control;
	const char *next; /* "": nothing; %s stands for the type */
};

#define RETURN_FORM_COUNT 16
extern const struct return_form return_forms[RETURN_FORM_COUNT];

/* What the stack returns when the module returned `code` in this step. For RETURN_UPDATE the first
 * pass went well; for RETURN_CRED_AFTER, `code` is what authenticate returned. */
int return_of_stack(enum return_step step, size_t form, int code);
/* Whether PAM_PERM_DENIED in its place is as good: where pam.conf(5) leaves it open. */
bool return_may_be_denied(enum return_step step, size_t form, int code);

#endif
