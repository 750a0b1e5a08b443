/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When to try again: AWS's standard retry mode (AWS SDKs and Tools Reference Guide, "Retry
 * behavior") with a token quota shared by all connections, and a circuit breaker, so that a known
 * outage is answered at once. Decisions are pure in time and chance: both are handed in.
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_ATTEMPTS_MAX 4
#define RETRY_BASE_MS 25
#define RETRY_THROTTLED_BASE_MS 1000
#define RETRY_CAP_MS 20000
#define RETRY_QUOTA 500
#define RETRY_COST_TRANSIENT 14
#define RETRY_COST_THROTTLED 5
#define RETRY_REFUND 1 /* for a call that succeeded without retrying */

enum retry_kind {
	RETRY_NEVER = 0, /* the answer will be the same */
	RETRY_TRANSIENT, /* no connection, timeout, 5xx */
	RETRY_THROTTLED,
};

/* The quota. Thread-safe. */
struct retry_quota;
struct retry_quota *retry_quota_new(void); /* NULL: no memory */
void retry_quota_free(struct retry_quota *quota);

/* One call's retries; zero it at the call's start. */
struct retry {
	unsigned attempts; /* that have failed */
	unsigned paid;     /* tokens of the latest retry */
};

/* After a failed attempt: true and how long to wait before the next; false: give up. An attempt
 * that would have less than attempt_min_ms before the deadline is not begun. chance is uniform over
 * 32 bits. */
bool retry_next(struct retry *retry, struct retry_quota *quota, enum retry_kind kind,
    uint32_t chance, int left_ms, int attempt_min_ms, int *delay_ms);

/* After success: gives tokens back. */
void retry_succeeded(struct retry *retry, struct retry_quota *quota);

int retry_quota_left(struct retry_quota *quota);

/* The circuit breaker. Thread-safe. */
#define BREAKER_FAILURES 4         /* failures in a row that make an outage known */
#define BREAKER_PROBE_EVERY_MS 500 /* pause between two probes */

struct breaker;

enum breaker_answer {
	BREAKER_GO = 0, /* no outage known */
	BREAKER_PROBE,  /* outage known, and the caller is the one that tries */
	BREAKER_STOP,   /* outage known: answer unavailable at once */
};

struct breaker *breaker_new(void); /* NULL: no memory */
void breaker_free(struct breaker *breaker);

/* Before an attempt. A caller that got BREAKER_PROBE must tell the outcome. */
enum breaker_answer breaker_ask(struct breaker *breaker, int64_t now_ms);

/* Looks without becoming the probe. */
bool breaker_is_open(struct breaker *breaker);

/* What an attempt says about the server. */
enum breaker_finding {
	BREAKER_LEARNED_NOTHING = 0, /* nothing was sent, or too little time was left to judge */
	BREAKER_REACHED,             /* it spoke: whatever it said about this one request */
	BREAKER_FAILED,              /* no connection, or not a byte came back */
};

/* After an attempt. given_up: several attempts of one call got no connection and none will follow,
 * which makes the outage known however few they were. */
void breaker_note(
    struct breaker *breaker, enum breaker_finding finding, bool given_up, int64_t now_ms);

#endif
