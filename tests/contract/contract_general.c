/* SPDX-License-Identifier: BSD-2-Clause */
/* What is not about one kind of item: setting up, looking after, deadlines, a second process. */
#include "contract.h"

static void
count_line(void *ctx, const char *line)
{
	assert_non_null(line);
	++*(size_t *)ctx;
}

static void
test_init_again(void **ctx)
{
	struct store_call call = {.deadline_ms = clock_monotonic_ms() + 60000};
	char name[USER_NAME_SIZE];
	struct user user, stored;
	size_t lines = 0;

	(void)ctx;
	contract_name(name);
	contract_create(&user, name);
	assert_error(PD_OK, store_init(contract.store, &call, count_line, &lines));
	assert_true(lines > 0);
	contract_get(&stored, name);
	assert_true(record_equal(&user_type, &user, &stored));
	assert_error(PD_OK, store_init(contract.store, &call, NULL, NULL));
	user_free(&user);
	user_free(&stored);
}

static void
count_finding(void *ctx, enum store_finding finding, const char *subject, const char *text)
{
	assert_non_null(subject);
	assert_non_null(text);
	if (finding == STORE_FINDING_BAD)
		fail_msg("%s: %s", subject, text);
	++*(size_t *)ctx;
}

static void
test_check(void **ctx)
{
	struct store_call call = {.deadline_ms = clock_monotonic_ms() + 60000};
	size_t findings = 0;

	(void)ctx;
	assert_error(PD_OK, store_check(contract.store, &call, count_finding, &findings));
	assert_true(findings > 0);
}

/* When the time is over nothing is sent. */
static void
test_deadline(void **ctx)
{
	struct store_call late = {.deadline_ms = clock_monotonic_ms()};
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	struct user user, stored;
	struct state fail;

	(void)ctx;
	contract_name(name);
	contract_small_user(&user, name);
	assert_error(PD_UNAVAILABLE, store_create_user(contract.store, &late, &user, false, NULL));
	assert_error(PD_UNAVAILABLE, store_get_user(contract.store, &late, name, &stored));
	assert_error(PD_UNAVAILABLE, store_get_login(contract.store, &late, name, &stored, &fail));
	assert_int_equal(0, late.requests);
	assert_error(PD_NOT_FOUND, store_get_user(contract.store, &call, name, &stored));
	user_free(&user);
}

static void
test_name(void **ctx)
{
	(void)ctx;
	assert_non_null(store_engine_name(contract.store));
	assert_in_range((unsigned long)(store_now(contract.store) - clock_now_s() + 60), 0, 120);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_init_again),
    cmocka_unit_test(test_check),
    cmocka_unit_test(test_deadline),
    cmocka_unit_test(test_name),
};

const struct contract_group contract_general = {
    .name = "general",
    .tests = tests,
    .count = COUNT_OF(tests),
};
