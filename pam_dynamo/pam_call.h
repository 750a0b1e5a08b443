/* SPDX-License-Identifier: BSD-2-Clause */
/* One call of libpam into the module: what every entry point needs, lives as long as the call. */
#ifndef PAM_CALL_H
#define PAM_CALL_H

#include <stdbool.h>

#include "pam_args.h"

#define PAM_CALL_WAIT_MS 5250  /* for the service, in one call: its deadline and 250 ms */
#define PAM_CALL_USER_SIZE 256 /* bytes with the NUL; no name that is ours is as long */

struct pam_call {
	pam_handle_t *pamh;
	unsigned flags; /* PAM_SILENT, PAM_PRELIM_CHECK, ... */
	struct pam_args args;
	/* A copy: libpam frees its own when a conversation function sets PAM_USER. "" for a name
	 * that does not fit. */
	char user[PAM_CALL_USER_SIZE];
	int left_ms; /* of PAM_CALL_WAIT_MS; time that the user takes does not count */
};

/* Reads arguments and the user's name, asking for it if the host has not set it. PAM_SERVICE_ERR:
 * an argument is refused; PAM_INCOMPLETE, PAM_CONV_ERR, PAM_BUF_ERR: there is no name, whatever
 * else the host's conversation said. */
int pam_call_begin(
    struct pam_call *call, pam_handle_t *pamh, int flags, int argc, const char **argv);

/* Takes over the name that the handle has now. */
void pam_call_read_user(struct pam_call *call);

/* Whether the handle still has the name of this call. A host that says something else by the end of
 * a conversation must not hold an answer about one name for an answer about another. False is
 * logged. */
bool pam_call_same_user(const struct pam_call *call);

/* The code that the entry point returns: `code`, but neither success nor a demand for a new
 * password for a name that has changed meanwhile. */
int pam_call_end(const struct pam_call *call, int code);

/* Whether the user may be told something: neither PAM_SILENT nor quiet. */
bool pam_call_may_tell(const struct pam_call *call);

#endif
