/* SPDX-License-Identifier: BSD-2-Clause */
/* State items in general, and the last login; counters and tokens have files of their own. */
#include "store_fixture.h"
#include "tests/engines/engine_memory.h"

/* What could not be read back is refused before the engine is asked. */
static void
test_refused_swaps(void **state)
{
	static char longest[STATE_ID_MAX + 2];
	const struct {
		struct state before, after;
		bool removes;
	} rows[] = {
	    {.before = {.id = NULL}, .after = {.expires_at = NOW}},
	    {.before = {.id = (char[]){""}}, .after = {.id = (char[]){""}, .expires_at = NOW}},
	    {.before = {.id = longest}, .after = {.id = longest, .expires_at = NOW}},
	    {.before = {.id = (char[]){"a"}}, .after = {.id = (char[]){"b"}, .expires_at = NOW}},
	    {.before = {.id = (char[]){"a"}}, .after = {.expires_at = NOW}},
	    {.before = {.id = (char[]){"a"}, .version = -1},
		.after = {.id = (char[]){"a"}, .expires_at = NOW}},
	    {.before = {.id = (char[]){"a"}}, .after = {.id = (char[]){"a"}}},
	    {.before = {.id = (char[]){"a"}},
		.after = {.id = (char[]){"a"}, .expires_at = NOW, .count = -1}},
	    {.before = {.id = (char[]){"a"}},
		.after = {.id = (char[]){"a"}, .expires_at = NOW, .host = (char[]){"a\nb"}}},
	    {.before = {.id = (char[]){"a"}}, .removes = true},
	};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	memset(longest, 'i', sizeof(longest) - 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct state after = rows[i].after;

		after.version = 77;
		assert_error(PD_INVALID,
		    store_swap_state(fixture->store, &call, &rows[i].before,
			rows[i].removes ? NULL : &after, NOW));
		assert_int_equal(77, after.version);
	}
	assert_int_equal(0, engine_failing_calls(ENGINE_SWAP_STATE));
}

/* Ids at their bound are good; absent, expired, or no id at all each have their answer. */
static void
test_get(void **state)
{
	static const struct {
		int64_t at;
		enum pd_error error;
	} rows[] = {{NOW - 1, PD_OK}, {NOW, PD_NOT_FOUND}, {NOW + 1, PD_NOT_FOUND}};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	char id[STATE_ID_MAX + 2] = "";
	struct state before = {.id = id}, after = {.id = id, .expires_at = NOW}, stored;

	memset(id, 'i', STATE_ID_MAX + 1);
	assert_error(PD_INVALID, store_get_state(fixture->store, &call, id, NOW, &stored));
	id[STATE_ID_MAX] = '\0';
	assert_error(PD_OK, store_swap_state(fixture->store, &call, &before, &after, NOW - 100));
	assert_in_range(after.version, 1, 1u << 30);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_error(
		    rows[i].error, store_get_state(fixture->store, &call, id, rows[i].at, &stored));
		assert_int_equal(rows[i].error == PD_OK, stored.id != NULL);
		state_free(&stored);
	}
	assert_error(PD_INVALID, store_get_state(fixture->store, &call, "", NOW, &stored));
	assert_error(PD_INVALID, store_get_state(fixture->store, &call, NULL, NOW, &stored));
	assert_error(PD_NOT_FOUND, store_get_state(fixture->store, &call, "i", NOW, &stored));
}

/* What was there before does not count, and texts that are not known are absent. */
static void
test_last_login(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	struct store_call call = within(5000);
	struct state last;
	int64_t version;

	assert_error(PD_OK, store_put_last(store, &call, "alice", "h1", "sshd", "10.0.0.1", NOW));
	assert_error(PD_OK, store_get_state(store, &call, "last#alice", NOW, &last));
	assert_string_equal("h1", last.host);
	assert_string_equal("sshd", last.service);
	assert_string_equal("10.0.0.1", last.source);
	assert_int_equal(NOW, last.at);
	assert_int_equal(NOW + 400 * 86400, last.expires_at);
	version = last.version;
	state_free(&last);
	engine_failing_set(
	    ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_CONFLICT, .times = 1});
	assert_error(PD_OK, store_put_last(store, &call, "alice", "h2", "", NULL, NOW - 5));
	assert_error(PD_OK, store_get_state(store, &call, "last#alice", NOW, &last));
	assert_string_equal("h2", last.host);
	assert_null(last.service);
	assert_null(last.source);
	assert_int_equal(NOW - 5, last.at);
	assert_int_equal(version + 1, last.version);
	state_free(&last);
	assert_error(PD_INVALID, store_put_last(store, &call, "root", "h", "s", NULL, NOW));
	assert_error(PD_INVALID, store_put_last(store, &call, "alice", "a\nb", "s", NULL, NOW));
}

/* An engine that has no idle swap reads instead; what is not there is no error. */
static void
test_idle_swap(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct state stored;

	assert_error(PD_OK, store_idle_swap(fixture->store, &call, "fail#alice"));
	assert_int_equal(1, engine_failing_calls(ENGINE_GET_STATE));
	assert_int_equal(0, engine_failing_calls(ENGINE_SWAP_STATE));
	assert_error(
	    PD_NOT_FOUND, store_get_state(fixture->store, &call, "fail#alice", NOW, &stored));
	engine_failing_set(ENGINE_GET_STATE, (struct engine_fault){.error = PD_UNAVAILABLE});
	assert_error(PD_UNAVAILABLE, store_idle_swap(fixture->store, &call, "fail#alice"));
}

/* An engine that does not even send, after a doubt: no waiting for the deadline. */
static enum pd_error
doubt_then_silence(void *conn, struct store_call *call, const struct state *before,
    const struct state *after, int64_t now)
{
	(void)conn;
	(void)after;
	(void)now;
	(void)before;
	if (call->requests > 1)
		return PD_UNAVAILABLE;
	call->requests++;
	return PD_UNCERTAIN;
}

static void
test_known_outage(void **state)
{
	struct fixture *fixture = *state;
	struct store_engine silent = engine_memory;
	struct store_call call = within(20000);
	struct state before = {.id = (char[]){"rate#x"}};
	struct state after = {.id = (char[]){"rate#x"}, .expires_at = NOW};
	struct store *store = NULL;

	silent.swap_state = doubt_then_silence;
	assert_error(PD_OK,
	    store_open_engine(
		&silent, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	assert_error(PD_UNAVAILABLE, store_swap_state(store, &call, &before, &after, NOW - 1));
	assert_true(clock_left_ms(call.deadline_ms) > 10000);
	store_close(store);
}

static void
test_uncertain_swap(void **state)
{
	struct fixture *fixture = *state;

	for (int done = 0; done < 2; done++) {
		const struct engine_fault fault = {
		    .error = PD_UNCERTAIN, .done = done == 1, .times = 1};
		struct store_call call = within(5000);
		struct state before = {.id = (char[]){"rate#x"}};
		struct state after = {.id = (char[]){"rate#x"}, .expires_at = NOW + 100};
		struct state stored;

		engine_failing_set(ENGINE_SWAP_STATE, fault);
		assert_error(PD_OK, store_swap_state(fixture->store, &call, &before, &after, NOW));
		assert_error(PD_OK, store_get_state(fixture->store, &call, "rate#x", NOW, &stored));
		assert_true(record_equal(&state_type, &after, &stored));
		engine_failing_set(ENGINE_SWAP_STATE, fault);
		assert_error(PD_OK, store_swap_state(fixture->store, &call, &stored, NULL, NOW));
		state_free(&stored);
	}
}

/* What cannot be settled in time is unavailable, never uncertain, and in time. */
static void
test_uncertain_for_good(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(200);
	struct state before = {.id = (char[]){"rate#x"}};
	struct state after = {.id = (char[]){"rate#x"}, .expires_at = NOW};

	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_UNCERTAIN});
	assert_error(
	    PD_UNAVAILABLE, store_swap_state(fixture->store, &call, &before, &after, NOW - 100));
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
	assert_int_equal(0, after.version);
	assert_true(engine_failing_calls(ENGINE_SWAP_STATE) > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_refused_swaps),
	    TEST(test_get),
	    TEST(test_last_login),
	    TEST(test_idle_swap),
	    TEST(test_known_outage),
	    TEST(test_uncertain_swap),
	    TEST(test_uncertain_for_good),
	};

	return cmocka_run_group_tests_name("store_state", tests, NULL, NULL);
}
