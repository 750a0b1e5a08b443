/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PAM_NAME_H
#define PAM_NAME_H

#include <stdbool.h>

#define PAM_NAME_SIZE 255 /* bytes with the NUL, USER_NAME_SIZE */

/* A name that may be asked about: a system user's that is not root, or a mail address. Which of the
 * two the directory has is the service's to know and to decide, for it alone reads the
 * configuration. The same rules as user_name_allowed, repeated because the module links libc and
 * libpam alone; a test holds the two together. NULL: false. */
bool pam_name_ours(const char *name);

#endif
