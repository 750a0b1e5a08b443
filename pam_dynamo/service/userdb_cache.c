/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/userdb_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	int64_t expires_ms; /* 0: free */
	int64_t uid;        /* of an owner entry; 0: this is a user entry */
	char name[USER_NAME_SIZE];
	bool found;
	struct user user;
};

/* An entry lies somewhere in the set that its key hashes to. */
struct userdb_cache {
	pthread_mutex_t mutex;
	unsigned generation;
	uint64_t seen[USERDB_CACHE_SETS]; /* what logins have said, by the set of the name */
	struct entry sets[USERDB_CACHE_SETS][USERDB_CACHE_WAYS];
};

static void
forget(struct entry *entry)
{
	user_free(&entry->user);
	memset(entry, 0, sizeof(*entry));
}

enum pd_error
userdb_cache_open(struct userdb_cache **out)
{
	struct userdb_cache *cache = calloc(1, sizeof(*cache));

	*out = cache;
	if (cache == NULL)
		return PD_NO_MEMORY;
	pthread_mutex_init(&cache->mutex, NULL);
	return PD_OK;
}

void
userdb_cache_renew(struct userdb_cache *cache, unsigned generation)
{
	size_t set, way;

	pthread_mutex_lock(&cache->mutex);
	cache->generation = generation;
	for (set = 0; set < USERDB_CACHE_SETS; set++)
		for (way = 0; way < USERDB_CACHE_WAYS; way++)
			if (cache->sets[set][way].expires_ms != 0) /* unused memory stays so */
				forget(&cache->sets[set][way]);
	pthread_mutex_unlock(&cache->mutex);
}

void
userdb_cache_free(struct userdb_cache *cache)
{
	if (cache == NULL)
		return;
	userdb_cache_renew(cache, 0);
	pthread_mutex_destroy(&cache->mutex);
	free(cache);
}

/* FNV-1a of the uid, or of the name where it is 0. */
static size_t
set_of(int64_t uid, const char *name)
{
	uint64_t hash = 14695981039346656037u;
	size_t i, len = uid != 0 ? sizeof(uid) : strlen(name);
	const unsigned char *key = uid != 0 ? (const void *)&uid : (const void *)name;

	for (i = 0; i < len; i++)
		hash = (hash ^ key[i]) * 1099511628211u;
	return (hash ^ (hash >> 32)) % USERDB_CACHE_SETS;
}

/* By uid, or by name where uid is 0. */
static struct entry *
find(struct userdb_cache *cache, int64_t uid, const char *name)
{
	struct entry *set = cache->sets[set_of(uid, name)];
	size_t i;

	for (i = 0; i < USERDB_CACHE_WAYS; i++)
		if (set[i].expires_ms != 0 && set[i].uid == uid &&
		    (uid != 0 || strcmp(set[i].name, name) == 0))
			return &set[i];
	return NULL;
}

static struct entry *
find_fresh(
    struct userdb_cache *cache, unsigned generation, int64_t uid, const char *name, int64_t now_ms)
{
	struct entry *entry = generation == cache->generation ? find(cache, uid, name) : NULL;

	if (entry == NULL || entry->expires_ms > now_ms)
		return entry;
	forget(entry);
	return NULL;
}

enum pd_error
userdb_cache_user(struct userdb_cache *cache, unsigned generation, const char *name, int64_t now_ms,
    struct user *out)
{
	enum pd_error error = PD_UNAVAILABLE;
	const struct entry *entry;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&cache->mutex);
	entry = find_fresh(cache, generation, 0, name, now_ms);
	if (entry != NULL)
		error = entry->found ? user_copy(out, &entry->user) : PD_NOT_FOUND;
	pthread_mutex_unlock(&cache->mutex);
	return error;
}

enum pd_error
userdb_cache_owner(struct userdb_cache *cache, unsigned generation, int64_t uid, int64_t now_ms,
    char out[USER_NAME_SIZE])
{
	enum pd_error error = PD_UNAVAILABLE;
	const struct entry *entry;

	memset(out, 0, USER_NAME_SIZE);
	pthread_mutex_lock(&cache->mutex);
	entry = find_fresh(cache, generation, uid, "", now_ms);
	if (entry != NULL) {
		error = entry->found ? PD_OK : PD_NOT_FOUND;
		memcpy(out, entry->name, USER_NAME_SIZE);
	}
	pthread_mutex_unlock(&cache->mutex);
	return error;
}

/* The entry of this key emptied, or a free one of its set, or the one that expires first there. */
static struct entry *
place(struct userdb_cache *cache, int64_t uid, const char *name)
{
	struct entry *entry = find(cache, uid, name);
	struct entry *set = cache->sets[set_of(uid, name)];
	size_t i;

	if (entry == NULL) {
		entry = &set[0];
		for (i = 1; i < USERDB_CACHE_WAYS; i++) /* a free one expires at 0 */
			if (set[i].expires_ms < entry->expires_ms)
				entry = &set[i];
	}
	forget(entry);
	return entry;
}

static int64_t
expiry(bool in_use, int64_t now_ms)
{
	return now_ms + (in_use ? USERDB_CACHE_FOUND_MS : USERDB_CACHE_ABSENT_MS);
}

static bool
set_name(struct entry *entry, const char *name)
{
	size_t len = strlen(name);

	if (len >= sizeof(entry->name))
		return false;
	memcpy(entry->name, name, len + 1);
	return true;
}

uint64_t
userdb_cache_seen_count(struct userdb_cache *cache, const char *name)
{
	uint64_t count;

	pthread_mutex_lock(&cache->mutex);
	count = cache->seen[set_of(0, name)];
	pthread_mutex_unlock(&cache->mutex);
	return count;
}

void
userdb_cache_put_user(struct userdb_cache *cache, unsigned generation, const char *name,
    const struct user *user, uint64_t seen_count, int64_t now_ms)
{
	/* What keeps somebody out is asked for again soon: an account may be enabled any moment. */
	bool in_use = user != NULL && user_status_parse(user->status) == USER_STATUS_ACTIVE;
	struct entry fresh = {.found = user != NULL, .expires_ms = expiry(in_use, now_ms)};
	struct user bare;

	if (!set_name(&fresh, name))
		return;
	if (user != NULL) {
		bare = *user; /* shares everything; only its pointers are read */
		bare.password = NULL;
		if (user_copy(&fresh.user, &bare) != PD_OK)
			return;
	}
	pthread_mutex_lock(&cache->mutex);
	if (generation == cache->generation && seen_count == cache->seen[set_of(0, name)])
		*place(cache, 0, name) = fresh;
	else
		forget(&fresh);
	pthread_mutex_unlock(&cache->mutex);
}

static bool
set_owner(struct entry *entry, int64_t uid, const char *owner, int64_t now_ms)
{
	*entry = (struct entry){
	    .uid = uid, .found = owner != NULL, .expires_ms = expiry(owner != NULL, now_ms)};
	return uid > 0 && set_name(entry, owner != NULL ? owner : "");
}

void
userdb_cache_put_owner(
    struct userdb_cache *cache, unsigned generation, int64_t uid, const char *owner, int64_t now_ms)
{
	struct entry fresh;

	if (!set_owner(&fresh, uid, owner, now_ms))
		return;
	pthread_mutex_lock(&cache->mutex);
	if (generation == cache->generation)
		*place(cache, uid, "") = fresh;
	pthread_mutex_unlock(&cache->mutex);
}

void
userdb_cache_learn_owner(
    struct userdb_cache *cache, unsigned generation, int64_t uid, const char *owner, int64_t now_ms)
{
	const struct entry *known;
	struct entry fresh;

	if (!set_owner(&fresh, uid, owner, now_ms))
		return;
	pthread_mutex_lock(&cache->mutex);
	known = find_fresh(cache, generation, uid, "", now_ms);
	if (generation == cache->generation &&
	    (known == NULL || !known->found || strcmp(known->name, owner) == 0))
		*place(cache, uid, "") = fresh;
	pthread_mutex_unlock(&cache->mutex);
}

/* Whatever the version says: other programs write as well. The hash is not kept. */
static bool
same_record(const struct user *kept, const struct user *seen)
{
	size_t i;

	for (i = 0; i < user_type.field_count; i++)
		if ((user_type.fields[i].flags & FIELD_SECRET) == 0 &&
		    !record_field_equal(&user_type.fields[i], kept, seen))
			return false;
	return true;
}

void
userdb_cache_seen(struct userdb_cache *cache, const char *name, const struct user *user)
{
	struct entry *entry;

	pthread_mutex_lock(&cache->mutex);
	cache->seen[set_of(0, name)]++;
	entry = find(cache, 0, name);
	if (entry != NULL &&
	    (entry->found != (user != NULL) || (user != NULL && !same_record(&entry->user, user))))
		forget(entry);
	pthread_mutex_unlock(&cache->mutex);
}
