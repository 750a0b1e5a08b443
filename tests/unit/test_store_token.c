/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_fixture.h"

/* Exactly the kind, not expired, not used: who takes anything else gets nothing, and uses up
 * nothing.
 */
static void
test_take(void **state)
{
	static const struct {
		const char *secret, *kind;
		int64_t after_s;
		enum pd_error error;
	} rows[] = {
	    {"secre", "reset", 0, PD_NOT_FOUND}, {"secret!", "reset", 0, PD_NOT_FOUND},
	    {"Secret", "reset", 0, PD_NOT_FOUND}, {"secret", "invite", 0, PD_NOT_FOUND},
	    {"secret", "", 0, PD_NOT_FOUND}, {"secret", "reset", 100, PD_NOT_FOUND},
	    {"secret", "reset", 101, PD_NOT_FOUND}, {"", "reset", 0, PD_INVALID},
	    {NULL, "reset", 0, PD_INVALID}, {"secret", "reset", 99, PD_OK},
	    {"secret", "reset", 0, PD_NOT_FOUND}, /* used */
	};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	int64_t now = store_now(fixture->store);

	assert_error(PD_OK,
	    store_create_token(
		fixture->store, &call, "secret", "reset", "alice", "data", now + 100));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct state token;

		memset(&token, 0x55, sizeof(token));
		assert_error(rows[i].error,
		    store_take_token(fixture->store, &call, rows[i].secret, rows[i].kind,
			now + rows[i].after_s, &token));
		if (rows[i].error != PD_OK) {
			assert_null(token.id);
			continue;
		}
		assert_string_equal("alice", token.owner);
		assert_string_equal("data", token.data);
		assert_string_equal("reset", token.kind);
		/* printf secret | sha256sum: the table does not hold the secret itself */
		assert_string_equal(
		    "token#2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
		    token.id);
		assert_non_null(token.used_by);
		state_free(&token);
	}
}

/* One that is there is not made anew, be it used; one that has expired is as good as gone. */
static void
test_create(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	struct store_call call = within(5000);
	int64_t now = store_now(store);
	struct state token;

	assert_error(
	    PD_OK, store_create_token(store, &call, "s", "reset", "alice", NULL, now + 100));
	assert_error(
	    PD_CONFLICT, store_create_token(store, &call, "s", "reset", "bob", NULL, now + 100));
	assert_error(PD_OK, store_take_token(store, &call, "s", "reset", now, &token));
	assert_string_equal("alice", token.owner);
	state_free(&token);
	assert_error(
	    PD_CONFLICT, store_create_token(store, &call, "s", "reset", "bob", NULL, now + 100));
	assert_error(PD_OK, store_create_token(store, &call, "old", "invite", NULL, NULL, now - 1));
	assert_error(PD_OK, store_create_token(store, &call, "old", "invite", "", "", now + 100));
	assert_error(PD_OK, store_take_token(store, &call, "old", "invite", now, &token));
	assert_null(token.owner);
	assert_null(token.data);
	state_free(&token);
}

static void
test_refused_tokens(void **state)
{
	static const struct {
		const char *secret, *kind;
	} rows[] = {{NULL, "reset"}, {"", "reset"}, {"s", NULL}, {"s", ""},
	    {"s", "a-kind-of-more-than-thirty-two-bytes"}};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_error(PD_INVALID,
		    store_create_token(
			fixture->store, &call, rows[i].secret, rows[i].kind, "alice", NULL, NOW));
	assert_error(PD_INVALID,
	    store_create_token(fixture->store, &call, "s", "reset", "alice", "\x1b", NOW));
	assert_int_equal(0, engine_failing_calls(ENGINE_SWAP_STATE));
}

/* Neither a token's secret nor its digest stands in a log line. */
static void
test_log_keeps_tokens(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_UNAVAILABLE});
	assert_error(PD_UNAVAILABLE,
	    store_create_token(fixture->store, &call, "abc", "reset", "alice", NULL, NOW + 100));
	assert_non_null(strstr(fixture->lines, "create_token token#: unavailable"));
	assert_null(strstr(fixture->lines, "token#b")); /* SHA-256 of abc: ba78... */
}

/* Whoever took the token gets it, also when the first answer was lost. */
static void
test_uncertain_token(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	int64_t now = store_now(fixture->store);
	struct state token;

	for (int done = 0; done < 2; done++) {
		const char *secret = done == 1 ? "secret1" : "secret0";

		assert_error(PD_OK,
		    store_create_token(
			fixture->store, &call, secret, "reset", "alice", NULL, now + 100));
		engine_failing_set(ENGINE_SWAP_STATE,
		    (struct engine_fault){.error = PD_UNCERTAIN, .done = done == 1, .times = 1});
		assert_error(
		    PD_OK, store_take_token(fixture->store, &call, secret, "reset", now, &token));
		assert_string_equal("alice", token.owner);
		state_free(&token);
		assert_error(PD_NOT_FOUND,
		    store_take_token(fixture->store, &call, secret, "reset", now, &token));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_take),
	    TEST(test_create),
	    TEST(test_refused_tokens),
	    TEST(test_log_keeps_tokens),
	    TEST(test_uncertain_token),
	};

	return cmocka_run_group_tests_name("store_token", tests, NULL, NULL);
}
