/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a store, and its reads. */
#include "core/store.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/store_private.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX 1000

enum pd_error
store_open_engine(const struct store_engine *engine, const struct conf *conf,
    enum store_caller caller, const struct log *log, struct store **out)
{
	struct store *store = calloc(1, sizeof(*store));
	enum pd_error error = PD_NO_MEMORY;

	*out = NULL;
	if (store == NULL)
		return PD_NO_MEMORY;
	store->engine = engine;
	store->conf = conf;
	store->log = log;
	error = engine->open(conf, caller, log, &store->shared);
	if (error == PD_OK)
		error = store_pool_open(engine, store->shared, &store->pool);
	if (error != PD_OK) {
		store_close(store);
		return error;
	}
	*out = store;
	return PD_OK;
}

enum pd_error
store_open(
    const struct conf *conf, enum store_caller caller, const struct log *log, struct store **out)
{
	static const struct store_engine *const engines[] = {
	    [CONF_ENGINE_SQLITE] = &store_sqlite,
	    [CONF_ENGINE_DYNAMODB] = &store_dynamodb,
	};

	return store_open_engine(engines[conf->engine], conf, caller, log, out);
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_pool_close(store->pool);
	if (store->shared != NULL)
		store->engine->close(store->shared);
	free(store);
}

bool
store_renew(struct store *store)
{
	if (store->engine->renew == NULL)
		return false;
	store->engine->renew(store->shared);
	return true;
}

const char *
store_engine_name(const struct store *store)
{
	return store->engine->name;
}

int64_t
store_now(const struct store *store)
{
	if (store->engine->clock_offset_s == NULL)
		return clock_now_s();
	return clock_now_s() + store->engine->clock_offset_s(store->shared);
}

enum pd_error
store_init(struct store *store, struct store_call *call, store_progress_fn *progress, void *ctx)
{
	struct store_op op;
	enum pd_error error = store_begin(&op, store, call, "init", NULL);

	if (error == PD_OK)
		error = store->engine->init(op.conn, call, progress, ctx);
	return store_end(&op, error);
}

enum pd_error
store_check(struct store *store, struct store_call *call, store_check_fn *report, void *ctx)
{
	struct store_op op;
	enum pd_error error = store_begin(&op, store, call, "check", NULL);

	if (error == PD_OK)
		error = store->engine->check(op.conn, call, report, ctx);
	return store_end(&op, error);
}

enum pd_error
store_get_user(struct store *store, struct store_call *call, const char *name, struct user *out)
{
	struct store_op op;
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	if (!store_name_allowed(store, name))
		return PD_INVALID;
	error = store_begin(&op, store, call, "get_user", name);
	if (error == PD_OK)
		error = store_fetch_user(&op, name, out);
	return store_end(&op, error);
}

/* An expired item counts for nothing, but its version stays: a swap from it is exact. */
static void
forget_expired(struct state *state, int64_t now)
{
	char *id = state->id;
	int64_t version = state->version;

	if (state->version == 0 || state->expires_at > now)
		return;
	state->id = NULL;
	state_free(state);
	state->id = id;
	state->version = version;
}

/* A state as the engine read it; one that is not there stays zeroed. */
static enum pd_error
take_state(const struct store_op *op, const char *id, struct state *state, int64_t now)
{
	enum pd_error error = PD_OK;

	if (state->version != 0 || state->id != NULL)
		error = store_judge_state(op, id, state);
	if (error == PD_OK)
		forget_expired(state, now);
	return error;
}

static enum pd_error
fetch_login(struct store_op *op, const struct store_login_read *read)
{
	enum pd_error error = op->store->engine->get_login(op->conn, op->call, read);
	int64_t now = store_now(op->store);
	enum pd_error taken;

	if (error == PD_OK)
		error = store_judge_user(op, read->name, read->user);
	if (error != PD_OK && error != PD_NOT_FOUND)
		return error;
	taken = take_state(op, read->fail_id, read->fail, now);
	if (taken == PD_OK && read->source != NULL)
		taken = take_state(op, read->source_id, read->source, now);
	if (taken == PD_OK && read->cap != NULL)
		taken = take_state(op, read->cap_id, read->cap, now);
	return taken == PD_OK ? error : taken;
}

enum pd_error
store_get_login_from(struct store *store, struct store_call *call, const char *name,
    const char *network, struct user *user, struct state *fail, struct state *source,
    struct state *cap)
{
	char fail_id[STORE_ID_SIZE], source_id[STORE_ID_SIZE], cap_id[STORE_ID_SIZE];
	struct store_login_read read = {
	    .name = name, .fail_id = fail_id, .user = user, .fail = fail};
	struct store_op op;
	enum pd_error error;

	memset(user, 0, sizeof(*user));
	memset(fail, 0, sizeof(*fail));
	memset(source, 0, sizeof(*source));
	if (cap != NULL)
		memset(cap, 0, sizeof(*cap));
	if (!store_name_allowed(store, name) || !store_id(fail_id, "fail#", name))
		return PD_INVALID;
	if (network != NULL) {
		if (!store_id(source_id, "net#", network))
			return PD_INVALID;
		read.source_id = source_id;
		read.source = source;
	}
	if (cap != NULL) {
		if (!store_id(cap_id, "cap#", name))
			return PD_INVALID;
		read.cap_id = cap_id;
		read.cap = cap;
	}
	error = store_begin(&op, store, call, "get_login", name);
	if (error == PD_OK)
		error = fetch_login(&op, &read);
	if (error != PD_OK)
		user_free(user);
	if (error != PD_OK && error != PD_NOT_FOUND) {
		state_free(fail);
		state_free(source);
		state_free(cap);
	}
	return store_end(&op, error);
}

enum pd_error
store_get_login(struct store *store, struct store_call *call, const char *name, struct user *user,
    struct state *fail)
{
	struct state none;

	return store_get_login_from(store, call, name, NULL, user, fail, &none, NULL);
}

/* Drops and counts what breaks a rule, so that one bad record does not hide the others. */
static void
judge_page(const struct store_op *op, struct store_page *page)
{
	size_t kept = 0;

	for (size_t i = 0; i < page->len; i++) {
		struct user *user = &page->users[i];
		const char *name = user->username == NULL ? "" : user->username;

		if (store_name_allowed(op->store, name) &&
		    store_judge_user(op, name, user) == PD_OK) {
			struct user keep = *user;

			memset(user, 0, sizeof(*user));
			page->users[kept++] = keep;
		} else {
			if (!store_name_allowed(op->store, name))
				log_line(op->store->log, LOG_LEVEL_ERROR,
				    "user %s: attribute username: not a name", name);
			user_free(user);
			page->corrupt++;
		}
	}
	page->len = kept;
}

enum pd_error
store_list_users(struct store *store, struct store_call *call, const char *cursor, size_t limit,
    struct store_page *out)
{
	struct store_op op;
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	if (limit == 0)
		limit = PAGE_DEFAULT;
	if (limit > PAGE_MAX)
		limit = PAGE_MAX;
	error = store_begin(&op, store, call, "list_users", NULL);
	if (error == PD_OK)
		error = store->engine->list_users(op.conn, call, cursor, limit, out);
	if (error == PD_OK)
		judge_page(&op, out);
	else
		store_page_free(out);
	return store_end(&op, error);
}

void
store_page_free(struct store_page *page)
{
	if (page == NULL)
		return;
	for (size_t i = 0; i < page->len; i++)
		user_free(&page->users[i]);
	free(page->users);
	free(page->next);
	memset(page, 0, sizeof(*page));
}

enum pd_error
store_each_item(
    struct store *store, struct store_call *call, size_t limit, store_item_fn *fn, void *ctx)
{
	struct store_op op;
	enum pd_error error;

	if (store->engine->each_item == NULL)
		return PD_INVALID;
	error = store_begin(&op, store, call, "each_item", NULL);
	if (error == PD_OK)
		error = store->engine->each_item(op.conn, call, limit, fn, ctx);
	return store_end(&op, error);
}

static enum pd_error
get_owner(struct store *store, struct store_call *call, const char *key, char out[USER_NAME_SIZE])
{
	struct store_op op;
	char *owner = NULL;
	enum pd_error error = store_begin(&op, store, call, "get_owner", key);

	if (error == PD_OK)
		error = store->engine->get_owner(op.conn, call, key, &owner);
	if (error == PD_OK && !store_name_allowed(store, owner)) {
		log_line(store->log, LOG_LEVEL_ERROR, "item %s: attribute owner: not a name", key);
		error = PD_CORRUPT;
	}
	if (error == PD_OK)
		memcpy(out, owner, strlen(owner) + 1);
	free(owner);
	return store_end(&op, error);
}

enum pd_error
store_uid_owner(struct store *store, struct store_call *call, int64_t uid, char out[USER_NAME_SIZE])
{
	char key[USER_AUX_KEY_SIZE];

	out[0] = '\0';
	if (!user_uid_key(uid, key))
		return PD_INVALID;
	return get_owner(store, call, key, out);
}

enum pd_error
store_email_owner(
    struct store *store, struct store_call *call, const char *email, char out[USER_NAME_SIZE])
{
	char key[USER_AUX_KEY_SIZE];

	out[0] = '\0';
	if (!user_email_key(email, key))
		return PD_INVALID;
	return get_owner(store, call, key, out);
}
