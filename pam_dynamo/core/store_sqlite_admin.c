/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating the file and its tables, and looking after them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/store_sqlite.h"

/* An empty file, 0600. Made by root it goes to the owner of its directory, the service's user. */
static enum pd_error
create_file(const struct store_sqlite_conn *conn, bool *created)
{
	const char *path = conn->shared->path;
	char *directory = store_sqlite_directory_of(path);
	struct stat parent;
	const char *text;
	int fd = -1;
	enum pd_error error = PD_CONFIG;

	*created = false;
	if (directory == NULL)
		return PD_NO_MEMORY;
	if (stat(directory, &parent) != 0) {
		log_line(conn->shared->log, LOG_LEVEL_ERROR,
		    "%s: %s: create the directory, owned by the service's user, mode 0700",
		    directory, strerror(errno));
		goto out;
	}
	text = store_sqlite_judge_directory(&parent, geteuid() == 0 ? parent.st_uid : geteuid());
	if (text != NULL) {
		error = store_sqlite_refuse(conn, text);
		goto out;
	}
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST) {
		error = PD_OK;
		goto out;
	}
	if (fd < 0 || (geteuid() == 0 && fchown(fd, parent.st_uid, parent.st_gid) != 0)) {
		log_line(conn->shared->log, LOG_LEVEL_ERROR, "%s: %s", path, strerror(errno));
		if (fd >= 0) /* root's, it would be found later and nobody could use it */
			(void)unlink(path);
		goto out;
	}
	*created = true;
	error = PD_OK;
out:
	if (fd >= 0)
		close(fd);
	free(directory);
	return error;
}

/* The columns of one table that an older release did not know. */
static enum pd_error
add_missing_columns(
    struct store_sqlite_conn *conn, const struct record_type *type, struct buf *text)
{
	enum pd_error error = PD_OK;
	int64_t there = 0;

	for (size_t i = 0; error == PD_OK && i < type->field_count; i++) {
		if (!store_sqlite_make_column_test(text, type, i))
			return PD_NO_MEMORY;
		error = store_sqlite_number(conn, buf_string(text), &there);
		if (error != PD_OK || there > 0)
			continue;
		if (!store_sqlite_make_column(text, type, i))
			return PD_NO_MEMORY;
		error = store_sqlite_exec(conn, buf_string(text));
	}
	return error;
}

/* Inside of a transaction: the tables of an older release become those of this one. */
static enum pd_error
raise_tables(struct store_sqlite_conn *conn)
{
	struct buf text;
	enum pd_error error;

	buf_init(&text, 0);
	error = add_missing_columns(conn, &user_type, &text);
	if (error == PD_OK)
		error = add_missing_columns(conn, &state_type, &text);
	buf_reset(&text);
	buf_add_format(&text, "PRAGMA user_version = %d", STORE_SQLITE_SCHEMA);
	if (error == PD_OK && text.failed)
		error = PD_NO_MEMORY;
	if (error == PD_OK)
		error = store_sqlite_exec(conn, buf_string(&text));
	buf_free(&text);
	return error;
}

/* All tables in one transaction: a crash leaves an empty file, which the next init fills. */
static enum pd_error
create_tables(struct store_sqlite_conn *conn)
{
	int64_t application = 0;
	int64_t version = 0;
	int64_t tables = 0;
	struct buf schema;
	enum pd_error error;

	buf_init(&schema, 0);
	error = store_sqlite_exec(conn, "PRAGMA journal_mode = WAL");
	if (error == PD_OK && !store_sqlite_make_schema(&schema))
		error = PD_NO_MEMORY;
	if (error == PD_OK)
		error = store_sqlite_run(conn, SQL_BEGIN_WRITE);
	if (error == PD_OK)
		error = store_sqlite_read_version(conn, &application, &version);
	if (error == PD_OK)
		error = store_sqlite_number(conn, "SELECT count(*) FROM sqlite_schema", &tables);
	if (error == PD_OK && application == 0 && version == 0 && tables != 0)
		error = store_sqlite_refuse(
		    conn, "is a database of another program: correct [store] path");
	else if (error == PD_OK && application == 0 && version == 0)
		error = store_sqlite_exec(conn, buf_string(&schema));
	else if (error == PD_OK && application == STORE_SQLITE_APPLICATION_ID &&
	    version < STORE_SQLITE_SCHEMA)
		error = raise_tables(conn);
	error = store_sqlite_finish(conn, error);
	buf_free(&schema);
	return error;
}

enum pd_error
store_sqlite_init(void *conn_, struct store_call *call, store_progress_fn *progress, void *ctx)
{
	struct store_sqlite_conn *conn = conn_;
	bool created = false;
	enum pd_error error;

	conn->deadline_ms = call->deadline_ms;
	call->requests++;
	store_sqlite_disconnect(conn);
	error = create_file(conn, &created);
	if (error == PD_OK && progress != NULL)
		progress(ctx, created ? "file created" : "file exists");
	if (error == PD_OK)
		error = store_sqlite_open_judged(conn);
	if (error == PD_OK)
		error = create_tables(conn);
	store_sqlite_disconnect(conn);
	if (error == PD_OK)
		error = store_sqlite_connect(conn);
	if (error == PD_OK && progress != NULL)
		progress(ctx, "tables ready");
	return error;
}

struct check {
	store_check_fn *report;
	void *ctx;
	enum pd_error error; /* of the first bad finding */
};

static void
finding(struct check *check, enum pd_error error, const char *subject, const char *text)
{
	if (check->error == PD_OK)
		check->error = error;
	check->report(
	    check->ctx, error == PD_OK ? STORE_FINDING_OK : STORE_FINDING_BAD, subject, text);
}

static bool
check_file(struct store_sqlite_conn *conn, struct check *check)
{
	char reason[STORE_SQLITE_REASON_SIZE] = "no memory";
	struct stat file;
	enum pd_error error = store_sqlite_judge_file(conn->shared->path, &file, reason);

	finding(check, error, conn->shared->path,
	    error == PD_OK ? "regular file, owner and mode as they should be" : reason);
	return error == PD_OK;
}

static bool
check_schema(struct store_sqlite_conn *conn, struct check *check)
{
	int64_t application = 0;
	int64_t version = 0;
	const char *text = NULL;
	enum pd_error error = store_sqlite_open_judged(conn);

	if (error == PD_OK)
		error = store_sqlite_read_version(conn, &application, &version);
	if (error == PD_OK) {
		text = store_sqlite_judge_schema(application, version);
		if (text != NULL)
			error = PD_CONFIG;
	}
	if (text == NULL)
		text = error == PD_OK ? "the one of this release"
				      : "the file cannot be read as a database: restore a backup";
	finding(check, error, "schema", text);
	return error == PD_OK;
}

static void
check_integrity(struct store_sqlite_conn *conn, struct check *check)
{
	int64_t bad = 0;
	/* quick_check answers one row, "ok", or one for each problem. */
	enum pd_error error = store_sqlite_number(
	    conn, "SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'", &bad);

	if (error == PD_OK && bad > 0)
		error = PD_CORRUPT;
	finding(check, error, "integrity",
	    error == PD_OK ? "quick_check finds nothing"
			   : "the database is damaged: restore a backup");
}

/* A host may have a file that it only reads. */
static void
check_writable(struct store_sqlite_conn *conn, struct check *check)
{
	enum pd_error error;

	if (sqlite3_db_readonly(conn->db, "main") == 1) {
		check->report(check->ctx, STORE_FINDING_WARNING, "writing",
		    "read-only here: failures are not counted, passwords cannot be changed");
		return;
	}
	error = store_sqlite_run(conn, SQL_BEGIN_WRITE);
	store_sqlite_run(conn, SQL_ROLLBACK);
	finding(check, error, "writing",
	    error == PD_OK ? "allowed" : "not possible: check owner, mode and free space");
}

enum pd_error
store_sqlite_check(void *conn_, struct store_call *call, store_check_fn *report, void *ctx)
{
	struct store_sqlite_conn *conn = conn_;
	struct check check = {.report = report, .ctx = ctx, .error = PD_OK};

	conn->deadline_ms = call->deadline_ms;
	call->requests++;
	store_sqlite_disconnect(conn);
	if (check_file(conn, &check) && check_schema(conn, &check)) {
		check_integrity(conn, &check);
		check_writable(conn, &check);
	}
	/* The next call judges anew. */
	store_sqlite_disconnect(conn);
	return check.error;
}
