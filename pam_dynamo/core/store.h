/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where users and states are kept. A struct store may be used by many threads at once: each call
 * borrows a connection from a pool, kept warm. Every call has a deadline and returns within it plus
 * 250 ms.
 *
 * PD_UNCERTAIN never leaves this layer: a write of unknown fate is re-read and compared, and what
 * cannot be settled before the deadline is PD_UNAVAILABLE. Counts, tokens and buckets carry ids and
 * are exact. A record carries none: when an answer was lost, somebody else's change to the same
 * values on the same version counts as ours, a change that was overtaken is PD_CONFLICT though it
 * happened, and what is gone counts as deleted.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/conf.h"
#include "core/log.h"
#include "core/pd_error.h"
#include "core/state.h"
#include "core/user.h"

struct json;
struct store;

#define STORE_REQUEST_ID_SIZE 96

/* One call: its deadline in, what it cost out. Zero it, set deadline_ms, reuse it over the calls of
 * one login. */
struct store_call {
	int64_t deadline_ms;                    /* clock_monotonic_ms */
	unsigned requests;                      /* requests sent so far, retries included */
	char request_id[STORE_REQUEST_ID_SIZE]; /* the server's id of the last one, "" if none */
	bool in_doubt; /* the last call's PD_UNAVAILABLE: what it wrote may be there all the same */
};

/* Who opens: the service takes nothing from the environment; the command honours AWS_* through
 * secure_getenv. */
enum store_caller { STORE_CALLER_SERVICE, STORE_CALLER_COMMAND };

/* Opens without a request. conf and log are borrowed until store_close. PD_CONFIG, PD_UNAVAILABLE,
 * PD_NO_MEMORY. */
enum pd_error store_open(
    const struct conf *conf, enum store_caller caller, const struct log *log, struct store **out);
void store_close(struct store *store);

/* The same configuration was read again. True: the store goes on, with what it knows of an outage,
 * and takes keys anew. False: nothing in it is worth keeping, open another. */
bool store_renew(struct store *store);

/* "sqlite", "dynamodb", ... */
const char *store_engine_name(const struct store *store);

/* Unix seconds corrected by the server's clock as last seen: for every expiry. Call it after the
 * read. */
int64_t store_now(const struct store *store);

/* Creates what is missing: file or tables. progress (may be NULL) gets one line per step. */
typedef void store_progress_fn(void *ctx, const char *line);
enum pd_error store_init(
    struct store *store, struct store_call *call, store_progress_fn *progress, void *ctx);

/* One finding of store_check. */
enum store_finding { STORE_FINDING_OK, STORE_FINDING_WARNING, STORE_FINDING_BAD };
typedef void store_check_fn(
    void *ctx, enum store_finding finding, const char *subject, const char *text);
/* Reports credentials, clock, reachability, tables, permissions, each one line; the text of a bad
 * one says what to do. PD_OK: none was bad; else the first bad one's error. */
enum pd_error store_check(
    struct store *store, struct store_call *call, store_check_fn *report, void *ctx);

/* Users. Strongly consistent. PD_NOT_FOUND; PD_CORRUPT (the log names key and attribute); free *out
 * with user_free. */
enum pd_error store_get_user(
    struct store *store, struct store_call *call, const char *name, struct user *out);

/* The record and its fail# state in one request. *fail is zeroed where there is none (version 0).
 * When the user does not exist the answer is PD_NOT_FOUND and *fail is still filled. A corrupt fail
 * item is PD_CORRUPT. */
enum pd_error store_get_login(struct store *store, struct store_call *call, const char *name,
    struct user *user, struct state *fail);

/* The same with the net# state of a network (source.h) in the same request; NULL: of none, and
 * *source is zeroed. And with the cap# state of the name; cap may be NULL: it is not read. */
enum pd_error store_get_login_from(struct store *store, struct store_call *call, const char *name,
    const char *network, struct user *user, struct state *fail, struct state *source,
    struct state *cap);

/* What was taken when PD_CONFLICT came from a create or update. */
enum store_taken {
	STORE_TAKEN_NONE,
	STORE_TAKEN_NAME,
	STORE_TAKEN_EMAIL,
	STORE_TAKEN_UID,
	STORE_TAKEN_VERSION,
	STORE_TAKEN_STATE, /* a step of a companion refused */
};

/* Creates user (version becomes 1) with its e-mail and uid items, all or nothing. With draw_uid and
 * user->uid == 0 a free uid is drawn at random from [conf] uid_min..uid_max and written into user.
 */
enum pd_error store_create_user(struct store *store, struct store_call *call, struct user *user,
    bool draw_uid, enum store_taken *taken);

/* Of a users table that is not ours (conf_attributes_mapped), creating and deleting is PD_CONFIG,
 * and so is an update of what the map does not let us write.
 *
 * Writes the fields in which `after` differs from `before`, on the condition that the stored
 * version is still before->version; unknown attributes stay. A changed e-mail or uid moves its item
 * in the same transaction (a uid's old item stays as a tombstone). after->version becomes
 * before->version + 1. With draw_uid and after->uid == 0 a uid is drawn. */
enum pd_error store_update_user(struct store *store, struct store_call *call,
    const struct user *before, struct user *after, bool draw_uid, enum store_taken *taken);

/* Deletes the record on its version, with its e-mail item; the uid item stays. PD_CONFLICT,
 * PD_NOT_FOUND. */
enum pd_error store_delete_user(
    struct store *store, struct store_call *call, const struct user *user);

/* Computes the next state from the stored one (version 0: there is none; an expired one comes as it
 * is, and its version counts): PD_OK to write it - a next without an id removes the item -,
 * anything else to stop with it. It may be called again. */
typedef enum pd_error store_step_fn(const struct state *stored, void *ctx, struct state *next);

/* A state item that changes in the transaction of a user's write, or not at all. */
struct store_companion {
	const char *id;
	store_step_fn *step;
	void *ctx;
};

/* At most so many in one write. */
#define STORE_COMPANIONS_MAX 6

/* As the three above, all or nothing with the companions, exact under races: each was computed from
 * what is stored when the write happens. What a step stops with is the answer, with
 * STORE_TAKEN_STATE in *taken, before anything is written. PD_CONFIG: the users table is not ours.
 */
struct store_companions {
	const struct store_companion *rows;
	size_t count;
	int64_t now;
};
enum pd_error store_create_user_with(struct store *store, struct store_call *call,
    struct user *user, const struct store_companions *with, enum store_taken *taken);
enum pd_error store_update_user_with(struct store *store, struct store_call *call,
    const struct user *before, struct user *after, const struct store_companions *with,
    enum store_taken *taken);
enum pd_error store_delete_user_with(struct store *store, struct store_call *call,
    const struct user *user, const struct store_companions *with, enum store_taken *taken);

/* One state item alone, in the same way; *out (may be NULL; free it) is the state afterwards. */
enum pd_error store_step_state(struct store *store, struct store_call *call,
    const struct store_companion *companion, int64_t now, struct state *out);

/* One page of users, unordered between pages on dynamodb. cursor NULL or "": the first. *next
 * (malloc'ed, free it) is NULL after the last page. Corrupt records are logged, counted in *corrupt
 * and skipped. */
struct store_page {
	struct user *users;
	size_t len;
	size_t corrupt;
	char *next;
};
enum pd_error store_list_users(struct store *store, struct store_call *call, const char *cursor,
    size_t limit, struct store_page *out);
void store_page_free(struct store_page *page);

/* Hands up to `limit` items of the users table over as they are stored, until fn returns false.
 * PD_INVALID: the engine keeps no items. */
typedef bool store_item_fn(void *ctx, const struct json *item);
enum pd_error store_each_item(
    struct store *store, struct store_call *call, size_t limit, store_item_fn *fn, void *ctx);

/* Who owns a uid or e-mail address. PD_NOT_FOUND, in a users table that is not ours always; a
 * tombstone answers its last owner. */
enum pd_error store_uid_owner(
    struct store *store, struct store_call *call, int64_t uid, char out[USER_NAME_SIZE]);
enum pd_error store_email_owner(
    struct store *store, struct store_call *call, const char *email, char out[USER_NAME_SIZE]);

/* Failures. attempt_id makes a repeated call count once; *out (may be NULL) is the state
 * afterwards. */
enum pd_error store_count_failure(struct store *store, struct store_call *call, const char *name,
    const struct state_limit *limit, const char *attempt_id, int64_t now, struct state *out);
enum pd_error store_clear_failures(struct store *store, struct store_call *call, const char *name);

/* Those of the page and the cap of both as well: an administrator's word. */
enum pd_error store_clear_all_failures(
    struct store *store, struct store_call *call, const char *name);

/* The same of a network, kept as net#<network>. */
enum pd_error store_count_source(struct store *store, struct store_call *call, const char *network,
    const struct state_limit *limit, const char *attempt_id, int64_t now, struct state *out);
enum pd_error store_clear_source(struct store *store, struct store_call *call, const char *network);

/* Any counter by the whole id of its item, "webfail#alice". Counting is as above. Taking refuses
 * while it is locked and, unless its locks grow (lockout_max_s), while it is full: PD_CONFLICT,
 * and *retry_after_s says for how long. Giving back makes as if the attempt never was; that it is
 * not there is PD_OK. *out (may be NULL) is the state afterwards. */
enum pd_error store_count_event(struct store *store, struct store_call *call, const char *id,
    const struct state_limit *limit, const char *attempt_id, int64_t now, struct state *out);
enum pd_error store_take_event(struct store *store, struct store_call *call, const char *id,
    const struct state_limit *limit, const char *attempt_id, int64_t now, int64_t *retry_after_s);
enum pd_error store_give_back_event(struct store *store, struct store_call *call, const char *id,
    const char *attempt_id, int64_t now);
enum pd_error store_clear_events(struct store *store, struct store_call *call, const char *id);

/* Any state item. PD_NOT_FOUND: absent (an expired one is absent). */
enum pd_error store_get_state(
    struct store *store, struct store_call *call, const char *id, int64_t now, struct state *out);

/* Replaces `before` (version 0: must not exist or be expired at now) by `after` (NULL: removed).
 * PD_CONFLICT. after->version is set. */
enum pd_error store_swap_state(struct store *store, struct store_call *call,
    const struct state *before, struct state *after, int64_t now);

/* One request that takes about as long as swapping the state of this id and changes nothing: for
 * answers that must not be told apart by their time. */
enum pd_error store_idle_swap(struct store *store, struct store_call *call, const char *id);

/* One-time tokens, kept as token#<sha256 of secret>. PD_CONFLICT on create: exists. take: exactly
 * one caller gets PD_OK; PD_NOT_FOUND for absent, expired, used or of another kind. */
enum pd_error store_create_token(struct store *store, struct store_call *call, const char *secret,
    const char *kind, const char *owner, const char *data, int64_t expires_at);
enum pd_error store_take_token(struct store *store, struct store_call *call, const char *secret,
    const char *kind, int64_t now, struct state *out);

/* Rate buckets, kept as rate#<bucket>: PD_OK while fewer than limit->max events are in the window,
 * counting this one; PD_CONFLICT when full (*retry_after_s, may be NULL). */
enum pd_error store_take_rate(struct store *store, struct store_call *call, const char *bucket,
    const struct state_limit *limit, int64_t now, int64_t *retry_after_s);

/* The last login, overwritten without a condition on others' values. */
enum pd_error store_put_last(struct store *store, struct store_call *call, const char *name,
    const char *host, const char *service, const char *source, int64_t now);

#endif
