/* SPDX-License-Identifier: BSD-2-Clause */
/* A SQLite store in a directory of the test's own, and what an administrator does to it by hand. */
#ifndef SQLITE_FIXTURE_H
#define SQLITE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static inline void
keep_line(void *ctx, enum log_level level, const char *line)
{
	struct fixture *fixture = ctx;
	size_t len = strlen(fixture->lines);

	(void)level;
	snprintf(fixture->lines + len, sizeof(fixture->lines) - len, "%s\n", line);
}

static inline struct store_call
within(int ms)
{
	return (struct store_call){.deadline_ms = clock_monotonic_ms() + ms};
}

static inline void
reopen(struct fixture *fixture)
{
	store_close(fixture->store);
	fixture->lines[0] = '\0';
	assert_error(PD_OK,
	    store_open_engine(&store_sqlite, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log,
		&fixture->store));
}

static inline int
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

static inline int
setup(void **state)
{
	struct store_call call = within(5000);
	struct fixture *fixture;

	if (setup_empty(state) != 0)
		return -1;
	fixture = *state;
	return store_init(fixture->store, &call, NULL, NULL) == PD_OK ? 0 : -1;
}

static inline void
remove_files(const struct fixture *fixture)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".other"};

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", fixture->path, suffixes[i]);
		unlink(path);
	}
}

static inline int
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
static inline void
by_hand(const struct fixture *fixture, const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	assert_int_equal(SQLITE_OK, sqlite3_open(fixture->path, &db));
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	assert_int_equal(SQLITE_OK, sqlite3_close(db));
}

static inline void
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

static inline void
make_user(struct user *out, const char *name)
{
	memset(out, 0, sizeof(*out));
	out->username = strdup(name);
	out->status = strdup("active");
}

static inline void
create(struct fixture *fixture, struct user *out, const char *name)
{
	struct store_call call = within(5000);

	make_user(out, name);
	strlist_add(&out->hosts, "web*");
	strlist_add(&out->hosts, "db1");
	pairs_set(&out->profile, "room", "b-12");
	assert_error(PD_OK, store_create_user(fixture->store, &call, out, true, NULL));
}

static inline enum pd_error
get(struct fixture *fixture, const char *name)
{
	struct store_call call = within(5000);
	struct user user;
	enum pd_error error = store_get_user(fixture->store, &call, name, &user);

	user_free(&user);
	return error;
}

struct finding {
	unsigned bad;
	char text[256];
};

static inline void
keep_bad(void *ctx, enum store_finding level, const char *subject, const char *text)
{
	struct finding *finding = ctx;

	assert_non_null(subject);
	if (level == STORE_FINDING_BAD && finding->bad++ == 0)
		snprintf(finding->text, sizeof(finding->text), "%s", text);
}

/* A file that cannot be trusted is refused by every call, and check says what to do. */
static inline void
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

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define TEST_EMPTY(fn) cmocka_unit_test_setup_teardown(fn, setup_empty, teardown)

#endif
