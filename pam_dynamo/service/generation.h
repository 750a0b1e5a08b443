/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One loading of the configuration with the store and login opened from it. A reload opens the
 * next one; the old is freed when the last request that uses it ends.
 */
#ifndef GENERATION_H
#define GENERATION_H

#include <stdatomic.h>

#include "core/blocklist.h"
#include "core/conf.h"
#include "core/log.h"
#include "core/login.h"
#include "core/reserved_names.h"
#include "core/store.h"
#include "service/job.h"

#define GENERATION_HOST_SIZE 256

struct generation {
	atomic_uint references;
	unsigned number; /* 0 for the first, one more with each reload */
	struct conf conf;
	struct log log; /* at conf's level */
	struct store *store;
	struct generation *home; /* which opened the store, if that was another */
	struct blocklist *blocklist;
	struct reserved_names *reserved; /* NULL: nobody registers */
	struct login *login;
	char host[GENERATION_HOST_SIZE]; /* this host's full name, for rules and audit */
	char host_short[GENERATION_HOST_SIZE];
	struct job job; /* freeing it, which may wait for the store */
	struct generation *next;
};

/* Loads path; nothing is asked of the directory. The guard is borrowed until the last reference is
 * dropped. Where what concerns the store is as in `before` (NULL: there is none), that one's store
 * goes on if it wants to, so that a reload forgets no outage. PD_CONFIG, PD_UNAVAILABLE,
 * PD_NO_MEMORY: logged. The caller holds one reference. */
enum pd_error generation_load(const char *path, struct login_guard *guard, const struct log *log,
    struct generation *before, struct generation **out);

struct generation *generation_take(struct generation *generation); /* one more reference */
void generation_drop(struct generation *generation);               /* NULL is a no-op */

/* For a thread that must not wait: true, this was the last reference, and the caller sees to it
 * that somebody calls generation_free. */
bool generation_leave(struct generation *generation);
void generation_free(struct generation *generation);

#endif
