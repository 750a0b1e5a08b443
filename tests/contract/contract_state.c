/* SPDX-License-Identifier: BSD-2-Clause */
/* State items: compare and swap, expiry. */
#include "contract.h"

#define NOW 1700000000

/* An item with every field present. */
static void
make_state(struct state *out, const char *id, int64_t expires_at)
{
	memset(out, 0, sizeof(*out));
	contract_set(&out->id, id);
	contract_set(&out->kind, "confirm");
	contract_set(&out->owner, "alice");
	contract_set(&out->data, "{\"a\": \"ü\"}");
	contract_set(&out->used_by, "x1");
	contract_set(&out->host, "web1.example.org");
	contract_set(&out->service, "sshd");
	contract_set(&out->source, "2001:db8::1");
	out->expires_at = expires_at;
	out->count = 3;
	out->window_start = NOW;
	out->locked_until = NOW + 5;
	out->at = NOW + 1;
	out->epoch = 9;
	out->seen_at = NOW + 2;
	contract_set(&out->agent, "firefox");
	for (int i = 0; i < STATE_SESSIONS_MAX; i++)
		strlist_add(&out->sessions, i == 0 ? "one" : "more");
	strlist_add(&out->entries, "bob 1700000000");
	strlist_add(&out->entries, "ann 1800000000");
	for (int i = 0; i < STATE_ATTEMPTS_MAX; i++) {
		char attempt[16];

		snprintf(attempt, sizeof(attempt), "attempt%d", i);
		strlist_add(&out->attempts, attempt);
	}
}

static enum pd_error
swap(const struct state *before, struct state *after)
{
	struct store_call call = contract_call();

	return store_swap_state(contract.store, &call, before, after, NOW);
}

static enum pd_error
get(const char *id, int64_t now, struct state *out)
{
	struct store_call call = contract_call();

	return store_get_state(contract.store, &call, id, now, out);
}

/* It costs one request and changes nothing, whether the item is there or not. */
static void
test_idle_swap(void **ctx)
{
	struct store_call call = contract_call();
	struct state none = {0};
	struct state first, stored;
	char id[64];

	(void)ctx;
	contract_id(id, "rate#");
	contract_set(&none.id, id);
	make_state(&first, id, NOW + 100);
	assert_error(PD_OK, store_idle_swap(contract.store, &call, id));
	assert_true(call.requests >= 1);
	assert_error(PD_NOT_FOUND, get(id, NOW, &stored));
	assert_error(PD_OK, swap(&none, &first));
	assert_error(PD_OK, store_idle_swap(contract.store, &call, id));
	assert_error(PD_OK, get(id, NOW, &stored));
	assert_true(record_equal(&state_type, &first, &stored));
	state_free(&stored);
	state_free(&none);
	state_free(&first);
}

static void
test_swap(void **ctx)
{
	struct state none = {0};
	struct state first, second, stored;
	char id[64];

	(void)ctx;
	contract_id(id, "rate#");
	contract_set(&none.id, id);
	make_state(&first, id, NOW + 100);
	make_state(&second, id, NOW + 200);
	second.count = 4;
	contract_set(&second.data, NULL);
	assert_error(PD_NOT_FOUND, get(id, NOW, &stored));
	assert_error(PD_OK, swap(&none, &first));
	assert_true(first.version > 0);
	assert_error(PD_OK, get(id, NOW, &stored));
	assert_true(record_equal(&state_type, &first, &stored));
	state_free(&stored);
	/* It exists. */
	assert_error(PD_CONFLICT, swap(&none, &second));
	assert_int_equal(0, second.version);
	assert_error(PD_OK, swap(&first, &second));
	assert_int_equal(first.version + 1, second.version);
	/* It has moved on. */
	assert_error(PD_CONFLICT, swap(&first, &second));
	assert_error(PD_OK, get(id, NOW, &stored));
	assert_true(record_equal(&state_type, &second, &stored));
	assert_null(stored.data);
	state_free(&stored);
	state_free(&none);
	state_free(&first);
	state_free(&second);
}

static void
test_remove(void **ctx)
{
	struct state none = {0};
	struct state first, stale, stored;
	char id[64];

	(void)ctx;
	contract_id(id, "rate#");
	contract_set(&none.id, id);
	make_state(&first, id, NOW + 100);
	assert_error(PD_OK, swap(&none, &first));
	assert_int_equal(PD_OK, state_copy(&stale, &first));
	stale.version++;
	assert_error(PD_CONFLICT, swap(&stale, NULL));
	assert_error(PD_OK, get(id, NOW, &stored));
	state_free(&stored);
	assert_error(PD_OK, swap(&first, NULL));
	assert_error(PD_NOT_FOUND, get(id, NOW, &stored));
	assert_error(PD_CONFLICT, swap(&first, NULL));
	state_free(&none);
	state_free(&first);
	state_free(&stale);
}

/* From expires_at on an item is absent: for a reader and for who puts a new one there. */
static void
test_expiry(void **ctx)
{
	struct state none = {0};
	struct state old, new, stored;
	char id[64];

	(void)ctx;
	contract_id(id, "rate#");
	contract_set(&none.id, id);
	make_state(&old, id, NOW);
	make_state(&new, id, NOW + 1);
	assert_error(PD_OK, swap(&none, &old));
	assert_error(PD_OK, get(id, NOW - 1, &stored));
	state_free(&stored);
	assert_error(PD_NOT_FOUND, get(id, NOW, &stored));
	assert_null(stored.id);
	contract_set(&new.kind, "reset");
	contract_set(&new.used_by, NULL);
	assert_error(PD_OK, swap(&none, &new));
	assert_error(PD_OK, get(id, NOW, &stored));
	assert_true(record_equal(&state_type, &new, &stored));
	assert_error(PD_CONFLICT, swap(&none, &old));
	state_free(&stored);
	state_free(&none);
	state_free(&old);
	state_free(&new);
}

/* An item that was removed and made again is not the one that somebody read before. */
static void
test_made_again(void **ctx)
{
	struct state none = {0};
	struct state first, second, third;
	char id[64];

	(void)ctx;
	contract_id(id, "rate#");
	contract_set(&none.id, id);
	make_state(&first, id, NOW + 100);
	make_state(&second, id, NOW + 100);
	make_state(&third, id, NOW + 100);
	assert_error(PD_OK, swap(&none, &first));
	assert_error(PD_OK, swap(&first, NULL));
	assert_error(PD_OK, swap(&none, &second));
	assert_error(PD_CONFLICT, swap(&first, &third));
	state_free(&none);
	state_free(&first);
	state_free(&second);
	state_free(&third);
}

static void
test_bad_items(void **ctx)
{
	struct store_call call = contract_call();
	struct state none = {0};
	struct state item, stored;
	char id[64];

	(void)ctx;
	contract_id(id, "rate#");
	make_state(&item, id, NOW + 100);
	assert_error(
	    PD_INVALID, store_swap_state(contract.store, &call, &none, &item, NOW)); /* no id */
	contract_set(&none.id, "rate#other");
	assert_error(PD_INVALID, store_swap_state(contract.store, &call, &none, &item, NOW));
	contract_set(&none.id, id);
	item.expires_at = 0;
	assert_error(PD_INVALID, store_swap_state(contract.store, &call, &none, &item, NOW));
	assert_error(PD_INVALID, store_swap_state(contract.store, &call, &none, NULL, NOW));
	assert_error(PD_INVALID, store_get_state(contract.store, &call, "", NOW, &stored));
	assert_int_equal(0, call.requests);
	state_free(&none);
	state_free(&item);
}

static void
test_last_login(void **ctx)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	char id[STATE_ID_MAX + 1];
	struct state stored;

	(void)ctx;
	contract_name(name);
	snprintf(id, sizeof(id), "last#%s", name);
	assert_error(
	    PD_OK, store_put_last(contract.store, &call, name, "web1", "sshd", "192.0.2.1", NOW));
	assert_error(
	    PD_OK, store_put_last(contract.store, &call, name, "web2", "login", NULL, NOW + 60));
	assert_error(PD_OK, get(id, NOW + 60, &stored));
	assert_string_equal("web2", stored.host);
	assert_string_equal("login", stored.service);
	assert_null(stored.source);
	assert_int_equal(NOW + 60, stored.at);
	assert_true(stored.expires_at > NOW + 365 * 86400);
	state_free(&stored);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_swap),
    cmocka_unit_test(test_idle_swap),
    cmocka_unit_test(test_remove),
    cmocka_unit_test(test_expiry),
    cmocka_unit_test(test_made_again),
    cmocka_unit_test(test_bad_items),
    cmocka_unit_test(test_last_login),
};

const struct contract_group contract_state = {
    .name = "state",
    .tests = tests,
    .count = COUNT_OF(tests),
};
