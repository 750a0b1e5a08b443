/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands before libc's syslog(3): what the module and libpam log stays here. */
#ifndef HOST_LOG_H
#define HOST_LOG_H

const char *host_log(void); /* all lines since host_log_clear */
void host_log_clear(void);

#endif
