/* SPDX-License-Identifier: BSD-2-Clause */
/* The database file: created, shared, replaced, damaged. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "sqlite_fixture.h"

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
	assert_string_equal("2", text);
}

/* What the first release made, with a record in it. */
static void
test_init_raises_an_older_file(void **state)
{
	static const char *const added[] = {"epoch", "seen_at", "agent", "sessions"};
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct state empty = {.id = strdup("session#x")};
	struct state session = {.id = strdup("session#x"),
	    .expires_at = INT64_C(4102444800),
	    .epoch = 3,
	    .seen_at = 4,
	    .agent = strdup("firefox")};
	struct state read;
	char text[128];

	assert_error(PD_OK, store_init(fixture->store, &call, NULL, NULL));
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
		snprintf(text, sizeof(text), "ALTER TABLE state DROP COLUMN \"%s\"", added[i]);
		by_hand(fixture, text);
	}
	by_hand(fixture,
	    "INSERT INTO users (username, schema, version, status) VALUES ('alice', 1, 1, "
	    "'active')");
	by_hand(fixture, "PRAGMA user_version = 1");
	reopen(fixture);
	assert_error(PD_CONFIG, get(fixture, "alice"));
	assert_non_null(strstr(fixture->lines, "is of an older release: run `pam-dynamo init`"));
	call = within(5000);
	assert_error(PD_OK, store_init(fixture->store, &call, NULL, NULL));
	read_by_hand(fixture, "PRAGMA user_version", text, sizeof(text));
	assert_string_equal("2", text);
	assert_error(PD_OK, get(fixture, "alice"));
	assert_error(PD_OK, store_swap_state(fixture->store, &call, &empty, &session, 1));
	assert_error(PD_OK, store_get_state(fixture->store, &call, "session#x", 1, &read));
	assert_true(record_equal(&state_type, &session, &read));
	state_free(&read);
	state_free(&session);
	state_free(&empty);
	assert_error(PD_OK, store_init(fixture->store, &call, NULL, NULL));
}

static void
assert_owner(const struct fixture *fixture, const char *suffix, uid_t owner, mode_t mode)
{
	char path[128];
	struct stat file;

	snprintf(path, sizeof(path), "%s%s", fixture->path, suffix);
	assert_int_equal(0, stat(path, &file));
	assert_int_equal(owner, file.st_uid);
	assert_int_equal(S_IFREG | mode, file.st_mode);
}

/* Runs fn as another user, without the rights of root, in a process of its own. */
static void
as_user(uid_t uid, gid_t gid, bool (*fn)(struct fixture *fixture), struct fixture *fixture)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
			_exit(2);
		_exit(fn(fixture) ? 0 : 1);
	}
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_int_equal(0, status);
}

/* Opens a store of the child's own: SQLite's handles do not cross a fork. */
static enum pd_error
create_alone(struct fixture *fixture, const char *name, enum pd_error *got)
{
	struct store_call call = within(2000);
	struct store *store = NULL;
	struct user user;
	enum pd_error error = store_open_engine(
	    &store_sqlite, &fixture->conf, STORE_CALLER_SERVICE, NULL, &store);

	if (error != PD_OK)
		return error;
	*got = store_get_user(store, &call, "alice", &user);
	user_free(&user);
	make_user(&user, name);
	error = store_create_user(store, &call, &user, false, NULL);
	user_free(&user);
	store_close(store);
	return error;
}

static bool
may_write(struct fixture *fixture)
{
	enum pd_error got = PD_BUG;

	return create_alone(fixture, "bob", &got) == PD_OK && got == PD_OK;
}

static bool
may_idle(struct fixture *fixture)
{
	struct store_call call = within(2000);
	struct store *store = NULL;
	bool good = store_open_engine(&store_sqlite, &fixture->conf, STORE_CALLER_SERVICE, NULL,
			&store) == PD_OK &&
	    store_idle_swap(store, &call, "fail#alice") == PD_OK;

	store_close(store);
	return good;
}

static bool
may_read_only(struct fixture *fixture)
{
	enum pd_error got = PD_BUG;

	return create_alone(fixture, "carol", &got) == PD_CONFIG && got == PD_OK;
}

/* What root's command writes stays the service's own, the log and its index too. */
static void
test_root_beside_service(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user user;

	if (geteuid() != 0)
		skip(); /* only root can be somebody else */
	assert_int_equal(0, chown(fixture->directory, NOBODY, NOBODY));
	assert_error(PD_OK, store_init(fixture->store, &call, NULL, NULL));
	create(fixture, &user, "alice");
	user_free(&user);
	assert_owner(fixture, "", NOBODY, 0600);
	assert_owner(fixture, "-wal", NOBODY, 0600);
	assert_owner(fixture, "-shm", NOBODY, 0600);
	as_user(NOBODY, NOBODY, may_write, fixture);
	assert_error(PD_OK, get(fixture, "bob"));
}

/* A role that may read the file and no more: logins work, a write is a mistake of the setting up.
 */
static void
test_reader(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user user;

	if (geteuid() != 0)
		skip(); /* only root can be somebody else */
	chmod(fixture->directory, 0755);
	assert_error(PD_OK, store_init(fixture->store, &call, NULL, NULL));
	assert_int_equal(0, chown(fixture->directory, NOBODY, NOBODY));
	assert_int_equal(0, chown(fixture->path, NOBODY, NOBODY));
	chmod(fixture->path, 0400);
	reopen(fixture); /* the log and its index take the mode of the file when they are made */
	create(fixture, &user, "alice");
	user_free(&user);
	as_user(NOBODY, NOBODY, may_read_only, fixture);
	as_user(NOBODY, NOBODY, may_idle, fixture);
	assert_error(PD_NOT_FOUND, get(fixture, "carol"));
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

/* A file that was removed is not written to any more. */
static void
test_removed(void **state)
{
	struct fixture *fixture = *state;
	struct user user;

	create(fixture, &user, "alice");
	user_free(&user);
	remove_files(fixture);
	assert_error(PD_CONFIG, get(fixture, "alice"));
	assert_non_null(strstr(fixture->lines, "run `pam-dynamo init`"));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST_EMPTY(test_missing),
	    TEST_EMPTY(test_init),
	    TEST_EMPTY(test_init_raises_an_older_file),
	    TEST_EMPTY(test_root_beside_service),
	    TEST_EMPTY(test_reader),
	    TEST_EMPTY(test_init_after_crash),
	    TEST_EMPTY(test_no_directory),
	    TEST_EMPTY(test_foreign_database),
	    TEST_EMPTY(test_no_database),
	    TEST(test_check_damage),
	    TEST(test_removed),
	    TEST(test_replaced),
	};

	return cmocka_run_group_tests_name("store_sqlite_file", tests, NULL, NULL);
}
