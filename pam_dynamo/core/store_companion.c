/* SPDX-License-Identifier: BSD-2-Clause */
/* State items that change in the transaction of a user's write: an invitation is used up by the
 * account that it made, a token by the change that it allowed, and nothing is in between. */
#include <string.h>

#include "core/store_private.h"

/* The companions of one round, as they were read and as they shall be. */
struct round {
	struct state before[STORE_SWAPS_MAX];
	struct state after[STORE_SWAPS_MAX];
	struct store_swap swaps[STORE_SWAPS_MAX];
	size_t count;
};

static void
round_free(struct round *round)
{
	for (size_t i = 0; i < round->count; i++) {
		state_free(&round->before[i]);
		state_free(&round->after[i]);
	}
	round->count = 0;
}

/* One companion. An item that is not there and shall not be needs no swap: *out stays NULL. */
static enum pd_error
plan_one(struct store_op *op, const struct store_companion *row, struct round *round,
    struct store_swap *out, enum store_taken *taken)
{
	struct state *before = &round->before[round->count];
	struct state *after = &round->after[round->count];
	enum pd_error error = store_fetch_or_empty(op, row->id, before);

	*out = (struct store_swap){0};
	round->count++;
	if (error != PD_OK)
		return error;
	error = row->step(before, row->ctx, after);
	if (error != PD_OK) {
		*taken = STORE_TAKEN_STATE;
		return error;
	}
	if (after->id == NULL && before->version == 0)
		return PD_OK;
	error = store_check_swap(before, after->id == NULL ? NULL : after);
	if (error != PD_OK)
		return error;
	after->version = store_next_version(before);
	*out = (struct store_swap){before, after->id == NULL ? NULL : after};
	return PD_OK;
}

static enum pd_error
plan_round(struct store_op *op, const struct store_companions *with, struct round *round,
    enum store_taken *taken)
{
	enum pd_error error = PD_OK;

	op->swaps = round->swaps;
	op->swap_count = 0;
	op->now = with->now;
	for (size_t i = 0; i < with->count && error == PD_OK; i++) {
		struct store_swap *swap = &round->swaps[op->swap_count];

		error = plan_one(op, &with->rows[i], round, swap, taken);
		if (swap->before != NULL)
			op->swap_count++;
	}
	return error;
}

/* Again while somebody else changes a companion; a write that was refused for other reasons stops.
 */
static enum pd_error
write_rounds(struct store_op *op, const struct user *before, struct user *after,
    const struct store_companions *with, enum store_taken *taken)
{
	for (unsigned n = 0;; n++) {
		struct round round = {.count = 0};
		enum pd_error error;
		bool planned;

		*taken = STORE_TAKEN_NONE;
		error = plan_round(op, with, &round, taken);
		planned = error == PD_OK;
		if (planned)
			error = store_write_version(op, before, after, false, taken);
		op->swap_count = 0;
		round_free(&round);
		if (!planned || error != PD_CONFLICT || *taken != STORE_TAKEN_STATE)
			return error;
		if (!store_pause(op, n))
			return PD_UNAVAILABLE;
	}
}

static enum pd_error
write_with(struct store *store, struct store_call *call, const char *what,
    const struct user *before, struct user *after, const struct store_companions *with,
    enum store_taken *taken)
{
	const struct user *one = after != NULL ? after : before;
	struct store_op op;
	enum pd_error error;

	*taken = STORE_TAKEN_NONE;
	if (one->username == NULL || !store_name_allowed(store, one->username) ||
	    with->count > STORE_SWAPS_MAX)
		return PD_INVALID;
	if (conf_attributes_mapped(store->conf))
		return PD_CONFIG;
	error = store_begin(&op, store, call, what, one->username);
	if (error == PD_OK)
		error = write_rounds(&op, before, after, with, taken);
	return store_end(&op, error);
}

enum pd_error
store_create_user_with(struct store *store, struct store_call *call, struct user *user,
    const struct store_companions *with, enum store_taken *taken)
{
	if (user->schema == 0)
		user->schema = USER_SCHEMA;
	return write_with(store, call, "create_user", NULL, user, with, taken);
}

enum pd_error
store_update_user_with(struct store *store, struct store_call *call, const struct user *before,
    struct user *after, const struct store_companions *with, enum store_taken *taken)
{
	*taken = STORE_TAKEN_NONE;
	if (before->username == NULL || after->username == NULL ||
	    strcmp(before->username, after->username) != 0)
		return PD_INVALID;
	return write_with(store, call, "update_user", before, after, with, taken);
}

enum pd_error
store_delete_user_with(struct store *store, struct store_call *call, const struct user *user,
    const struct store_companions *with, enum store_taken *taken)
{
	return write_with(store, call, "delete_user", user, NULL, with, taken);
}

enum pd_error
store_step_state(struct store *store, struct store_call *call,
    const struct store_companion *companion, int64_t now, struct state *out)
{
	struct store_op op;
	enum pd_error error;

	if (out != NULL)
		memset(out, 0, sizeof(*out));
	error = store_begin(&op, store, call, "step_state", companion->id);
	if (error == PD_OK)
		error = store_change_state(
		    &op, companion->id, now, companion->step, companion->ctx, out);
	return store_end(&op, error);
}
