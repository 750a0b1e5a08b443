/* SPDX-License-Identifier: BSD-2-Clause */
/* What the SQLite engine does beyond the contract: values that others wrote, locks, space. Its
 * private files (store_sqlite_call, _row, _sql, _write, _admin) have no caller but the engine: they
 * are tested through it, here, in the neighbours of this file and in tests/contract. */
#include "sqlite_fixture.h"

static void
test_columns(void **state)
{
	struct fixture *fixture = *state;
	struct user user;
	char text[256];

	create(fixture, &user, "alice");
	read_by_hand(fixture,
	    "SELECT group_concat(value, ' ') FROM users, json_each(users.hosts)"
	    " WHERE username = 'alice'",
	    text, sizeof(text));
	assert_string_equal("web* db1", text);
	read_by_hand(
	    fixture, "SELECT json_extract(profile, '$.room') FROM users", text, sizeof(text));
	assert_string_equal("b-12", text);
	read_by_hand(fixture, "SELECT owner FROM aux WHERE key LIKE 'uid#%'", text, sizeof(text));
	assert_string_equal("alice", text);
	user_free(&user);
}

static void
test_bad_values(void **state)
{
	static const struct {
		const char *column;
		const char *value;
	} rows[] = {
	    {"hosts", "'web1'"},
	    {"hosts", "'[1]'"},
	    {"hosts", "'{}'"},
	    {"hosts", "'[\"a\"] x'"},
	    {"hosts", "'[\"a\", \"a\"]'"},
	    {"ssh_keys", "'[null]'"},
	    {"profile", "'[]'"},
	    {"profile", "'{\"a\": 1}'"},
	    {"uid", "2147483648"},
	    {"uid", "-1"},
	    {"uid", "0"},
	    {"account_expires_at", "0"},
	    {"services", "'[]'"},
	    {"schema", "2"},
	    {"version", "0"},
	    {"password_must_change", "7"},
	    {"status", "'sleeping'"},
	    {"status", "''"},
	    {"shell", "'bin/sh'"},
	    {"full_name", "CAST(x'4100' AS TEXT)"},
	    {"full_name", "CAST(x'ff' AS TEXT)"},
	    {"created_at", "99999999999999"},
	};
	struct fixture *fixture = *state;
	struct user user;

	create(fixture, &user, "alice");
	by_hand(fixture, "CREATE TABLE kept AS SELECT * FROM users");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char sql[256];

		snprintf(
		    sql, sizeof(sql), "UPDATE users SET %s = %s", rows[i].column, rows[i].value);
		by_hand(fixture, sql);
		fixture->lines[0] = '\0';
		if (get(fixture, "alice") != PD_CORRUPT)
			fail_msg("taken for good: %s", sql);
		assert_non_null(strstr(fixture->lines, "user alice: "));
		assert_non_null(strstr(fixture->lines, rows[i].column));
		by_hand(fixture, "DELETE FROM users; INSERT INTO users SELECT * FROM kept");
		assert_error(PD_OK, get(fixture, "alice"));
	}
	user_free(&user);
}

/* An empty string or list is absent, whoever wrote it. */
static void
test_empty_values(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user user, stored;

	create(fixture, &user, "alice");
	by_hand(fixture,
	    "UPDATE users SET full_name = '', hosts = '[]', profile = '{}',"
	    " password_must_change = 0");
	assert_error(PD_OK, store_get_user(fixture->store, &call, "alice", &stored));
	assert_null(stored.full_name);
	assert_int_equal(0, stored.hosts.len);
	assert_int_equal(0, stored.profile.names.len);
	assert_false(stored.password_must_change);
	user_free(&user);
	user_free(&stored);
}

static void
test_bad_value_in_page(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct store_page page;
	struct user user;

	for (size_t i = 0; i < 3; i++) {
		create(fixture, &user, (const char *[]){"alice", "bob", "carol"}[i]);
		user_free(&user);
	}
	by_hand(fixture, "UPDATE users SET hosts = 'x' WHERE username = 'bob'");
	assert_error(PD_OK, store_list_users(fixture->store, &call, NULL, 2, &page));
	assert_int_equal(1, page.len);
	assert_int_equal(1, page.corrupt);
	assert_string_equal("bob", page.next);
	store_page_free(&page);
	assert_error(PD_OK, store_list_users(fixture->store, &call, "bob", 2, &page));
	assert_int_equal(1, page.len);
	assert_string_equal("carol", page.users[0].username);
	assert_null(page.next);
	store_page_free(&page);
}

/* Columns that we do not know, and values that an update does not touch, stay. */
static void
test_others_columns(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user before, after;
	char text[64];

	create(fixture, &before, "alice");
	by_hand(fixture,
	    "ALTER TABLE users ADD COLUMN badge TEXT;"
	    "UPDATE users SET badge = 'red', full_name = 'By Hand'");
	assert_int_equal(PD_OK, user_copy(&after, &before));
	after.shell = strdup("/bin/sh");
	assert_error(PD_OK, store_update_user(fixture->store, &call, &before, &after, false, NULL));
	read_by_hand(fixture, "SELECT badge || ' ' || full_name || ' ' || shell FROM users", text,
	    sizeof(text));
	assert_string_equal("red By Hand /bin/sh", text);
	user_free(&before);
	user_free(&after);
}

/* Somebody holds the write lock: readers go on, a writer ends with its deadline. */
static void
test_locked(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call;
	sqlite3 *db = NULL;
	struct user user, other;

	create(fixture, &user, "alice");
	make_user(&other, "bob");
	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
	assert_error(PD_OK, get(fixture, "alice"));
	call = within(200);
	assert_error(PD_UNAVAILABLE, store_create_user(fixture->store, &call, &other, false, NULL));
	assert_true(clock_monotonic_ms() >= call.deadline_ms);
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL));
	call = within(2000);
	assert_error(PD_OK, store_create_user(fixture->store, &call, &other, false, NULL));
	sqlite3_close(db);
	user_free(&user);
	user_free(&other);
}

/* A full disk, as a limit on the pages of this connection: nothing is written, reading goes on. */
static void
test_full(void **state)
{
	struct fixture *fixture = *state;
	struct store_sqlite_conn *conn = NULL;
	struct store_call call = within(5000);
	enum store_taken taken;
	struct user user, stored = {0};
	struct store_user_write write = {.after = &user};
	void *shared = NULL;
	char *key = malloc(USER_KEY_MAX + 1);

	memset(key, 'k', USER_KEY_MAX);
	key[USER_KEY_MAX] = '\0';
	make_user(&user, "alice");
	user.schema = user.version = 1;
	strlist_add(&user.ssh_keys, key);
	free(key);
	assert_error(
	    PD_OK, store_sqlite.open(&fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &shared));
	assert_error(PD_OK, store_sqlite.connect(shared, (void **)&conn));
	assert_error(PD_NOT_FOUND, store_sqlite.get_user(conn, &call, "alice", &stored));
	assert_error(PD_OK, store_sqlite_exec(conn, "PRAGMA max_page_count = 1"));
	assert_error(PD_UNAVAILABLE, store_sqlite.write_user(conn, &call, &write, &taken));
	assert_error(PD_NOT_FOUND, store_sqlite.get_user(conn, &call, "alice", &stored));
	assert_error(PD_OK, store_sqlite_exec(conn, "PRAGMA max_page_count = 1000000"));
	assert_error(PD_OK, store_sqlite.write_user(conn, &call, &write, &taken));
	store_sqlite.disconnect(conn);
	store_sqlite.close(shared);
	user_free(&user);
}

/* Acknowledged means on disk. */
static void
test_durable_settings(void **state)
{
	struct fixture *fixture = *state;
	struct store_sqlite_conn *conn = NULL;
	struct store_call call = within(5000);
	void *shared = NULL;
	struct user stored = {0};
	int64_t number = 0;

	assert_error(
	    PD_OK, store_sqlite.open(&fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &shared));
	assert_error(PD_OK, store_sqlite.connect(shared, (void **)&conn));
	assert_error(PD_NOT_FOUND, store_sqlite.get_user(conn, &call, "alice", &stored));
	assert_error(PD_OK, store_sqlite_number(conn, "PRAGMA synchronous", &number));
	assert_int_equal(2, number);
	assert_error(PD_OK, store_sqlite_number(conn, "PRAGMA secure_delete", &number));
	assert_int_equal(1, number);
	store_sqlite.disconnect(conn);
	store_sqlite.close(shared);
}

static void
test_sweep(void **state)
{
	static const struct state_limit limit = {.window_s = 60, .max = 3};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	char text[16];

	assert_error(PD_OK, store_take_rate(fixture->store, &call, "old", &limit, NOW, NULL));
	assert_error(
	    PD_OK, store_take_rate(fixture->store, &call, "new", &limit, NOW + 3600, NULL));
	read_by_hand(fixture, "SELECT count(*) FROM state", text, sizeof(text));
	assert_string_equal("2", text);
	assert_error(
	    PD_OK, store_take_rate(fixture->store, &call, "newer", &limit, NOW + 60 + 86401, NULL));
	read_by_hand(
	    fixture, "SELECT count(*) FROM state WHERE id = 'rate#old'", text, sizeof(text));
	assert_string_equal("0", text);
	read_by_hand(fixture, "SELECT count(*) FROM state", text, sizeof(text));
	assert_string_equal("2", text);
}

/* What an answer that changes nothing costs is what a counted failure costs: a commit. Others see
 * one, and nothing else. */
static void
test_idle_swap_commits_nothing(void **state)
{
	static const char all[] =
	    "SELECT (SELECT count(*) FROM state) || ' ' || (SELECT count(*) FROM users) || ' ' ||"
	    " application_id || ' ' || user_version"
	    " FROM pragma_application_id, pragma_user_version";
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	char before[64];
	char after[64];
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int version;

	read_by_hand(fixture, all, before, sizeof(before));
	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, "PRAGMA data_version", -1, &stmt, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
	version = sqlite3_column_int(stmt, 0);
	sqlite3_reset(stmt);
	assert_error(PD_OK, store_idle_swap(fixture->store, &call, "fail#alice"));
	assert_int_equal(1, call.requests);
	assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
	assert_int_not_equal(version, sqlite3_column_int(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	read_by_hand(fixture, all, after, sizeof(after));
	assert_string_equal(before, after);
}

static void
test_error_table(void **state)
{
	static const struct {
		int code;
		enum pd_error error, committing;
	} rows[] = {
	    {SQLITE_OK, PD_OK, PD_OK},
	    {SQLITE_DONE, PD_OK, PD_OK},
	    {SQLITE_BUSY_RECOVERY, PD_UNAVAILABLE, PD_UNAVAILABLE},
	    {SQLITE_IOERR_FSYNC, PD_UNAVAILABLE, PD_UNCERTAIN},
	    {SQLITE_FULL, PD_UNAVAILABLE, PD_UNCERTAIN},
	    {SQLITE_NOMEM, PD_NO_MEMORY, PD_UNCERTAIN},
	    {SQLITE_CORRUPT_INDEX, PD_CORRUPT, PD_CORRUPT},
	    {SQLITE_NOTADB, PD_CORRUPT, PD_CORRUPT},
	    {SQLITE_READONLY_DIRECTORY, PD_CONFIG, PD_CONFIG},
	    {SQLITE_CANTOPEN, PD_CONFIG, PD_CONFIG},
	    {SQLITE_MISUSE, PD_BUG, PD_BUG},
	};
	struct fixture *fixture = *state;
	struct store_sqlite_shared shared = {.path = fixture->path, .log = &fixture->log};
	struct store_sqlite_conn conn = {.shared = &shared};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_error(rows[i].error, store_sqlite_error(&conn, rows[i].code, false));
		assert_error(rows[i].committing, store_sqlite_error(&conn, rows[i].code, true));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_columns),
	    TEST(test_bad_values),
	    TEST(test_empty_values),
	    TEST(test_bad_value_in_page),
	    TEST(test_others_columns),
	    TEST(test_locked),
	    TEST(test_full),
	    TEST(test_durable_settings),
	    TEST(test_sweep),
	    TEST(test_idle_swap_commits_nothing),
	    TEST(test_error_table),
	};

	return cmocka_run_group_tests_name("store_sqlite", tests, NULL, NULL);
}
