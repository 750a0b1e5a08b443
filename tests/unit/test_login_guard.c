/* SPDX-License-Identifier: BSD-2-Clause */
/* The service's guard over a reload, with a user database that can be read and not written. */
#include "sqlite_fixture.h"

#include <sys/stat.h>

#include "core/password.h"
#include "service/service.h"

#define WRONG "wrong as rain, every day"
#define MAX_FAILURES 2

static void
write_conf(const char *path, const char *database, int hashes)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file,
	    "[service]\nhashes = %d\n[store]\nengine = sqlite\npath = %s\n[login]\nmax_failures = "
	    "%d\n[password]\nmemory_kib = 8192\npasses = 1\nblocklist =\n",
	    hashes, database, MAX_FAILURES);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void
add_user(struct fixture *fixture)
{
	const struct password_cost cost = {.memory_kib = 8192, .passes = 1};
	struct store_call call = within(5000);
	char hash[PASSWORD_HASH_SIZE];
	struct user user;

	make_user(&user, "alice");
	assert_error(PD_OK, password_make(&cost, "right", strlen("right"), hash));
	user.password = strdup(hash);
	strlist_add(&user.hosts, "*");
	assert_error(PD_OK, store_create_user(fixture->store, &call, &user, true, NULL));
	user_free(&user);
}

static enum policy_reason
guess(struct service *service)
{
	const struct login_request request = {.name = "alice",
	    .password = WRONG,
	    .password_len = strlen(WRONG),
	    .deadline_ms = clock_monotonic_ms() + 400};
	struct login_result result;
	enum policy_reason reason;

	login_authenticate(service->current->login, &request, &result);
	reason = result.reason;
	login_result_free(&result);
	return reason;
}

static void
test_a_reload_gives_no_guesses_anew(void **state)
{
	struct fixture *fixture = *state;
	const struct audit audit = {.fd = -1};
	struct login_guard *guard = NULL;
	struct generation *first = NULL, *old = NULL;
	struct service service;
	sqlite3 *db = NULL;
	char conf[128];

	add_user(fixture);
	snprintf(conf, sizeof(conf), "%s.other", fixture->path);
	write_conf(conf, fixture->path, 1);
	assert_error(PD_OK, login_guard_open(&guard));
	assert_error(PD_OK, generation_load(conf, guard, &fixture->log, NULL, &first));
	assert_error(PD_OK, service_init(&service, &audit, &fixture->log, guard, first));
	/* somebody else's writing: reads go on, failures cannot be counted */
	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
	for (int i = 0; i < MAX_FAILURES; i++)
		assert_string_equal("deadline", policy_reason_word(guess(&service)));
	write_conf(conf, fixture->path, 2);
	assert_error(PD_OK, service_reload(&service, conf, &old));
	assert_ptr_equal(first, old);
	assert_ptr_not_equal(first, service.current);
	generation_drop(old);
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL));
	assert_string_equal("in-flight", policy_reason_word(guess(&service)));
	/* and the new number of hashes is in use */
	assert_true(hash_gate_enter(&guard->gate, 0));
	assert_true(hash_gate_enter(&guard->gate, 0));
	assert_false(hash_gate_enter(&guard->gate, 0));
	assert_int_equal(SQLITE_OK, sqlite3_close(db));
	service_free(&service);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_reload_gives_no_guesses_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
