/* SPDX-License-Identifier: BSD-2-Clause */
/* State items that change in the transaction of a user's write, or not at all. */
#include "contract.h"

#define NOW 1700000000

/* Counts up to a limit. */
struct counter {
	int64_t max;
	int64_t expires_at;
	unsigned asked;
};

static enum pd_error
step_count(const struct state *stored, void *ctx, struct state *next)
{
	struct counter *counter = ctx;
	bool gone = stored->version == 0 || stored->expires_at <= NOW;
	int64_t count = gone ? 0 : stored->count;

	counter->asked++;
	if (count >= counter->max)
		return PD_NOT_FOUND;
	contract_set(&next->id, stored->id);
	next->count = count + 1;
	next->expires_at = counter->expires_at;
	return PD_OK;
}

static enum pd_error
step_remove(const struct state *stored, void *ctx, struct state *next)
{
	(void)stored;
	(void)ctx;
	(void)next;
	return PD_OK;
}

/* Somebody else is there between the reading and the writing, once. */
static enum pd_error
step_overtaken(const struct state *stored, void *ctx, struct state *next)
{
	struct counter *counter = ctx;
	struct counter other = {.max = 100, .expires_at = counter->expires_at};
	const struct store_companion companion = {stored->id, step_count, &other};
	struct store_call call = contract_call();

	if (counter->asked == 0)
		assert_error(PD_OK, store_step_state(contract.store, &call, &companion, NOW, NULL));
	return step_count(stored, ctx, next);
}

static int64_t
stored_count(const char *id)
{
	struct store_call call = contract_call();
	struct state stored;
	enum pd_error error = store_get_state(contract.store, &call, id, NOW, &stored);
	int64_t count = stored.count;

	state_free(&stored);
	if (error == PD_NOT_FOUND)
		return 0;
	assert_error(PD_OK, error);
	return count;
}

static enum pd_error
create(struct user *user, const struct store_companion *rows, size_t count, enum store_taken *taken)
{
	const struct store_companions with = {rows, count, NOW};
	struct store_call call = contract_call();

	return store_create_user_with(contract.store, &call, user, &with, taken);
}

static void
test_together(void **state)
{
	struct counter one = {.max = 1, .expires_at = NOW + 100};
	struct counter two = {.max = 1, .expires_at = NOW + 100};
	struct user user, stored;
	enum store_taken taken;
	char first[64], second[64], absent[64], email[64], name[USER_NAME_SIZE];
	const struct store_companion rows[] = {
	    {first, step_count, &one},
	    {absent, step_remove, NULL},
	    {second, step_count, &two},
	};

	(void)state;
	contract_id(first, "rate#");
	contract_id(second, "rate#");
	contract_id(absent, "rate#");
	contract_email(email);
	contract_name(name);
	contract_small_user(&user, name);
	contract_set(&user.email, email);
	assert_error(PD_OK, create(&user, rows, COUNT_OF(rows), &taken));
	assert_int_equal(STORE_TAKEN_NONE, taken);
	assert_int_equal(1, user.version);
	contract_get(&stored, name);
	contract_email_owner(PD_OK, email, name);
	assert_int_equal(1, stored_count(first));
	assert_int_equal(1, stored_count(second));
	user_free(&stored);
	user_free(&user);
}

/* A step that refuses, and a name, address or version that is taken: nothing is written. */
static void
test_refused(void **state)
{
	struct counter open = {.max = 9, .expires_at = NOW + 100};
	struct counter full = {.max = 0, .expires_at = NOW + 100};
	struct store_call call = contract_call();
	struct user user, other, after;
	enum store_taken taken;
	char first[64], second[64], email[64], name[USER_NAME_SIZE];
	const struct store_companion rows[] = {
	    {first, step_count, &open},
	    {second, step_count, &full},
	};
	const struct store_companions with = {rows, 1, NOW};

	(void)state;
	contract_id(first, "rate#");
	contract_id(second, "rate#");
	contract_email(email);
	contract_name(name);
	contract_small_user(&user, name);
	contract_set(&user.email, email);
	assert_error(PD_NOT_FOUND, create(&user, rows, 2, &taken));
	assert_int_equal(STORE_TAKEN_STATE, taken);
	contract_no_user(name);
	contract_email_owner(PD_NOT_FOUND, email, "");
	assert_int_equal(0, stored_count(first));
	assert_error(PD_OK, create(&user, rows, 1, &taken));
	assert_int_equal(1, stored_count(first));

	assert_int_equal(PD_OK, user_copy(&other, &user));
	assert_error(PD_CONFLICT, create(&other, rows, 1, &taken));
	assert_int_equal(STORE_TAKEN_NAME, taken);
	contract_name(name);
	contract_set(&other.username, name);
	other.version = 0;
	assert_error(PD_CONFLICT, create(&other, rows, 1, &taken));
	assert_int_equal(STORE_TAKEN_EMAIL, taken);
	contract_no_user(name);

	user.version++;
	assert_int_equal(PD_OK, user_copy(&after, &user));
	assert_error(PD_CONFLICT,
	    store_update_user_with(contract.store, &call, &user, &after, &with, &taken));
	assert_int_equal(STORE_TAKEN_VERSION, taken);
	assert_error(
	    PD_CONFLICT, store_delete_user_with(contract.store, &call, &user, &with, &taken));
	assert_int_equal(STORE_TAKEN_VERSION, taken);
	assert_int_equal(1, stored_count(first));
	user_free(&after);
	user_free(&other);
	user_free(&user);
}

/* Who comes between makes the step be asked again; an expired item is one that is not there. */
static void
test_overtaken(void **state)
{
	struct counter counter = {.max = 9, .expires_at = NOW + 100};
	struct counter old = {.max = 9, .expires_at = NOW - 1};
	struct user user, after;
	struct store_call call = contract_call();
	enum store_taken taken;
	char id[64], name[USER_NAME_SIZE];
	const struct store_companion rows[] = {{id, step_overtaken, &counter}};
	const struct store_companion expired = {id, step_count, &old};
	const struct store_companion removed = {id, step_remove, NULL};
	const struct store_companions with = {rows, 1, NOW};
	const struct store_companions without = {&removed, 1, NOW};

	(void)state;
	contract_id(id, "rate#");
	contract_name(name);
	contract_small_user(&user, name);
	assert_error(PD_OK, store_step_state(contract.store, &call, &expired, NOW - 5, NULL));
	assert_error(PD_OK, create(&user, rows, 1, &taken));
	assert_int_equal(2, counter.asked);
	assert_int_equal(2, stored_count(id));

	counter.asked = 0;
	assert_int_equal(PD_OK, user_copy(&after, &user));
	contract_set(&after.full_name, "New Name");
	assert_error(
	    PD_OK, store_update_user_with(contract.store, &call, &user, &after, &with, &taken));
	assert_int_equal(2, after.version);
	assert_int_equal(4, stored_count(id));
	assert_error(
	    PD_OK, store_delete_user_with(contract.store, &call, &after, &without, &taken));
	contract_no_user(name);
	assert_int_equal(0, stored_count(id));
	user_free(&after);
	user_free(&user);
}

struct race {
	struct user users[CONTRACT_THREADS_MAX];
	enum pd_error errors[CONTRACT_THREADS_MAX];
	enum store_taken taken[CONTRACT_THREADS_MAX];
	const char *id;
};

static void
race_create(size_t thread, void *ctx)
{
	struct race *race = ctx;
	struct counter counter = {.max = 3, .expires_at = NOW + 100};
	const struct store_companion row = {race->id, step_count, &counter};

	race->errors[thread] = create(&race->users[thread], &row, 1, &race->taken[thread]);
}

/* Eight different users, an invitation for three. */
static void
test_race(void **state)
{
	struct race race = {0};
	size_t won = 0;
	char id[64];

	(void)state;
	contract_id(id, "rate#");
	race.id = id;
	for (size_t i = 0; i < 8; i++) {
		char name[USER_NAME_SIZE];

		contract_name(name);
		contract_small_user(&race.users[i], name);
	}
	contract_threads(8, race_create, &race);
	for (size_t i = 0; i < 8; i++) {
		if (race.errors[i] == PD_OK) {
			won++;
		} else {
			assert_error(PD_NOT_FOUND, race.errors[i]);
			assert_int_equal(STORE_TAKEN_STATE, race.taken[i]);
			contract_no_user(race.users[i].username);
		}
		user_free(&race.users[i]);
	}
	assert_int_equal(3, won);
	assert_int_equal(3, stored_count(id));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_together),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_overtaken),
    cmocka_unit_test(test_race),
};

const struct contract_group contract_companions = {
    .name = "companions",
    .tests = tests,
    .count = COUNT_OF(tests),
    .transactions = true,
};
