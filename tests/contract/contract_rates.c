/* SPDX-License-Identifier: BSD-2-Clause */
/* Rate buckets: so many in a window, and no more. */
#include "contract.h"

#define NOW 1700000000

static const struct state_limit limit = {.window_s = 60, .max = 3};

static enum pd_error
take(const char *bucket, int64_t now, int64_t *retry_after_s)
{
	struct store_call call = contract_call();

	return store_take_rate(contract.store, &call, bucket, &limit, now, retry_after_s);
}

static void
test_fills(void **ctx)
{
	int64_t retry_after_s = -1;
	char bucket[64];

	(void)ctx;
	contract_id(bucket, "mail.");
	assert_error(PD_OK, take(bucket, NOW, &retry_after_s));
	assert_error(PD_OK, take(bucket, NOW + 1, NULL));
	assert_error(PD_OK, take(bucket, NOW + 2, &retry_after_s));
	assert_int_equal(0, retry_after_s);
	assert_error(PD_CONFLICT, take(bucket, NOW + 10, &retry_after_s));
	assert_int_equal(50, retry_after_s);
	assert_error(PD_CONFLICT, take(bucket, NOW + 59, NULL));
	assert_error(PD_OK, take(bucket, NOW + 60, NULL));
}

static void
test_apart(void **ctx)
{
	char first[64], second[64];

	(void)ctx;
	contract_id(first, "mail.");
	contract_id(second, "mail.");
	for (int i = 0; i < 3; i++)
		assert_error(PD_OK, take(first, NOW, NULL));
	assert_error(PD_CONFLICT, take(first, NOW, NULL));
	assert_error(PD_OK, take(second, NOW, NULL));
	assert_error(PD_INVALID, take("", NOW, NULL));
}

struct filling {
	const char *bucket;
	enum pd_error errors[CONTRACT_THREADS_MAX];
};

static void
fill_one(size_t thread, void *ctx)
{
	struct filling *filling = ctx;

	filling->errors[thread] = take(filling->bucket, NOW, NULL);
}

static void
test_eight_threads(void **ctx)
{
	struct filling filling = {0};
	char bucket[64];
	size_t let_in = 0;

	(void)ctx;
	contract_id(bucket, "mail.");
	filling.bucket = bucket;
	contract_threads(8, fill_one, &filling);
	for (size_t i = 0; i < 8; i++) {
		if (filling.errors[i] == PD_OK)
			let_in++;
		else
			assert_error(PD_CONFLICT, filling.errors[i]);
	}
	assert_int_equal(3, let_in);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_fills),
    cmocka_unit_test(test_apart),
    cmocka_unit_test(test_eight_threads),
};

const struct contract_group contract_rates = {
    .name = "rates",
    .tests = tests,
    .count = COUNT_OF(tests),
};
