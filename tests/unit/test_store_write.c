/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing users: what is refused, what is asked of the engine, which uid is drawn. Writes of
 * unknown fate are in test_store_write_doubt.c. */
#include "store_fixture.h"
#include "tests/engines/engine_memory.h"

/* What breaks a rule is refused before the engine is asked, and the log names the field alone. */
static void
test_refused_records(void **state)
{
	static const struct {
		const char *field, *text;
	} rows[] = {
	    {"status", "sleeping"},
	    {"home", "relative"},
	    {"shell", "/bin/a:b"},
	    {"full_name", "a:b"},
	    {"email", "nobody"},
	    {"uid", "65534"},
	};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_UID;
	struct user user, good;

	make_user(&good, "alice");
	good.version = 3;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		make_user(&user, "alice");
		assert_int_equal(PD_OK,
		    record_set_text(record_field(&user_type, rows[i].field), &user, rows[i].text));
		assert_error(
		    PD_INVALID, store_create_user(fixture->store, &call, &user, false, &taken));
		assert_int_equal(STORE_TAKEN_NONE, taken);
		assert_int_equal(0, user.version);
		assert_error(PD_INVALID,
		    store_update_user(fixture->store, &call, &good, &user, false, &taken));
		user_free(&user);
	}
	assert_non_null(strstr(fixture->lines, "user alice: status breaks its rule, not written"));
	assert_null(strstr(fixture->lines, "sleeping"));
	assert_int_equal(0, engine_failing_calls(ENGINE_WRITE_USER));
	user_free(&good);
}

/* Names that are none of ours, and a name that would change. */
static void
test_refused_names(void **state)
{
	static const char *const names[] = {"", "root", "Alice", "uid#5", "a b"};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user user, other;

	make_user(&other, "bob");
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		make_user(&user, names[i]);
		user.version = 1;
		assert_error(
		    PD_INVALID, store_create_user(fixture->store, &call, &user, true, NULL));
		assert_error(
		    PD_INVALID, store_update_user(fixture->store, &call, &user, &user, true, NULL));
		assert_error(PD_INVALID, store_delete_user(fixture->store, &call, &user));
		assert_error(PD_INVALID,
		    store_update_user(fixture->store, &call, &other, &user, true, NULL));
		user_free(&user);
	}
	make_user(&user, "carol"); /* good in itself */
	user.schema = USER_SCHEMA;
	assert_error(
	    PD_INVALID, store_update_user(fixture->store, &call, &other, &user, true, NULL));
	user_free(&user);
	assert_error(PD_INVALID, store_create_user(fixture->store, &call, &user, true, NULL));
	assert_error(PD_INVALID, store_delete_user(fixture->store, &call, &user));
	assert_error(
	    PD_INVALID, store_update_user(fixture->store, &call, &other, &user, true, NULL));
	assert_int_equal(0, engine_failing_calls(ENGINE_WRITE_USER));
	user_free(&other);
}

static struct store_user_write last_write;

static enum pd_error
keep_write(void *conn, struct store_call *call, const struct store_user_write *write,
    enum store_taken *taken)
{
	last_write = *write;
	return engine_memory.write_user(conn, call, write, taken);
}

/* What does not change is not asked for again: such an update needs no transaction. */
static void
test_plain_update(void **state)
{
	struct fixture *fixture = *state;
	struct store_engine watched = engine_memory;
	struct store_call call = within(5000);
	struct store *store = NULL;
	struct user before, after;

	watched.write_user = keep_write;
	assert_error(PD_OK,
	    store_open_engine(
		&watched, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	make_user(&before, "alice");
	set(&before.email, "alice@example.org");
	assert_error(PD_OK, store_create_user(store, &call, &before, true, NULL));
	assert_non_null(last_write.email_add);
	assert_non_null(last_write.uid_add);
	assert_int_equal(PD_OK, user_copy(&after, &before));
	set(&after.shell, "/bin/sh");
	assert_error(PD_OK, store_update_user(store, &call, &before, &after, true, NULL));
	assert_null(last_write.email_add);
	assert_null(last_write.email_remove);
	assert_null(last_write.uid_add);
	store_close(store);
	user_free(&before);
	user_free(&after);
}

static enum pd_error
foreign_write(void *conn, struct store_call *call, const struct store_user_write *write,
    enum store_taken *taken)
{
	if (write->email_remove == NULL)
		return engine_memory.write_user(conn, call, write, taken);
	*taken = STORE_TAKEN_EMAIL;
	return PD_CONFLICT;
}

static char item_owner[USER_NAME_SIZE];

static enum pd_error
foreign_owner(void *conn, struct store_call *call, const char *key, char **out)
{
	(void)conn;
	(void)call;
	(void)key;
	*out = strdup(item_owner);
	return PD_OK;
}

/* An old e-mail item that has come to be somebody else's is left to them; one that is ours after
 * all is a conflict about the new address. */
static void
test_foreign_email_item(void **state)
{
	static const struct {
		const char *owner;
		enum pd_error error;
	} rows[] = {{"alice", PD_CONFLICT}, {"bob", PD_OK}};
	struct fixture *fixture = *state;
	struct store_engine watched = engine_memory;
	struct store *store = NULL;
	struct user before, after;

	watched.write_user = foreign_write;
	watched.get_owner = foreign_owner;
	assert_error(PD_OK,
	    store_open_engine(
		&watched, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	make_user(&before, "alice");
	set(&before.email, "a@example.org");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct store_call call = within(5000);
		enum store_taken taken = STORE_TAKEN_NONE;

		if (i == 0)
			assert_error(PD_OK, store_create_user(store, &call, &before, false, NULL));
		assert_int_equal(PD_OK, user_copy(&after, &before));
		set(&after.email, "b@example.org");
		snprintf(item_owner, sizeof(item_owner), "%s", rows[i].owner);
		assert_error(
		    rows[i].error, store_update_user(store, &call, &before, &after, false, &taken));
		assert_int_equal(
		    rows[i].error == PD_OK ? STORE_TAKEN_NONE : STORE_TAKEN_EMAIL, taken);
		user_free(&after);
	}
	store_close(store);
	user_free(&before);
}

/* Another writing of the same address is the same item. */
static void
test_same_address(void **state)
{
	struct fixture *fixture = *state;
	struct store_engine watched = engine_memory;
	struct store_call call = within(5000);
	struct store *store = NULL;
	struct user before, after;

	watched.write_user = keep_write;
	assert_error(PD_OK,
	    store_open_engine(
		&watched, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	make_user(&before, "alice");
	set(&before.email, "Alice@Example.org");
	assert_error(PD_OK, store_create_user(store, &call, &before, false, NULL));
	assert_int_equal(PD_OK, user_copy(&after, &before));
	set(&after.email, "alice@example.ORG");
	assert_error(PD_OK, store_update_user(store, &call, &before, &after, false, NULL));
	assert_null(last_write.email_add);
	assert_null(last_write.email_remove);
	store_close(store);
	user_free(&before);
	user_free(&after);
}

/* A range that is none draws nothing. */
static void
test_no_range(void **state)
{
	static const int64_t ranges[][2] = {
	    {0, 100}, {-5, 5}, {200, 199}, {1000, (int64_t)USER_ID_MAX + 1}, {0, 0}};
	struct fixture *fixture = *state;
	struct user user;

	make_user(&user, "alice");
	for (size_t i = 0; i < COUNT_OF(ranges); i++) {
		struct store_call call = within(5000);

		fixture->conf.uid_min = ranges[i][0];
		fixture->conf.uid_max = ranges[i][1];
		assert_error(
		    PD_CONFIG, store_create_user(fixture->store, &call, &user, true, NULL));
		assert_int_equal(0, user.uid);
		assert_int_equal(0, user.version);
	}
	assert_int_equal(0, engine_failing_calls(ENGINE_WRITE_USER));
	fixture->conf.uid_min = fixture->conf.uid_max = 5000;
	assert_error(PD_OK,
	    store_create_user(
		fixture->store, &(struct store_call){.deadline_ms = INT64_MAX}, &user, true, NULL));
	assert_int_equal(5000, user.uid);
	user_free(&user);
}

static void
test_draw(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user user;

	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_CONFLICT, .taken = STORE_TAKEN_UID, .times = 7});
	make_user(&user, "alice");
	assert_error(PD_OK, store_create_user(fixture->store, &call, &user, true, &taken));
	assert_int_equal(8, engine_failing_calls(ENGINE_WRITE_USER));
	assert_in_range((unsigned long)user.uid, 100000, 200000);
	user_free(&user);

	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_CONFLICT, .taken = STORE_TAKEN_UID});
	make_user(&user, "bob");
	assert_error(PD_CONFLICT, store_create_user(fixture->store, &call, &user, true, &taken));
	assert_int_equal(STORE_TAKEN_UID, taken);
	assert_int_equal(8, engine_failing_calls(ENGINE_WRITE_USER));
	assert_int_equal(0, user.uid);
	/* A uid that the caller chose is not drawn anew. */
	user.uid = 5000;
	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_CONFLICT, .taken = STORE_TAKEN_UID});
	assert_error(PD_CONFLICT, store_create_user(fixture->store, &call, &user, true, &taken));
	assert_int_equal(1, engine_failing_calls(ENGINE_WRITE_USER));
	assert_int_equal(5000, user.uid);
	user_free(&user);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_refused_records),
	    TEST(test_refused_names),
	    TEST(test_plain_update),
	    TEST(test_foreign_email_item),
	    TEST(test_same_address),
	    TEST(test_no_range),
	    TEST(test_draw),
	};

	return cmocka_run_group_tests_name("store_write", tests, NULL, NULL);
}
