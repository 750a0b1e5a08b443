/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines and connections. */
#include <pthread.h>

#include "core/store_pool.h"
#include "store_fixture.h"

static void
test_late(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(0);
	struct user user;

	assert_error(PD_UNAVAILABLE, store_get_user(fixture->store, &call, "alice", &user));
	assert_int_equal(0, engine_failing_calls(ENGINE_CONNECT));
	assert_int_equal(0, engine_failing_calls(ENGINE_GET_USER));
	assert_non_null(strstr(fixture->lines, "deadline passed"));
}

static void
test_one_connection(void **state)
{
	struct fixture *fixture = *state;
	struct user user;

	for (int i = 0; i < 5; i++) {
		struct store_call call = within(5000);

		assert_error(PD_NOT_FOUND, store_get_user(fixture->store, &call, "alice", &user));
	}
	assert_int_equal(1, engine_failing_calls(ENGINE_CONNECT));
}

static void *
slow_get(void *ctx)
{
	struct store_call call = within(5000);
	struct user user;

	store_get_user(ctx, &call, "alice", &user);
	return NULL;
}

/* Threads that are busy at once have a connection each; they are used again afterwards. */
static void
test_connections(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[3];

	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.delay_ms = 150});
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < COUNT_OF(threads); i++)
			assert_int_equal(
			    0, pthread_create(&threads[i], NULL, slow_get, fixture->store));
		for (size_t i = 0; i < COUNT_OF(threads); i++)
			pthread_join(threads[i], NULL);
		assert_int_equal(3, engine_failing_calls(ENGINE_CONNECT));
	}
}

static enum pd_error
count_connect(void *shared, void **conn)
{
	char *next = *(char **)shared;

	*conn = next;
	*(char **)shared = next + 1;
	return PD_OK;
}

static void
forget(void *conn)
{
	(void)conn;
}

/* The connection that was used last is the warmest and comes first. */
static void
test_pool_order(void **state)
{
	const struct store_engine engine = {.connect = count_connect, .disconnect = forget};
	static char conns[4];
	char *next = conns;
	struct store_pool *pool = NULL;
	void *first, *second, *again;

	(void)state;
	assert_error(PD_OK, store_pool_open(&engine, &next, &pool));
	assert_error(PD_OK, store_pool_take(pool, &first));
	assert_error(PD_OK, store_pool_take(pool, &second));
	assert_ptr_not_equal(first, second);
	store_pool_return(pool, first);
	store_pool_return(pool, second);
	store_pool_return(pool, NULL);
	assert_int_equal(2, store_pool_idle(pool));
	assert_error(PD_OK, store_pool_take(pool, &again));
	assert_ptr_equal(second, again);
	assert_int_equal(1, store_pool_idle(pool));
	store_pool_return(pool, again);
	store_pool_close(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_late),
	    TEST(test_one_connection),
	    TEST(test_connections),
	    cmocka_unit_test(test_pool_order),
	};

	return cmocka_run_group_tests_name("store_pool", tests, NULL, NULL);
}
