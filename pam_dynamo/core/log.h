/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line per event, escaped and bounded in one place. A struct log is handed down; there is no
 * global. Lines never hold passwords, hashes, keys, tokens, request bodies or signed headers.
 */
#ifndef LOG_H
#define LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum log_level {
	LOG_LEVEL_ERROR, /* an administrator must act */
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

#define LOG_LINE_MAX 1024 /* bytes of one line with its NUL; longer ones end in "..." */

/* Receives one complete line: no newline, printable ASCII and valid UTF-8 only, NUL-terminated. */
typedef void log_sink_fn(void *ctx, enum log_level level, const char *line);

struct log {
	enum log_level level; /* lines above this level are dropped before they are formatted */
	log_sink_fn *sink;
	void *ctx; /* the sink's own */
};

/* A null log is allowed everywhere and drops the line. Control bytes, DEL and invalid UTF-8 in
 * the formatted text become \xNN. */
void log_line(const struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Escapes `len` bytes of `text` as above into out; always terminates; true if all of it fitted. */
bool log_escape(char *out, size_t out_size, const char *text, size_t len);

/* A sink that writes "LEVEL: line\n" to standard error (ctx unused). */
log_sink_fn log_to_stderr;

/* "error", "warning", "notice", "info", "debug", both ways; false for another word. */
const char *log_level_name(enum log_level level);
bool log_level_parse(const char *name, enum log_level *out);

#endif
