/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the generic store layer share; engines and callers never see it. */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "core/store_engine.h"
#include "core/store_pool.h"

struct store {
	const struct store_engine *engine;
	const struct conf *conf;
	const struct log *log;
	void *shared;
	struct store_pool *pool;
};

/* One operation under way: a borrowed connection and what the log line says. */
struct store_op {
	struct store *store;
	struct store_call *call;
	const char *what; /* "get_user" */
	const char *key;  /* a name or id; only what is before the '#' of a token is ever logged */
	void *conn;
	const struct store_swap *swaps; /* that go with a user's write; none unless set */
	size_t swap_count;
	int64_t now; /* of the swaps */
};

/* Takes a connection; PD_UNAVAILABLE when the deadline has passed. store_end always follows. */
enum pd_error store_begin(struct store_op *op, struct store *store, struct store_call *call,
    const char *what, const char *key);

/* Gives the connection back, logs a failure, and answers `error`, PD_UNCERTAIN as PD_UNAVAILABLE
 * with call->in_doubt. */
enum pd_error store_end(struct store_op *op, enum pd_error error);

/* Sleeps a short random time that grows with `round`; false: the deadline has passed. */
bool store_pause(const struct store_op *op, unsigned round);

/* The engine's answer, checked: PD_CORRUPT when it is not the record asked for or breaks a rule. On
 * anything but PD_OK *out is zeroed. */
enum pd_error store_fetch_user(struct store_op *op, const char *name, struct user *out);
enum pd_error store_fetch_state(struct store_op *op, const char *id, struct state *out);
enum pd_error store_judge_user(
    const struct store_op *op, const char *name, const struct user *user);
enum pd_error store_judge_state(
    const struct store_op *op, const char *id, const struct state *state);

/* Checks and swaps; sets after->version. PD_INVALID before anything is sent. */
enum pd_error store_swap_checked(
    struct store_op *op, const struct state *before, struct state *after, int64_t now);

/* The item, or an empty one of that id. Expired ones come as they are: their version counts. */
enum pd_error store_fetch_or_empty(struct store_op *op, const char *id, struct state *out);

/* PD_INVALID for what could not be read back; drops empty strings. The version is not looked at. */
enum pd_error store_check_swap(const struct state *before, struct state *after);

/* The version of what replaces `before`. A new item starts anywhere, so that one that was removed
 * and made again never has the version that somebody still holds from before. */
int64_t store_next_version(const struct state *before);

/* Writes a user: before NULL creates, after NULL deletes. The version stands in after only while it
 * is being written, and for good once it is. */
enum pd_error store_write_version(struct store_op *op, const struct user *before,
    struct user *after, bool draw_uid, enum store_taken *taken);

/* Reads, computes, swaps, until nobody came between. *out (may be NULL; free it) gets the state
 * afterwards, or the stored one when the step said PD_CONFLICT. */
enum pd_error store_change_state(struct store_op *op, const char *id, int64_t now,
    store_step_fn *step, void *ctx, struct state *out);

/* An empty string is an absent one: it would not come back. */
void store_drop_empty(const struct record_type *type, void *record);

/* A name under [users] names, of the one grammar that this store's records have. */
bool store_name_allowed(const struct store *store, const char *name);

/* "fail#" + name and the like; false: does not fit STATE_ID_MAX. */
#define STORE_ID_SIZE (STATE_ID_MAX + 1)
bool store_id(char out[STORE_ID_SIZE], const char *prefix, const char *rest);

#endif
