/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include "core/retry.h"

#define LONG_MS 60000

/* The delay after each failure at the highest chance is the step itself. */
static void
steps_double(void **state)
{
	static const int transient[] = {25, 50, 100}, throttled[] = {1000, 2000, 4000};
	struct retry_quota *quota = retry_quota_new();
	struct retry a = {0}, b = {0}, c = {0};
	int delay;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(
		    retry_next(&a, quota, RETRY_TRANSIENT, UINT32_MAX, LONG_MS, 50, &delay));
		assert_int_equal(delay, transient[i]);
		assert_true(
		    retry_next(&b, quota, RETRY_THROTTLED, UINT32_MAX, LONG_MS, 50, &delay));
		assert_int_equal(delay, throttled[i]);
		assert_true(retry_next(&c, quota, RETRY_THROTTLED, 0, LONG_MS, 50, &delay));
		assert_int_equal(delay, 0);
	}
	assert_false(retry_next(&a, quota, RETRY_TRANSIENT, 0, LONG_MS, 50, &delay));
	assert_int_equal(a.attempts, RETRY_ATTEMPTS_MAX);
	retry_quota_free(quota);
}

static void
the_cap_holds(void **state)
{
	struct retry_quota *quota = retry_quota_new();
	struct retry retry = {.attempts = 2};
	int delay;

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		retry.attempts = 2;
		assert_true(
		    retry_next(&retry, quota, RETRY_THROTTLED, UINT32_MAX, LONG_MS, 50, &delay));
		assert_in_range(delay, 0, RETRY_CAP_MS);
	}
	retry_quota_free(quota);
}

static void
no_attempt_beyond_the_deadline(void **state)
{
	struct retry_quota *quota = retry_quota_new();
	struct retry retry = {0};
	int delay;

	(void)state;
	assert_true(retry_next(&retry, quota, RETRY_TRANSIENT, UINT32_MAX, 75, 50, &delay));
	retry = (struct retry){0};
	assert_false(retry_next(&retry, quota, RETRY_TRANSIENT, UINT32_MAX, 74, 50, &delay));
	retry = (struct retry){0};
	assert_false(retry_next(&retry, quota, RETRY_NEVER, 0, LONG_MS, 50, &delay));
	assert_int_equal(retry_quota_left(quota), RETRY_QUOTA - RETRY_COST_TRANSIENT);
	retry_quota_free(quota);
}

static void
the_quota_runs_out_and_comes_back(void **state)
{
	struct retry_quota *quota = retry_quota_new();
	struct retry retry = {0};
	int delay, granted = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		retry = (struct retry){0};
		granted += retry_next(&retry, quota, RETRY_TRANSIENT, 0, LONG_MS, 50, &delay);
	}
	assert_int_equal(granted, RETRY_QUOTA / RETRY_COST_TRANSIENT);
	assert_int_equal(retry_quota_left(quota), RETRY_QUOTA % RETRY_COST_TRANSIENT);
	retry.paid = RETRY_COST_TRANSIENT;
	retry_succeeded(&retry, quota);
	assert_int_equal(
	    retry_quota_left(quota), RETRY_QUOTA % RETRY_COST_TRANSIENT + RETRY_COST_TRANSIENT);
	retry_succeeded(&retry, quota);
	assert_int_equal(retry_quota_left(quota),
	    RETRY_QUOTA % RETRY_COST_TRANSIENT + RETRY_COST_TRANSIENT + RETRY_REFUND);
	for (int i = 0; i < 2 * RETRY_QUOTA; i++)
		retry_succeeded(&retry, quota);
	assert_int_equal(retry_quota_left(quota), RETRY_QUOTA);
	retry_quota_free(quota);
}

static void
an_outage_opens_the_breaker(void **state)
{
	struct breaker *breaker = breaker_new();

	(void)state;
	for (int i = 1; i < BREAKER_FAILURES; i++)
		breaker_note(breaker, BREAKER_FAILED, false, 0);
	assert_int_equal(breaker_ask(breaker, 0), BREAKER_GO);
	breaker_note(breaker, BREAKER_REACHED, false, 0);
	for (int i = 1; i < BREAKER_FAILURES; i++)
		breaker_note(breaker, BREAKER_FAILED, false, 0);
	assert_false(breaker_is_open(breaker));
	breaker_note(breaker, BREAKER_FAILED, false, 1000);
	assert_true(breaker_is_open(breaker));
	assert_int_equal(breaker_ask(breaker, 1000), BREAKER_STOP);
	breaker_free(breaker);
}

static void
one_probe_at_a_time(void **state)
{
	struct breaker *breaker = breaker_new();
	int64_t later = 1000 + BREAKER_PROBE_EVERY_MS;

	(void)state;
	breaker_note(breaker, BREAKER_FAILED, true, 1000);
	assert_int_equal(breaker_ask(breaker, later - 1), BREAKER_STOP);
	assert_int_equal(breaker_ask(breaker, later), BREAKER_PROBE);
	assert_int_equal(breaker_ask(breaker, later), BREAKER_STOP);
	breaker_note(breaker, BREAKER_FAILED, true, later);
	assert_int_equal(breaker_ask(breaker, later), BREAKER_STOP);
	assert_int_equal(breaker_ask(breaker, later + BREAKER_PROBE_EVERY_MS), BREAKER_PROBE);
	breaker_note(breaker, BREAKER_REACHED, false, later);
	assert_int_equal(breaker_ask(breaker, later), BREAKER_GO);
	breaker_free(breaker);
}

/* Who asked and did not get to the server leaves everything as it was, and the probe to the next.
 */
static void
nothing_learned_changes_nothing(void **state)
{
	struct breaker *breaker = breaker_new();
	int64_t later = 1000 + BREAKER_PROBE_EVERY_MS;

	(void)state;
	for (int i = 0; i < 2 * BREAKER_FAILURES; i++)
		breaker_note(breaker, BREAKER_LEARNED_NOTHING, false, 0);
	assert_false(breaker_is_open(breaker));
	breaker_note(breaker, BREAKER_FAILED, true, 1000);
	assert_int_equal(breaker_ask(breaker, later), BREAKER_PROBE);
	breaker_note(breaker, BREAKER_LEARNED_NOTHING, false, later);
	assert_true(breaker_is_open(breaker));
	assert_int_equal(breaker_ask(breaker, later), BREAKER_PROBE);
	breaker_free(breaker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(steps_double),
	    cmocka_unit_test(the_cap_holds),
	    cmocka_unit_test(no_attempt_beyond_the_deadline),
	    cmocka_unit_test(the_quota_runs_out_and_comes_back),
	    cmocka_unit_test(an_outage_opens_the_breaker),
	    cmocka_unit_test(one_probe_at_a_time),
	    cmocka_unit_test(nothing_learned_changes_nothing),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
