/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/log.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/utf8.h"

static const char *const names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

const char *
log_level_name(enum log_level level)
{
	if ((size_t)level >= NAME_COUNT)
		return "unknown";
	return names[level];
}

bool
log_level_parse(const char *name, enum log_level *out)
{
	for (size_t i = 0; name != NULL && i < NAME_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* Appends one byte as \xNN; false: it does not fit. */
static bool
add_hex(char *out, size_t out_size, size_t *used, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	if (out_size - *used < 5)
		return false;
	out[(*used)++] = '\\';
	out[(*used)++] = 'x';
	out[(*used)++] = digits[byte >> 4];
	out[(*used)++] = digits[byte & 15];
	return true;
}

bool
log_escape(char *out, size_t out_size, const char *text, size_t len)
{
	size_t used = 0;
	size_t i = 0;

	if (out_size == 0)
		return false;
	while (i < len) {
		uint32_t point = 0;
		size_t n = utf8_next(text + i, len - i, &point);

		if (n == 0 || utf8_control(point)) {
			/* The bytes of a control above ASCII follow as invalid ones, one by one. */
			if (!add_hex(out, out_size, &used, (unsigned char)text[i]))
				break;
			i++;
			continue;
		}
		if (n >= out_size - used)
			break;
		memcpy(out + used, text + i, n);
		used += n;
		i += n;
	}
	out[used] = '\0';
	return i == len;
}

void
log_line(const struct log *log, enum log_level level, const char *format, ...)
{
	/* Escaping never shortens, so what is cut here was too long for the line anyway. */
	char text[2 * LOG_LINE_MAX];
	char line[LOG_LINE_MAX];
	va_list args;
	int len;

	if (log == NULL || log->sink == NULL || level > log->level)
		return;
	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0)
		return;
	if (!log_escape(line, sizeof(line) - 3, text, strlen(text)))
		strcat(line, "...");
	log->sink(log->ctx, level, line);
}

void
log_to_stderr(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s: %s\n", log_level_name(level), line);
}
