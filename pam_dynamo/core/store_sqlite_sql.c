/* SPDX-License-Identifier: BSD-2-Clause */
/* The SQL texts, made from the field tables: one column for each field. Every name comes from a
 * constant table and is quoted, since some (groups) are words of the language. */
#include <string.h>

#include "core/store_sqlite.h"

static const char *const column_types[] = {
    [FIELD_STRING] = "TEXT",
    [FIELD_NUMBER] = "INTEGER",
    [FIELD_BOOL] = "INTEGER",
    [FIELD_SET] = "TEXT",
    [FIELD_LIST] = "TEXT",
    [FIELD_MAP] = "TEXT",
};

static void
add_column(struct buf *out, const struct field *field)
{
	bool key = (field->flags & FIELD_KEY) != 0;
	bool required = (field->flags & (FIELD_KEY | FIELD_REQUIRED)) != 0;

	buf_add_format(out, "\"%s\" %s%s%s", field->name, column_types[field->type],
	    required ? " NOT NULL" : "", key ? " PRIMARY KEY" : "");
}

static void
add_create(struct buf *out, const struct record_type *type, const char *table)
{
	buf_add_format(out, "CREATE TABLE \"%s\" (", table);
	for (size_t i = 0; i < type->field_count; i++) {
		buf_add_string(out, i == 0 ? "\n\t" : ",\n\t");
		add_column(out, &type->fields[i]);
	}
	buf_add_string(out, "\n) STRICT;\n");
}

bool
store_sqlite_make_schema(struct buf *out)
{
	add_create(out, &user_type, "users");
	add_create(out, &state_type, "state");
	buf_add_string(out,
	    "CREATE TABLE \"aux\" (\n\t\"key\" TEXT NOT NULL PRIMARY KEY,\n"
	    "\t\"owner\" TEXT NOT NULL\n) STRICT;\n"
	    "CREATE INDEX \"state_expires_at\" ON \"state\" (\"expires_at\");\n");
	buf_add_format(out, "PRAGMA application_id = %d;\nPRAGMA user_version = %d;\n",
	    STORE_SQLITE_APPLICATION_ID, STORE_SQLITE_SCHEMA);
	return !out->failed;
}

bool
store_sqlite_make_column(struct buf *out, const struct record_type *type, size_t field)
{
	buf_reset(out);
	buf_add_format(
	    out, "ALTER TABLE \"%s\" ADD COLUMN ", type == &user_type ? "users" : "state");
	add_column(out, &type->fields[field]);
	return !out->failed;
}

bool
store_sqlite_make_column_test(struct buf *out, const struct record_type *type, size_t field)
{
	buf_reset(out);
	buf_add_format(out, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'",
	    type == &user_type ? "users" : "state", type->fields[field].name);
	return !out->failed;
}

static void
add_columns(struct buf *out, const struct record_type *type)
{
	for (size_t i = 0; i < type->field_count; i++)
		buf_add_format(out, "%s\"%s\"", i == 0 ? "" : ", ", type->fields[i].name);
}

static void
add_select(struct buf *out, const struct record_type *type, const char *table, const char *rest)
{
	buf_add_string(out, "SELECT ");
	add_columns(out, type);
	buf_add_format(out, " FROM \"%s\" %s", table, rest);
}

static void
add_insert(struct buf *out, const struct record_type *type, const char *table)
{
	buf_add_format(out, "INSERT INTO \"%s\" (", table);
	add_columns(out, type);
	buf_add_string(out, ") VALUES (");
	for (size_t i = 0; i < type->field_count; i++)
		buf_add_format(out, "%s?%zu", i == 0 ? "" : ", ", i + 1);
	buf_add_char(out, ')');
}

/* Each column from the parameter of its place, or from the row that could not be inserted. */
static void
add_assignments(struct buf *out, const struct record_type *type, bool excluded)
{
	for (size_t i = 0; i < type->field_count; i++) {
		const char *name = type->fields[i].name;

		buf_add_string(out, i == 0 ? " SET " : ", ");
		if (excluded)
			buf_add_format(out, "\"%s\" = excluded.\"%s\"", name, name);
		else
			buf_add_format(out, "\"%s\" = ?%zu", name, i + 1);
	}
}

static void
add_get_user(struct buf *out)
{
	add_select(out, &user_type, "users", "WHERE \"username\" = ?1");
}

static void
add_list_users(struct buf *out)
{
	add_select(
	    out, &user_type, "users", "WHERE \"username\" > ?1 ORDER BY \"username\" LIMIT ?2");
}

static void
add_insert_user(struct buf *out)
{
	add_insert(out, &user_type, "users");
}

static void
add_get_state(struct buf *out)
{
	add_select(out, &state_type, "state", "WHERE \"id\" = ?1");
}

static void
add_insert_state(struct buf *out)
{
	add_insert(out, &state_type, "state");
	buf_add_string(out, " ON CONFLICT (\"id\") DO UPDATE");
	add_assignments(out, &state_type, true);
	buf_add_format(out, " WHERE \"state\".\"expires_at\" <= ?%zu", state_type.field_count + 1);
}

static void
add_update_state(struct buf *out)
{
	buf_add_string(out, "UPDATE \"state\"");
	add_assignments(out, &state_type, false);
	buf_add_format(
	    out, " WHERE \"id\" = ?1 AND \"version\" = ?%zu", state_type.field_count + 1);
}

/* The value that is there already; its page is written all the same, and synced. */
static void
add_write_nothing(struct buf *out)
{
	buf_add_format(out, "PRAGMA application_id = %d", STORE_SQLITE_APPLICATION_ID);
}

struct sql {
	const char *text;
	void (*add)(struct buf *out); /* where there is no text */
};

static const struct sql texts[SQL_COUNT] = {
    [SQL_BEGIN_READ] = {"BEGIN", NULL},
    [SQL_BEGIN_WRITE] = {"BEGIN IMMEDIATE", NULL},
    [SQL_COMMIT] = {"COMMIT", NULL},
    [SQL_ROLLBACK] = {"ROLLBACK", NULL},
    [SQL_GET_USER] = {NULL, add_get_user},
    [SQL_LIST_USERS] = {NULL, add_list_users},
    [SQL_GET_VERSION] = {"SELECT \"version\" FROM \"users\" WHERE \"username\" = ?1", NULL},
    [SQL_INSERT_USER] = {NULL, add_insert_user},
    [SQL_DELETE_USER] = {"DELETE FROM \"users\" WHERE \"username\" = ?1", NULL},
    [SQL_GET_OWNER] = {"SELECT \"owner\" FROM \"aux\" WHERE \"key\" = ?1", NULL},
    [SQL_INSERT_OWNER] = {"INSERT INTO \"aux\" (\"key\", \"owner\") VALUES (?1, ?2)", NULL},
    [SQL_DELETE_OWNER] = {"DELETE FROM \"aux\" WHERE \"key\" = ?1", NULL},
    [SQL_GET_STATE] = {NULL, add_get_state},
    [SQL_INSERT_STATE] = {NULL, add_insert_state},
    [SQL_UPDATE_STATE] = {NULL, add_update_state},
    [SQL_DELETE_STATE] = {"DELETE FROM \"state\" WHERE \"id\" = ?1 AND \"version\" = ?2", NULL},
    [SQL_WRITE_NOTHING] = {NULL, add_write_nothing},
    /* A day late, so that a clock that runs ahead removes nothing that still counts. */
    [SQL_SWEEP_STATE] = {"DELETE FROM \"state\" WHERE \"id\" IN (SELECT \"id\" FROM \"state\""
			 " WHERE \"expires_at\" < ?1 - 86400 LIMIT 16)",
	NULL},
};

bool
store_sqlite_make_sql(char *sql[SQL_COUNT])
{
	bool good = true;

	for (int i = 0; i < SQL_COUNT && good; i++) {
		struct buf out;

		buf_init(&out, 0);
		if (texts[i].add != NULL)
			texts[i].add(&out);
		else
			buf_add_string(&out, texts[i].text);
		good = !out.failed && (sql[i] = strdup(buf_string(&out))) != NULL;
		buf_free(&out);
	}
	return good;
}

bool
store_sqlite_make_update(const struct user *before, const struct user *after, struct buf *out)
{
	unsigned parameter = 0;

	buf_add_string(out, "UPDATE \"users\"");
	for (size_t i = 0; i < user_type.field_count; i++) {
		const struct field *field = &user_type.fields[i];

		if (record_field_equal(field, before, after))
			continue;
		buf_add_format(out, "%s\"%s\" = ?%u", parameter == 0 ? " SET " : ", ", field->name,
		    parameter + 1);
		parameter++;
	}
	buf_add_format(out, " WHERE \"username\" = ?%u", parameter + 1);
	return !out->failed;
}
