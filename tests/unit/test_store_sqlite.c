/* SPDX-License-Identifier: BSD-2-Clause */
/* What the SQLite engine does beyond the contract: the file, values that others wrote, a crash. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/secret.h"
#include "core/store_sqlite.h"
#include "unit.h"

#define NOW 1700000000
#define SLACK_MS 250
#define NOBODY 65534

#define assert_error(expected, call) \
	assert_string_equal(pd_error_text(expected), pd_error_text(call))

/* A directory of the test's own, and the lines that the store logged. */
struct fixture {
	char directory[64];
	char path[96];
	struct conf conf;
	struct log log;
	struct store *store;
	char lines[8192];
};

static void
keep_line(void *ctx, enum log_level level, const char *line)
{
	struct fixture *fixture = ctx;
	size_t len = strlen(fixture->lines);

	(void)level;
	snprintf(fixture->lines + len, sizeof(fixture->lines) - len, "%s\n", line);
}

static struct store_call
within(int ms)
{
	return (struct store_call){.deadline_ms = clock_monotonic_ms() + ms};
}

static void
reopen(struct fixture *fixture)
{
	store_close(fixture->store);
	fixture->lines[0] = '\0';
	assert_error(PD_OK,
	    store_open_engine(&store_sqlite, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log,
		&fixture->store));
}

static int
setup_empty(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (fixture == NULL || !secret_init())
		return -1;
	strcpy(fixture->directory, "/tmp/test_store_sqlite.XXXXXX");
	if (mkdtemp(fixture->directory) == NULL)
		return -1;
	snprintf(fixture->path, sizeof(fixture->path), "%s/users.db", fixture->directory);
	fixture->conf.path = fixture->path;
	fixture->conf.uid_min = 100000;
	fixture->conf.uid_max = 200000;
	fixture->log = (struct log){.level = LOG_LEVEL_DEBUG, .sink = keep_line, .ctx = fixture};
	*state = fixture;
	reopen(fixture);
	return 0;
}

static int
setup(void **state)
{
	struct store_call call = within(5000);
	struct fixture *fixture;

	if (setup_empty(state) != 0)
		return -1;
	fixture = *state;
	return store_init(fixture->store, &call, NULL, NULL) == PD_OK ? 0 : -1;
}

static void
remove_files(const struct fixture *fixture)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".other"};

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", fixture->path, suffixes[i]);
		unlink(path);
	}
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	store_close(fixture->store);
	remove_files(fixture);
	rmdir(fixture->directory);
	free(fixture);
	return 0;
}

/* What an administrator does with the sqlite3 command. */
static void
by_hand(const struct fixture *fixture, const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &db));
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	assert_int_equal(SQLITE_OK, sqlite3_close(db));
}

static void
read_by_hand(const struct fixture *fixture, const char *sql, char *out, size_t out_size)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;

	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, sql, -1, &stmt, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
	snprintf(out, out_size, "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	assert_int_equal(SQLITE_OK, sqlite3_close(db));
}

static void
make_user(struct user *out, const char *name)
{
	memset(out, 0, sizeof(*out));
	out->username = strdup(name);
	out->status = strdup("active");
}

static void
create(struct fixture *fixture, struct user *out, const char *name)
{
	struct store_call call = within(5000);

	make_user(out, name);
	strlist_add(&out->hosts, "web*");
	strlist_add(&out->hosts, "db1");
	pairs_set(&out->profile, "room", "b-12");
	assert_error(PD_OK, store_create_user(fixture->store, &call, out, true, NULL));
}

static enum pd_error
get(struct fixture *fixture, const char *name)
{
	struct store_call call = within(5000);
	struct user user;
	enum pd_error error = store_get_user(fixture->store, &call, name, &user);

	user_free(&user);
	return error;
}

/* --- The file ----------------------------------------------------------------------------------
 */

static void
test_missing(void **state)
{
	struct fixture *fixture = *state;

	assert_error(PD_CONFIG, get(fixture, "alice"));
	assert_non_null(strstr(fixture->lines, "users.db does not exist: run `pam-dynamo init`"));
	assert_int_equal(-1, access(fixture->path, F_OK));
}

static void
test_init(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct stat file;
	char text[32];

	if (geteuid() == 0)
		assert_int_equal(0, chown(fixture->directory, NOBODY, NOBODY));
	assert_error(PD_OK, store_init(fixture->store, &call, NULL, NULL));
	assert_int_equal(0, stat(fixture->path, &file));
	assert_int_equal(S_IFREG | 0600, file.st_mode);
	assert_int_equal(geteuid() == 0 ? NOBODY : geteuid(), file.st_uid);
	assert_error(PD_NOT_FOUND, get(fixture, "alice"));
	read_by_hand(fixture, "PRAGMA journal_mode", text, sizeof(text));
	assert_string_equal("wal", text);
	read_by_hand(fixture, "PRAGMA user_version", text, sizeof(text));
	assert_string_equal("1", text);
}

/* An init that was cut off after the file was made is finished by the next one. */
static void
test_init_after_crash(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	int fd = open(fixture->path, O_CREAT | O_RDWR, 0600);

	assert_true(fd >= 0);
	close(fd);
	assert_error(PD_CONFIG, get(fixture, "alice"));
	assert_non_null(strstr(fixture->lines, "has no tables yet: run `pam-dynamo init`"));
	assert_error(PD_OK, store_init(fixture->store, &call, NULL, NULL));
	assert_error(PD_NOT_FOUND, get(fixture, "alice"));
}

static void
test_no_directory(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	fixture->conf.path = (char[]){"/tmp/test_store_sqlite.none/users.db"};
	reopen(fixture);
	assert_error(PD_CONFIG, store_init(fixture->store, &call, NULL, NULL));
	assert_non_null(strstr(fixture->lines, "create the directory"));
}

static void
test_foreign_database(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	by_hand(fixture, "CREATE TABLE bookmarks (url TEXT)");
	chmod(fixture->path, 0600);
	assert_error(PD_CONFIG, store_init(fixture->store, &call, NULL, NULL));
	assert_non_null(strstr(fixture->lines, "is a database of another program"));
}

static void
test_no_database(void **state)
{
	struct fixture *fixture = *state;
	FILE *file = fopen(fixture->path, "w");

	assert_non_null(file);
	for (int i = 0; i < 2000; i++)
		fputs("this is no database\n", file);
	fclose(file);
	chmod(fixture->path, 0600);
	assert_error(PD_CORRUPT, get(fixture, "alice"));
}

struct finding {
	unsigned bad;
	char text[256];
};

static void
keep_bad(void *ctx, enum store_finding level, const char *subject, const char *text)
{
	struct finding *finding = ctx;

	assert_non_null(subject);
	if (level == STORE_FINDING_BAD && finding->bad++ == 0)
		snprintf(finding->text, sizeof(finding->text), "%s", text);
}

/* A file that cannot be trusted is refused by every call, and check says what to do. */
static void
refused(struct fixture *fixture, const char *what_to_do)
{
	struct store_call call = within(5000);
	struct finding finding = {0};

	reopen(fixture);
	assert_error(PD_CONFIG, get(fixture, "alice"));
	if (strstr(fixture->lines, what_to_do) == NULL)
		fail_msg("not in the log: %s: %s", what_to_do, fixture->lines);
	assert_error(PD_CONFIG, store_check(fixture->store, &call, keep_bad, &finding));
	assert_int_equal(1, finding.bad);
	if (strstr(finding.text, what_to_do) == NULL)
		fail_msg("not among the findings: %s: %s", what_to_do, finding.text);
}

static void
test_untrusted(void **state)
{
	struct fixture *fixture = *state;
	char other[128];

	chmod(fixture->path, 0604);
	refused(fixture, "chmod 600 it");
	chmod(fixture->path, 0620);
	refused(fixture, "chmod 600 it");
	chmod(fixture->path, 0600);
	chmod(fixture->directory, 0770);
	refused(fixture, "chmod go-w the directory");
	chmod(fixture->directory, 0700);
	if (geteuid() == 0) {
		assert_int_equal(0, chown(fixture->path, NOBODY, NOBODY));
		refused(fixture, "chown it to the service's user");
		assert_int_equal(0, chown(fixture->path, 0, 0));
	}
	assert_error(PD_NOT_FOUND, get(fixture, "alice"));
	snprintf(other, sizeof(other), "%s.other", fixture->path);
	assert_int_equal(0, rename(fixture->path, other));
	assert_int_equal(0, symlink(other, fixture->path));
	refused(fixture, "links are not followed");
}

static void
test_newer_schema(void **state)
{
	by_hand(*state, "PRAGMA user_version = 2");
	refused(*state, "was made by a newer release");
}

static void
test_check_damage(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct finding finding = {0};
	struct user user;
	char noise[4096];
	int fd;

	create(fixture, &user, "alice");
	user_free(&user);
	reopen(fixture);
	memset(noise, 0xa5, sizeof(noise));
	fd = open(fixture->path, O_WRONLY);
	assert_int_equal(sizeof(noise), pwrite(fd, noise, sizeof(noise), 4096));
	close(fd);
	assert_error(PD_CORRUPT, store_check(fixture->store, &call, keep_bad, &finding));
	assert_non_null(strstr(finding.text, "restore a backup"));
}

/* A file that took the place of the old one is noticed, and closing the old one harms nothing. */
static void
test_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct store *second = NULL;
	struct store_call call = within(5000);
	struct user user, other;

	create(fixture, &user, "alice");
	remove_files(fixture);
	assert_error(PD_CONFIG, get(fixture, "alice"));
	assert_error(PD_OK,
	    store_open_engine(
		&store_sqlite, &fixture->conf, STORE_CALLER_COMMAND, &fixture->log, &second));
	assert_error(PD_OK, store_init(second, &call, NULL, NULL));
	make_user(&other, "bob");
	assert_error(PD_OK, store_create_user(second, &call, &other, false, NULL));
	assert_error(PD_NOT_FOUND, get(fixture, "alice"));
	assert_error(PD_OK, get(fixture, "bob"));
	store_close(second);
	reopen(fixture);
	assert_error(PD_OK, get(fixture, "bob"));
	user_free(&user);
	user_free(&other);
}

/* --- What others wrote -------------------------------------------------------------------------
 */

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

/* --- Locks, space, sweeping --------------------------------------------------------------------
 */

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

/* --- A crash -----------------------------------------------------------------------------------
 */

#define NAME_LEN 16

struct writer {
	struct store *store;
	int acknowledge; /* a pipe; a write of a name is atomic */
	char letter;
};

static void *
write_users(void *ctx)
{
	const struct writer *writer = ctx;

	for (unsigned i = 0;; i++) {
		struct store_call call = within(5000);
		char name[NAME_LEN + 1];
		struct user user;

		snprintf(name, sizeof(name), "%c%015u", writer->letter, i);
		make_user(&user, name);
		if (store_create_user(writer->store, &call, &user, true, NULL) != PD_OK ||
		    write(writer->acknowledge, name, NAME_LEN) != NAME_LEN)
			_exit(1);
		user_free(&user);
	}
	return NULL;
}

static void
child(const struct fixture *fixture, int acknowledge)
{
	struct writer first = {.acknowledge = acknowledge, .letter = 'a'};
	struct writer second = {.acknowledge = acknowledge, .letter = 'b'};
	pthread_t thread;

	if (store_open_engine(
		&store_sqlite, &fixture->conf, STORE_CALLER_SERVICE, NULL, &first.store) != PD_OK)
		_exit(1);
	second.store = first.store;
	if (pthread_create(&thread, NULL, write_users, &second) != 0)
		_exit(1);
	write_users(&first);
}

/* Killed in the middle of writing: what was acknowledged is there, whole, and nothing by halves. */
static void
test_crash(void **state)
{
	struct fixture *fixture = *state;
	char name[NAME_LEN + 1] = "";
	char text[16];
	size_t acknowledged = 0;
	int pipe_fds[2];
	pid_t pid;

	store_close(fixture->store); /* SQLite's handles do not cross a fork */
	fixture->store = NULL;
	assert_int_equal(0, pipe(pipe_fds));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(fixture, pipe_fds[1]);
	close(pipe_fds[1]);
	for (; acknowledged < 40; acknowledged++)
		assert_int_equal(NAME_LEN, read(pipe_fds[0], name, NAME_LEN));
	kill(pid, SIGKILL);
	assert_int_equal(pid, waitpid(pid, NULL, 0));
	reopen(fixture);
	assert_error(PD_OK, get(fixture, name));
	for (char letter = 'a'; letter <= 'b'; letter++) {
		/* Each writer goes on only after its last one was acknowledged: no gap. */
		char sql[160];

		snprintf(sql, sizeof(sql),
		    "SELECT count(*) = ifnull(max(CAST(substr(username, 2) AS INTEGER)) + 1, 0)"
		    " FROM users WHERE username LIKE '%c%%'",
		    letter);
		read_by_hand(fixture, sql, text, sizeof(text));
		assert_string_equal("1", text);
	}
	while (read(pipe_fds[0], name, NAME_LEN) == NAME_LEN)
		assert_error(PD_OK, get(fixture, name));
	close(pipe_fds[0]);
	read_by_hand(fixture,
	    "SELECT count(*) FROM users u LEFT JOIN aux a ON a.key = 'uid#' || u.uid"
	    " WHERE a.owner IS NOT u.username",
	    text, sizeof(text));
	assert_string_equal("0", text);
	read_by_hand(fixture, "PRAGMA integrity_check", text, sizeof(text));
	assert_string_equal("ok", text);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define TEST_EMPTY(fn) cmocka_unit_test_setup_teardown(fn, setup_empty, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST_EMPTY(test_missing),
	    TEST_EMPTY(test_init),
	    TEST_EMPTY(test_init_after_crash),
	    TEST_EMPTY(test_no_directory),
	    TEST_EMPTY(test_foreign_database),
	    TEST_EMPTY(test_no_database),
	    TEST(test_untrusted),
	    TEST(test_newer_schema),
	    TEST(test_check_damage),
	    TEST(test_replaced),
	    TEST(test_columns),
	    TEST(test_bad_values),
	    TEST(test_bad_value_in_page),
	    TEST(test_others_columns),
	    TEST(test_locked),
	    TEST(test_full),
	    TEST(test_durable_settings),
	    TEST(test_sweep),
	    TEST(test_error_table),
	    TEST(test_crash),
	};

	return cmocka_run_group_tests_name("store_sqlite", tests, NULL, NULL);
}
