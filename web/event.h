/* SPDX-License-Identifier: BSD-2-Clause */
/* What the page itself sees and the service does not: one JSON object per line to syslog
 * (authpriv) and to standard error, which is the web server's log. */
#ifndef WEB_EVENT_H
#define WEB_EVENT_H

#include "web/request.h"

/* event and result are words of ours; detail (may be NULL) is escaped and cut. request may be NULL.
 */
void event_log(const struct request *request, const char *event, const char *detail);

#endif
