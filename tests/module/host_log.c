/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/module/host_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char lines[65536];
static size_t lines_len;

void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What syslog(3) becomes in libpam, which is built with _FORTIFY_SOURCE. */
void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;
	int len;

	(void)priority;
	(void)flag;
	va_start(args, format);
	len = vsnprintf(lines + lines_len, sizeof(lines) - lines_len - 1, format, args);
	va_end(args);
	if (len < 0 || lines_len + (size_t)len + 1 >= sizeof(lines))
		return;
	lines_len += (size_t)len;
	lines[lines_len++] = '\n';
	lines[lines_len] = '\0';
}

const char *
host_log(void)
{
	return lines;
}

void
host_log_clear(void)
{
	memset(lines, 0, sizeof(lines));
	lines_len = 0;
}
