/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps unprivileged peers from filling the log: so many lines of a kind at once and then a
 * trickle, for each uid and for all of them together; the rest is counted, and told once a minute
 * in one line for each uid. Root's lines always pass but
 * those of lookups. Thread-safe.
 */
#ifndef LOG_LIMIT_H
#define LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/log.h"
#include "core/pd_error.h"

#define LOG_LIMIT_BURST 5 /* lines of one uid and kind */
#define LOG_LIMIT_PER_SECOND 1
#define LOG_LIMIT_ALL_BURST 50 /* of all uids and one kind */
#define LOG_LIMIT_ALL_PER_SECOND 10
#define LOG_LIMIT_TELL_MS 60000
#define LOG_LIMIT_UIDS 32 /* told apart; the others share a line */

enum log_limit_kind {
	LOG_LIMIT_SLOWED,    /* requests above the rate, or of strangers: audit lines */
	LOG_LIMIT_MALFORMED, /* messages that break the protocol */
	LOG_LIMIT_BUSY,      /* requests and connections for which there was no room */
	LOG_LIMIT_LOOKUP, /* lookups for which there was no room: also root's, who asks for all */
	LOG_LIMIT_KINDS,  /* number of kinds */
};

struct log_limit;

enum pd_error log_limit_open(struct log_limit **out); /* PD_NO_MEMORY */
void log_limit_free(struct log_limit *limit);

/* True: write the line. False: it is counted instead. */
bool log_limit_pass(struct log_limit *limit, enum log_limit_kind kind, uid_t uid, int64_t now_ms);

/* Tells what was held back, to a log whose level lets warnings pass: at most every
 * LOG_LIMIT_TELL_MS but where `now` is INT64_MAX. */
void log_limit_tell(struct log_limit *limit, const struct log *log, int64_t now_ms);

#endif
