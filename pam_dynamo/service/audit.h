/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the service's lines go: the journal, else syslog, or standard error in the foreground. One
 * audit line for each decision, to AUTHPRIV, with the same values as PAM_DYNAMO_* fields in the
 * journal. The home of systemd/sd-journal.h.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/log.h"
#include "core/policy.h"
#include "service/call.h"
#include "verdict.h"

struct audit {
	int fd; /* lines are written here, as in the foreground; -1: to the journal, else syslog */
};

/* One decision; texts are borrowed, NULL or "" is written as "-". */
struct audit_event {
	const char *host;
	const char *service;
	const char *user;
	const char *rhost;
	const char *tty;
	const char *ruser;
	const char *phase;
	enum verdict verdict;
	enum policy_reason reason;
	bool online;
	int64_t latency_us;
	unsigned requests;
	const char *request_id;
	struct peer peer;
	const char *event;        /* of the page, "signin_ok"; NULL: the line has no such value */
	const char *agent;        /* with event: class of the browser */
	const char *page_request; /* with event: the page's own id */
	const char *old_hash; /* of a renewed one, its format; NULL: the line has no such value */
};

#define AUDIT_LINE_MAX 3072

/* The line: values in a fixed order, blanks and control bytes as \xNN, so that no value can pretend
 * to be another. Always terminated. */
void audit_format(const struct audit_event *event, char out[AUDIT_LINE_MAX]);

void audit_event(const struct audit *audit, const struct audit_event *event);

/* The sink of the service's own log lines; ctx is the struct audit. */
log_sink_fn audit_log_sink;

const char *audit_verdict_word(enum verdict verdict); /* "success", "deny", ... */

#endif
