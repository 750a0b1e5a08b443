/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"

#define NOW 1000000
#define TIME_MAX 253402300799

static const struct state_limit limit = {.window_s = 900, .max = 3, .lockout_s = 600};

/* The state after one more event; frees the old one. */
static struct state
after_event(struct state old, const char *attempt, int64_t now)
{
	struct state next;

	assert_int_equal(state_add_event(&old, &limit, attempt, now, &next), PD_OK);
	state_free(&old);
	return next;
}

static struct state
fresh(void)
{
	return (struct state){.id = strdup("fail#alice")};
}

static void
the_first_event_opens_a_window(void **state)
{
	struct state fail = after_event(fresh(), "a1", NOW);
	const struct field *bad = NULL;

	(void)state;
	assert_string_equal(fail.id, "fail#alice");
	assert_int_equal(fail.count, 1);
	assert_int_equal(fail.window_start, NOW);
	assert_int_equal(fail.expires_at, NOW + 900);
	assert_int_equal(fail.locked_until, 0);
	assert_int_equal(fail.version, 0);
	assert_true(state_has_attempt(&fail, "a1"));
	assert_false(state_has_attempt(&fail, "a2"));
	assert_false(state_has_attempt(NULL, "a1"));
	/* The version is the store's to set; with one it may be stored. */
	fail.version = 1;
	assert_int_equal(record_check(&state_type, &fail, &bad), PD_OK);
	state_free(&fail);
	state_free(NULL);
}

static void
events_count_up_and_lock_at_the_limit(void **state)
{
	struct state fail = after_event(after_event(fresh(), "a1", NOW), "a2", NOW + 10);

	(void)state;
	assert_int_equal(state_count(&fail, &limit, NOW + 10), 2);
	assert_false(state_locked(&fail, NOW + 10));
	fail = after_event(fail, "a3", NOW + 20);
	assert_int_equal(fail.count, 3);
	assert_int_equal(fail.window_start, NOW);
	assert_int_equal(fail.locked_until, NOW + 620);
	assert_int_equal(fail.expires_at, NOW + 900);
	assert_true(state_locked(&fail, NOW + 619));
	assert_false(state_locked(&fail, NOW + 620));
	state_free(&fail);
	assert_false(state_locked(NULL, NOW));
}

static void
a_lock_outlives_its_window(void **state)
{
	struct state fail = after_event(
	    after_event(after_event(fresh(), "1", NOW), "2", NOW), "3", NOW + 800);

	(void)state;
	assert_int_equal(fail.locked_until, NOW + 1400);
	assert_int_equal(fail.expires_at, NOW + 1400);
	assert_int_equal(state_count(&fail, &limit, NOW + 899), 3);
	assert_int_equal(state_count(&fail, &limit, NOW + 900), 0);
	/* An event in a new window while the lock lasts does not shorten it. */
	fail = after_event(fail, "4", NOW + 1000);
	assert_int_equal(fail.count, 1);
	assert_int_equal(fail.locked_until, NOW + 1400);
	assert_int_equal(fail.expires_at, NOW + 1900);
	state_free(&fail);
}

static void
a_lock_is_never_shortened(void **state)
{
	struct state fail = {.id = strdup("fail#a"),
	    .count = 2,
	    .window_start = NOW,
	    .expires_at = NOW + 5000,
	    .locked_until = NOW + 5000};

	(void)state;
	fail = after_event(fail, "a", NOW + 1);
	assert_int_equal(fail.count, 3);
	assert_int_equal(fail.locked_until, NOW + 5000);
	state_free(&fail);
}

static void
an_expired_item_counts_nothing(void **state)
{
	const struct state fail = {.count = 2, .window_start = NOW, .expires_at = NOW + 5};

	(void)state;
	assert_int_equal(state_count(&fail, &limit, NOW + 4), 2);
	assert_int_equal(state_count(&fail, &limit, NOW + 5), 0);
}

static void
a_passed_window_counts_nothing(void **state)
{
	struct state fail = after_event(after_event(fresh(), "a1", NOW), "a2", NOW + 10);

	(void)state;
	assert_int_equal(state_count(&fail, &limit, NOW + 899), 2);
	assert_int_equal(state_count(&fail, &limit, NOW + 900), 0);
	assert_int_equal(state_count(NULL, &limit, NOW), 0);
	fail = after_event(fail, "a3", NOW + 900);
	assert_int_equal(fail.count, 1);
	assert_int_equal(fail.window_start, NOW + 900);
	assert_int_equal(fail.locked_until, 0);
	state_free(&fail);
}

static void
an_attempt_counts_once(void **state)
{
	struct state fail = after_event(fresh(), "a1", NOW);
	struct state next;

	(void)state;
	assert_int_equal(state_add_event(&fail, &limit, "a1", NOW + 1, &next), PD_CONFLICT);
	assert_memory_equal(&next, &(struct state){0}, sizeof(next));
	/* Also when the retry comes in the next window. */
	assert_int_equal(state_add_event(&fail, &limit, "a1", NOW + 5000, &next), PD_CONFLICT);
	state_free(&fail);
}

static void
the_newest_attempts_are_kept(void **state)
{
	struct state fail = fresh();

	(void)state;
	for (int i = 0; i < STATE_ATTEMPTS_MAX + 6; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "id%d", i);
		fail = after_event(fail, id, NOW);
	}
	assert_int_equal(fail.attempts.len, STATE_ATTEMPTS_MAX);
	assert_string_equal(fail.attempts.items[0], "id6");
	assert_string_equal(fail.attempts.items[STATE_ATTEMPTS_MAX - 1], "id69");
	assert_int_equal(fail.count, STATE_ATTEMPTS_MAX + 6);
	state_free(&fail);
}

static void
more_stored_attempts_than_allowed_are_trimmed(void **state)
{
	struct state fail = fresh();

	(void)state;
	for (int i = 0; i < STATE_ATTEMPTS_MAX + 3; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "id%d", i);
		assert_true(strlist_add(&fail.attempts, id));
	}
	fail = after_event(fail, "new", NOW);
	assert_int_equal(fail.attempts.len, STATE_ATTEMPTS_MAX);
	assert_string_equal(fail.attempts.items[0], "id4");
	assert_string_equal(fail.attempts.items[STATE_ATTEMPTS_MAX - 1], "new");
	state_free(&fail);
}

static void
a_clock_set_back_does_not_stretch_the_window(void **state)
{
	struct state fail = after_event(fresh(), "a1", NOW + 100000);

	(void)state;
	assert_int_equal(state_count(&fail, &limit, NOW), 1);
	fail = after_event(fail, "a2", NOW);
	assert_int_equal(fail.count, 2);
	assert_int_equal(fail.window_start, NOW);
	assert_int_equal(fail.expires_at, NOW + 900);
	state_free(&fail);
}

static void
without_a_lockout_nothing_locks(void **state)
{
	const struct state_limit rate = {.window_s = 60, .max = 1, .lockout_s = 0};
	struct state bucket = {.id = strdup("rate#x")};
	struct state next;

	(void)state;
	assert_int_equal(state_add_event(&bucket, &rate, "a", NOW, &next), PD_OK);
	assert_int_equal(next.locked_until, 0);
	assert_int_equal(next.expires_at, NOW + 60);
	state_free(&bucket);
	state_free(&next);
}

static void
arithmetic_stays_inside_what_may_be_stored(void **state)
{
	const struct state_limit huge = {.window_s = INT64_MAX, .max = 1, .lockout_s = INT64_MAX};
	struct state fail = {.id = strdup("fail#a"),
	    .version = 7,
	    .count = 9007199254740991,
	    .window_start = TIME_MAX - 1,
	    .expires_at = TIME_MAX};
	const struct field *bad = NULL;
	struct state next;

	(void)state;
	assert_int_equal(state_add_event(&fail, &huge, "a", TIME_MAX - 1, &next), PD_OK);
	assert_int_equal(next.count, 9007199254740991);
	assert_int_equal(next.version, 7);
	assert_true(next.locked_until == TIME_MAX);
	assert_true(next.expires_at == TIME_MAX);
	assert_int_equal(record_check(&state_type, &next, &bad), PD_OK);
	state_free(&next);
	assert_int_equal(state_add_event(&fail, &huge, "a", INT64_MIN, &next), PD_OK);
	assert_int_equal(next.window_start, 1);
	assert_int_equal(record_check(&state_type, &next, &bad), PD_OK);
	state_free(&next);
	assert_int_equal(state_add_event(&fail, &huge, "a", INT64_MAX, &next), PD_OK);
	assert_int_equal(record_check(&state_type, &next, &bad), PD_OK);
	state_free(&next);
	state_free(&fail);
}

static void
states_hold_no_secret(void **state)
{
	(void)state;
	for (size_t i = 0; i < state_type.field_count; i++)
		assert_false((state_type.fields[i].flags & (FIELD_SECRET | FIELD_EDITABLE)) != 0);
}

static void
copies_are_deep(void **state)
{
	struct state fail = after_event(fresh(), "a1", NOW);
	struct state copy;

	(void)state;
	assert_int_equal(state_copy(&copy, &fail), PD_OK);
	assert_true(record_equal(&state_type, &copy, &fail));
	state_free(&fail);
	assert_true(state_has_attempt(&copy, "a1"));
	state_free(&copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_event_opens_a_window),
	    cmocka_unit_test(events_count_up_and_lock_at_the_limit),
	    cmocka_unit_test(a_lock_outlives_its_window),
	    cmocka_unit_test(a_lock_is_never_shortened),
	    cmocka_unit_test(an_expired_item_counts_nothing),
	    cmocka_unit_test(a_passed_window_counts_nothing),
	    cmocka_unit_test(an_attempt_counts_once),
	    cmocka_unit_test(the_newest_attempts_are_kept),
	    cmocka_unit_test(more_stored_attempts_than_allowed_are_trimmed),
	    cmocka_unit_test(a_clock_set_back_does_not_stretch_the_window),
	    cmocka_unit_test(without_a_lockout_nothing_locks),
	    cmocka_unit_test(arithmetic_stays_inside_what_may_be_stored),
	    cmocka_unit_test(states_hold_no_secret),
	    cmocka_unit_test(copies_are_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
