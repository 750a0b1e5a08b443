/* SPDX-License-Identifier: BSD-2-Clause */
/* The database file: judged before it is opened, and noticed when it was replaced. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/store_sqlite.h"

#define LOCK_WAIT_MAX_MS 20
#define OTHERS 077 /* group too: the file holds password hashes */

/* The directory that the file lies in; malloc'ed. */
char *
store_sqlite_directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Attributes through a descriptor that follows no link. O_PATH, since closing an ordinary one would
 * drop the locks that SQLite holds on the file in this process (fcntl(2), POSIX record locks). */
static int
stat_path(const char *path, int flags, struct stat *out)
{
	int fd = open(path, O_PATH | O_CLOEXEC | flags);
	int result, saved;

	if (fd < 0)
		return -1;
	result = fstat(fd, out);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

/* A sticky bit does not help: it keeps others from replacing the file, but not from putting a
 * journal beside it, which SQLite would play back into it. */
const char *
store_sqlite_judge_directory(const struct stat *directory, uid_t owner)
{
	if (directory->st_uid != 0 && directory->st_uid != geteuid() && directory->st_uid != owner)
		return "lies in a directory of somebody else: give it one of its own, mode 0700";
	if ((directory->st_mode & 022) != 0)
		return "lies in a directory that others may write: give it one of its own, "
		       "mode 0700";
	return NULL;
}

static enum pd_error
explain(char reason[STORE_SQLITE_REASON_SIZE], const char *suffix, const char *text)
{
	int len = snprintf(reason, STORE_SQLITE_REASON_SIZE, "%s%s%s", suffix,
	    suffix[0] == '\0' ? "" : " beside it ", text);

	return len < 0 || len >= STORE_SQLITE_REASON_SIZE ? PD_BUG : PD_CONFIG;
}

/* The file must be of root or of us, or - for root - of the owner of its directory. */
static bool
owner_trusted(const struct stat *file, const struct stat *directory)
{
	return file->st_uid == 0 || file->st_uid == geteuid() ||
	    (geteuid() == 0 && file->st_uid == directory->st_uid);
}

static const char *
judge_companion(const struct stat *companion, uid_t owner)
{
	if (!S_ISREG(companion->st_mode))
		return "is not a regular file: look who made it, and remove it";
	if (companion->st_uid != 0 && companion->st_uid != geteuid() && companion->st_uid != owner)
		return "belongs to somebody else: look who made it, and remove it";
	if ((companion->st_mode & OTHERS) != 0)
		return "is open to others: chmod 600 it";
	return NULL;
}

/* What SQLite reads beside the file and believes as much: records lie in these as well. */
static enum pd_error
judge_companions(const char *path, uid_t owner, char reason[STORE_SQLITE_REASON_SIZE])
{
	static const char *const suffixes[] = {"-journal", "-wal", "-shm"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		struct stat companion;
		const char *text;
		char *name = NULL;
		int result;

		if (asprintf(&name, "%s%s", path, suffixes[i]) < 0)
			return PD_NO_MEMORY;
		result = stat_path(name, O_NOFOLLOW, &companion);
		free(name);
		if (result != 0 && errno == ENOENT)
			continue;
		text = result != 0 ? "cannot be reached: check the permissions of its directory"
				   : judge_companion(&companion, owner);
		if (text != NULL)
			return explain(reason, suffixes[i], text);
	}
	return PD_OK;
}

/* NULL: *file is what the path names, in a directory where nobody can put something beside it. */
static const char *
judge_path(const char *path, const char *directory, struct stat *file)
{
	struct stat parent;

	if (stat_path(path, O_NOFOLLOW, file) != 0)
		return errno == ENOENT
		    ? "does not exist: run `pam-dynamo init`"
		    : "cannot be reached: check the permissions of its directory";
	if (!S_ISREG(file->st_mode))
		return "is not a regular file (links are not followed): correct [store] path";
	if (stat_path(directory, O_DIRECTORY, &parent) != 0)
		return "cannot be reached: check the permissions of its directory";
	if (!owner_trusted(file, &parent))
		return "belongs to somebody else: chown it to the service's user";
	if ((file->st_mode & OTHERS) != 0)
		return "is open to others: chmod 600 it";
	return store_sqlite_judge_directory(&parent, file->st_uid);
}

enum pd_error
store_sqlite_judge_file(const char *path, struct stat *file, char reason[STORE_SQLITE_REASON_SIZE])
{
	char *directory = store_sqlite_directory_of(path);
	const char *text;

	if (directory == NULL)
		return PD_NO_MEMORY;
	text = judge_path(path, directory, file);
	free(directory);
	if (text != NULL)
		return explain(reason, "", text);
	return judge_companions(path, file->st_uid, reason);
}

/* SQLite's busy handler: wait a little more, but never beyond the deadline. */
static int
wait_for_lock(void *ctx, int tries)
{
	const struct store_sqlite_conn *conn = ctx;
	int left = clock_left_ms(conn->deadline_ms);
	int wait_ms = tries < LOCK_WAIT_MAX_MS ? tries + 1 : LOCK_WAIT_MAX_MS;
	struct timespec span = {0};

	if (left == 0)
		return 0;
	span.tv_nsec = (wait_ms < left ? wait_ms : left) * 1000000L;
	nanosleep(&span, NULL);
	return 1;
}

static enum pd_error
open_database(struct store_sqlite_conn *conn)
{
	int code = sqlite3_open_v2(conn->shared->path, &conn->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_extended_result_codes(conn->db, 1);
	if (code == SQLITE_OK)
		code = sqlite3_busy_handler(conn->db, wait_for_lock, conn);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (code != SQLITE_OK)
		return store_sqlite_error(conn, code, false);
	/* synchronous = FULL: what was acknowledged survives a power cut, also with a write-ahead
	 * log. secure_delete: an old hash does not stay in free pages. */
	return store_sqlite_exec(conn,
	    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
	    "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;");
}

enum pd_error
store_sqlite_read_version(struct store_sqlite_conn *conn, int64_t *application, int64_t *version)
{
	enum pd_error error = store_sqlite_number(conn, "PRAGMA application_id", application);

	if (error == PD_OK)
		error = store_sqlite_number(conn, "PRAGMA user_version", version);
	return error;
}

/* NULL: the schema is the one that this program knows. */
const char *
store_sqlite_judge_schema(int64_t application, int64_t version)
{
	if (application == 0 && version == 0)
		return "has no tables yet: run `pam-dynamo init`";
	if (application != STORE_SQLITE_APPLICATION_ID)
		return "is a database of another program: correct [store] path";
	if (version > STORE_SQLITE_SCHEMA)
		return "was made by a newer release: install that one";
	if (version != STORE_SQLITE_SCHEMA)
		return "is of an older release: run `pam-dynamo init`";
	return NULL;
}

enum pd_error
store_sqlite_refuse(const struct store_sqlite_conn *conn, const char *text)
{
	log_line(conn->shared->log, LOG_LEVEL_ERROR, "%s %s", conn->shared->path, text);
	return PD_CONFIG;
}

/* Opens what store_sqlite_judge_file has approved; without a look at the schema. */
enum pd_error
store_sqlite_open_judged(struct store_sqlite_conn *conn)
{
	char reason[STORE_SQLITE_REASON_SIZE];
	struct stat before = {0};
	struct stat after;
	enum pd_error error = store_sqlite_judge_file(conn->shared->path, &before, reason);

	if (error == PD_CONFIG)
		return store_sqlite_refuse(conn, reason);
	if (error == PD_OK)
		error = open_database(conn);
	if (error == PD_OK &&
	    (stat_path(conn->shared->path, O_NOFOLLOW, &after) != 0 ||
		before.st_dev != after.st_dev || before.st_ino != after.st_ino))
		error = store_sqlite_refuse(conn, "was replaced while it was opened: try again");
	conn->dev = before.st_dev;
	conn->ino = before.st_ino;
	return error;
}

static bool
still_there(const struct store_sqlite_conn *conn)
{
	struct stat now;

	return lstat(conn->shared->path, &now) == 0 && now.st_dev == conn->dev &&
	    now.st_ino == conn->ino;
}

enum pd_error
store_sqlite_connect(struct store_sqlite_conn *conn)
{
	int64_t application = 0;
	int64_t version = 0;
	const char *text;
	enum pd_error error;

	if (conn->db != NULL && still_there(conn))
		return PD_OK;
	store_sqlite_disconnect(conn);
	error = store_sqlite_open_judged(conn);
	if (error == PD_OK)
		error = store_sqlite_read_version(conn, &application, &version);
	if (error == PD_OK) {
		text = store_sqlite_judge_schema(application, version);
		if (text != NULL)
			error = store_sqlite_refuse(conn, text);
	}
	if (error != PD_OK)
		store_sqlite_disconnect(conn);
	return error;
}

void
store_sqlite_disconnect(struct store_sqlite_conn *conn)
{
	for (int i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(conn->stmts[i]);
		conn->stmts[i] = NULL;
	}
	/* After the file was replaced SQLite leaves alone the log of the same name, which is the
	 * new file's (databaseIsUnmoved in its pager.c; the unit test tries it). */
	sqlite3_close(conn->db);
	conn->db = NULL;
}
