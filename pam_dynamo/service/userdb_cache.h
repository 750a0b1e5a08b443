/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers of the user database for a short time: found for 60 s, not found for 10 s, errors never.
 * A login that finds the record changed, gone or corrupt drops what is kept of it, and what a
 * lookup may still bring that read the record before. No password hashes. Answers of one generation
 * of the configuration serve that generation alone. Thread-safe.
 */
#ifndef USERDB_CACHE_H
#define USERDB_CACHE_H

#include <stdint.h>

#include "core/pd_error.h"
#include "core/user.h"

#define USERDB_CACHE_FOUND_MS 60000
#define USERDB_CACHE_ABSENT_MS 10000
/* Entries: in a full set the one that expires first makes room, an absence before a record. */
#define USERDB_CACHE_SETS 512
#define USERDB_CACHE_WAYS 8
#define USERDB_CACHE_MAX (USERDB_CACHE_SETS * USERDB_CACHE_WAYS)

struct userdb_cache;

enum pd_error userdb_cache_open(struct userdb_cache **out); /* PD_NO_MEMORY */
void userdb_cache_free(struct userdb_cache *cache);

/* Forgets everything; from now on only this generation puts and finds. */
void userdb_cache_renew(struct userdb_cache *cache, unsigned generation);

/* PD_OK: *out is a copy (user_free); PD_NOT_FOUND: known to be absent; PD_UNAVAILABLE: not kept,
 * ask the store. PD_NO_MEMORY. */
enum pd_error userdb_cache_user(struct userdb_cache *cache, unsigned generation, const char *name,
    int64_t now_ms, struct user *out);
/* The same for the owner of a uid. */
enum pd_error userdb_cache_owner(struct userdb_cache *cache, unsigned generation, int64_t uid,
    int64_t now_ms, char out[USER_NAME_SIZE]);

/* How often logins have said what they read of this name, and of some others; noted before the
 * store is asked, for userdb_cache_put_user. */
uint64_t userdb_cache_seen_count(struct userdb_cache *cache, const char *name);

/* Keeps what the store said; user or owner NULL: absent. Without memory nothing is kept, nor where
 * the count is no longer seen_count: a login may have read a newer record meanwhile. */
void userdb_cache_put_user(struct userdb_cache *cache, unsigned generation, const char *name,
    const struct user *user, uint64_t seen_count, int64_t now_ms);
void userdb_cache_put_owner(struct userdb_cache *cache, unsigned generation, int64_t uid,
    const char *owner, int64_t now_ms);

/* A record says that its uid is this one: kept, or kept longer, unless the owner is known to be
 * another. Who looks a uid up reads the owner's record, so this can only find what would stay
 * hidden: a record without an item for its uid. */
void userdb_cache_learn_owner(struct userdb_cache *cache, unsigned generation, int64_t uid,
    const char *owner, int64_t now_ms);

/* What a login has just read of name; NULL: there is none that can be used. Drops an entry that
 * disagrees, and keeps out what was read before. */
void userdb_cache_seen(struct userdb_cache *cache, const char *name, const struct user *user);

#endif
