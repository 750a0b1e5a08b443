/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/event.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#define LINE_SIZE 1024
#define DETAIL_MAX 512 /* bytes of what is escaped */

/* Printable ASCII as it is, all else as \u00XX by byte: nothing can end the line or the string. */
static void
escape(char *out, size_t size, const char *text)
{
	size_t len = 0;

	for (size_t i = 0; text[i] != '\0' && i < DETAIL_MAX && len + 7 < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			len += (size_t)snprintf(out + len, size - len, "\\u%04x", c);
		else
			out[len++] = (char)c;
	}
	out[len] = '\0';
}

void
event_log(const struct request *request, const char *event, const char *detail)
{
	char escaped[LINE_SIZE / 2];
	char text[LINE_SIZE];
	char when[32];
	struct tm tm;
	time_t now = time(NULL);

	escape(escaped, sizeof(escaped), detail == NULL ? "" : detail);
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	(void)snprintf(text, sizeof(text),
	    "{\"time\":\"%s\",\"request\":\"%s\",\"event\":\"%s\",\"network\":\"%s\","
	    "\"agent\":\"%s\",\"reason\":\"%s\"}",
	    when, request == NULL ? "-" : request->id, event,
	    request == NULL ? "-" : request->network, request == NULL ? "-" : request->agent,
	    escaped);
	syslog(LOG_AUTHPRIV | LOG_NOTICE, "%s", text);
}
