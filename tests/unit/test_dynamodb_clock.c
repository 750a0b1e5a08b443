/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include "core/dynamodb_clock.h"

static void
learned_from_a_reply(void **state)
{
	struct dynamodb_clock clock = {0};

	(void)state;
	assert_int_equal(dynamodb_clock_offset(&clock, 1000000, 500), 0);
	dynamodb_clock_learn(&clock, 1086400, 1000000, 500);
	assert_int_equal(dynamodb_clock_offset(&clock, 1000000, 500), 86400);
	assert_int_equal(dynamodb_clock_offset(&clock, 1000100, 100500), 86400);
	/* A second is the grain of what is compared. */
	dynamodb_clock_learn(&clock, 1086501, 1000100, 100500);
	assert_int_equal(dynamodb_clock_offset(&clock, 1000100, 100500), 86400);
	dynamodb_clock_learn(&clock, 1086502, 1000100, 100500);
	assert_int_equal(dynamodb_clock_offset(&clock, 1000100, 100500), 86402);
}

/* Our clock was set right: what was learned about the wrong one would now be the mistake. */
static void
forgotten_when_our_clock_is_set(void **state)
{
	struct dynamodb_clock clock = {0};

	(void)state;
	dynamodb_clock_learn(&clock, 1086400, 1000000, 500);
	assert_int_equal(dynamodb_clock_offset(&clock, 1086405, 5500), 0);
	assert_int_equal(dynamodb_clock_offset(&clock, 1000005 - 60, 5500), 0);
	assert_int_equal(
	    dynamodb_clock_offset(&clock, 1000005 + DYNAMODB_CLOCK_JUMP_S, 5500), 86400);
	dynamodb_clock_learn(&clock, 1086406, 1086406, 6500);
	assert_int_equal(dynamodb_clock_offset(&clock, 1086406, 6500), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(learned_from_a_reply),
	    cmocka_unit_test(forgotten_when_our_clock_is_set),
	};

	return cmocka_run_group_tests_name("dynamodb_clock", tests, NULL, NULL);
}
