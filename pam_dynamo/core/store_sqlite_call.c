/* SPDX-License-Identifier: BSD-2-Clause */
/* Running statements, and SQLite's codes as ours. */
#include <stdlib.h>
#include <string.h>

#include "core/store_sqlite.h"

struct row {
	int code; /* primary result code */
	enum pd_error error;
	enum pd_error committing; /* while a commit runs: may it have happened? */
};

/* What is not in the table is a mistake of ours. An I/O error while committing may have come after
 * the commit record; what lies in the log file then may count. */
static const struct row rows[] = {
    {SQLITE_OK, PD_OK, PD_OK},
    {SQLITE_ROW, PD_OK, PD_OK},
    {SQLITE_DONE, PD_OK, PD_OK},
    {SQLITE_BUSY, PD_UNAVAILABLE, PD_UNAVAILABLE},
    {SQLITE_LOCKED, PD_UNAVAILABLE, PD_UNAVAILABLE},
    {SQLITE_PROTOCOL, PD_UNAVAILABLE, PD_UNAVAILABLE},
    {SQLITE_INTERRUPT, PD_UNAVAILABLE, PD_UNCERTAIN},
    {SQLITE_IOERR, PD_UNAVAILABLE, PD_UNCERTAIN},
    {SQLITE_FULL, PD_UNAVAILABLE, PD_UNCERTAIN},
    {SQLITE_NOMEM, PD_NO_MEMORY, PD_UNCERTAIN},
    {SQLITE_CORRUPT, PD_CORRUPT, PD_CORRUPT},
    {SQLITE_NOTADB, PD_CORRUPT, PD_CORRUPT},
    {SQLITE_FORMAT, PD_CORRUPT, PD_CORRUPT},
    {SQLITE_ERROR, PD_CORRUPT, PD_CORRUPT}, /* no such table or column */
    {SQLITE_SCHEMA, PD_UNAVAILABLE, PD_UNAVAILABLE},
    {SQLITE_CANTOPEN, PD_CONFIG, PD_CONFIG},
    {SQLITE_PERM, PD_CONFIG, PD_CONFIG},
    {SQLITE_AUTH, PD_CONFIG, PD_CONFIG},
    {SQLITE_READONLY, PD_CONFIG, PD_CONFIG},
    {SQLITE_CONSTRAINT, PD_CONFIG, PD_CONFIG}, /* one that an administrator added */
    {SQLITE_TOOBIG, PD_INVALID, PD_INVALID},
};

enum pd_error
store_sqlite_error(struct store_sqlite_conn *conn, int code, bool committing)
{
	enum pd_error error = PD_BUG;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == (code & 0xff))
			error = committing ? rows[i].committing : rows[i].error;
	if (error != PD_OK)
		log_line(conn->shared->log, LOG_LEVEL_WARNING, "sqlite %s: %s (code %d)",
		    conn->shared->path,
		    conn->db != NULL ? sqlite3_errmsg(conn->db) : sqlite3_errstr(code), code);
	return error;
}

enum pd_error
store_sqlite_stmt(struct store_sqlite_conn *conn, enum store_sqlite_sql which, sqlite3_stmt **out)
{
	int code;

	*out = conn->stmts[which];
	if (*out != NULL) {
		sqlite3_reset(*out);
		sqlite3_clear_bindings(*out);
		return PD_OK;
	}
	code = sqlite3_prepare_v3(conn->db, conn->shared->sql[which], -1, SQLITE_PREPARE_PERSISTENT,
	    &conn->stmts[which], NULL);
	*out = conn->stmts[which];
	return store_sqlite_error(conn, code, false);
}

enum pd_error
store_sqlite_bind_text(
    struct store_sqlite_conn *conn, sqlite3_stmt *stmt, int index, const char *text)
{
	return store_sqlite_error(
	    conn, sqlite3_bind_text(stmt, index, text, -1, SQLITE_TRANSIENT), false);
}

enum pd_error
store_sqlite_step(struct store_sqlite_conn *conn, sqlite3_stmt *stmt, bool *row)
{
	/* Outside of a transaction a statement commits by itself. */
	bool committing = sqlite3_get_autocommit(conn->db) != 0 && !sqlite3_stmt_readonly(stmt);
	int code = sqlite3_step(stmt);

	if (row != NULL)
		*row = code == SQLITE_ROW;
	return store_sqlite_error(conn, code, committing);
}

enum pd_error
store_sqlite_run(struct store_sqlite_conn *conn, enum store_sqlite_sql which)
{
	sqlite3_stmt *stmt = NULL;
	enum pd_error error = store_sqlite_stmt(conn, which, &stmt);

	if (error == PD_OK)
		error = store_sqlite_error(conn, sqlite3_step(stmt), which == SQL_COMMIT);
	if (stmt != NULL)
		sqlite3_reset(stmt);
	return error;
}

enum pd_error
store_sqlite_exec(struct store_sqlite_conn *conn, const char *text)
{
	return store_sqlite_error(conn, sqlite3_exec(conn->db, text, NULL, NULL, NULL), false);
}

enum pd_error
store_sqlite_number(struct store_sqlite_conn *conn, const char *text, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	enum pd_error error = store_sqlite_error(
	    conn, sqlite3_prepare_v2(conn->db, text, -1, &stmt, NULL), false);

	if (error == PD_OK)
		error = store_sqlite_error(conn, sqlite3_step(stmt), false);
	if (error == PD_OK)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return error;
}

enum pd_error
store_sqlite_finish(struct store_sqlite_conn *conn, enum pd_error error)
{
	/* Statements that still stand on a row would keep the transaction open. */
	for (int i = 0; i < SQL_COUNT; i++)
		if (conn->stmts[i] != NULL)
			sqlite3_reset(conn->stmts[i]);
	if (error == PD_OK)
		error = store_sqlite_run(conn, SQL_COMMIT);
	if (sqlite3_get_autocommit(conn->db) == 0)
		store_sqlite_run(conn, SQL_ROLLBACK);
	return error;
}

enum pd_error
store_sqlite_begin(struct store_sqlite_conn *conn, struct store_call *call)
{
	conn->deadline_ms = call->deadline_ms;
	call->requests++;
	return store_sqlite_connect(conn);
}

enum pd_error
store_sqlite_begin_transaction(
    struct store_sqlite_conn *conn, struct store_call *call, enum store_sqlite_sql begin)
{
	enum pd_error error = store_sqlite_begin(conn, call);

	return error == PD_OK ? store_sqlite_run(conn, begin) : error;
}

enum pd_error
store_sqlite_end_transaction(struct store_sqlite_conn *conn, enum pd_error error)
{
	return conn->db == NULL ? error : store_sqlite_finish(conn, error);
}

enum pd_error
store_sqlite_owner(struct store_sqlite_conn *conn, const char *key, char **out)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum pd_error error = store_sqlite_stmt(conn, SQL_GET_OWNER, &stmt);

	if (error == PD_OK)
		error = store_sqlite_bind_text(conn, stmt, 1, key);
	if (error == PD_OK)
		error = store_sqlite_step(conn, stmt, &row);
	if (error == PD_OK && !row)
		error = PD_NOT_FOUND;
	if (error == PD_OK) {
		const char *owner = (const char *)sqlite3_column_text(stmt, 0);

		*out = owner == NULL ? NULL : strdup(owner);
		error = *out == NULL ? PD_NO_MEMORY : PD_OK;
	}
	if (stmt != NULL)
		sqlite3_reset(stmt);
	return error;
}
