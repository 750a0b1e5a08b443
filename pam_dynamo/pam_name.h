/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PAM_NAME_H
#define PAM_NAME_H

#include <stdbool.h>

#define PAM_NAME_SIZE 32 /* bytes with the NUL, USER_NAME_SIZE */

/* A name that may be asked about: ^[a-z_][a-z0-9_-]{0,30}$ and not root. The same rule as
 * user_name_allowed, repeated because the module links libc and libpam alone; a test holds the two
 * together. NULL: false. */
bool pam_name_ours(const char *name);

#endif
