/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic layer's own work, on engines that fail as they are told: errors pass through, answers
 * are judged. The private store_op.c, which does that for store.c, is tested here. What every
 * engine must do is in tests/contract. */
#include "store_fixture.h"
#include "tests/engines/engine_memory.h"

static const struct state_limit limit = {.window_s = 100, .max = 3, .lockout_s = 50};

static enum pd_error
do_get(struct store *store, struct store_call *call)
{
	struct user user;
	enum pd_error error = store_get_user(store, call, "alice", &user);

	assert_null(user.username);
	return error;
}

static enum pd_error
do_login(struct store *store, struct store_call *call)
{
	struct user user;
	struct state fail;
	enum pd_error error = store_get_login(store, call, "alice", &user, &fail);

	assert_null(user.username);
	assert_null(fail.id);
	return error;
}

static enum pd_error
do_write(struct store *store, struct store_call *call)
{
	struct user user;
	enum pd_error error;

	make_user(&user, "alice");
	error = store_create_user(store, call, &user, false, NULL);
	assert_int_equal(0, user.version);
	user_free(&user);
	return error;
}

static enum pd_error
do_list(struct store *store, struct store_call *call)
{
	struct store_page page;
	enum pd_error error = store_list_users(store, call, NULL, 10, &page);

	assert_null(page.users);
	assert_null(page.next);
	return error;
}

static enum pd_error
do_owner(struct store *store, struct store_call *call)
{
	char owner[USER_NAME_SIZE];
	enum pd_error error = store_uid_owner(store, call, 5000, owner);

	assert_string_equal("", owner);
	return error;
}

static enum pd_error
do_state(struct store *store, struct store_call *call)
{
	struct state stored;
	enum pd_error error = store_get_state(store, call, "rate#x", NOW, &stored);

	assert_null(stored.id);
	return error;
}

static enum pd_error
do_swap(struct store *store, struct store_call *call)
{
	struct state before = {.id = (char[]){"rate#x"}};
	struct state after = {.id = (char[]){"rate#x"}, .expires_at = NOW};

	return store_swap_state(store, call, &before, &after, NOW);
}

static enum pd_error
do_init(struct store *store, struct store_call *call)
{
	return store_init(store, call, NULL, NULL);
}

static void
test_errors_pass(void **state)
{
	static const struct {
		enum engine_call call;
		enum pd_error (*fn)(struct store *store, struct store_call *call);
	} operations[] = {
	    {ENGINE_GET_USER, do_get}, {ENGINE_GET_LOGIN, do_login}, {ENGINE_WRITE_USER, do_write},
	    {ENGINE_LIST_USERS, do_list}, {ENGINE_GET_OWNER, do_owner},
	    {ENGINE_GET_STATE, do_state}, {ENGINE_SWAP_STATE, do_swap}, {ENGINE_INIT, do_init},
	    {ENGINE_CONNECT, do_get}, /* last: it wants a pool without an idle connection */
	};
	static const enum pd_error errors[] = {PD_NOT_FOUND, PD_CONFLICT, PD_INVALID, PD_CONFIG,
	    PD_UNAVAILABLE, PD_CORRUPT, PD_NO_MEMORY, PD_BUG};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(operations); i++) {
		if (operations[i].call == ENGINE_CONNECT) {
			store_close(fixture->store);
			assert_error(PD_OK,
			    store_open_engine(&engine_failing, &fixture->conf, STORE_CALLER_SERVICE,
				NULL, &fixture->store));
		}
		for (size_t j = 0; j < COUNT_OF(errors); j++) {
			struct store_call call = within(5000);

			engine_failing_reset();
			engine_failing_set(
			    operations[i].call, (struct engine_fault){.error = errors[j]});
			assert_error(errors[j], operations[i].fn(fixture->store, &call));
			assert_int_equal(1, engine_failing_calls(operations[i].call));
		}
	}
}

/* Not even an engine that says so of a read lets "uncertain" out. */
static void
test_never_uncertain(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	engine_failing_set(ENGINE_INIT, (struct engine_fault){.error = PD_UNCERTAIN});
	assert_error(PD_UNAVAILABLE, do_get(fixture->store, &call));
	assert_error(PD_UNAVAILABLE, do_init(fixture->store, &call));
}

static void
test_open_fails(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = NULL;

	engine_failing_set(ENGINE_OPEN, (struct engine_fault){.error = PD_CONFIG});
	assert_error(PD_CONFIG,
	    store_open_engine(
		&engine_failing, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	assert_null(store);
}

/* --- What comes back is judged ---------------------------------------------------------------- */

static void
test_wrong_name(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user user;
	struct state fail;

	create(fixture, &user, "alice");
	user_free(&user);
	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.username = "mallory"});
	engine_failing_set(ENGINE_GET_LOGIN, (struct engine_fault){.username = "mallory"});
	assert_error(PD_CORRUPT, store_get_user(fixture->store, &call, "alice", &user));
	assert_null(user.username);
	assert_non_null(strstr(fixture->lines, "user alice: attribute username"));
	assert_error(PD_CORRUPT, store_get_login(fixture->store, &call, "alice", &user, &fail));
	assert_null(user.username);
}

/* An engine that answers what no store would have let in. */
static enum pd_error
forge_user(void *conn, struct store_call *call, const char *name, struct user *out)
{
	(void)conn;
	(void)call;
	make_user(out, name);
	out->schema = USER_SCHEMA;
	out->version = 1;
	set(&out->status, "sleeping");
	return PD_OK;
}

static enum pd_error
forge_state(void *conn, struct store_call *call, const char *id, struct state *out)
{
	(void)conn;
	(void)call;
	set(&out->id, id);
	out->version = 1;
	out->count = -5;
	out->expires_at = NOW;
	return PD_OK;
}

static enum pd_error
forge_login(void *conn, struct store_call *call, const struct store_login_read *read)
{
	forge_state(conn, call, read->fail_id, read->fail);
	return PD_NOT_FOUND;
}

/* Two good records, one that breaks a rule, one whose name is none. */
static enum pd_error
forge_page(
    void *conn, struct store_call *call, const char *cursor, size_t count, struct store_page *out)
{
	static const char *const names[] = {"alice", "bob", "uid#5", "carol"};

	(void)conn;
	(void)call;
	(void)cursor;
	(void)count;
	out->users = calloc(COUNT_OF(names), sizeof(*out->users));
	out->len = COUNT_OF(names);
	out->corrupt = 1;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		make_user(&out->users[i], names[i]);
		out->users[i].schema = USER_SCHEMA;
		out->users[i].version = 1;
	}
	set(&out->users[1].home, "relative");
	return PD_OK;
}

static enum pd_error
forge_owner(void *conn, struct store_call *call, const char *key, char **out)
{
	(void)conn;
	(void)call;
	(void)key;
	*out = strdup("a-name-that-is-far-too-long-to-be-one");
	return PD_OK;
}

static void
test_corrupt(void **state)
{
	struct fixture *fixture = *state;
	struct store_engine forged = engine_memory;
	struct store_call call = within(5000);
	char owner[USER_NAME_SIZE];
	struct store *store = NULL;
	struct store_page page;
	struct user user;
	struct state item;

	forged.get_user = forge_user;
	forged.get_state = forge_state;
	forged.get_login = forge_login;
	forged.list_users = forge_page;
	forged.get_owner = forge_owner;
	assert_error(PD_OK,
	    store_open_engine(
		&forged, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	assert_error(PD_CORRUPT, store_get_user(store, &call, "alice", &user));
	assert_non_null(strstr(fixture->lines, "user alice: attribute status"));
	assert_error(PD_CORRUPT, store_get_state(store, &call, "rate#x", NOW, &item));
	assert_non_null(strstr(fixture->lines, "state rate#x: attribute count"));
	assert_null(item.id);
	assert_error(PD_CORRUPT, store_get_login(store, &call, "alice", &user, &item));
	assert_error(
	    PD_CORRUPT, store_count_failure(store, &call, "alice", &limit, "a1", NOW, NULL));
	assert_error(PD_CORRUPT, store_uid_owner(store, &call, 5000, owner));
	assert_string_equal("", owner);
	assert_error(PD_OK, store_list_users(store, &call, NULL, 10, &page));
	assert_int_equal(2, page.len);
	assert_int_equal(3, page.corrupt);
	assert_string_equal("alice", page.users[0].username);
	assert_string_equal("carol", page.users[1].username);
	store_page_free(&page);
	store_close(store);
}

/* Each call judges names by the one grammar that the configuration names. */
static void
test_names_follow_the_configuration(void **state)
{
	static const struct {
		enum conf_names names;
		const char *good;
		const char *bad;
	} rows[] = {
	    {CONF_NAMES_POSIX, "alice", "alice@example.org"},
	    {CONF_NAMES_EMAIL, "alice@example.org", "alice"},
	    {CONF_NAMES_EMAIL, "bob@example.org", "Bob@example.org"},
	};
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	struct store_call call = within(5000);
	struct state fail;
	struct user user;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *names[] = {rows[i].bad, rows[i].good};

		fixture->conf.names = rows[i].names;
		for (size_t good = 0; good < 2; good++) {
			enum pd_error expected = good ? PD_OK : PD_INVALID;
			const char *name = names[good];

			make_user(&user, name);
			assert_error(expected, store_create_user(store, &call, &user, false, NULL));
			user.version = 1;
			assert_error(expected,
			    store_count_failure(store, &call, name, &limit, "id", NOW, NULL));
			assert_error(expected, store_clear_failures(store, &call, name));
			assert_error(
			    expected, store_put_last(store, &call, name, "h", "s", "r", NOW));
			if (!good)
				assert_error(expected, store_delete_user(store, &call, &user));
			user_free(&user);
			assert_error(expected, store_get_user(store, &call, name, &user));
			user_free(&user);
			assert_error(expected, store_get_login(store, &call, name, &user, &fail));
			user_free(&user);
			state_free(&fail);
		}
	}
}

/* A record of the other grammar is not among the users, and says so. */
static void
test_a_name_of_the_other_grammar_is_corrupt(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct store_page page;
	struct user user;

	create(fixture, &user, "alice");
	user_free(&user);
	fixture->conf.names = CONF_NAMES_EMAIL;
	create(fixture, &user, "alice@example.org");
	user_free(&user);
	assert_error(PD_OK, store_list_users(fixture->store, &call, NULL, 10, &page));
	assert_int_equal(page.len, 1);
	assert_int_equal(page.corrupt, 1);
	assert_string_equal(page.users[0].username, "alice@example.org");
	assert_non_null(strstr(fixture->lines, "user alice: attribute username: not a name"));
	store_page_free(&page);
}

/* The longest name fits everywhere. */
static void
test_the_longest_name(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	char name[USER_NAME_SIZE];
	struct user user;
	struct state fail;

	snprintf(name, sizeof(name), "%064d@%063d.%063d.%061d", 1, 1, 1, 1);
	assert_int_equal(strlen(name), USER_NAME_MAX);
	fixture->conf.names = CONF_NAMES_EMAIL;
	create(fixture, &user, name);
	assert_stored(fixture, &user);
	user_free(&user);
	assert_error(PD_OK,
	    store_count_failure(
		fixture->store, &call, name, &limit, "id", store_now(fixture->store), NULL));
	assert_error(PD_OK, store_put_last(fixture->store, &call, name, "h", "s", "r", NOW));
	assert_error(PD_OK, store_get_login(fixture->store, &call, name, &user, &fail));
	assert_int_equal(fail.count, 1);
	user_free(&user);
	state_free(&fail);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_errors_pass),
	    TEST(test_never_uncertain),
	    TEST(test_open_fails),
	    TEST(test_wrong_name),
	    TEST(test_corrupt),
	    TEST(test_names_follow_the_configuration),
	    TEST(test_a_name_of_the_other_grammar_is_corrupt),
	    TEST(test_the_longest_name),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
