/* SPDX-License-Identifier: BSD-2-Clause */
/* The one table from verdict to PAM code. */
#ifndef PAM_CODE_H
#define PAM_CODE_H

#include "pam_args.h"
#include "verdict.h"

enum pam_phase {
	PAM_PHASE_AUTHENTICATE,
	PAM_PHASE_ACCOUNT,
	PAM_PHASE_CHANGE,
	PAM_PHASE_UPDATE, /* a change of password that has passed its check: nothing is ignored */
};

/* PAM_SUCCESS for VERDICT_SUCCESS alone; PAM_IGNORE only for VERDICT_UNKNOWN and
 * VERDICT_UNAVAILABLE, and only where the argument of that name asks for it and before a password
 * is written. */
int pam_code(const struct pam_args *args, enum pam_phase phase, enum verdict verdict);

/* "deny", "unknown", ... for log lines. */
const char *pam_code_verdict_word(enum verdict verdict);

#endif
