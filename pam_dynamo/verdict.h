/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The outcome of one login phase. The values travel in frames (PROTOCOL.md), so a number, once
 * given, is never given again. Zero denies: memory that was never written lets nobody in.
 */
#ifndef VERDICT_H
#define VERDICT_H

enum verdict {
	VERDICT_DENY = 0,    /* wrong, empty or over-long password, locked: PAM_AUTH_ERR */
	VERDICT_UNKNOWN = 1, /* not in the directory or not ours to answer: PAM_USER_UNKNOWN */
	VERDICT_EXPIRED = 2, /* disabled, pending, closed, past its expiry: PAM_ACCT_EXPIRED */
	VERDICT_FORBIDDEN =
	    3, /* no grant for host or service, locked in account: PAM_PERM_DENIED */
	VERDICT_UNAVAILABLE = 4, /* directory, network, access, deadline: PAM_AUTHINFO_UNAVAIL */
	VERDICT_FAULT = 5,       /* corrupt record, configuration, protocol: PAM_SERVICE_ERR */
	VERDICT_NO_MEMORY = 6,   /* PAM_BUF_ERR */
	VERDICT_CHANGE = 7,      /* account good, password must be changed: PAM_NEW_AUTHTOK_REQD */
	VERDICT_REFUSED = 8,     /* the new password breaks a rule: PAM_AUTHTOK_ERR */
	VERDICT_TRY_AGAIN = 9,   /* the record changed meanwhile: PAM_TRY_AGAIN */
	VERDICT_SUCCESS = 10,    /* PAM_SUCCESS */
};

#define VERDICT_COUNT 11

#endif
