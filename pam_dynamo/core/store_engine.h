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

/* A state item that changes with a user. before->version 0: it must not exist, or its expires_at <=
 * now; else its version must be equal. after NULL: delete. */
struct store_swap {
	const struct state *before;
	const struct state *after;
};

#define STORE_SWAPS_MAX STORE_COMPANIONS_MAX

/* A change of one user, ready to be written all or nothing. An auxiliary key is free when it does
 * not exist or its owner is already this user (a tombstone, or what an administrator left behind).
 * PD_CONFLICT says in *taken which condition did not hold; several at once: NAME or VERSION first,
 * then EMAIL, then UID, then STATE. */
struct store_user_write {
	const struct user *before; /* NULL: create, the name must not exist (STORE_TAKEN_NAME); else
				      the stored version must equal before->version
				      (STORE_TAKEN_VERSION, also where there is no record) */
	const struct user *after;  /* NULL: delete */
	const char *email_add;     /* key to create with owner = name; NULL: none */
	const char *email_remove;  /* key to delete, absent is fine; of another owner:
				      STORE_TAKEN_EMAIL, and store.c leaves it alone; NULL: none */
	const char *uid_add;       /* key to create with owner = name; NULL: none */
	const struct store_swap *swaps;
	size_t swap_count; /* at most STORE_SWAPS_MAX */
	int64_t now;       /* of the swaps */
};

/* What a login reads, all in one request, consistent with what was written before. PD_NOT_FOUND
 * is about the user alone: the states are filled all the same. */
struct store_login_read {
	const char *name;
	const char *fail_id;
	const char *source_id; /* NULL: none is read */
	struct user *user;
	struct state *fail;
	struct state *source; /* NULL where source_id is */
	const char *cap_id;   /* NULL: none is read */
	struct state *cap;    /* NULL where cap_id is */
};

struct store_engine {
	const char *name;

	/* The shared part, one per store, and a connection, one per borrowing thread. */
	enum pd_error (*open)(const struct conf *conf, enum store_caller caller,
	    const struct log *log, void **shared);
	void (*close)(void *shared);
	void (*renew)(void *shared); /* store_renew; NULL: a new one is as good */
	enum pd_error (*connect)(void *shared, void **conn);
	void (*disconnect)(void *conn);

	int64_t (*clock_offset_s)(const void *shared); /* server clock minus ours; NULL: 0 */

	/* The field of a user has a place in the store; NULL: all have. */
	bool (*keeps)(const void *shared, const struct field *field);

	enum pd_error (*init)(
	    void *conn, struct store_call *call, store_progress_fn *progress, void *ctx);
	enum pd_error (*check)(
	    void *conn, struct store_call *call, store_check_fn *report, void *ctx);

	enum pd_error (*get_user)(
	    void *conn, struct store_call *call, const char *name, struct user *out);
	enum pd_error (*get_login)(
	    void *conn, struct store_call *call, const struct store_login_read *read);
	enum pd_error (*write_user)(void *conn, struct store_call *call,
	    const struct store_user_write *write, enum store_taken *taken);
	enum pd_error (*list_users)(void *conn, struct store_call *call, const char *cursor,
	    size_t limit, struct store_page *out);
	/* store_each_item; NULL: there are none. */
	enum pd_error (*each_item)(
	    void *conn, struct store_call *call, size_t limit, store_item_fn *fn, void *ctx);
	/* The owner attribute of an auxiliary item; *out malloc'ed. */
	enum pd_error (*get_owner)(
	    void *conn, struct store_call *call, const char *key, char **out);

	/* Users come without the auxiliary items; what cannot be decoded is logged, counted and
	 * left out. A state is zeroed where there is none, also when the user is PD_NOT_FOUND.
	 * Absent items are PD_NOT_FOUND; expiry is store.c's business. Every call that reaches the
	 * server adds one to call->requests. connect sends nothing: it must work before init. */
	enum pd_error (*get_state)(
	    void *conn, struct store_call *call, const char *id, struct state *out);
	/* before->version 0: the item must not exist, or its expires_at <= now; else its version
	 * must be equal. after NULL: delete. PD_CONFLICT: the condition did not hold. */
	enum pd_error (*swap_state)(void *conn, struct store_call *call, const struct state *before,
	    const struct state *after, int64_t now);
	/* Takes as long as a swap and changes nothing. NULL: reading a state item does. */
	enum pd_error (*idle_swap)(void *conn, struct store_call *call);
};

extern const struct store_engine store_sqlite;
extern const struct store_engine store_dynamodb;

/* For tests: a store over any engine. */
enum pd_error store_open_engine(const struct store_engine *engine, const struct conf *conf,
    enum store_caller caller, const struct log *log, struct store **out);

#endif
