/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/web_session_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/web_session.h"

#define LIST_PREFIX "sessions#"
#define ID_SIZE (STATE_ID_MAX + 1)
#define ROUNDS 8 /* swaps that somebody else may come before */

enum pd_error
web_session_list_get(
    struct store *store, struct store_call *call, const char *name, int64_t now, struct state *out)
{
	char id[ID_SIZE];
	int len = snprintf(id, sizeof(id), LIST_PREFIX "%s", name);
	enum pd_error error;

	if (len < 0 || (size_t)len >= sizeof(id))
		return PD_INVALID;
	error = store_get_state(store, call, id, now, out);
	if (error != PD_NOT_FOUND)
		return error;
	out->id = strdup(id);
	return out->id == NULL ? PD_NO_MEMORY : PD_OK;
}

static enum pd_error
change_items(const struct state *list, const struct web_session_list_change *change,
    struct state *next, struct strlist *removed)
{
	size_t keep_max = WEB_SESSION_MAX - (change->add != NULL ? 1 : 0);

	for (size_t i = 0; i < list->sessions.len; i++) {
		const char *digest = list->sessions.items[i];
		bool stays = (change->remove == NULL || strcmp(digest, change->remove) != 0) &&
		    (change->keep == NULL || strcmp(digest, change->keep) == 0) &&
		    list->sessions.len - i <= keep_max;

		if (!strlist_add(stays ? &next->sessions : removed, digest))
			return PD_NO_MEMORY;
	}
	if (change->add != NULL && !strlist_add(&next->sessions, change->add))
		return PD_NO_MEMORY;
	return PD_OK;
}

static enum pd_error
change_list_once(struct store *store, struct store_call *call, const char *name,
    const struct web_session_list_change *change, int64_t now, struct strlist *removed)
{
	struct state list = {0};
	struct state next = {.expires_at = now + WEB_SESSION_LIFE_S};
	enum pd_error error = web_session_list_get(store, call, name, now, &list);

	if (error == PD_OK && (next.id = strdup(list.id)) == NULL)
		error = PD_NO_MEMORY;
	if (error == PD_OK)
		error = change_items(&list, change, &next, removed);
	if (error == PD_OK && next.sessions.len > 0)
		error = store_swap_state(store, call, &list, &next, now);
	else if (error == PD_OK && list.version != 0)
		error = store_swap_state(store, call, &list, NULL, now);
	state_free(&next);
	state_free(&list);
	return error;
}

enum pd_error
web_session_list_change(struct store *store, struct store_call *call, const char *name,
    const struct web_session_list_change *change, int64_t now, struct strlist *removed)
{
	enum pd_error error = PD_CONFLICT;

	for (int round = 0; error == PD_CONFLICT && round < ROUNDS; round++) {
		strlist_free(removed);
		error = change_list_once(store, call, name, change, now, removed);
	}
	return error == PD_CONFLICT ? PD_UNAVAILABLE : error;
}
