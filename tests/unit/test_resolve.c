/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/resolve.h"

static atomic_int asked, answer_ms, failing;

/* A resolver that can be slow or broken. Addresses are 10.0.0.7 and ::1. */
static int
fake_get(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo four = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};

	(void)service;
	(void)hints;
	atomic_fetch_add(&asked, 1);
	poll(NULL, 0, atomic_load(&answer_ms));
	if (atomic_load(&failing) || strcmp(host, "absent.example") == 0)
		return EAI_NONAME;
	if (getaddrinfo("10.0.0.7", NULL, &four, out) != 0)
		return EAI_FAIL;
	return getaddrinfo("::1", NULL, &four, &(*out)->ai_next);
}

static const struct resolve_lookup fake = {fake_get, freeaddrinfo, 0};
static const struct resolve_lookup short_lived = {fake_get, freeaddrinfo, 20};

static struct resolver *
opened(int ms)
{
	struct resolver *resolver = NULL;

	atomic_store(&asked, 0);
	atomic_store(&answer_ms, ms);
	atomic_store(&failing, 0);
	assert_int_equal(resolver_open(&fake, &resolver), PD_OK);
	return resolver;
}

static int64_t
in_ms(int ms)
{
	return clock_monotonic_ms() + ms;
}

static void
answers_are_kept(void **state)
{
	struct resolver *resolver = opened(0);
	char out[RESOLVE_TEXT_SIZE];

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(resolver_get(resolver, "db.example", in_ms(1000), out), PD_OK);
		assert_string_equal(out, "10.0.0.7,[::1]");
	}
	assert_int_equal(atomic_load(&asked), 1);
	resolver_close(resolver);
}

static void
silence_costs_the_deadline_and_no_more(void **state)
{
	struct resolver *resolver = opened(1500);
	char out[RESOLVE_TEXT_SIZE];
	int64_t begun = clock_monotonic_ms();

	(void)state;
	assert_int_equal(resolver_get(resolver, "db.example", in_ms(150), out), PD_UNAVAILABLE);
	assert_string_equal(out, "");
	resolver_close(resolver); /* does not wait for the thread either */
	assert_in_range(clock_monotonic_ms() - begun, 140, 600);
	poll(NULL, 0, 1600); /* lets the thread end, for the leak checker */
}

/* A stale answer serves while DNS is broken or silent, and is replaced when it is back. */
static void
stale_answers_serve(void **state)
{
	struct resolver *resolver = NULL;
	char out[RESOLVE_TEXT_SIZE];
	int64_t begun;

	(void)state;
	atomic_store(&asked, 0);
	atomic_store(&answer_ms, 0);
	atomic_store(&failing, 0);
	assert_int_equal(resolver_open(&short_lived, &resolver), PD_OK);
	assert_int_equal(resolver_get(resolver, "db.example", in_ms(1000), out), PD_OK);
	poll(NULL, 0, 30);
	assert_int_equal(resolver_get(resolver, "db.example", in_ms(1000), out), PD_OK);
	assert_int_equal(atomic_load(&asked), 2);
	poll(NULL, 0, 30);
	atomic_store(&answer_ms, 900);
	atomic_store(&failing, 1);
	begun = clock_monotonic_ms();
	assert_int_equal(resolver_get(resolver, "db.example", in_ms(5000), out), PD_OK);
	assert_string_equal(out, "10.0.0.7,[::1]");
	assert_in_range(clock_monotonic_ms() - begun, 0, RESOLVE_STALE_WAIT_MS + 200);
	begun = clock_monotonic_ms(); /* while it is still being asked: at once */
	assert_int_equal(resolver_get(resolver, "db.example", in_ms(5000), out), PD_OK);
	assert_in_range(clock_monotonic_ms() - begun, 0, 100);
	poll(NULL, 0, 900); /* it has failed: not asked again for a while */
	assert_int_equal(resolver_get(resolver, "db.example", in_ms(5000), out), PD_OK);
	assert_int_equal(atomic_load(&asked), 3);
	resolver_close(resolver);
}

static void
absent_names(void **state)
{
	struct resolver *resolver = opened(0);
	char out[RESOLVE_TEXT_SIZE];

	(void)state;
	assert_int_equal(
	    resolver_get(resolver, "absent.example", in_ms(2000), out), PD_UNAVAILABLE);
	resolver_close(resolver);
}

static void
too_many_names(void **state)
{
	struct resolver *resolver = opened(0);
	char out[RESOLVE_TEXT_SIZE], name[32];

	(void)state;
	for (int i = 0; i < RESOLVE_NAMES_MAX; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		assert_int_equal(resolver_get(resolver, name, in_ms(1000), out), PD_OK);
	}
	assert_int_equal(resolver_get(resolver, "one.more", in_ms(1000), out), PD_BUG);
	resolver_close(resolver);
}

static void
literals(void **state)
{
	(void)state;
	assert_true(resolve_literal("127.0.0.1"));
	assert_true(resolve_literal("::1"));
	assert_false(resolve_literal("localhost"));
	assert_false(resolve_literal("1.2.3"));
	assert_false(resolve_literal(""));
}

static void
closing_unused(void **state)
{
	struct resolver *resolver = opened(0);

	(void)state;
	resolver_close(resolver);
	resolver_close(NULL);
}

/* Addresses that nobody answers at are asked for again, once in a second. */
static void
doubted_answers_are_asked_for_again(void **state)
{
	struct resolver *resolver = opened(0);
	char out[RESOLVE_TEXT_SIZE];

	(void)state;
	assert_int_equal(resolver_get(resolver, "db.example", in_ms(1000), out), PD_OK);
	for (int i = 0; i < 3; i++) {
		resolver_doubt(resolver, "db.example");
		assert_int_equal(resolver_get(resolver, "db.example", in_ms(1000), out), PD_OK);
	}
	assert_int_equal(atomic_load(&asked), 1);
	poll(NULL, 0, RESOLVE_DOUBT_MS + 20);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(resolver_get(resolver, "db.example", in_ms(1000), out), PD_OK);
		resolver_doubt(resolver, "db.example");
		resolver_doubt(resolver, "other.example");
	}
	assert_int_equal(atomic_load(&asked), 2);
	poll(NULL, 0, RESOLVE_DOUBT_MS + 20);
	atomic_store(&failing, 1); /* the old answer is better than none */
	assert_int_equal(resolver_get(resolver, "db.example", in_ms(1000), out), PD_OK);
	assert_string_equal(out, "10.0.0.7,[::1]");
	assert_int_equal(atomic_load(&asked), 3);
	resolver_close(resolver);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_kept),
	    cmocka_unit_test(silence_costs_the_deadline_and_no_more),
	    cmocka_unit_test(stale_answers_serve),
	    cmocka_unit_test(doubted_answers_are_asked_for_again),
	    cmocka_unit_test(absent_names),
	    cmocka_unit_test(too_many_names),
	    cmocka_unit_test(literals),
	    cmocka_unit_test(closing_unused),
	};

	return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
