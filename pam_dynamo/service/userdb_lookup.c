/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/userdb_lookup.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/secret.h"
#include "service/permission.h"
#include "service/service.h"
#include "service/userdb_record.h"

#define PAGE 100 /* users of one list request */

/* Mail addresses are no names of system users. */
static bool
serves_names(const struct call *call)
{
	return call->generation->conf.names == CONF_NAMES_POSIX;
}

/* Counts a call that must ask the store, once. */
static enum pd_error
take_rate(struct call *call)
{
	struct service *service = call->service;
	struct rate *rate = call->peer.uid == 0 ? service->root_userdb_rate : service->userdb_rate;
	uid_t key = permission_is_stranger(call) ? PERMISSION_STRANGERS : call->peer.uid;

	if (!call->counted)
		call->counted = rate_take_fair(rate, key, clock_monotonic_ms());
	if (call->counted)
		return PD_OK;
	if (log_limit_pass(
		service->log_limit, LOG_LIMIT_LOOKUP, call->peer.uid, clock_monotonic_ms()))
		log_line(&call->generation->log, LOG_LEVEL_WARNING,
		    "user database: process %ld of uid %lu asks too often", (long)call->peer.pid,
		    (unsigned long)call->peer.uid);
	return PD_UNAVAILABLE;
}

/* The record as the directory has it. */
static enum pd_error
fetch_user(struct call *call, const char *name, struct user *out)
{
	struct store_call store_call = {.deadline_ms = call->deadline_ms};
	struct userdb_cache *cache = call->service->cache;
	uint64_t seen_count;
	enum pd_error error;

	error = userdb_cache_user(cache, call->generation->number, name, clock_monotonic_ms(), out);
	if (error != PD_UNAVAILABLE)
		return error;
	error = take_rate(call);
	if (error != PD_OK)
		return error;
	seen_count = userdb_cache_seen_count(cache, name);
	error = store_get_user(call->generation->store, &store_call, name, out);
	if (error == PD_OK) {
		secret_free_string(out->password);
		out->password = NULL;
	}
	if (error == PD_OK || error == PD_NOT_FOUND)
		userdb_cache_put_user(cache, call->generation->number, name,
		    error == PD_OK ? out : NULL, seen_count, clock_monotonic_ms());
	return error;
}

/* Whose uid it is as the directory has it. */
static enum pd_error
ask_owner(struct call *call, int64_t uid, char out[USER_NAME_SIZE])
{
	struct store_call store_call = {.deadline_ms = call->deadline_ms};
	enum pd_error error = take_rate(call);

	if (error == PD_OK)
		error = store_uid_owner(call->generation->store, &store_call, uid, out);
	return error;
}

static void
keep_owner(const struct call *call, int64_t uid, const char *owner)
{
	userdb_cache_put_owner(
	    call->service->cache, call->generation->number, uid, owner, clock_monotonic_ms());
}

static enum pd_error
fetch_owner(struct call *call, int64_t uid, char out[USER_NAME_SIZE])
{
	enum pd_error error = userdb_cache_owner(
	    call->service->cache, call->generation->number, uid, clock_monotonic_ms(), out);

	if (error != PD_UNAVAILABLE)
		return error;
	error = ask_owner(call, uid, out);
	if (error == PD_OK || error == PD_NOT_FOUND)
		keep_owner(call, uid, error == PD_OK ? out : NULL);
	return error;
}

static void
note_taken(const struct call *call, const struct user *user, const char *owner)
{
	if (log_limit_pass(
		call->service->log_limit, LOG_LIMIT_LOOKUP, call->peer.uid, clock_monotonic_ms()))
		log_line(&call->generation->log, LOG_LEVEL_WARNING,
		    "user database: %s is not shown: its uid %lld is %s's; give it another",
		    user->username, (long long)user->uid, owner);
}

/* PD_NOT_FOUND: the uid is somebody else's, who would share every file with this user. Other
 * programs may leave the item away that says whose it is. What is kept may have been learned from
 * a record that takes the uid of this one: before somebody is hidden, the item is asked for. */
static enum pd_error
check_owner(struct call *call, const struct user *user)
{
	char owner[USER_NAME_SIZE], now[USER_NAME_SIZE];
	enum pd_error error = fetch_owner(call, user->uid, owner);

	if (error == PD_NOT_FOUND)
		return PD_OK;
	if (error != PD_OK || strcmp(owner, user->username) == 0)
		return error;
	error = ask_owner(call, user->uid, now);
	if (error == PD_OK)
		keep_owner(call, user->uid, now);
	if (error == PD_OK && strcmp(now, user->username) == 0)
		return PD_OK;
	if (error != PD_OK && error != PD_NOT_FOUND)
		return error;
	note_taken(call, user, owner);
	return PD_NOT_FOUND;
}

enum pd_error
userdb_lookup_name(struct call *call, const char *name, struct user *out)
{
	struct local_names *names = call->service->local_names;
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	if (!serves_names(call) || !user_name_allowed(name, CONF_NAMES_POSIX))
		return PD_NOT_FOUND;
	error = local_names_user(names, name, NULL);
	if (error != PD_NOT_FOUND)
		return error == PD_OK ? PD_NOT_FOUND : error;
	error = fetch_user(call, name, out);
	if (error == PD_OK)
		error = userdb_record_serves(call->generation, names, out);
	if (error == PD_OK)
		error = check_owner(call, out);
	if (error != PD_OK)
		user_free(out);
	return error;
}

enum pd_error
userdb_lookup_uid(struct call *call, int64_t uid, struct user *out)
{
	const struct conf *conf = &call->generation->conf;
	char owner[USER_NAME_SIZE];
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	if (!serves_names(call) || uid <= 0 || uid < conf->uid_min || uid > conf->uid_max)
		return PD_NOT_FOUND;
	error = local_names_uid(call->service->local_names, (uid_t)uid);
	if (error != PD_NOT_FOUND)
		return error == PD_OK ? PD_NOT_FOUND : error;
	error = fetch_owner(call, uid, owner);
	if (error == PD_OK)
		error = userdb_lookup_name(call, owner, out);
	if (error == PD_OK && out->uid != uid) { /* a tombstone */
		user_free(out);
		error = PD_NOT_FOUND;
	}
	if (error == PD_OK)
		userdb_cache_learn_owner(call->service->cache, call->generation->number, uid, owner,
		    clock_monotonic_ms());
	return error;
}

/* False: fn wants no more, or *error says why the rest cannot be served. */
static bool
each_of_page(struct call *call, const struct store_page *page, userdb_lookup_fn *fn, void *ctx,
    enum pd_error *error)
{
	size_t i;

	for (i = 0; i < page->len; i++) {
		*error = userdb_record_serves(
		    call->generation, call->service->local_names, &page->users[i]);
		if (*error == PD_NOT_FOUND)
			continue;
		if (*error != PD_OK || !fn(ctx, &page->users[i]))
			return false;
	}
	*error = PD_OK;
	return true;
}

enum pd_error
userdb_lookup_each(struct call *call, userdb_lookup_fn *fn, void *ctx)
{
	struct store_call store_call = {.deadline_ms = call->deadline_ms};
	struct store_page page;
	char *cursor = NULL;
	bool more = true;
	enum pd_error error = serves_names(call) ? take_rate(call) : PD_NOT_FOUND;

	if (error == PD_NOT_FOUND)
		return PD_OK;
	while (error == PD_OK && more) {
		memset(&page, 0, sizeof(page));
		error = store_list_users(call->generation->store, &store_call, cursor, PAGE, &page);
		if (error == PD_OK)
			more = each_of_page(call, &page, fn, ctx, &error) && page.next != NULL;
		free(cursor);
		cursor = page.next;
		page.next = NULL;
		store_page_free(&page);
	}
	free(cursor);
	return error;
}
