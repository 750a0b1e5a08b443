/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes: one transaction each, conditions judged inside it. */
#include <stdlib.h>
#include <string.h>

#include "core/store_sqlite.h"

/* PD_CONFLICT: the key belongs to somebody else. *there: it exists. */
static enum pd_error
judge_owner(struct store_sqlite_conn *conn, const char *key, const char *name, bool *there)
{
	char *owner = NULL;
	enum pd_error error;

	*there = false;
	if (key == NULL)
		return PD_OK;
	error = store_sqlite_owner(conn, key, &owner);
	if (error == PD_NOT_FOUND)
		return PD_OK;
	*there = true;
	if (error == PD_OK && strcmp(owner, name) != 0)
		error = PD_CONFLICT;
	free(owner);
	return error;
}

/* PD_CONFLICT: the stored version is not the one that the write replaces. */
static enum pd_error
judge_version(struct store_sqlite_conn *conn, const struct user *before, const char *name)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum pd_error error = store_sqlite_stmt(conn, SQL_GET_VERSION, &stmt);

	if (error == PD_OK)
		error = store_sqlite_bind_text(conn, stmt, 1, name);
	if (error == PD_OK)
		error = store_sqlite_step(conn, stmt, &row);
	if (error == PD_OK && before == NULL && row)
		error = PD_CONFLICT;
	if (error == PD_OK && before != NULL &&
	    (!row || sqlite3_column_int64(stmt, 0) != before->version))
		error = PD_CONFLICT;
	if (stmt != NULL)
		sqlite3_reset(stmt);
	return error;
}

struct plan {
	const char *name;
	bool email_there; /* the key to add exists and is ours */
	bool uid_there;
};

static enum pd_error
judge_write(struct store_sqlite_conn *conn, const struct store_user_write *write, struct plan *plan,
    enum store_taken *taken)
{
	bool there;
	enum pd_error error = judge_version(conn, write->before, plan->name);

	*taken = write->before == NULL ? STORE_TAKEN_NAME : STORE_TAKEN_VERSION;
	if (error != PD_OK)
		return error;
	*taken = STORE_TAKEN_EMAIL;
	error = judge_owner(conn, write->email_add, plan->name, &plan->email_there);
	if (error == PD_OK)
		error = judge_owner(conn, write->email_remove, plan->name, &there);
	if (error != PD_OK)
		return error;
	*taken = STORE_TAKEN_UID;
	error = judge_owner(conn, write->uid_add, plan->name, &plan->uid_there);
	if (error == PD_OK)
		*taken = STORE_TAKEN_NONE;
	return error;
}

/* Runs a statement of one or two text parameters; key NULL: nothing to do. */
static enum pd_error
run_text(
    struct store_sqlite_conn *conn, enum store_sqlite_sql which, const char *key, const char *text)
{
	sqlite3_stmt *stmt = NULL;
	enum pd_error error;

	if (key == NULL)
		return PD_OK;
	error = store_sqlite_stmt(conn, which, &stmt);
	if (error == PD_OK)
		error = store_sqlite_bind_text(conn, stmt, 1, key);
	if (error == PD_OK && text != NULL)
		error = store_sqlite_bind_text(conn, stmt, 2, text);
	if (error == PD_OK)
		error = store_sqlite_step(conn, stmt, NULL);
	if (stmt != NULL)
		sqlite3_reset(stmt);
	return error;
}

static enum pd_error
insert_user(struct store_sqlite_conn *conn, const struct user *user)
{
	sqlite3_stmt *stmt = NULL;
	enum pd_error error = store_sqlite_stmt(conn, SQL_INSERT_USER, &stmt);

	if (error == PD_OK)
		error = store_sqlite_bind_record(stmt, &user_type, user, NULL);
	if (error == PD_OK)
		error = store_sqlite_step(conn, stmt, NULL);
	if (stmt != NULL) {
		sqlite3_reset(stmt);
		sqlite3_clear_bindings(stmt);
	}
	return error;
}

/* Only what differs, so that what somebody else wrote into other columns stays. */
static enum pd_error
update_user(struct store_sqlite_conn *conn, const struct user *before, const struct user *after)
{
	sqlite3_stmt *stmt = NULL;
	struct buf text;
	int index = 1;
	enum pd_error error = PD_NO_MEMORY;

	buf_init(&text, 0);
	if (store_sqlite_make_update(before, after, &text))
		error = store_sqlite_error(
		    conn, sqlite3_prepare_v2(conn->db, buf_string(&text), -1, &stmt, NULL), false);
	for (size_t i = 0; i < user_type.field_count && error == PD_OK; i++) {
		const struct field *field = &user_type.fields[i];

		if (!record_field_equal(field, before, after))
			error = store_sqlite_bind_field(stmt, index++, field, after);
	}
	if (error == PD_OK)
		error = store_sqlite_bind_text(conn, stmt, index, after->username);
	if (error == PD_OK)
		error = store_sqlite_step(conn, stmt, NULL);
	sqlite3_finalize(stmt);
	buf_free(&text);
	return error;
}

static enum pd_error
apply_write(
    struct store_sqlite_conn *conn, const struct store_user_write *write, const struct plan *plan)
{
	enum pd_error error;

	if (write->after == NULL)
		error = run_text(conn, SQL_DELETE_USER, plan->name, NULL);
	else if (write->before == NULL)
		error = insert_user(conn, write->after);
	else
		error = update_user(conn, write->before, write->after);
	if (error == PD_OK)
		error = run_text(conn, SQL_DELETE_OWNER, write->email_remove, NULL);
	if (error == PD_OK && !plan->email_there)
		error = run_text(conn, SQL_INSERT_OWNER, write->email_add, plan->name);
	if (error == PD_OK && !plan->uid_there)
		error = run_text(conn, SQL_INSERT_OWNER, write->uid_add, plan->name);
	return error;
}

static enum pd_error
bind_number(struct store_sqlite_conn *conn, sqlite3_stmt *stmt, int index, int64_t number)
{
	return store_sqlite_error(conn, sqlite3_bind_int64(stmt, index, number), false);
}

/* Runs the statement that stands on its condition; PD_CONFLICT: no row was changed. */
static enum pd_error
change_state(struct store_sqlite_conn *conn, const struct state *before, const struct state *after,
    int64_t now)
{
	enum store_sqlite_sql which = after == NULL ? SQL_DELETE_STATE
	    : before->version == 0                  ? SQL_INSERT_STATE
						    : SQL_UPDATE_STATE;
	sqlite3_stmt *stmt = NULL;
	int next = 2;
	enum pd_error error = store_sqlite_stmt(conn, which, &stmt);

	if (error == PD_OK && after == NULL)
		error = store_sqlite_bind_text(conn, stmt, 1, before->id);
	else if (error == PD_OK)
		error = store_sqlite_bind_record(stmt, &state_type, after, &next);
	if (error == PD_OK)
		error = bind_number(
		    conn, stmt, next, which == SQL_INSERT_STATE ? now : before->version);
	if (error == PD_OK)
		error = store_sqlite_step(conn, stmt, NULL);
	if (error == PD_OK && sqlite3_changes(conn->db) == 0)
		error = PD_CONFLICT;
	if (stmt != NULL)
		sqlite3_reset(stmt);
	return error;
}

static enum pd_error
apply_swaps(
    struct store_sqlite_conn *conn, const struct store_user_write *write, enum store_taken *taken)
{
	enum pd_error error = PD_OK;

	for (size_t i = 0; i < write->swap_count && error == PD_OK; i++)
		error = change_state(
		    conn, write->swaps[i].before, write->swaps[i].after, write->now);
	if (error == PD_CONFLICT)
		*taken = STORE_TAKEN_STATE;
	return error;
}

enum pd_error
store_sqlite_write_user(void *conn_, struct store_call *call, const struct store_user_write *write,
    enum store_taken *taken)
{
	struct store_sqlite_conn *conn = conn_;
	struct plan plan = {0};
	enum pd_error error = store_sqlite_begin_transaction(conn, call, SQL_BEGIN_WRITE);

	plan.name = write->after != NULL ? write->after->username : write->before->username;
	if (error == PD_OK)
		error = judge_write(conn, write, &plan, taken);
	if (error == PD_OK)
		error = apply_write(conn, write, &plan);
	if (error == PD_OK)
		error = apply_swaps(conn, write, taken);
	return store_sqlite_end_transaction(conn, error);
}

/* New items pay for the garbage collection, in their own transaction. */
static enum pd_error
sweep(struct store_sqlite_conn *conn, int64_t now)
{
	sqlite3_stmt *stmt = NULL;
	enum pd_error error = store_sqlite_stmt(conn, SQL_SWEEP_STATE, &stmt);

	if (error == PD_OK)
		error = bind_number(conn, stmt, 1, now);
	if (error == PD_OK)
		error = store_sqlite_step(conn, stmt, NULL);
	if (stmt != NULL)
		sqlite3_reset(stmt);
	return error;
}

enum pd_error
store_sqlite_swap_state(void *conn_, struct store_call *call, const struct state *before,
    const struct state *after, int64_t now)
{
	struct store_sqlite_conn *conn = conn_;
	enum pd_error error = store_sqlite_begin_transaction(conn, call, SQL_BEGIN_WRITE);

	if (error == PD_OK)
		error = change_state(conn, before, after, now);
	if (error == PD_OK && before->version == 0)
		error = sweep(conn, now);
	return store_sqlite_end_transaction(conn, error);
}

/* Where nothing can be written, a failure cannot be counted either. */
enum pd_error
store_sqlite_idle_swap(void *conn_, struct store_call *call)
{
	struct store_sqlite_conn *conn = conn_;
	enum pd_error error = store_sqlite_begin(conn, call);

	if (error != PD_OK || sqlite3_db_readonly(conn->db, "main") == 1)
		return error;
	error = store_sqlite_run(conn, SQL_BEGIN_WRITE);
	if (error == PD_OK)
		error = store_sqlite_run(conn, SQL_WRITE_NOTHING);
	return store_sqlite_end_transaction(conn, error);
}
