/* SPDX-License-Identifier: BSD-2-Clause */
/* What the small hosts share. */
#ifndef PAM_NAMES_H
#define PAM_NAMES_H

/* "PAM_SUCCESS", ...; "another code". */
const char *pam_code_name(int code);

/* For pam_set_item(PAM_FAIL_DELAY): nobody waits after a failed login. */
void pam_wait_not(int code, unsigned delay_us, void *ctx);

#endif
