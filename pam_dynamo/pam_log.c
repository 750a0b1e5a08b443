/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_log.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <security/pam_ext.h>

#define ESCAPE_LEN 4 /* \xNN */

void
pam_log_escape(char out[PAM_LOG_TEXT_SIZE], const char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = 0;

	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (len + ESCAPE_LEN + sizeof("...") > PAM_LOG_TEXT_SIZE) {
			memcpy(out + len, "...", 3);
			len += 3;
			break;
		}
		if (byte >= ' ' && byte < 0x7f && byte != '\\') {
			out[len++] = (char)byte;
			continue;
		}
		out[len++] = '\\';
		out[len++] = 'x';
		out[len++] = digits[byte >> 4];
		out[len++] = digits[byte & 15];
	}
	out[len] = '\0';
}

void
pam_log(pam_handle_t *pamh, int priority, const char *what, const char *text)
{
	char escaped[PAM_LOG_TEXT_SIZE];
	int saved = errno;

	pam_log_escape(escaped, text);
	pam_syslog(pamh, priority, "%s: %s", what, escaped);
	errno = saved;
}
