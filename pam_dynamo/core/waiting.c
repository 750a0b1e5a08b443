/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/waiting.h"

#include <stdio.h>
#include <string.h>

#include "core/number.h"

#define TIME_MAX 253402300799
#define KEEP_S (90 * 86400LL)
#define ENTRY_SIZE (WAITING_NAME_SIZE + 24)

bool
waiting_read(const char *entry, char name[WAITING_NAME_SIZE], int64_t *until)
{
	const char *blank = strchr(entry, ' ');
	size_t len = blank == NULL ? 0 : (size_t)(blank - entry);

	name[0] = '\0';
	if (len == 0 || len >= WAITING_NAME_SIZE || !number_parse(blank + 1, 1, TIME_MAX, until))
		return false;
	memcpy(name, entry, len);
	name[len] = '\0';
	return true;
}

/* The entries that stay; *live counts those whose time has not passed, *latest is the time of the
 * last of all. */
static bool
keep(const struct state *stored, const struct waiting_change *change, struct state *next,
    size_t *live, int64_t *latest)
{
	char name[WAITING_NAME_SIZE];
	int64_t until = 0;

	for (size_t i = 0; i < stored->entries.len; i++) {
		const char *entry = stored->entries.items[i];

		if (!waiting_read(entry, name, &until) || (until <= change->now && !change->keep) ||
		    (change->remove != NULL && strcmp(name, change->remove) == 0) ||
		    (change->add != NULL && strcmp(name, change->add) == 0))
			continue;
		if (!strlist_add(&next->entries, entry))
			return false;
		*live += until > change->now;
		if (until > *latest)
			*latest = until;
	}
	return true;
}

enum pd_error
waiting_step(const struct state *stored, void *ctx, struct state *next)
{
	struct waiting_change *change = ctx;
	int64_t latest = 0;
	size_t live = 0;
	char entry[ENTRY_SIZE];
	int len;

	change->full = false;
	if (!keep(stored, change, next, &live, &latest))
		return PD_NO_MEMORY;
	if (change->add != NULL &&
	    (live >= change->max || next->entries.len >= STATE_ENTRIES_MAX)) {
		change->full = true;
		return PD_CONFLICT;
	}
	if (change->add != NULL) {
		len = snprintf(
		    entry, sizeof(entry), "%s %lld", change->add, (long long)change->until);
		if (len < 0 || (size_t)len >= sizeof(entry))
			return PD_INVALID;
		if (!strlist_add(&next->entries, entry))
			return PD_NO_MEMORY;
		if (change->until > latest)
			latest = change->until;
	}
	if (next->entries.len == 0)
		return PD_OK; /* an empty list is no item */
	next->expires_at = latest + (change->keep ? KEEP_S : 0);
	next->id = strdup(stored->id);
	return next->id == NULL ? PD_NO_MEMORY : PD_OK;
}
