/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/web_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/secret.h"
#include "core/utf8.h"
#include "core/web_session_list.h"

#define PREFIX "session#"
#define ID_SIZE (STATE_ID_MAX + 1)
#define ROUNDS 8 /* swaps that somebody else may come before */
#define AGENT_MAX 32
#define NETWORK_MAX 255

void
web_session_free(struct web_session *session)
{
	if (session == NULL)
		return;
	state_free(&session->state);
	user_free(&session->user);
}

static bool
session_id(const unsigned char secret[WEB_SESSION_SECRET_LEN], char out[ID_SIZE])
{
	char hex[DIGEST_SHA256_HEX_SIZE];

	if (!digest_sha256_hex(secret, WEB_SESSION_SECRET_LEN, hex))
		return false;
	(void)snprintf(out, ID_SIZE, PREFIX "%s", hex);
	return true;
}

static int64_t
ends_at(int64_t signed_in_at, int64_t seen_at)
{
	int64_t idle = seen_at + WEB_SESSION_IDLE_S;
	int64_t life = signed_in_at + WEB_SESSION_LIFE_S;

	return idle < life ? idle : life;
}

/* A label, cut to max bytes where it is longer. PD_OK also for one that is no text: it is left out.
 */
static enum pd_error
set_label(char **to, const char *from, size_t max)
{
	size_t len = from == NULL ? 0 : strnlen(from, max);

	while (len > 0 && !utf8_plain(from, len))
		len--;
	if (len == 0)
		return PD_OK;
	*to = strndup(from, len);
	return *to == NULL ? PD_NO_MEMORY : PD_OK;
}

static enum pd_error
fill(struct state *out, const char *id, const struct user *user,
    const struct web_session_from *from, int64_t now)
{
	enum pd_error error;

	*out = (struct state){
	    .epoch = user->epoch, .at = now, .seen_at = now, .expires_at = ends_at(now, now)};
	out->id = strdup(id);
	out->owner = strdup(user->username);
	if (out->id == NULL || out->owner == NULL)
		return PD_NO_MEMORY;
	error = set_label(&out->source, from->network, NETWORK_MAX);
	if (error == PD_OK)
		error = set_label(&out->agent, from->agent, AGENT_MAX);
	return error;
}

/* Removes an item whatever its version; PD_OK where there is none. */
static enum pd_error
drop(struct store *store, struct store_call *call, const char *id)
{
	return store_clear_events(store, call, id);
}

static enum pd_error
drop_all(struct store *store, struct store_call *call, const struct strlist *digests)
{
	enum pd_error error = PD_OK;
	char id[ID_SIZE];

	for (size_t i = 0; error == PD_OK && i < digests->len; i++) {
		(void)snprintf(id, sizeof(id), PREFIX "%s", digests->items[i]);
		error = drop(store, call, id);
	}
	return error;
}

enum pd_error
web_session_create(struct store *store, struct store_call *call, const struct user *user,
    const struct web_session_from *from, int64_t now, unsigned char secret[WEB_SESSION_SECRET_LEN])
{
	struct state none = {0};
	struct state session = {0};
	struct strlist removed = {0};
	struct web_session_list_change change = {0};
	char id[ID_SIZE];
	enum pd_error error = PD_BUG;

	secret_random(secret, WEB_SESSION_SECRET_LEN);
	if (session_id(secret, id))
		error = fill(&session, id, user, from, now);
	none.id = session.id;
	if (error == PD_OK)
		error = store_swap_state(store, call, &none, &session, now);
	change.add = id + strlen(PREFIX);
	if (error == PD_OK)
		error = web_session_list_change(
		    store, call, user->username, &change, now, &removed);
	if (error == PD_OK)
		error = drop_all(store, call, &removed);
	if (error != PD_OK)
		secret_wipe(secret, WEB_SESSION_SECRET_LEN);
	strlist_free(&removed);
	state_free(&session);
	return error;
}

/* The user is who she was when it began. */
static bool
still_good(const struct web_session *session, int64_t now)
{
	return session->state.epoch == session->user.epoch &&
	    policy_web(&session->user, USER_STATUS_ACTIVE, now).verdict == VERDICT_SUCCESS;
}

/* Written seldom; that it could not be written only makes the session end earlier. */
static enum pd_error
note_use(struct store *store, struct store_call *call, struct state *state, int64_t now)
{
	struct state next = {0};
	enum pd_error error;

	if (now - state->seen_at < WEB_SESSION_NOTE_S)
		return PD_OK;
	error = state_copy(&next, state);
	if (error != PD_OK)
		return error;
	next.seen_at = now;
	next.expires_at = ends_at(state->at, now);
	if (store_swap_state(store, call, state, &next, now) == PD_OK) {
		state_free(state);
		*state = next;
		next = (struct state){0};
	}
	state_free(&next);
	return PD_OK;
}

/* The session's item; PD_NOT_FOUND also past its eight hours. */
static enum pd_error
get_session(
    struct store *store, struct store_call *call, const char *id, int64_t now, struct state *out)
{
	enum pd_error error = store_get_state(store, call, id, now, out);

	if (error == PD_OK &&
	    (out->owner == NULL || out->at == 0 || ends_at(out->at, out->seen_at) <= now)) {
		state_free(out);
		error = PD_NOT_FOUND;
	}
	return error;
}

enum pd_error
web_session_check(struct store *store, struct store_call *call,
    const unsigned char secret[WEB_SESSION_SECRET_LEN], int64_t now, struct web_session *out)
{
	char id[ID_SIZE];
	enum pd_error error;

	*out = (struct web_session){0};
	if (!session_id(secret, id))
		return PD_BUG;
	error = get_session(store, call, id, now, &out->state);
	if (error != PD_OK)
		return error;
	error = store_get_user(store, call, out->state.owner, &out->user);
	if (error == PD_OK && !still_good(out, now)) {
		(void)web_session_end(store, call, secret, now);
		error = PD_NOT_FOUND;
	}
	if (error == PD_OK)
		error = note_use(store, call, &out->state, now);
	if (error != PD_OK)
		web_session_free(out);
	return error;
}

/* Swaps in a count that `step` makes of the stored one; PD_NOT_FOUND: the session has gone. */
static enum pd_error
change_count(struct store *store, struct store_call *call, struct web_session *session, int64_t now,
    bool forget)
{
	struct state next = {0};
	enum pd_error error = PD_CONFLICT;

	for (int round = 0; error == PD_CONFLICT && round < ROUNDS; round++) {
		if (round > 0) {
			char id[ID_SIZE];

			(void)snprintf(id, sizeof(id), "%s", session->state.id);
			state_free(&session->state);
			error = get_session(store, call, id, now, &session->state);
			if (error != PD_OK)
				return error;
		}
		error = state_copy(&next, &session->state);
		if (error != PD_OK)
			return error;
		next.count = forget ? 0 : session->state.count + 1;
		error = store_swap_state(store, call, &session->state, &next, now);
		if (error == PD_OK) {
			state_free(&session->state);
			session->state = next;
			return PD_OK;
		}
		state_free(&next);
	}
	return error == PD_CONFLICT ? PD_UNAVAILABLE : error;
}

static enum pd_error
end_state(struct store *store, struct store_call *call, const struct state *state, int64_t now)
{
	struct web_session_list_change change = {.remove = state->id + strlen(PREFIX)};
	struct strlist removed = {0};
	enum pd_error error = drop(store, call, state->id);

	if (error == PD_OK && state->owner != NULL)
		error = web_session_list_change(store, call, state->owner, &change, now, &removed);
	strlist_free(&removed);
	return error;
}

enum pd_error
web_session_try(
    struct store *store, struct store_call *call, struct web_session *session, int64_t now)
{
	enum pd_error error = change_count(store, call, session, now, false);

	if (error != PD_OK || session->state.count <= WEB_SESSION_WRONG_MAX)
		return error;
	error = end_state(store, call, &session->state, now);
	return error == PD_OK ? PD_NOT_FOUND : error;
}

enum pd_error
web_session_wrong(
    struct store *store, struct store_call *call, struct web_session *session, int64_t now)
{
	enum pd_error error;

	if (session->state.count < WEB_SESSION_WRONG_MAX)
		return PD_OK;
	error = end_state(store, call, &session->state, now);
	return error == PD_OK ? PD_NOT_FOUND : error;
}

enum pd_error
web_session_forget_tries(
    struct store *store, struct store_call *call, struct web_session *session, int64_t now)
{
	return session->state.count == 0 ? PD_OK : change_count(store, call, session, now, true);
}

enum pd_error
web_session_end(struct store *store, struct store_call *call,
    const unsigned char secret[WEB_SESSION_SECRET_LEN], int64_t now)
{
	struct state state;
	char id[ID_SIZE];
	enum pd_error error;

	if (!session_id(secret, id))
		return PD_BUG;
	error = store_get_state(store, call, id, now, &state);
	if (error == PD_OK)
		error = end_state(store, call, &state, now);
	state_free(&state);
	return error == PD_NOT_FOUND ? PD_OK : error;
}

enum pd_error
web_session_end_all(
    struct store *store, struct store_call *call, const char *name, const char *keep, int64_t now)
{
	struct web_session_list_change change = {.keep = keep == NULL ? "" : keep + strlen(PREFIX)};
	struct strlist removed = {0};
	enum pd_error error = web_session_list_change(store, call, name, &change, now, &removed);

	if (error == PD_OK)
		error = drop_all(store, call, &removed);
	strlist_free(&removed);
	return error;
}

enum pd_error
web_session_others(struct store *store, struct store_call *call, const struct web_session *session,
    int64_t now, size_t *out)
{
	struct state list = {0};
	struct state other;
	char id[ID_SIZE];
	enum pd_error error = web_session_list_get(store, call, session->user.username, now, &list);

	*out = 0;
	for (size_t i = 0; error == PD_OK && i < list.sessions.len; i++) {
		(void)snprintf(id, sizeof(id), PREFIX "%s", list.sessions.items[i]);
		if (strcmp(id, session->state.id) == 0)
			continue;
		error = get_session(store, call, id, now, &other);
		if (error == PD_OK && other.epoch == session->user.epoch)
			(*out)++;
		state_free(&other);
		if (error == PD_NOT_FOUND)
			error = PD_OK;
	}
	state_free(&list);
	return error;
}
