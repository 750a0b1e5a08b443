/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <pthread.h>
#include <stdio.h>

#include "core/clock.h"
#include "service/userdb.h"
#include "service/userdb_lookup.h"
#include "tests/engines/engine_failing.h"
#include "tests/unit/service_fixture.h"

#define ALICE 1900000001
#define BOB 1900000002

static const char conf[] = "[service]\nhashes = 1\n[password]\nmemory_kib = 8192\npasses = 1\n";

/* Over the store that fails where a test says so. */
static int
open_with(void **state, const char *text)
{
	static struct service_fixture fixture;
	struct generation *generation = &fixture.generation;

	memset(&fixture, 0, sizeof(fixture));
	engine_failing_reset();
	buf_init(&fixture.reply, 0);
	fixture.audit.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	atomic_init(&generation->references, 2);
	generation->log = (struct log){.level = LOG_LEVEL_DEBUG, .sink = fixture_drop_line};
	strcpy(generation->host, "testhost.example");
	strcpy(generation->host_short, "testhost");
	*state = &fixture;
	return secret_init() &&
		conf_parse("test", text, strlen(text), NULL, NULL, 0, &generation->conf) == PD_OK &&
		store_open_engine(&engine_failing, &generation->conf, STORE_CALLER_SERVICE,
		    &generation->log, &generation->store) == PD_OK &&
		fixture_start(&fixture) && fixture_add(&fixture, "alice", ALICE, "secret") &&
		fixture_add(&fixture, "bob", BOB, "secret")
	    ? 0
	    : 1;
}

static int
setup(void **state)
{
	return open_with(state, conf);
}

static int
setup_email(void **state)
{
	int failed = open_with(state, conf);

	((struct service_fixture *)*state)->generation.conf.names = CONF_NAMES_EMAIL;
	return failed;
}

static int
teardown(void **state)
{
	engine_failing_reset();
	fixture_close(*state);
	return 0;
}

static enum pd_error
by_name(struct service_fixture *fixture, const char *name)
{
	struct call call = fixture_call(fixture, 0, "", 0);
	struct user user;
	enum pd_error error = userdb_lookup_name(&call, name, &user);

	user_free(&user);
	return error;
}

/* The name that the uid has, "" where it has none. */
static enum pd_error
by_uid(struct service_fixture *fixture, int64_t uid, char name[USER_NAME_SIZE])
{
	struct call call = fixture_call(fixture, 0, "", 0);
	struct user user;
	enum pd_error error = userdb_lookup_uid(&call, uid, &user);

	assert_true(snprintf(name, USER_NAME_SIZE, "%s", error == PD_OK ? user.username : "") >= 0);
	user_free(&user);
	return error;
}

/* As another program would. */
static void
change(struct service_fixture *fixture, const char *name, void (*edit)(struct user *user))
{
	struct store_call call = {.deadline_ms = clock_monotonic_ms() + 5000};
	struct user before, after;
	enum store_taken taken;

	assert_int_equal(store_get_user(fixture->generation.store, &call, name, &before), PD_OK);
	assert_int_equal(user_copy(&after, &before), PD_OK);
	edit(&after);
	assert_int_equal(
	    store_update_user(fixture->generation.store, &call, &before, &after, false, &taken),
	    PD_OK);
	user_free(&before);
	user_free(&after);
}

static void
test_a_name_and_its_uid_cost_two_requests_once(void **state)
{
	char name[USER_NAME_SIZE];
	unsigned i;

	engine_failing_reset();
	for (i = 0; i < 10; i++) {
		assert_int_equal(by_name(*state, "alice"), PD_OK);
		assert_int_equal(by_uid(*state, ALICE, name), PD_OK);
		assert_string_equal(name, "alice");
	}
	assert_int_equal(engine_failing_calls(ENGINE_GET_USER), 1);
	assert_int_equal(engine_failing_calls(ENGINE_GET_OWNER), 1);
}

static void
test_what_is_not_ours_is_never_asked_for(void **state)
{
	static const char *const names[] = {
	    "root", "daemon", "", "Alice", "alice#x", "../x", "a@b.example", "uid#1"};
	static const int64_t uids[] = {0, -1, 1, 1000, 65534, 65535, 65536, 2147483647, 2147483648,
	    4294967295, (int64_t)4294967296 + ALICE};
	char name[USER_NAME_SIZE];
	size_t i;

	engine_failing_reset();
	for (i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(by_name(*state, names[i]), PD_NOT_FOUND);
	for (i = 0; i < COUNT_OF(uids); i++)
		assert_int_equal(by_uid(*state, uids[i], name), PD_NOT_FOUND);
	assert_int_equal(engine_failing_calls(ENGINE_GET_USER), 0);
	assert_int_equal(engine_failing_calls(ENGINE_GET_OWNER), 0);
}

static void
test_an_absence_is_asked_for_once(void **state)
{
	char name[USER_NAME_SIZE];
	unsigned i;

	engine_failing_reset();
	for (i = 0; i < 10; i++) {
		assert_int_equal(by_name(*state, "nosuch"), PD_NOT_FOUND);
		assert_int_equal(by_uid(*state, BOB + 1, name), PD_NOT_FOUND);
	}
	assert_int_equal(engine_failing_calls(ENGINE_GET_USER), 1);
	assert_int_equal(engine_failing_calls(ENGINE_GET_OWNER), 1);
}

/* Not even for the moment that an absence is kept. */
static void
test_an_error_is_no_absence_and_is_not_kept(void **state)
{
	static const enum pd_error errors[] = {PD_UNAVAILABLE, PD_CONFIG, PD_CORRUPT, PD_NO_MEMORY};
	static const enum engine_call calls[] = {ENGINE_GET_USER, ENGINE_GET_OWNER};
	struct service_fixture *fixture = *state;
	char name[USER_NAME_SIZE];
	size_t i, j;

	for (i = 0; i < COUNT_OF(errors); i++)
		for (j = 0; j < COUNT_OF(calls); j++) {
			userdb_cache_renew(fixture->service.cache, 0);
			engine_failing_set(calls[j], (struct engine_fault){.error = errors[i]});
			assert_int_equal(by_name(fixture, "alice"), errors[i]);
			assert_int_equal(by_uid(fixture, ALICE, name), errors[i]);
			engine_failing_reset();
			assert_int_equal(by_name(fixture, "alice"), PD_OK);
			assert_int_equal(by_uid(fixture, ALICE, name), PD_OK);
		}
}

/* A store refuses such a record, other programs do not. */
static void
test_who_has_anothers_uid_is_not_shown(void **state)
{
	struct service_fixture *fixture = *state;
	char name[USER_NAME_SIZE];
	struct user user = {0};
	char owner[] = "bob";
	char status[] = "active";

	user.username = owner;
	user.status = status;
	user.uid = ALICE;
	user.version = 1;
	assert_true(strlist_add(&user.hosts, "*"));
	userdb_cache_put_user(fixture->service.cache, 0, "bob", &user,
	    userdb_cache_seen_count(fixture->service.cache, "bob"), clock_monotonic_ms());
	strlist_free(&user.hosts);
	assert_int_equal(by_name(fixture, "bob"), PD_NOT_FOUND);
	assert_int_equal(by_name(fixture, "alice"), PD_OK);
	assert_int_equal(by_uid(fixture, ALICE, name), PD_OK);
	assert_string_equal(name, "alice");
}

/* Alice has the item; a record that takes her uid and was read by a login does not hide her. */
static void
test_who_has_the_item_is_not_hidden(void **state)
{
	struct service_fixture *fixture = *state;
	char name[USER_NAME_SIZE];

	userdb_cache_learn_owner(fixture->service.cache, 0, ALICE, "mallory", clock_monotonic_ms());
	assert_int_equal(by_name(fixture, "alice"), PD_OK);
	assert_int_equal(by_uid(fixture, ALICE, name), PD_OK);
	assert_string_equal(name, "alice");
	userdb_cache_learn_owner(fixture->service.cache, 0, BOB, "mallory", clock_monotonic_ms());
	engine_failing_set(ENGINE_GET_OWNER, (struct engine_fault){.error = PD_UNAVAILABLE});
	assert_int_equal(by_name(fixture, "bob"), PD_UNAVAILABLE);
	engine_failing_set(ENGINE_GET_OWNER, (struct engine_fault){.error = PD_NOT_FOUND});
	assert_int_equal(by_name(fixture, "bob"), PD_NOT_FOUND);
}

static void *
look_up_alice(void *fixture)
{
	(void)by_name(fixture, "alice");
	return NULL;
}

/* The lookup has its record, and a login reads a newer one before it is kept. */
static void
test_a_login_overtakes_a_lookup(void **state)
{
	struct service_fixture *fixture = *state;
	struct userdb_cache *cache = fixture->service.cache;
	pthread_t thread;
	struct user kept;

	assert_int_equal(engine_failing_calls(ENGINE_GET_USER), 0);
	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.delay_ms = 300});
	assert_int_equal(pthread_create(&thread, NULL, look_up_alice, fixture), 0);
	while (engine_failing_calls(ENGINE_GET_USER) == 0)
		clock_sleep_until_us(clock_monotonic_us() + 1000);
	userdb_cache_seen(cache, "alice", NULL);
	pthread_join(thread, NULL);
	assert_int_equal(
	    userdb_cache_user(cache, 0, "alice", clock_monotonic_ms(), &kept), PD_UNAVAILABLE);
}

static void
give_another_uid(struct user *user)
{
	user->uid = BOB + 7;
}

static void
test_a_tombstone_names_nobody(void **state)
{
	struct service_fixture *fixture = *state;
	char name[USER_NAME_SIZE];

	change(fixture, "bob", give_another_uid);
	assert_int_equal(by_uid(fixture, BOB, name), PD_NOT_FOUND);
	assert_int_equal(by_uid(fixture, BOB + 7, name), PD_OK);
	assert_string_equal(name, "bob");
}

static bool
count_user(void *ctx, const struct user *user)
{
	(void)user;
	++*(unsigned *)ctx;
	return true;
}

static void
test_mail_addresses_are_no_system_users(void **state)
{
	static const char *const names[] = {"alice", "alice@example.org"};
	struct service_fixture *fixture = *state;
	struct call call = fixture_call(fixture, 0, "", 0);
	char name[USER_NAME_SIZE];
	unsigned count = 0;
	size_t i;

	engine_failing_reset();
	for (i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(by_name(fixture, names[i]), PD_NOT_FOUND);
	assert_int_equal(by_uid(fixture, ALICE, name), PD_NOT_FOUND);
	assert_int_equal(userdb_lookup_each(&call, count_user, &count), PD_OK);
	assert_int_equal(count, 0);
	assert_int_equal(engine_failing_calls(ENGINE_GET_USER), 0);
	assert_int_equal(engine_failing_calls(ENGINE_GET_OWNER), 0);
	assert_int_equal(engine_failing_calls(ENGINE_LIST_USERS), 0);
}

static void
test_everybody_is_listed(void **state)
{
	struct call call = fixture_call(*state, 0, "", 0);
	unsigned count = 0;

	assert_int_equal(userdb_lookup_each(&call, count_user, &count), PD_OK);
	assert_int_equal(count, 2);
}

#define WITH_SERVICE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_SERVICE(test_a_name_and_its_uid_cost_two_requests_once),
	    WITH_SERVICE(test_what_is_not_ours_is_never_asked_for),
	    WITH_SERVICE(test_an_absence_is_asked_for_once),
	    WITH_SERVICE(test_an_error_is_no_absence_and_is_not_kept),
	    WITH_SERVICE(test_who_has_anothers_uid_is_not_shown),
	    WITH_SERVICE(test_who_has_the_item_is_not_hidden),
	    WITH_SERVICE(test_a_login_overtakes_a_lookup),
	    WITH_SERVICE(test_a_tombstone_names_nobody),
	    WITH_SERVICE(test_everybody_is_listed),
	    cmocka_unit_test_setup_teardown(
		test_mail_addresses_are_no_system_users, setup_email, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
