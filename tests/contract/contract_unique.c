/* SPDX-License-Identifier: BSD-2-Clause */
/* E-mail addresses and uids: each has one owner, all or nothing, and a uid is never given twice. */
#include "contract.h"

static void
test_owners(void **state)
{
	int64_t uid = contract_uid();
	struct user user, stored;
	char email[64];

	(void)state;
	contract_email(email);
	contract_email_owner(PD_NOT_FOUND, email, "");
	contract_uid_owner(PD_NOT_FOUND, uid, "");
	assert_error(PD_OK, contract_create_with(&user, email, uid, NULL));
	contract_email_owner(PD_OK, email, user.username);
	contract_uid_owner(PD_OK, uid, user.username);
	contract_get(&stored, user.username);
	assert_true(record_equal(&user_type, &user, &stored));
	user_free(&user);
	user_free(&stored);
}

/* Somebody else's address, in other letters, with a uid of one's own: nothing of it is written. */
static void
test_email_taken(void **state)
{
	enum store_taken taken = STORE_TAKEN_NONE;
	int64_t uid = contract_uid();
	struct user first, second;
	char email[64];

	(void)state;
	contract_email(email);
	assert_error(PD_OK, contract_create_with(&first, email, 0, NULL));
	email[0] = 'C';
	assert_error(PD_CONFLICT, contract_create_with(&second, email, uid, &taken));
	assert_int_equal(STORE_TAKEN_EMAIL, taken);
	assert_int_equal(0, second.version);
	contract_no_user(second.username);
	contract_uid_owner(PD_NOT_FOUND, uid, "");
	contract_email_owner(PD_OK, email, first.username);
	user_free(&first);
	user_free(&second);
}

static void
test_uid_taken(void **state)
{
	enum store_taken taken = STORE_TAKEN_NONE;
	int64_t uid = contract_uid();
	struct user first, second;
	char email[64];

	(void)state;
	contract_email(email);
	assert_error(PD_OK, contract_create_with(&first, NULL, uid, NULL));
	assert_error(PD_CONFLICT, contract_create_with(&second, email, uid, &taken));
	assert_int_equal(STORE_TAKEN_UID, taken);
	contract_no_user(second.username);
	contract_email_owner(PD_NOT_FOUND, email, "");
	contract_uid_owner(PD_OK, uid, first.username);
	user_free(&first);
	user_free(&second);
}

static void
test_move_email(void **state)
{
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user first, second, stored;
	char old[64], new[64];

	(void)state;
	contract_email(old);
	contract_email(new);
	assert_error(PD_OK, contract_create_with(&first, old, 0, NULL));
	assert_error(PD_OK, contract_change(&first, new, 0, NULL));
	contract_email_owner(PD_NOT_FOUND, old, "");
	contract_email_owner(PD_OK, new, first.username);
	assert_error(PD_OK, contract_create_with(&second, old, 0, NULL));
	assert_error(PD_CONFLICT, contract_change(&second, new, 0, &taken));
	assert_int_equal(STORE_TAKEN_EMAIL, taken);
	contract_get(&stored, second.username);
	assert_string_equal(old, stored.email);
	assert_int_equal(1, stored.version);
	contract_email_owner(PD_OK, old, second.username);
	user_free(&stored);
	assert_error(PD_OK, contract_change(&second, NULL, 0, NULL));
	contract_email_owner(PD_NOT_FOUND, old, "");
	user_free(&first);
	user_free(&second);
}

/* Other letters of the same address are the same address: no item moves. */
static void
test_email_letters(void **state)
{
	struct user user, stored;
	char email[64];

	(void)state;
	contract_email(email);
	assert_error(PD_OK, contract_create_with(&user, email, 0, NULL));
	email[0] = 'C';
	assert_error(PD_OK, contract_change(&user, email, 0, NULL));
	contract_email_owner(PD_OK, email, user.username);
	contract_get(&stored, user.username);
	assert_string_equal(email, stored.email);
	user_free(&user);
	user_free(&stored);
}

/* A record that carries somebody else's address (written by hand) loses it; the owner keeps it. */
static void
test_foreign_email(void **state)
{
	struct store_call call = contract_call();
	struct user owner, other, forged;
	char email[64];

	(void)state;
	contract_email(email);
	assert_error(PD_OK, contract_create_with(&owner, email, 0, NULL));
	assert_error(PD_OK, contract_create_with(&other, NULL, 0, NULL));
	assert_int_equal(PD_OK, user_copy(&forged, &other));
	contract_set(&forged.email, email);
	assert_error(PD_OK, store_update_user(contract.store, &call, &forged, &other, false, NULL));
	contract_email_owner(PD_OK, email, owner.username);
	forged.version = other.version;
	assert_error(PD_OK, store_delete_user(contract.store, &call, &forged));
	contract_email_owner(PD_OK, email, owner.username);
	user_free(&owner);
	user_free(&other);
	user_free(&forged);
}

/* After a change the old uid stays taken, for everybody but its last owner. */
static void
test_uid_tombstone(void **state)
{
	enum store_taken taken = STORE_TAKEN_NONE;
	int64_t old = contract_uid();
	int64_t new = contract_uid();
	struct user first, second;

	(void)state;
	assert_error(PD_OK, contract_create_with(&first, NULL, old, NULL));
	assert_error(PD_OK, contract_change(&first, NULL, new, NULL));
	contract_uid_owner(PD_OK, old, first.username);
	contract_uid_owner(PD_OK, new, first.username);
	assert_error(PD_CONFLICT, contract_create_with(&second, NULL, old, &taken));
	assert_int_equal(STORE_TAKEN_UID, taken);
	user_free(&second);
	assert_error(PD_OK, contract_change(&first, NULL, old, NULL));
	user_free(&first);
}

/* Deleting frees the address and never the uid; the same name may come back to it. */
static void
test_delete_keeps_uid(void **state)
{
	struct store_call call = contract_call();
	enum store_taken taken = STORE_TAKEN_NONE;
	int64_t uid = contract_uid();
	struct user first, second;
	char email[64];

	(void)state;
	contract_email(email);
	assert_error(PD_OK, contract_create_with(&first, email, uid, NULL));
	assert_error(PD_OK, store_delete_user(contract.store, &call, &first));
	contract_no_user(first.username);
	contract_email_owner(PD_NOT_FOUND, email, "");
	contract_uid_owner(PD_OK, uid, first.username);
	assert_error(PD_CONFLICT, contract_create_with(&second, email, uid, &taken));
	assert_int_equal(STORE_TAKEN_UID, taken);
	contract_email_owner(PD_NOT_FOUND, email, "");
	user_free(&second);
	first.version = 0;
	assert_error(PD_OK, store_create_user(contract.store, &call, &first, false, NULL));
	user_free(&first);
}

/* With the range set to these uids for the time of one creation. */
static enum pd_error
create_drawing(struct user *out, int64_t min, int64_t max, enum store_taken *taken)
{
	struct store_call call = contract_call();
	const struct conf kept = contract.conf;
	char name[USER_NAME_SIZE];
	enum pd_error error;

	contract_name(name);
	contract_small_user(out, name);
	contract.conf.uid_min = min;
	contract.conf.uid_max = max;
	error = store_create_user(contract.store, &call, out, true, taken);
	contract.conf.uid_min = kept.uid_min;
	contract.conf.uid_max = kept.uid_max;
	return error;
}

static void
test_draw_uid(void **state)
{
	enum store_taken taken = STORE_TAKEN_NONE;
	int64_t uid = contract_uid();
	struct user first, second, third, after;
	struct store_call call = contract_call();

	(void)state;
	assert_error(PD_OK, create_drawing(&first, uid, uid, &taken));
	assert_int_equal(uid, first.uid);
	contract_uid_owner(PD_OK, uid, first.username);
	/* The only one of the range is taken. */
	assert_error(PD_CONFLICT, create_drawing(&second, uid, uid, &taken));
	assert_int_equal(STORE_TAKEN_UID, taken);
	assert_int_equal(0, second.uid);
	contract_no_user(second.username);
	user_free(&second);
	/* A range without a number is a mistake of the configuration. */
	assert_error(PD_CONFIG, create_drawing(&second, 5000, 4999, NULL));
	/* An update can draw too. */
	contract_create(&third, second.username);
	assert_int_equal(PD_OK, user_copy(&after, &third));
	assert_error(PD_OK, store_update_user(contract.store, &call, &third, &after, true, NULL));
	assert_in_range((unsigned long)after.uid, (unsigned long)contract.conf.uid_min,
	    (unsigned long)contract.conf.uid_max);
	contract_uid_owner(PD_OK, after.uid, third.username);
	user_free(&first);
	user_free(&second);
	user_free(&third);
	user_free(&after);
}

struct race {
	const char *email;
	int64_t uid;
	struct user users[CONTRACT_THREADS_MAX];
	enum pd_error errors[CONTRACT_THREADS_MAX];
};

static void
race_create(size_t thread, void *ctx)
{
	struct race *race = ctx;
	struct store_call call = contract_call();

	race->errors[thread] = store_create_user(
	    contract.store, &call, &race->users[thread], false, NULL);
}

/* Four registrations with one address and one uid: one wins. */
static void
test_race(void **state)
{
	struct race race = {0};
	char email[64];
	size_t won = 0;

	(void)state;
	contract_email(email);
	for (size_t i = 0; i < 4; i++) {
		char name[USER_NAME_SIZE];

		contract_name(name);
		contract_small_user(&race.users[i], name);
		contract_set(&race.users[i].email, email);
	}
	contract_threads(4, race_create, &race);
	for (size_t i = 0; i < 4; i++) {
		if (race.errors[i] == PD_OK) {
			won++;
			contract_email_owner(PD_OK, email, race.users[i].username);
		} else {
			assert_error(PD_CONFLICT, race.errors[i]);
			contract_no_user(race.users[i].username);
		}
		user_free(&race.users[i]);
	}
	assert_int_equal(1, won);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_owners),
    cmocka_unit_test(test_email_taken),
    cmocka_unit_test(test_uid_taken),
    cmocka_unit_test(test_move_email),
    cmocka_unit_test(test_email_letters),
    cmocka_unit_test(test_foreign_email),
    cmocka_unit_test(test_uid_tombstone),
    cmocka_unit_test(test_delete_keeps_uid),
    cmocka_unit_test(test_draw_uid),
    cmocka_unit_test(test_race),
};

const struct contract_group contract_unique = {
    .name = "unique",
    .tests = tests,
    .count = COUNT_OF(tests),
    .transactions = true,
};
