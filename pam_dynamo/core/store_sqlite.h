/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the SQLite engine share (FORMAT.md, "SQLite"); nothing else includes it. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>
#include <sys/stat.h>

#include "core/buf.h"
#include "core/store_engine.h"

#define STORE_SQLITE_SCHEMA 2                  /* PRAGMA user_version */
#define STORE_SQLITE_APPLICATION_ID 0x70616d64 /* "pamd", PRAGMA application_id */

/* Statements that stay prepared in a connection. Columns stand in the order of the field table. */
enum store_sqlite_sql {
	SQL_BEGIN_READ,
	SQL_BEGIN_WRITE,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_GET_USER,     /* ?1 username */
	SQL_LIST_USERS,   /* ?1 after this username, ?2 most rows */
	SQL_GET_VERSION,  /* ?1 username */
	SQL_INSERT_USER,  /* ?1... columns */
	SQL_DELETE_USER,  /* ?1 username */
	SQL_GET_OWNER,    /* ?1 key */
	SQL_INSERT_OWNER, /* ?1 key, ?2 owner */
	SQL_DELETE_OWNER, /* ?1 key */
	SQL_GET_STATE,    /* ?1 id */
	SQL_INSERT_STATE, /* ?1... columns, then now: replaces an expired one */
	SQL_UPDATE_STATE, /* ?1... columns, then the version to replace */
	SQL_DELETE_STATE, /* ?1 id, ?2 version */
	SQL_WRITE_NOTHING,
	SQL_SWEEP_STATE, /* ?1 now: removes a few that expired long ago */
	SQL_COUNT
};

/* One per store; constant once it is open. */
struct store_sqlite_shared {
	char *path;
	const struct log *log;
	char *sql[SQL_COUNT];
};

/* One per borrowing thread. db is NULL until the first call, and again when the file was replaced.
 */
struct store_sqlite_conn {
	const struct store_sqlite_shared *shared;
	sqlite3 *db;
	dev_t dev;
	ino_t ino;
	int64_t deadline_ms; /* of the call under way: waiting for a lock ends there */
	sqlite3_stmt *stmts[SQL_COUNT];
};

/* store_sqlite_sql.c: the texts. False: no memory. */
bool store_sqlite_make_sql(char *sql[SQL_COUNT]);
bool store_sqlite_make_schema(struct buf *out);

/* For a file of an older release: the column of one field, and how many of that name are there. */
bool store_sqlite_make_column(struct buf *out, const struct record_type *type, size_t field);
bool store_sqlite_make_column_test(struct buf *out, const struct record_type *type, size_t field);
/* Sets what differs in after; ?1... those fields in order, then the username. */
bool store_sqlite_make_update(const struct user *before, const struct user *after, struct buf *out);

/* store_sqlite_row.c: records to parameters and back. */
enum pd_error store_sqlite_bind_field(
    sqlite3_stmt *stmt, int index, const struct field *field, const void *record);
/* Binds every field from ?1 on; *next (may be NULL) is the parameter after the last one. */
enum pd_error store_sqlite_bind_record(
    sqlite3_stmt *stmt, const struct record_type *type, const void *record, int *next);
/* PD_CORRUPT: *bad is the first column that cannot be; out may then be partly filled. */
enum pd_error store_sqlite_read_record(
    sqlite3_stmt *stmt, const struct record_type *type, void *out, const struct field **bad);

/* store_sqlite_file.c: the file. */
#define STORE_SQLITE_REASON_SIZE 256
/* The directory that a file lies in; malloc'ed. */
char *store_sqlite_directory_of(const char *path);
/* NULL: nobody but root, `owner` and we can put anything into the directory; else what to do. */
const char *store_sqlite_judge_directory(const struct stat *directory, uid_t owner);
/* Owner, mode and place of the file, and of its journals where there are some, without opening
 * them. PD_CONFIG: reason, said of the path, is what is wrong and what to do. PD_NO_MEMORY. */
enum pd_error store_sqlite_judge_file(
    const char *path, struct stat *file, char reason[STORE_SQLITE_REASON_SIZE]);
/* NULL: the schema is the one that this program knows; else what to do. */
const char *store_sqlite_judge_schema(int64_t application, int64_t version);
enum pd_error store_sqlite_read_version(
    struct store_sqlite_conn *conn, int64_t *application, int64_t *version);
/* Logs the path and the text; PD_CONFIG. */
enum pd_error store_sqlite_refuse(const struct store_sqlite_conn *conn, const char *text);
/* Opens what judge_file approves; without a look at the schema. */
enum pd_error store_sqlite_open_judged(struct store_sqlite_conn *conn);
/* The same with a look at the schema. A connection that is open stays so unless the file was
 * replaced. */
enum pd_error store_sqlite_connect(struct store_sqlite_conn *conn);
void store_sqlite_disconnect(struct store_sqlite_conn *conn);

/* The engine's operations that have a file of their own: store_sqlite_admin.c,
 * store_sqlite_write.c. */
enum pd_error store_sqlite_init(
    void *conn, struct store_call *call, store_progress_fn *progress, void *ctx);
enum pd_error store_sqlite_check(
    void *conn, struct store_call *call, store_check_fn *report, void *ctx);
enum pd_error store_sqlite_write_user(void *conn, struct store_call *call,
    const struct store_user_write *write, enum store_taken *taken);
enum pd_error store_sqlite_swap_state(void *conn, struct store_call *call,
    const struct state *before, const struct state *after, int64_t now);
enum pd_error store_sqlite_idle_swap(void *conn, struct store_call *call);

/* store_sqlite_call.c: running statements. Every SQLite code becomes one pd_error in one table, and
 * a failure is logged with SQLite's words. */
enum pd_error store_sqlite_error(struct store_sqlite_conn *conn, int code, bool committing);
/* The prepared statement, reset and without parameters. */
enum pd_error store_sqlite_stmt(
    struct store_sqlite_conn *conn, enum store_sqlite_sql which, sqlite3_stmt **out);
enum pd_error store_sqlite_bind_text(
    struct store_sqlite_conn *conn, sqlite3_stmt *stmt, int index, const char *text);
/* *row: whether there is one (may be NULL for statements without rows). */
enum pd_error store_sqlite_step(struct store_sqlite_conn *conn, sqlite3_stmt *stmt, bool *row);
/* Runs a statement without parameters and rows. */
enum pd_error store_sqlite_run(struct store_sqlite_conn *conn, enum store_sqlite_sql which);
enum pd_error store_sqlite_exec(struct store_sqlite_conn *conn, const char *text);
/* One number that a text asks for. */
enum pd_error store_sqlite_number(struct store_sqlite_conn *conn, const char *text, int64_t *out);
/* Commits after PD_OK, rolls back otherwise; answers `error` or how the commit failed. */
enum pd_error store_sqlite_finish(struct store_sqlite_conn *conn, enum pd_error error);
/* The start of every call: the database is open and waits no longer than the deadline. */
enum pd_error store_sqlite_begin(struct store_sqlite_conn *conn, struct store_call *call);
enum pd_error store_sqlite_begin_transaction(
    struct store_sqlite_conn *conn, struct store_call *call, enum store_sqlite_sql begin);
/* The end of every transaction, also of one that never began. */
enum pd_error store_sqlite_end_transaction(struct store_sqlite_conn *conn, enum pd_error error);
/* The owner of an auxiliary key, malloc'ed; PD_NOT_FOUND. */
enum pd_error store_sqlite_owner(struct store_sqlite_conn *conn, const char *key, char **out);

#endif
