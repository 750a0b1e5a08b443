/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "service/userdb_cache.h"

static char alice_name[] = "alice";
static char hash[] = "$argon2id$secret";
static char active[] = "active";
static char disabled[] = "disabled";
static const struct user alice = {
    .username = alice_name, .status = active, .password = hash, .uid = 5, .version = 3};

static int
setup(void **state)
{
	struct userdb_cache *cache;

	if (userdb_cache_open(&cache) != PD_OK)
		return 1;
	*state = cache;
	return 0;
}

static int
teardown(void **state)
{
	userdb_cache_free(*state);
	return 0;
}

static enum pd_error
user(struct userdb_cache *cache, const char *name, int64_t now_ms)
{
	struct user out;
	enum pd_error error = userdb_cache_user(cache, 0, name, now_ms, &out);

	user_free(&out);
	return error;
}

/* A lookup that no login overlaps. */
static void
keep(struct userdb_cache *cache, const char *name, const struct user *record, int64_t now_ms)
{
	userdb_cache_put_user(cache, 0, name, record, userdb_cache_seen_count(cache, name), now_ms);
}

static enum pd_error
owner(struct userdb_cache *cache, int64_t uid, int64_t now_ms)
{
	char name[USER_NAME_SIZE];

	return userdb_cache_owner(cache, 0, uid, now_ms, name);
}

static void
test_found_is_kept_a_minute_without_its_hash(void **state)
{
	struct user out;

	assert_int_equal(user(*state, "alice", 0), PD_UNAVAILABLE);
	keep(*state, "alice", &alice, 1000);
	assert_int_equal(userdb_cache_user(*state, 0, "alice", 60999, &out), PD_OK);
	assert_int_equal(out.uid, 5);
	assert_null(out.password);
	user_free(&out);
	assert_int_equal(user(*state, "alice", 61000), PD_UNAVAILABLE);
}

static void
test_absent_is_kept_ten_seconds(void **state)
{
	keep(*state, "nosuch", NULL, 1000);
	userdb_cache_put_owner(*state, 0, 7, NULL, 1000);
	assert_int_equal(user(*state, "nosuch", 10999), PD_NOT_FOUND);
	assert_int_equal(owner(*state, 7, 10999), PD_NOT_FOUND);
	assert_int_equal(user(*state, "nosuch", 11000), PD_UNAVAILABLE);
	assert_int_equal(owner(*state, 7, 11000), PD_UNAVAILABLE);
}

static void
test_out_of_use_is_kept_ten_seconds(void **state)
{
	struct user resting = alice;

	resting.status = disabled;
	keep(*state, "alice", &resting, 1000);
	assert_int_equal(user(*state, "alice", 10999), PD_OK);
	assert_int_equal(user(*state, "alice", 11000), PD_UNAVAILABLE);
}

static void
test_owners(void **state)
{
	char name[USER_NAME_SIZE];

	userdb_cache_put_owner(*state, 0, 5, "alice", 1000);
	assert_int_equal(userdb_cache_owner(*state, 0, 5, 1001, name), PD_OK);
	assert_string_equal(name, "alice");
	assert_int_equal(owner(*state, 6, 1001), PD_UNAVAILABLE);
	assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
}

static void
test_a_login_that_saw_another_version_drops(void **state)
{
	struct user newer = alice;

	keep(*state, "alice", &alice, 1000);
	userdb_cache_seen(*state, "alice", &alice);
	assert_int_equal(user(*state, "alice", 1001), PD_OK);
	newer.version++;
	userdb_cache_seen(*state, "alice", &newer);
	assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
}

static void
test_a_login_that_saw_a_change_drops_whatever_the_version(void **state)
{
	struct user changed[8];
	char other[] = "other";
	char *items[] = {other};
	size_t i;

	for (i = 0; i < COUNT_OF(changed); i++)
		changed[i] = alice;
	changed[0].status = disabled;
	changed[1].uid++;
	changed[2].gid = 7;
	changed[3].home = other;
	changed[4].shell = other;
	changed[5].groups = (struct strlist){.items = items, .len = 1};
	changed[6].hosts = (struct strlist){.items = items, .len = 1};
	changed[7].ssh_keys = (struct strlist){.items = items, .len = 1};
	for (i = 0; i < COUNT_OF(changed); i++) {
		keep(*state, "alice", &alice, 1000);
		userdb_cache_seen(*state, "alice", &changed[i]);
		assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
	}
}

static void
test_a_login_that_saw_it_come_or_go_drops(void **state)
{
	keep(*state, "alice", NULL, 1000);
	userdb_cache_seen(*state, "alice", NULL);
	assert_int_equal(user(*state, "alice", 1001), PD_NOT_FOUND);
	userdb_cache_seen(*state, "alice", &alice);
	assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
	keep(*state, "alice", &alice, 1000);
	userdb_cache_seen(*state, "alice", NULL);
	assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
}

/* A lookup reads the record, it is changed, a login reads it, and only then the lookup is done. */
static void
test_a_login_keeps_out_what_was_read_before(void **state)
{
	uint64_t before = userdb_cache_seen_count(*state, "alice");
	struct user newer = alice;

	newer.version++;
	userdb_cache_seen(*state, "alice", &newer);
	userdb_cache_put_user(*state, 0, "alice", &alice, before, 1000);
	assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
	before = userdb_cache_seen_count(*state, "alice");
	userdb_cache_seen(*state, "alice", NULL);
	userdb_cache_put_user(*state, 0, "alice", &newer, before, 1000);
	assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
	before = userdb_cache_seen_count(*state, "alice");
	userdb_cache_seen(*state, "alice", &newer);
	userdb_cache_put_user(*state, 0, "alice", NULL, before, 1000);
	assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
	keep(*state, "alice", &newer, 1000);
	assert_int_equal(user(*state, "alice", 1001), PD_OK);
}

static unsigned
kept_of(struct userdb_cache *cache, unsigned count)
{
	char name[USER_NAME_SIZE];
	unsigned i, kept = 0;

	for (i = 0; i < count; i++) {
		assert_true(snprintf(name, sizeof(name), "user%u", i) > 0);
		kept += user(cache, name, 1001) == PD_OK;
	}
	return kept;
}

static void
put_users(struct userdb_cache *cache, unsigned first, unsigned count, bool found, int64_t now_ms)
{
	char name[USER_NAME_SIZE];
	unsigned i;

	for (i = first; i < first + count; i++) {
		assert_true(snprintf(name, sizeof(name), "user%u", i) > 0);
		keep(cache, name, found ? &alice : NULL, now_ms);
	}
}

static void
test_a_crowded_folder_fits(void **state)
{
	unsigned i;

	put_users(*state, 0, 1000, true, 1000);
	for (i = 0; i < 1000; i++)
		userdb_cache_put_owner(*state, 0, 1900000000 + i, "alice", 1000);
	assert_in_range(kept_of(*state, 1000), 980, 1000); /* a few sets are full */
}

static void
test_bounded(void **state)
{
	unsigned count = 4 * USERDB_CACHE_MAX;

	put_users(*state, 0, count, true, 1000);
	assert_in_range(kept_of(*state, count), USERDB_CACHE_MAX / 2, USERDB_CACHE_MAX);
	userdb_cache_renew(*state, 0);
	assert_int_equal(kept_of(*state, count), 0);
}

static void
test_absences_make_room_before_records(void **state)
{
	put_users(*state, 0, 100, true, 1000);
	put_users(*state, 100, 8 * USERDB_CACHE_MAX, false, 1000);
	assert_int_equal(kept_of(*state, 100), 100);
}

static void
test_a_generation_keeps_its_answers_to_itself(void **state)
{
	struct user out;
	char name[USER_NAME_SIZE];

	keep(*state, "alice", &alice, 1000);
	userdb_cache_renew(*state, 1);
	assert_int_equal(user(*state, "alice", 1001), PD_UNAVAILABLE);
	/* requests of the old one are still under way */
	keep(*state, "alice", &alice, 1000);
	userdb_cache_put_owner(*state, 0, 5, "alice", 1000);
	userdb_cache_learn_owner(*state, 0, 5, "alice", 1000);
	assert_int_equal(userdb_cache_user(*state, 1, "alice", 1001, &out), PD_UNAVAILABLE);
	assert_int_equal(userdb_cache_owner(*state, 1, 5, 1001, name), PD_UNAVAILABLE);
	userdb_cache_put_owner(*state, 1, 5, "alice", 1000);
	assert_int_equal(userdb_cache_owner(*state, 1, 5, 1001, name), PD_OK);
	assert_int_equal(userdb_cache_owner(*state, 0, 5, 1001, name), PD_UNAVAILABLE);
}

static void
test_an_owner_that_a_record_names_is_learned(void **state)
{
	char name[USER_NAME_SIZE];

	userdb_cache_put_owner(*state, 0, 5, NULL, 1000); /* there is no item for the uid */
	userdb_cache_learn_owner(*state, 0, 5, "alice", 2000);
	assert_int_equal(userdb_cache_owner(*state, 0, 5, 61999, name), PD_OK);
	assert_string_equal(name, "alice");
	userdb_cache_learn_owner(*state, 0, 5, "alice", 60000); /* used: kept longer */
	assert_int_equal(owner(*state, 5, 119999), PD_OK);
	userdb_cache_learn_owner(*state, 0, 5, "mallory", 60001); /* another one's is not taken */
	assert_int_equal(userdb_cache_owner(*state, 0, 5, 60002, name), PD_OK);
	assert_string_equal(name, "alice");
	userdb_cache_learn_owner(*state, 0, 0, "web", 1000);
	assert_int_equal(user(*state, "", 1001), PD_UNAVAILABLE);
}

#define WITH_CACHE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_CACHE(test_found_is_kept_a_minute_without_its_hash),
	    WITH_CACHE(test_absent_is_kept_ten_seconds),
	    WITH_CACHE(test_out_of_use_is_kept_ten_seconds),
	    WITH_CACHE(test_owners),
	    WITH_CACHE(test_a_login_that_saw_another_version_drops),
	    WITH_CACHE(test_a_login_that_saw_a_change_drops_whatever_the_version),
	    WITH_CACHE(test_a_login_that_saw_it_come_or_go_drops),
	    WITH_CACHE(test_a_login_keeps_out_what_was_read_before),
	    WITH_CACHE(test_a_crowded_folder_fits),
	    WITH_CACHE(test_bounded),
	    WITH_CACHE(test_absences_make_room_before_records),
	    WITH_CACHE(test_a_generation_keeps_its_answers_to_itself),
	    WITH_CACHE(test_an_owner_that_a_record_names_is_learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
