/* SPDX-License-Identifier: BSD-2-Clause */
/* Failures of a name: each counted exactly once, whoever counts beside it. */
#include "contract.h"
#include "core/secret.h"

#define NOW 1700000000

static const struct state_limit limit = {.window_s = 100, .max = 3, .lockout_s = 50};

static enum pd_error
count(const char *name, const char *attempt, int64_t now, struct state *out)
{
	struct store_call call = contract_call();

	return store_count_failure(contract.store, &call, name, &limit, attempt, now, out);
}

/* The failures that the next login sees. */
static void
read_fail(const char *name, struct state *out)
{
	struct store_call call = contract_call();
	struct user user;
	enum pd_error error = store_get_login(contract.store, &call, name, &user, out);

	if (error != PD_NOT_FOUND)
		assert_error(PD_OK, error);
	user_free(&user);
}

/* Through get_state, whose clock is the test's own: the one of the store has long passed NOW. */
static int64_t
stored_count(const char *name, int64_t now)
{
	struct store_call call = contract_call();
	struct state stored;
	char id[64];
	int64_t number;
	enum pd_error error;

	snprintf(id, sizeof(id), "fail#%s", name);
	error = store_get_state(contract.store, &call, id, now, &stored);
	if (error != PD_NOT_FOUND)
		assert_error(PD_OK, error);
	number = state_count(&stored, &limit, now);
	state_free(&stored);
	return number;
}

static void
test_lock(void **ctx)
{
	char name[USER_NAME_SIZE];
	struct state after;

	(void)ctx;
	contract_name(name);
	assert_error(PD_OK, count(name, "a1", NOW, &after));
	assert_int_equal(1, after.count);
	assert_false(state_locked(&after, NOW));
	state_free(&after);
	assert_error(PD_OK, count(name, "a2", NOW + 1, NULL));
	assert_error(PD_OK, count(name, "a3", NOW + 2, &after));
	assert_int_equal(3, after.count);
	assert_int_equal(NOW + 2 + 50, after.locked_until);
	assert_true(state_locked(&after, NOW + 51));
	assert_false(state_locked(&after, NOW + 52));
	state_free(&after);
}

static void
test_attempt_once(void **ctx)
{
	char name[USER_NAME_SIZE];
	struct state after;

	(void)ctx;
	contract_name(name);
	assert_error(PD_OK, count(name, "same", NOW, NULL));
	assert_error(PD_OK, count(name, "same", NOW, &after));
	assert_int_equal(1, after.count);
	assert_true(state_has_attempt(&after, "same"));
	state_free(&after);
	assert_error(PD_OK, count(name, "other", NOW, &after));
	assert_int_equal(2, after.count);
	state_free(&after);
}

static void
test_window_passes(void **ctx)
{
	char name[USER_NAME_SIZE];
	struct state after;

	(void)ctx;
	contract_name(name);
	assert_error(PD_OK, count(name, "a1", NOW, NULL));
	assert_error(PD_OK, count(name, "a2", NOW + 1, NULL));
	assert_int_equal(2, stored_count(name, NOW + 99));
	assert_int_equal(0, stored_count(name, NOW + 100));
	assert_error(PD_OK, count(name, "a3", NOW + 100, &after));
	assert_int_equal(1, after.count);
	assert_int_equal(NOW + 100, after.window_start);
	assert_false(state_locked(&after, NOW + 100));
	state_free(&after);
}

static void
test_clear(void **ctx)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];

	(void)ctx;
	contract_name(name);
	assert_error(PD_OK, store_clear_failures(contract.store, &call, name));
	assert_error(PD_OK, count(name, "a1", NOW, NULL));
	assert_error(PD_OK, count(name, "a2", NOW, NULL));
	assert_error(PD_OK, store_clear_failures(contract.store, &call, name));
	assert_int_equal(0, stored_count(name, NOW));
	assert_error(PD_OK, count(name, "a3", NOW, NULL));
	assert_int_equal(1, stored_count(name, NOW));
}

/* One request brings the record and its failures; without a record the failures still come. */
static void
test_login(void **ctx)
{
	struct store_call call = contract_call();
	int64_t now = store_now(contract.store);
	char name[USER_NAME_SIZE];
	struct user user, stored;
	struct state fail;

	(void)ctx;
	contract_name(name);
	assert_error(
	    PD_OK, store_count_failure(contract.store, &call, name, &limit, "a1", now, NULL));
	read_fail(name, &fail);
	assert_int_equal(1, fail.count);
	state_free(&fail);
	contract_full_user(&user, name);
	assert_error(PD_OK, store_create_user(contract.store, &call, &user, false, NULL));
	call = contract_call();
	assert_error(PD_OK, store_get_login(contract.store, &call, name, &stored, &fail));
	assert_int_equal(1, call.requests);
	assert_true(record_equal(&user_type, &user, &stored));
	assert_int_equal(1, fail.count);
	assert_true(state_has_attempt(&fail, "a1"));
	user_free(&stored);
	state_free(&fail);
	assert_error(PD_OK, store_clear_failures(contract.store, &call, name));
	assert_error(PD_OK, store_get_login(contract.store, &call, name, &stored, &fail));
	assert_int_equal(0, fail.version);
	assert_null(fail.id);
	user_free(&user);
	user_free(&stored);
}

/* A network that no other case counts for. */
static void
contract_network(char out[USER_NAME_SIZE])
{
	snprintf(out, USER_NAME_SIZE, "2001:db8:%x:%x::/64", secret_random_below(0xfffe) + 1,
	    secret_random_below(0xfffe) + 1);
}

/* The name's failures and the network's come with the record, in one request, and are apart. */
static void
test_login_from(void **ctx)
{
	struct store_call call = contract_call();
	int64_t now = store_now(contract.store);
	char name[USER_NAME_SIZE], network[USER_NAME_SIZE];
	struct state fail, source;
	struct user user, stored;

	(void)ctx;
	contract_name(name);
	contract_network(network);
	for (int failures = 0; failures <= 3; failures++) {
		call = contract_call();
		assert_error(PD_NOT_FOUND,
		    store_get_login_from(
			contract.store, &call, name, network, &stored, &fail, &source, NULL));
		assert_int_equal(1, call.requests);
		assert_int_equal((failures & 1) != 0, fail.count);
		assert_int_equal((failures & 2) != 0 ? 2 : 0, source.count);
		state_free(&fail);
		state_free(&source);
		assert_error(PD_OK, store_clear_failures(contract.store, &call, name));
		assert_error(PD_OK, store_clear_source(contract.store, &call, network));
		if ((failures + 1) & 1)
			assert_error(PD_OK,
			    store_count_failure(
				contract.store, &call, name, &limit, "a1", now, NULL));
		for (int i = 0; i < 3 && ((failures + 1) & 2) != 0; i++) /* "n1" twice */
			assert_error(PD_OK,
			    store_count_source(contract.store, &call, network, &limit,
				i == 0 ? "n0" : "n1", now, NULL));
	}
	contract_full_user(&user, name);
	assert_error(PD_OK, store_create_user(contract.store, &call, &user, false, NULL));
	for (int i = 0; i < 3; i++)
		assert_error(PD_OK,
		    store_count_source(contract.store, &call, network, &limit,
			(const char *[]){"n0", "n1", "n2"}[i], now, NULL));
	call = contract_call();
	assert_error(PD_OK,
	    store_get_login_from(
		contract.store, &call, name, network, &stored, &fail, &source, NULL));
	assert_int_equal(1, call.requests);
	assert_true(record_equal(&user_type, &user, &stored));
	assert_int_equal(0, fail.version);
	assert_int_equal(3, source.count);
	assert_true(state_locked(&source, now));
	user_free(&user);
	user_free(&stored);
	state_free(&source);
}

static void
test_no_network(void **ctx)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE], longest[STATE_ID_MAX + 1];
	struct state fail, source;
	struct user stored;

	(void)ctx;
	contract_name(name);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_error(PD_NOT_FOUND,
	    store_get_login_from(contract.store, &call, name, NULL, &stored, &fail, &source, NULL));
	assert_null(source.id);
	for (int i = 0; i < 2; i++) {
		const char *network = i == 0 ? "" : longest;

		assert_error(PD_INVALID,
		    store_get_login_from(
			contract.store, &call, name, network, &stored, &fail, &source, NULL));
		assert_error(PD_INVALID,
		    store_count_source(contract.store, &call, network, &limit, "n1", NOW, NULL));
		assert_error(PD_INVALID, store_clear_source(contract.store, &call, network));
	}
}

/* Old failures count for nothing, but a swap from what was read is still exact. */
static void
test_login_expired(void **ctx)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	struct state fail;

	(void)ctx;
	contract_name(name);
	assert_error(PD_OK, count(name, "a1", NOW, NULL));
	assert_error(PD_OK, count(name, "a2", NOW, NULL));
	read_fail(name, &fail);
	assert_int_equal(0, fail.count);
	assert_int_equal(0, fail.attempts.len);
	assert_int_equal(0, fail.locked_until);
	assert_true(fail.version > 0);
	assert_error(PD_OK, store_swap_state(contract.store, &call, &fail, NULL, NOW));
	state_free(&fail);
}

#define THREADS 8
#define EACH 25

struct counting {
	const char *name;
	const struct state_limit *limit;
	bool same; /* all threads count the same attempt */
	enum pd_error errors[THREADS];
};

static void
count_many(size_t thread, void *ctx)
{
	struct counting *counting = ctx;

	for (int i = 0; i < EACH && counting->errors[thread] == PD_OK; i++) {
		struct store_call call = {.deadline_ms = clock_monotonic_ms() + 60000};
		char attempt[32];

		snprintf(attempt, sizeof(attempt), "t%zu.%d", counting->same ? 0 : thread, i);
		counting->errors[thread] = store_count_failure(
		    contract.store, &call, counting->name, counting->limit, attempt, NOW, NULL);
	}
}

static void
count_beside(bool same, int64_t expected)
{
	static const struct state_limit wide = {.window_s = 100, .max = 1000, .lockout_s = 50};
	struct counting counting = {.limit = &wide, .same = same};
	char name[USER_NAME_SIZE];

	contract_name(name);
	counting.name = name;
	contract_threads(THREADS, count_many, &counting);
	for (size_t i = 0; i < THREADS; i++)
		assert_error(PD_OK, counting.errors[i]);
	assert_int_equal(expected, stored_count(name, NOW));
}

static void
test_eight_threads(void **ctx)
{
	(void)ctx;
	count_beside(false, THREADS * EACH);
}

static void
test_eight_threads_same(void **ctx)
{
	(void)ctx;
	count_beside(true, EACH);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_lock),
    cmocka_unit_test(test_attempt_once),
    cmocka_unit_test(test_window_passes),
    cmocka_unit_test(test_clear),
    cmocka_unit_test(test_login),
    cmocka_unit_test(test_login_from),
    cmocka_unit_test(test_no_network),
    cmocka_unit_test(test_login_expired),
    cmocka_unit_test(test_eight_threads),
    cmocka_unit_test(test_eight_threads_same),
};

const struct contract_group contract_failures = {
    .name = "failures",
    .tests = tests,
    .count = COUNT_OF(tests),
};
