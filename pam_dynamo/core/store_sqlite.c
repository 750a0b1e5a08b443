/* SPDX-License-Identifier: BSD-2-Clause */
/* The embedded store: one file, no server. The same names, versions and conditions as in DynamoDB
 * (FORMAT.md, "SQLite"). */
#include <stdlib.h>
#include <string.h>

#include "core/store_sqlite.h"

static void
sqlite_close(void *shared_)
{
	struct store_sqlite_shared *shared = shared_;

	for (int i = 0; i < SQL_COUNT; i++)
		free(shared->sql[i]);
	free(shared->path);
	free(shared);
}

static enum pd_error
sqlite_open(const struct conf *conf, enum store_caller caller, const struct log *log, void **out)
{
	struct store_sqlite_shared *shared = calloc(1, sizeof(*shared));

	(void)caller;
	if (shared == NULL)
		return PD_NO_MEMORY;
	shared->log = log;
	shared->path = strdup(conf->path);
	if (shared->path == NULL || !store_sqlite_make_sql(shared->sql)) {
		sqlite_close(shared);
		return PD_NO_MEMORY;
	}
	*out = shared;
	return PD_OK;
}

static enum pd_error
sqlite_connect(void *shared, void **out)
{
	struct store_sqlite_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		return PD_NO_MEMORY;
	conn->shared = shared;
	*out = conn;
	return PD_OK;
}

static void
sqlite_disconnect(void *conn)
{
	store_sqlite_disconnect(conn);
	free(conn);
}

/* The row that the statement stands on; what cannot be is logged by key and column. */
static enum pd_error
read_row(struct store_sqlite_conn *conn, sqlite3_stmt *stmt, const struct record_type *type,
    const char *key, void *out)
{
	const struct field *bad = NULL;
	enum pd_error error = store_sqlite_read_record(stmt, type, out, &bad);

	if (error == PD_CORRUPT)
		log_line(conn->shared->log, LOG_LEVEL_ERROR,
		    "%s %s: column %s: not what it should be", type->name,
		    strncmp(key, "token#", 6) == 0 ? "token#" : key, bad->name);
	if (error != PD_OK)
		record_free(type, out);
	return error;
}

/* One record by its key. */
static enum pd_error
get_record(struct store_sqlite_conn *conn, enum store_sqlite_sql which,
    const struct record_type *type, const char *key, void *out)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum pd_error error = store_sqlite_stmt(conn, which, &stmt);

	if (error == PD_OK)
		error = store_sqlite_bind_text(conn, stmt, 1, key);
	if (error == PD_OK)
		error = store_sqlite_step(conn, stmt, &row);
	if (error == PD_OK)
		error = row ? read_row(conn, stmt, type, key, out) : PD_NOT_FOUND;
	if (stmt != NULL)
		sqlite3_reset(stmt);
	return error;
}

static enum pd_error
sqlite_get_user(void *conn, struct store_call *call, const char *name, struct user *out)
{
	enum pd_error error = store_sqlite_begin(conn, call);

	return error == PD_OK ? get_record(conn, SQL_GET_USER, &user_type, name, out) : error;
}

static enum pd_error
sqlite_get_state(void *conn, struct store_call *call, const char *id, struct state *out)
{
	enum pd_error error = store_sqlite_begin(conn, call);

	return error == PD_OK ? get_record(conn, SQL_GET_STATE, &state_type, id, out) : error;
}

/* All from one snapshot. */
static enum pd_error
sqlite_get_login(void *conn, struct store_call *call, const struct store_login_read *read)
{
	enum pd_error error = store_sqlite_begin_transaction(conn, call, SQL_BEGIN_READ);

	if (error != PD_OK)
		return error;
	error = get_record(conn, SQL_GET_STATE, &state_type, read->fail_id, read->fail);
	if ((error == PD_OK || error == PD_NOT_FOUND) && read->source != NULL)
		error = get_record(conn, SQL_GET_STATE, &state_type, read->source_id, read->source);
	if ((error == PD_OK || error == PD_NOT_FOUND) && read->cap != NULL)
		error = get_record(conn, SQL_GET_STATE, &state_type, read->cap_id, read->cap);
	if (error == PD_OK || error == PD_NOT_FOUND)
		error = get_record(conn, SQL_GET_USER, &user_type, read->name, read->user);
	return store_sqlite_end_transaction(conn, error);
}

static enum pd_error
sqlite_get_owner(void *conn, struct store_call *call, const char *key, char **out)
{
	enum pd_error error = store_sqlite_begin(conn, call);

	return error == PD_OK ? store_sqlite_owner(conn, key, out) : error;
}

/* One record of a page; a bad one is counted and left out. */
static enum pd_error
read_listed(struct store_sqlite_conn *conn, sqlite3_stmt *stmt, struct store_page *out)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 0);
	enum pd_error error = read_row(
	    conn, stmt, &user_type, name == NULL ? "" : name, &out->users[out->len]);

	if (error == PD_OK)
		out->len++;
	if (error != PD_CORRUPT)
		return error;
	out->corrupt++;
	return PD_OK;
}

/* The cursor is the last name of the page before; one row more says whether there is another page.
 */
static enum pd_error
read_page(struct store_sqlite_conn *conn, sqlite3_stmt *stmt, size_t limit, struct store_page *out)
{
	char *last = NULL;
	bool row = false;
	enum pd_error error = store_sqlite_step(conn, stmt, &row);

	for (size_t n = 0; error == PD_OK && row; n++) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);

		if (n == limit) {
			out->next = last;
			return PD_OK;
		}
		free(last);
		last = name == NULL ? NULL : strdup(name);
		error = last == NULL ? PD_NO_MEMORY : read_listed(conn, stmt, out);
		if (error == PD_OK)
			error = store_sqlite_step(conn, stmt, &row);
	}
	free(last);
	return error;
}

static enum pd_error
sqlite_list_users(
    void *conn, struct store_call *call, const char *cursor, size_t limit, struct store_page *out)
{
	sqlite3_stmt *stmt = NULL;
	enum pd_error error = store_sqlite_begin(conn, call);

	out->users = calloc(limit, sizeof(*out->users));
	if (error == PD_OK && out->users == NULL)
		error = PD_NO_MEMORY;
	if (error == PD_OK)
		error = store_sqlite_stmt(conn, SQL_LIST_USERS, &stmt);
	if (error == PD_OK)
		error = store_sqlite_bind_text(conn, stmt, 1, cursor == NULL ? "" : cursor);
	if (error == PD_OK)
		error = store_sqlite_error(
		    conn, sqlite3_bind_int64(stmt, 2, (sqlite3_int64)limit + 1), false);
	if (error == PD_OK)
		error = read_page(conn, stmt, limit, out);
	if (stmt != NULL)
		sqlite3_reset(stmt);
	return error;
}

const struct store_engine store_sqlite = {
    .name = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .init = store_sqlite_init,
    .check = store_sqlite_check,
    .get_user = sqlite_get_user,
    .get_login = sqlite_get_login,
    .write_user = store_sqlite_write_user,
    .list_users = sqlite_list_users,
    .get_owner = sqlite_get_owner,
    .get_state = sqlite_get_state,
    .swap_state = store_sqlite_swap_state,
    .idle_swap = store_sqlite_idle_swap,
};
