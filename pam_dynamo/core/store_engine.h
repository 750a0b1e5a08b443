/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an engine does for store.c, and nothing else includes this but engines and their tests. The
 * generic layer has validated names, zeroed the results, looked at the deadline, and logs one line
 * for each failure; an engine translates. Engines may answer PD_UNCERTAIN for a write; store.c
 * settles it.
 */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "core/store.h"

/* A change of one user, ready to be written all or nothing. */
struct store_user_write {
	const struct user *before; /* NULL: create; the stored version must equal before->version */
	const struct user *after;  /* NULL: delete */
	const char
	    *email_add; /* auxiliary key to create with owner = name, must not exist; NULL: none */
	const char *email_remove; /* auxiliary key to delete, owner must be this user; NULL: none */
	const char *uid_add; /* auxiliary key to create; an own tombstone of the same owner is fine;
				NULL: none */
};

struct store_engine {
	const char *name;

	/* The shared part, one per store, and a connection, one per borrowing thread. */
	enum pd_error (*open)(const struct conf *conf, enum store_caller caller,
	    const struct log *log, void **shared);
	void (*close)(void *shared);
	enum pd_error (*connect)(void *shared, void **conn);
	void (*disconnect)(void *conn);

	int64_t (*clock_offset_s)(const void *shared); /* server clock minus ours; NULL: 0 */

	enum pd_error (*init)(
	    void *conn, struct store_call *call, store_progress_fn *progress, void *ctx);
	enum pd_error (*check)(
	    void *conn, struct store_call *call, store_check_fn *report, void *ctx);

	enum pd_error (*get_user)(
	    void *conn, struct store_call *call, const char *name, struct user *out);
	enum pd_error (*get_login)(void *conn, struct store_call *call, const char *name,
	    const char *fail_id, struct user *user, struct state *fail);
	enum pd_error (*write_user)(void *conn, struct store_call *call,
	    const struct store_user_write *write, enum store_taken *taken);
	enum pd_error (*list_users)(void *conn, struct store_call *call, const char *cursor,
	    size_t limit, struct store_page *out);
	/* The owner attribute of an auxiliary item; *out malloc'ed. */
	enum pd_error (*get_owner)(
	    void *conn, struct store_call *call, const char *key, char **out);

	/* Absent items are PD_NOT_FOUND; expiry is store.c's business. */
	enum pd_error (*get_state)(
	    void *conn, struct store_call *call, const char *id, struct state *out);
	/* before->version 0: the item must not exist, or its expires_at < now; else its version
	 * must be equal. after NULL: delete. PD_CONFLICT: the condition did not hold. */
	enum pd_error (*swap_state)(void *conn, struct store_call *call, const struct state *before,
	    const struct state *after, int64_t now);
};

extern const struct store_engine store_sqlite;
extern const struct store_engine store_dynamodb;

/* For tests: a store over any engine. */
enum pd_error store_open_engine(const struct store_engine *engine, const struct conf *conf,
    enum store_caller caller, const struct log *log, struct store **out);

#endif
