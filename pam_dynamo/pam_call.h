/* SPDX-License-Identifier: BSD-2-Clause */
/* One call of libpam into the module: what every entry point needs, lives as long as the call. */
#ifndef PAM_CALL_H
#define PAM_CALL_H

#include <stdbool.h>

#include "pam_args.h"

#define PAM_CALL_WAIT_MS 5250 /* for the service, in one call: its deadline and 250 ms */

struct pam_call {
	pam_handle_t *pamh;
	unsigned flags; /* PAM_SILENT, PAM_PRELIM_CHECK, ... */
	struct pam_args args;
	const char *user; /* libpam's */
	int left_ms;      /* of PAM_CALL_WAIT_MS; time that the user takes does not count */
};

/* Reads arguments and the user's name, asking for it if the host has not set it. PAM_SERVICE_ERR:
 * an argument is refused; PAM_INCOMPLETE, PAM_CONV_ERR, ...: there is no name. */
int pam_call_begin(
    struct pam_call *call, pam_handle_t *pamh, int flags, int argc, const char **argv);

/* Whether the user may be told something: neither PAM_SILENT nor quiet. */
bool pam_call_may_tell(const struct pam_call *call);

#endif
