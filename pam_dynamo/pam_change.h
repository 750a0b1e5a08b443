/* SPDX-License-Identifier: BSD-2-Clause */
/* The two passes of a password change. Both return PAM codes. */
#ifndef PAM_CHANGE_H
#define PAM_CHANGE_H

#include "pam_call.h"

/* PAM_PRELIM_CHECK: the service answers, and the current password is right; leaves it in
 * PAM_OLDAUTHTOK. Root is not asked for it where the service lets root reset. */
int pam_change_check(struct pam_call *call);

/* PAM_UPDATE_AUTHTOK: obtains the new password and has the service write it. */
int pam_change_update(struct pam_call *call);

#endif
