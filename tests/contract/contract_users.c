/* SPDX-License-Identifier: BSD-2-Clause */
/* One record: what is written is read, on versions. */
#include "contract.h"

static void
test_unknown_name(void **state)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	struct user user;

	(void)state;
	contract_name(name);
	assert_error(PD_NOT_FOUND, store_get_user(contract.store, &call, name, &user));
	assert_null(user.username);
	assert_int_equal(0, user.version);
}

/* Names outside the grammar never become a key. */
static void
test_bad_names(void **state)
{
	static const char *const names[] = {"", "root", "Bob", "uid#5", "a#b", "-a", "a b",
	    "a/../b", "müller", "a23456789012345678901234567890123"};
	const struct state_limit limit = {.window_s = 60, .max = 3, .lockout_s = 60};
	struct state fail;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct store_call call = contract_call();
		struct user user;

		assert_error(PD_INVALID, store_get_user(contract.store, &call, names[i], &user));
		assert_error(
		    PD_INVALID, store_get_login(contract.store, &call, names[i], &user, &fail));
		assert_error(PD_INVALID,
		    store_count_failure(
			contract.store, &call, names[i], &limit, "a1", 1700000000, NULL));
		assert_error(PD_INVALID, store_clear_failures(contract.store, &call, names[i]));
		assert_error(PD_INVALID,
		    store_put_last(contract.store, &call, names[i], "h", "s", "r", 1700000000));
		contract_small_user(&user, names[i]);
		assert_error(
		    PD_INVALID, store_create_user(contract.store, &call, &user, false, NULL));
		assert_error(PD_INVALID, store_delete_user(contract.store, &call, &user));
		user_free(&user);
		assert_int_equal(0, call.requests);
	}
}

static void
test_every_field(void **state)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	struct user user, stored;

	(void)state;
	contract_name(name);
	contract_full_user(&user, name);
	assert_error(PD_OK, store_create_user(contract.store, &call, &user, false, NULL));
	assert_int_equal(1, user.version);
	contract_get(&stored, name);
	for (size_t i = 0; i < user_type.field_count; i++)
		if (!record_field_equal(&user_type.fields[i], &user, &stored))
			fail_msg("%s is not what was written", user_type.fields[i].name);
	assert_string_equal(user.ssh_keys.items[1], stored.ssh_keys.items[1]);
	user_free(&user);
	user_free(&stored);
}

static void
test_absent_fields(void **state)
{
	char name[USER_NAME_SIZE];
	struct user user, stored;

	(void)state;
	contract_name(name);
	contract_create(&user, name);
	contract_get(&stored, name);
	assert_true(record_equal(&user_type, &user, &stored));
	assert_null(stored.email);
	assert_int_equal(0, stored.uid);
	assert_false(stored.password_must_change);
	assert_int_equal(0, stored.hosts.len);
	assert_int_equal(0, stored.profile.names.len);
	user_free(&user);
	user_free(&stored);
}

/* What FORMAT.md calls absent does not come back as something else. */
static void
test_empty_fields(void **state)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	struct user user, stored;

	(void)state;
	contract_name(name);
	contract_small_user(&user, name);
	contract_set(&user.full_name, "");
	contract_set(&user.password, "");
	assert_error(PD_OK, store_create_user(contract.store, &call, &user, false, NULL));
	contract_get(&stored, name);
	assert_null(stored.full_name);
	assert_null(stored.password);
	assert_true(record_equal(&user_type, &user, &stored));
	user_free(&user);
	user_free(&stored);
}

/* Every field can be removed again and given back. */
static void
test_remove_fields(void **state)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	struct user full, small, stored;

	(void)state;
	contract_name(name);
	contract_full_user(&full, name);
	contract_small_user(&small, name);
	assert_error(PD_OK, store_create_user(contract.store, &call, &full, false, NULL));
	assert_error(PD_OK, store_update_user(contract.store, &call, &full, &small, false, NULL));
	contract_get(&stored, name);
	assert_true(record_equal(&user_type, &small, &stored));
	user_free(&stored);
	assert_error(PD_OK, store_update_user(contract.store, &call, &small, &full, false, NULL));
	assert_int_equal(3, full.version);
	contract_get(&stored, name);
	assert_true(record_equal(&user_type, &full, &stored));
	user_free(&full);
	user_free(&small);
	user_free(&stored);
}

static void
test_name_taken(void **state)
{
	struct store_call call = contract_call();
	enum store_taken taken = STORE_TAKEN_NONE;
	char name[USER_NAME_SIZE];
	struct user first, second, stored;

	(void)state;
	contract_name(name);
	contract_create(&first, name);
	contract_full_user(&second, name);
	assert_error(PD_CONFLICT, store_create_user(contract.store, &call, &second, false, &taken));
	assert_int_equal(STORE_TAKEN_NAME, taken);
	assert_int_equal(0, second.version);
	contract_get(&stored, name);
	assert_true(record_equal(&user_type, &first, &stored));
	user_free(&first);
	user_free(&second);
	user_free(&stored);
}

/* A record that could not be read back is refused before it is sent. */
static void
test_bad_records(void **state)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	struct user user, after, stored;

	(void)state;
	contract_name(name);
	contract_small_user(&user, name);
	contract_set(&user.status, "sleeping");
	assert_error(PD_INVALID, store_create_user(contract.store, &call, &user, false, NULL));
	contract_set(&user.status, "active");
	contract_set(&user.full_name, "two\nlines");
	assert_error(PD_INVALID, store_create_user(contract.store, &call, &user, false, NULL));
	contract_set(&user.full_name, NULL);
	user.uid = (int64_t)USER_ID_MAX + 1;
	assert_error(PD_INVALID, store_create_user(contract.store, &call, &user, false, NULL));
	assert_int_equal(0, call.requests);
	assert_error(PD_NOT_FOUND, store_get_user(contract.store, &call, name, &stored));
	user_free(&user);

	contract_create(&user, name);
	assert_int_equal(PD_OK, user_copy(&after, &user));
	contract_set(&after.home, "relative");
	assert_error(
	    PD_INVALID, store_update_user(contract.store, &call, &user, &after, false, NULL));
	contract_set(&after.home, NULL);
	contract_set(&after.username, "other");
	assert_error(
	    PD_INVALID, store_update_user(contract.store, &call, &user, &after, false, NULL));
	user_free(&user);
	user_free(&after);
}

static void
test_version_conflict(void **state)
{
	struct store_call call = contract_call();
	enum store_taken taken = STORE_TAKEN_NONE;
	char name[USER_NAME_SIZE];
	struct user before, mine, theirs, stored;

	(void)state;
	contract_name(name);
	contract_create(&before, name);
	assert_int_equal(PD_OK, user_copy(&mine, &before));
	assert_int_equal(PD_OK, user_copy(&theirs, &before));
	contract_set(&theirs.full_name, "theirs");
	contract_set(&mine.full_name, "mine");
	assert_error(
	    PD_OK, store_update_user(contract.store, &call, &before, &theirs, false, &taken));
	assert_int_equal(2, theirs.version);
	assert_error(
	    PD_CONFLICT, store_update_user(contract.store, &call, &before, &mine, false, &taken));
	assert_int_equal(STORE_TAKEN_VERSION, taken);
	assert_int_equal(1, mine.version);
	contract_get(&stored, name);
	assert_string_equal("theirs", stored.full_name);
	assert_int_equal(2, stored.version);
	user_free(&before);
	user_free(&mine);
	user_free(&theirs);
	user_free(&stored);
}

/* An update never brings a deleted record back. */
static void
test_update_deleted(void **state)
{
	struct store_call call = contract_call();
	enum store_taken taken = STORE_TAKEN_NONE;
	char name[USER_NAME_SIZE];
	struct user before, after, stored;

	(void)state;
	contract_name(name);
	contract_create(&before, name);
	assert_int_equal(PD_OK, user_copy(&after, &before));
	contract_set(&after.shell, "/bin/sh");
	assert_error(PD_OK, store_delete_user(contract.store, &call, &before));
	assert_error(
	    PD_CONFLICT, store_update_user(contract.store, &call, &before, &after, false, &taken));
	assert_int_equal(STORE_TAKEN_VERSION, taken);
	assert_error(PD_NOT_FOUND, store_get_user(contract.store, &call, name, &stored));
	user_free(&before);
	user_free(&after);
}

static void
test_delete(void **state)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	struct user user, stale, stored;

	(void)state;
	contract_name(name);
	contract_create(&user, name);
	assert_int_equal(PD_OK, user_copy(&stale, &user));
	stale.version = 9;
	assert_error(PD_CONFLICT, store_delete_user(contract.store, &call, &stale));
	contract_get(&stored, name);
	user_free(&stored);
	assert_error(PD_OK, store_delete_user(contract.store, &call, &user));
	assert_error(PD_NOT_FOUND, store_delete_user(contract.store, &call, &user));
	assert_error(PD_NOT_FOUND, store_get_user(contract.store, &call, name, &stored));
	user_free(&user);
	contract_create(&user, name);
	assert_int_equal(1, user.version);
	user_free(&user);
	user_free(&stale);
}

#define UPDATES 15

struct updates {
	const char *name;
	enum pd_error errors[CONTRACT_THREADS_MAX];
};

static void
raise_epoch(size_t thread, void *ctx)
{
	struct updates *updates = ctx;

	for (int done = 0; done < UPDATES && updates->errors[thread] == PD_OK;) {
		struct store_call call = contract_call();
		struct user before = {0};
		struct user after = {0};
		enum pd_error error = store_get_user(contract.store, &call, updates->name, &before);

		if (error == PD_OK)
			error = user_copy(&after, &before);
		after.epoch++;
		if (error == PD_OK)
			error = store_update_user(
			    contract.store, &call, &before, &after, false, NULL);
		if (error == PD_OK)
			done++;
		else if (error != PD_CONFLICT)
			updates->errors[thread] = error;
		user_free(&before);
		user_free(&after);
	}
}

/* Read, change, write in two threads: no change is lost. */
static void
test_two_writers(void **state)
{
	struct updates updates = {0};
	char name[USER_NAME_SIZE];
	struct user user, stored;

	(void)state;
	contract_name(name);
	contract_create(&user, name);
	updates.name = name;
	contract_threads(2, raise_epoch, &updates);
	assert_error(PD_OK, updates.errors[0]);
	assert_error(PD_OK, updates.errors[1]);
	contract_get(&stored, name);
	assert_int_equal(2 * UPDATES, stored.epoch - user.epoch);
	assert_int_equal(1 + 2 * UPDATES, stored.version);
	user_free(&user);
	user_free(&stored);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_unknown_name),
    cmocka_unit_test(test_bad_names),
    cmocka_unit_test(test_every_field),
    cmocka_unit_test(test_absent_fields),
    cmocka_unit_test(test_empty_fields),
    cmocka_unit_test(test_remove_fields),
    cmocka_unit_test(test_name_taken),
    cmocka_unit_test(test_bad_records),
    cmocka_unit_test(test_version_conflict),
    cmocka_unit_test(test_update_deleted),
    cmocka_unit_test(test_delete),
    cmocka_unit_test(test_two_writers),
};

const struct contract_group contract_users = {
    .name = "users",
    .tests = tests,
    .count = COUNT_OF(tests),
};
