/* SPDX-License-Identifier: BSD-2-Clause */
/* The module's own lines in the system log: few, since the service writes the audit line. */
#ifndef PAM_LOG_H
#define PAM_LOG_H

#include <security/pam_modules.h>

#define PAM_LOG_TEXT_SIZE 128 /* bytes of one escaped text with its NUL */

/* One line "what: text" through pam_syslog(3). `what` is ours; `text` may come from anywhere: it is
 * escaped and cut. errno is kept. Never hand a secret to it. */
void pam_log(pam_handle_t *pamh, int priority, const char *what, const char *text);

/* Whatever is not printable ASCII, and the backslash, becomes \xNN; a cut text ends in "...". */
void pam_log_escape(char out[PAM_LOG_TEXT_SIZE], const char *text);

#endif
