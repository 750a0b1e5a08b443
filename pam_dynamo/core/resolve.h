/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names to addresses, so that a silent DNS server never hangs a request: one thread calls
 * getaddrinfo, callers wait for it as long as their deadline allows. Answers are kept for 60 s and
 * served stale while a new answer cannot be had.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pd_error.h"

#define RESOLVE_FRESH_MS 60000    /* age up to which an answer is used without asking again */
#define RESOLVE_STALE_WAIT_MS 300 /* how long a caller with a stale answer waits for a new one */
#define RESOLVE_DOUBT_MS 1000     /* a doubted name is asked for again once in this time */
#define RESOLVE_RETRY_MS 5000     /* after a failure the stale answer is served this long */
#define RESOLVE_NAMES_MAX 8       /* names one resolver knows; more are PD_BUG */
#define RESOLVE_TEXT_SIZE 512     /* addresses separated by commas, IPv6 in brackets */

struct resolver; /* thread-safe */

/* getaddrinfo(3) and freeaddrinfo(3), or a test's own. */
struct resolve_lookup {
	int (*get)(const char *host, const char *service, const struct addrinfo *hints,
	    struct addrinfo **out);
	void (*put)(struct addrinfo *list);
	int64_t fresh_ms; /* 0: RESOLVE_FRESH_MS */
};

/* Starts no thread yet. lookup NULL: the system's. PD_NO_MEMORY. */
enum pd_error resolver_open(const struct resolve_lookup *lookup, struct resolver **out);

/* Returns at once: a thread that hangs in getaddrinfo ends by itself and frees what it uses. */
void resolver_close(struct resolver *resolver);

/* True for an IPv4 or IPv6 literal: needs no resolving. */
bool resolve_literal(const char *host);

/* The addresses of host. PD_UNAVAILABLE: none before deadline_ms (clock_monotonic_ms), or the name
 * does not exist. PD_NO_MEMORY. */
enum pd_error resolver_get(
    struct resolver *resolver, const char *host, int64_t deadline_ms, char out[RESOLVE_TEXT_SIZE]);

/* No connection to these addresses could be made: asked for again by the next get, while the old
 * ones are kept in case nothing newer comes. */
void resolver_doubt(struct resolver *resolver, const char *host);

#endif
