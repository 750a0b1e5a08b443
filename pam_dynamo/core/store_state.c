/* SPDX-License-Identifier: BSD-2-Clause */
/* State items in general, and the last login: every change is read, computed and swapped in on its
 * version, and a swap of unknown fate is settled by reading again. */
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "core/store_private.h"

#define LAST_TTL_S (400 * 86400LL) /* a last login is forgotten after that */

#define FIRST_VERSION_MAX (1u << 30)

static bool
expired(const struct state *state, int64_t now)
{
	return state->expires_at <= now;
}

static bool
arrived(const struct state *after, bool there, const struct state *stored)
{
	if (after == NULL)
		return !there;
	return there && record_equal(&state_type, after, stored);
}

int64_t
store_next_version(const struct state *before)
{
	return before->version != 0 ? before->version + 1
				    : 1 + (int64_t)secret_random_below(FIRST_VERSION_MAX);
}

/* After doubt: what the stored item says. PD_UNCERTAIN: not written yet, try again. */
static enum pd_error
settle(struct store_op *op, const struct state *before, const struct state *after, int64_t now,
    enum pd_error answered)
{
	struct state stored;
	enum pd_error error = store_fetch_state(op, before->id, &stored);
	bool there = error == PD_OK;
	bool untouched;

	if (error == PD_UNAVAILABLE)
		return PD_UNCERTAIN;
	if (error != PD_OK && error != PD_NOT_FOUND)
		return error;
	untouched = before->version == 0 ? !there || expired(&stored, now)
					 : there && stored.version == before->version;
	if (arrived(after, there, &stored))
		error = PD_OK;
	else
		error = answered != PD_CONFLICT && untouched ? PD_UNCERTAIN : PD_CONFLICT;
	state_free(&stored);
	return error;
}

/* While the engine does not even send, an outage is known and neither writing nor reading again can
 * settle anything: waiting for the deadline would only keep somebody waiting. */
static enum pd_error
swap_settled(struct store_op *op, const struct state *before, struct state *after, int64_t now)
{
	const struct store_engine *engine = op->store->engine;
	bool doubt = false;

	if (after != NULL)
		after->version = store_next_version(before);
	for (unsigned round = 0;; round++) {
		unsigned sent = op->call->requests;
		enum pd_error error = engine->swap_state(op->conn, op->call, before, after, now);

		doubt = doubt || error == PD_UNCERTAIN;
		if (error == PD_UNAVAILABLE && op->call->requests == sent)
			return error;
		if (!doubt ||
		    (error != PD_UNCERTAIN && error != PD_CONFLICT && error != PD_UNAVAILABLE))
			return error;
		error = settle(op, before, after, now, error);
		if (error != PD_UNCERTAIN)
			return error;
		if (!store_pause(op, round))
			return PD_UNAVAILABLE;
	}
}

enum pd_error
store_check_swap(const struct state *before, struct state *after)
{
	const struct field *bad = NULL;
	int64_t version;
	enum pd_error error;

	if (before->id == NULL || before->id[0] == '\0' || strlen(before->id) > STATE_ID_MAX ||
	    before->version < 0 || (after == NULL && before->version == 0))
		return PD_INVALID;
	if (after == NULL)
		return PD_OK;
	if (after->id == NULL || strcmp(before->id, after->id) != 0)
		return PD_INVALID;
	store_drop_empty(&state_type, after);
	version = after->version;
	after->version = before->version + 1;
	error = record_check(&state_type, after, &bad);
	after->version = version;
	return error == PD_CORRUPT ? PD_INVALID : error;
}

enum pd_error
store_swap_checked(
    struct store_op *op, const struct state *before, struct state *after, int64_t now)
{
	int64_t version = after == NULL ? 0 : after->version;
	enum pd_error error = store_check_swap(before, after);

	if (error == PD_OK)
		error = swap_settled(op, before, after, now);
	if (error != PD_OK && after != NULL)
		after->version = version;
	return error;
}

enum pd_error
store_fetch_or_empty(struct store_op *op, const char *id, struct state *out)
{
	enum pd_error error = store_fetch_state(op, id, out);

	if (error != PD_NOT_FOUND)
		return error;
	out->id = strdup(id);
	return out->id == NULL ? PD_NO_MEMORY : PD_OK;
}

enum pd_error
store_change_state(struct store_op *op, const char *id, int64_t now, store_step_fn *step, void *ctx,
    struct state *out)
{
	enum pd_error error = PD_CONFLICT;
	struct state before = {0};
	struct state next = {0};

	for (unsigned round = 0;; round++) {
		error = store_fetch_or_empty(op, id, &before);
		if (error != PD_OK)
			break;
		error = step(&before, ctx, &next);
		if (error != PD_OK)
			break;
		if (next.id == NULL && before.version == 0)
			break;
		error = store_swap_checked(op, &before, next.id == NULL ? NULL : &next, now);
		if (error != PD_CONFLICT)
			break;
		state_free(&before);
		state_free(&next);
		if (!store_pause(op, round)) {
			error = PD_UNAVAILABLE;
			break;
		}
	}
	if (out != NULL && error == PD_OK) {
		*out = next;
		memset(&next, 0, sizeof(next));
	} else if (out != NULL && error == PD_CONFLICT) {
		*out = before;
		memset(&before, 0, sizeof(before));
	}
	state_free(&before);
	state_free(&next);
	return error;
}

enum pd_error
store_get_state(
    struct store *store, struct store_call *call, const char *id, int64_t now, struct state *out)
{
	struct store_op op;
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	if (id == NULL || id[0] == '\0' || strlen(id) > STATE_ID_MAX)
		return PD_INVALID;
	error = store_begin(&op, store, call, "get_state", id);
	if (error == PD_OK)
		error = store_fetch_state(&op, id, out);
	if (error == PD_OK && expired(out, now)) {
		state_free(out);
		error = PD_NOT_FOUND;
	}
	return store_end(&op, error);
}

enum pd_error
store_swap_state(struct store *store, struct store_call *call, const struct state *before,
    struct state *after, int64_t now)
{
	struct store_op op;
	enum pd_error error = store_begin(&op, store, call, "swap_state", before->id);

	if (error == PD_OK)
		error = store_swap_checked(&op, before, after, now);
	return store_end(&op, error);
}

enum pd_error
store_idle_swap(struct store *store, struct store_call *call, const char *id)
{
	const struct store_engine *engine = store->engine;
	struct state ignored = {0};
	struct store_op op;
	enum pd_error error = store_begin(&op, store, call, "idle_swap", id);

	if (error == PD_OK && engine->idle_swap != NULL)
		error = engine->idle_swap(op.conn, call);
	else if (error == PD_OK)
		error = store_fetch_state(&op, id, &ignored);
	state_free(&ignored);
	return store_end(&op, error == PD_NOT_FOUND ? PD_OK : error);
}

/* What the last login is replaced by: nothing of the old one counts. */
static enum pd_error
step_last(const struct state *stored, void *ctx, struct state *next)
{
	enum pd_error error = state_copy(next, ctx);

	(void)stored;
	return error;
}

enum pd_error
store_put_last(struct store *store, struct store_call *call, const char *name, const char *host,
    const char *service, const char *source, int64_t now)
{
	struct state last = {.at = now, .expires_at = now + LAST_TTL_S};
	const struct {
		char **to;
		const char *from;
	} texts[] = {{&last.host, host}, {&last.service, service}, {&last.source, source}};
	char id[STORE_ID_SIZE];
	struct store_op op;
	enum pd_error error;

	if (!store_name_allowed(store, name) || !store_id(id, "last#", name))
		return PD_INVALID;
	error = store_begin(&op, store, call, "put_last", id);
	if (error == PD_OK && (last.id = strdup(id)) == NULL)
		error = PD_NO_MEMORY;
	for (size_t i = 0; error == PD_OK && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].from != NULL && texts[i].from[0] != '\0' &&
		    (*texts[i].to = strdup(texts[i].from)) == NULL)
			error = PD_NO_MEMORY;
	if (error == PD_OK)
		error = store_change_state(&op, id, now, step_last, &last, NULL);
	state_free(&last);
	return store_end(&op, error);
}
