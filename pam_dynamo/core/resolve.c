/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/resolve.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"

struct name {
	char host[256];
	char addresses[RESOLVE_TEXT_SIZE]; /* "" until the first answer */
	int64_t fresh_until_ms;
	int64_t retry_at_ms; /* not asked again before, after a failure */
	int64_t asked_at_ms;
	bool wanted; /* the thread has to ask or is asking */
};

struct resolver {
	struct resolve_lookup lookup;
	pthread_mutex_t lock;
	pthread_cond_t work;   /* for the thread */
	pthread_cond_t answer; /* for the callers */
	pthread_t thread;
	bool running; /* the thread exists */
	bool busy;    /* it is inside getaddrinfo */
	bool closed;
	struct name names[RESOLVE_NAMES_MAX];
	size_t name_count;
};

static const struct resolve_lookup system_lookup = {getaddrinfo, freeaddrinfo, RESOLVE_FRESH_MS};

bool
resolve_literal(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1;
}

enum pd_error
resolver_open(const struct resolve_lookup *lookup, struct resolver **out)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	pthread_condattr_t attributes;

	*out = resolver;
	if (resolver == NULL)
		return PD_NO_MEMORY;
	resolver->lookup = lookup != NULL ? *lookup : system_lookup;
	if (resolver->lookup.fresh_ms == 0)
		resolver->lookup.fresh_ms = RESOLVE_FRESH_MS;
	pthread_mutex_init(&resolver->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&resolver->work, &attributes);
	pthread_cond_init(&resolver->answer, &attributes);
	pthread_condattr_destroy(&attributes);
	return PD_OK;
}

static void
destroy(struct resolver *resolver)
{
	pthread_cond_destroy(&resolver->work);
	pthread_cond_destroy(&resolver->answer);
	pthread_mutex_destroy(&resolver->lock);
	free(resolver);
}

void
resolver_close(struct resolver *resolver)
{
	bool running, busy;
	pthread_t thread;

	if (resolver == NULL)
		return;
	pthread_mutex_lock(&resolver->lock);
	resolver->closed = true;
	running = resolver->running;
	busy = resolver->busy;
	thread = resolver->thread;
	if (busy)
		pthread_detach(thread); /* it frees the resolver when getaddrinfo returns */
	pthread_cond_signal(&resolver->work);
	pthread_mutex_unlock(&resolver->lock);
	if (busy)
		return;
	if (running)
		pthread_join(thread, NULL);
	destroy(resolver);
}

/* The list as text; addresses that do not fit are left out. */
static void
format_addresses(const struct addrinfo *list, char out[RESOLVE_TEXT_SIZE])
{
	char text[INET6_ADDRSTRLEN];
	size_t used = 0;
	bool v6;
	int n;

	out[0] = '\0';
	for (; list != NULL; list = list->ai_next) {
		if (getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof(text), NULL, 0,
			NI_NUMERICHOST) != 0)
			continue;
		v6 = strchr(text, ':') != NULL;
		n = snprintf(out + used, RESOLVE_TEXT_SIZE - used, "%s%s%s%s", used > 0 ? "," : "",
		    v6 ? "[" : "", text, v6 ? "]" : "");
		if (n < 0 || (size_t)n >= RESOLVE_TEXT_SIZE - used) {
			out[used] = '\0';
			return;
		}
		used += (size_t)n;
	}
}

/* Unlocked: the part that may hang. */
static void
ask(const struct resolve_lookup *lookup, const char *host, char out[RESOLVE_TEXT_SIZE])
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *list = NULL;

	out[0] = '\0';
	if (lookup->get(host, NULL, &hints, &list) != 0)
		return;
	format_addresses(list, out);
	lookup->put(list);
}

static struct name *
next_wanted(struct resolver *resolver)
{
	for (size_t i = 0; i < resolver->name_count; i++)
		if (resolver->names[i].wanted)
			return &resolver->names[i];
	return NULL;
}

static void
note_answer(struct name *name, const char *addresses, int64_t fresh_ms)
{
	int64_t now = clock_monotonic_ms();

	name->wanted = false;
	if (addresses[0] == '\0') {
		name->retry_at_ms = now + RESOLVE_RETRY_MS;
		return;
	}
	memcpy(name->addresses, addresses, RESOLVE_TEXT_SIZE);
	name->fresh_until_ms = now + fresh_ms;
	name->retry_at_ms = 0;
}

static void *
run(void *ctx)
{
	struct resolver *resolver = ctx;
	char addresses[RESOLVE_TEXT_SIZE], host[256];
	struct name *name;

	pthread_mutex_lock(&resolver->lock);
	while (!resolver->closed) {
		name = next_wanted(resolver);
		if (name == NULL) {
			pthread_cond_wait(&resolver->work, &resolver->lock);
			continue;
		}
		memcpy(host, name->host, sizeof(host));
		resolver->busy = true;
		pthread_mutex_unlock(&resolver->lock);
		ask(&resolver->lookup, host, addresses);
		pthread_mutex_lock(&resolver->lock);
		if (resolver->closed) { /* closed meanwhile: nobody else knows it any more */
			pthread_mutex_unlock(&resolver->lock);
			destroy(resolver);
			return NULL;
		}
		resolver->busy = false;
		note_answer(name, addresses, resolver->lookup.fresh_ms);
		pthread_cond_broadcast(&resolver->answer);
	}
	pthread_mutex_unlock(&resolver->lock);
	return NULL;
}

/* With every signal blocked: they belong to the program's own threads. */
static bool
start(struct resolver *resolver)
{
	sigset_t all, before;

	if (resolver->running)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	resolver->running = pthread_create(&resolver->thread, NULL, run, resolver) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return resolver->running;
}

static struct name *
find(struct resolver *resolver, const char *host)
{
	struct name *name;

	for (size_t i = 0; i < resolver->name_count; i++)
		if (strcmp(resolver->names[i].host, host) == 0)
			return &resolver->names[i];
	if (resolver->name_count == RESOLVE_NAMES_MAX || strlen(host) >= sizeof(name->host))
		return NULL;
	name = &resolver->names[resolver->name_count++];
	memcpy(name->host, host, strlen(host) + 1);
	return name;
}

static void
wait_until(struct resolver *resolver, int64_t until_ms)
{
	struct timespec until = {
	    .tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000};

	pthread_cond_timedwait(&resolver->answer, &resolver->lock, &until);
}

/* Asks and waits: without an answer as long as the deadline allows, with a stale one only shortly
 * after the question was put. */
static void
refresh(struct resolver *resolver, struct name *name, int64_t now, int64_t deadline_ms)
{
	int64_t until = deadline_ms;

	if (!name->wanted) {
		name->wanted = true;
		name->asked_at_ms = now;
		pthread_cond_signal(&resolver->work);
	}
	if (name->addresses[0] != '\0' && name->asked_at_ms + RESOLVE_STALE_WAIT_MS < until)
		until = name->asked_at_ms + RESOLVE_STALE_WAIT_MS;
	while (name->wanted && clock_monotonic_ms() < until)
		wait_until(resolver, until);
}

enum pd_error
resolver_get(
    struct resolver *resolver, const char *host, int64_t deadline_ms, char out[RESOLVE_TEXT_SIZE])
{
	int64_t now = clock_monotonic_ms();
	enum pd_error error = PD_UNAVAILABLE;
	struct name *name;

	out[0] = '\0';
	pthread_mutex_lock(&resolver->lock);
	name = find(resolver, host);
	if (name == NULL) {
		error = PD_BUG;
		goto out;
	}
	if (now >= name->fresh_until_ms &&
	    (name->addresses[0] == '\0' || now >= name->retry_at_ms)) {
		if (!start(resolver)) {
			error = PD_NO_MEMORY;
			goto out;
		}
		refresh(resolver, name, now, deadline_ms);
	}
	if (name->addresses[0] != '\0') {
		memcpy(out, name->addresses, RESOLVE_TEXT_SIZE);
		error = PD_OK;
	}
out:
	pthread_mutex_unlock(&resolver->lock);
	return error;
}

void
resolver_doubt(struct resolver *resolver, const char *host)
{
	int64_t now = clock_monotonic_ms(), until;

	pthread_mutex_lock(&resolver->lock);
	for (size_t i = 0; i < resolver->name_count; i++) {
		struct name *name = &resolver->names[i];

		if (strcmp(name->host, host) != 0)
			continue;
		until = name->asked_at_ms + RESOLVE_DOUBT_MS;
		if (until < now)
			until = now;
		if (until < name->fresh_until_ms)
			name->fresh_until_ms = until;
	}
	pthread_mutex_unlock(&resolver->lock);
}
