/* SPDX-License-Identifier: BSD-2-Clause */
/* One-time tokens. */
#include "contract.h"

static enum pd_error
create(const char *secret, int64_t expires_at)
{
	struct store_call call = contract_call();

	return store_create_token(
	    contract.store, &call, secret, "confirm", "alice", "alice@example.org", expires_at);
}

static enum pd_error
take(const char *secret, const char *kind, int64_t now)
{
	struct store_call call = contract_call();
	struct state token;
	enum pd_error error = store_take_token(contract.store, &call, secret, kind, now, &token);

	state_free(&token);
	return error;
}

static void
test_once(void **ctx)
{
	struct store_call call = contract_call();
	int64_t now = store_now(contract.store);
	struct state token;
	char secret[64];

	(void)ctx;
	contract_id(secret, "secret");
	assert_error(PD_NOT_FOUND, take(secret, "confirm", now));
	assert_error(PD_OK, create(secret, now + 100));
	assert_error(
	    PD_OK, store_take_token(contract.store, &call, secret, "confirm", now, &token));
	assert_string_equal("alice", token.owner);
	assert_string_equal("alice@example.org", token.data);
	assert_string_equal("confirm", token.kind);
	assert_non_null(token.used_by);
	assert_null(strstr(token.id, secret));
	state_free(&token);
	assert_error(PD_NOT_FOUND, take(secret, "confirm", now));
}

/* The wrong kind does not use it up. */
static void
test_kind(void **ctx)
{
	int64_t now = store_now(contract.store);
	char secret[64];

	(void)ctx;
	contract_id(secret, "secret");
	assert_error(PD_OK, create(secret, now + 100));
	assert_error(PD_NOT_FOUND, take(secret, "reset", now));
	assert_error(PD_OK, take(secret, "confirm", now));
}

static void
test_expired(void **ctx)
{
	int64_t now = store_now(contract.store);
	char secret[64];

	(void)ctx;
	contract_id(secret, "secret");
	assert_error(PD_OK, create(secret, now + 100));
	assert_error(PD_NOT_FOUND, take(secret, "confirm", now + 100));
	assert_error(PD_OK, take(secret, "confirm", now + 99));
}

static void
test_exists(void **ctx)
{
	int64_t now = store_now(contract.store);
	char secret[64];

	(void)ctx;
	contract_id(secret, "secret");
	assert_error(PD_OK, create(secret, now + 100));
	assert_error(PD_CONFLICT, create(secret, now + 200));
	assert_error(PD_INVALID, create("", now + 100));
	assert_error(PD_INVALID, take("", "confirm", now));
}

struct taking {
	const char *secret;
	int64_t now;
	enum pd_error errors[CONTRACT_THREADS_MAX];
};

static void
take_one(size_t thread, void *ctx)
{
	struct taking *taking = ctx;

	taking->errors[thread] = take(taking->secret, "confirm", taking->now);
}

static void
test_eight_threads(void **ctx)
{
	struct taking taking = {.now = store_now(contract.store)};
	char secret[64];
	size_t won = 0;

	(void)ctx;
	contract_id(secret, "secret");
	taking.secret = secret;
	assert_error(PD_OK, create(secret, taking.now + 100));
	contract_threads(8, take_one, &taking);
	for (size_t i = 0; i < 8; i++) {
		if (taking.errors[i] == PD_OK)
			won++;
		else
			assert_error(PD_NOT_FOUND, taking.errors[i]);
	}
	assert_int_equal(1, won);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_once),
    cmocka_unit_test(test_kind),
    cmocka_unit_test(test_expired),
    cmocka_unit_test(test_exists),
    cmocka_unit_test(test_eight_threads),
};

const struct contract_group contract_tokens = {
    .name = "tokens",
    .tests = tests,
    .count = COUNT_OF(tests),
};
