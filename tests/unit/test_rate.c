/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include "service/rate.h"

static int
setup(void **state)
{
	const struct rate_limit each = {3, 2}, all = {1000, 1000};
	struct rate *rate;

	if (rate_open(each, all, &rate) != PD_OK)
		return 1;
	*state = rate;
	return 0;
}

static int
teardown(void **state)
{
	rate_free(*state);
	return 0;
}

static unsigned
take(struct rate *rate, uid_t uid, int64_t now_ms)
{
	unsigned taken = 0;

	while (taken < 100 && rate_take(rate, uid, now_ms))
		taken++;
	return taken;
}

static void
test_a_burst_then_so_many_a_second(void **state)
{
	assert_int_equal(take(*state, 1000, 5000), 3);
	assert_int_equal(take(*state, 1000, 5499), 0);
	assert_int_equal(take(*state, 1000, 5500), 1);
	assert_int_equal(take(*state, 1000, 6500), 2);
}

static void
test_never_more_than_the_burst(void **state)
{
	assert_int_equal(take(*state, 1000, 0), 3);
	assert_int_equal(take(*state, 1000, INT64_MAX / 2), 3);
}

static void
test_a_clock_that_goes_back_gives_nothing(void **state)
{
	assert_int_equal(take(*state, 1000, 10000), 3);
	assert_int_equal(take(*state, 1000, 5000), 0);
}

static void
test_uids_do_not_share(void **state)
{
	assert_int_equal(take(*state, 1000, 0), 3);
	assert_int_equal(take(*state, 1001, 0), 3);
	assert_int_equal(take(*state, 1000, 0), 0);
}

static void
test_changing_uids_gains_nothing(void **state)
{
	uid_t uid;

	assert_int_equal(take(*state, 1, 1), 3);
	assert_int_equal(take(*state, 2, 2), 3);
	for (uid = 3; uid < 1 + RATE_UIDS; uid++)
		assert_true(rate_take(*state, uid, 3));
	assert_int_equal(take(*state, 1000, 4), 0); /* in the place of 1, which was empty */
	assert_int_equal(take(*state, 2, 4), 0);
	assert_int_equal(take(*state, 1000, 504), 1);
	assert_int_equal(take(*state, 1, 10000), 3); /* all are full again: so is a new one */
}

static void
test_all_uids_share_a_limit(void **state)
{
	const struct rate_limit each = {3, 2}, all = {5, 1};
	struct rate *rate;

	(void)state;
	assert_int_equal(rate_open(each, all, &rate), PD_OK);
	assert_int_equal(take(rate, 1, 1000), 3);
	assert_int_equal(take(rate, 2, 1000), 2);
	assert_int_equal(take(rate, 3, 1000), 0);
	assert_int_equal(take(rate, 3, 2000), 1);
	rate_free(rate);
}

static void
test_who_asks_little_passes_beside_greedy_ones(void **state)
{
	const struct rate_limit each = {4, 1}, all = {6, 1};
	struct rate *rate;
	int i, taken = 0;

	(void)state;
	assert_int_equal(rate_open(each, all, &rate), PD_OK);
	assert_int_equal(take(rate, 1, 1000), 4);
	assert_int_equal(take(rate, 2, 1000), 2);
	assert_false(rate_take(rate, 3, 1000));
	for (i = 0; i < 10; i++)
		taken += rate_take_fair(rate, 3, 1000);
	assert_int_equal(taken, 3); /* down to less than half of its own */
	assert_false(rate_take_fair(rate, 1, 1000));
	assert_false(rate_take(rate, 1, 1000));
	assert_true(rate_take(rate, 1, 2000)); /* and nothing was borrowed */
	rate_free(rate);
}

#define WITH_RATE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_RATE(test_a_burst_then_so_many_a_second),
	    WITH_RATE(test_never_more_than_the_burst),
	    WITH_RATE(test_a_clock_that_goes_back_gives_nothing),
	    WITH_RATE(test_uids_do_not_share),
	    WITH_RATE(test_changing_uids_gains_nothing),
	    cmocka_unit_test(test_all_uids_share_a_limit),
	    cmocka_unit_test(test_who_asks_little_passes_beside_greedy_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
