/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters: failures of a name or a network, and rate buckets. Each event has an id, so that it
 * counts once however often its write is repeated. */
#include <string.h>

#include "core/secret.h"
#include "core/store_private.h"

struct event {
	const struct state_limit *limit;
	const char *attempt_id;
	int64_t now;
	bool full_refuses; /* a bucket takes no more once it is full; failures always count */
};

static bool
full(const struct state *state, const struct event *event)
{
	return state_locked(state, event->now) ||
	    (event->limit->lockout_max_s == 0 &&
		state_count(state, event->limit, event->now) >= event->limit->max);
}

/* PD_CONFLICT: counted already, or the bucket is full. */
static enum pd_error
add_event(const struct state *stored, void *ctx, struct state *next)
{
	const struct event *event = ctx;

	if (event->full_refuses && full(stored, event))
		return PD_CONFLICT;
	return state_add_event(stored, event->limit, event->attempt_id, event->now, next);
}

static enum pd_error
count_event(struct store *store, struct store_call *call, const char *id, struct event *event,
    struct state *out)
{
	struct store_op op;
	enum pd_error error = store_begin(&op, store, call, "count_failure", id);

	if (error == PD_OK)
		error = store_change_state(&op, id, event->now, add_event, event, out);
	if (error == PD_CONFLICT) /* this attempt is among the counted ones */
		error = PD_OK;
	return store_end(&op, error);
}

enum pd_error
store_count_failure(struct store *store, struct store_call *call, const char *name,
    const struct state_limit *limit, const char *attempt_id, int64_t now, struct state *out)
{
	struct event event = {.limit = limit, .attempt_id = attempt_id, .now = now};
	char id[STORE_ID_SIZE];

	if (out != NULL)
		memset(out, 0, sizeof(*out));
	if (!store_name_allowed(store, name) || !store_id(id, "fail#", name) ||
	    attempt_id[0] == '\0')
		return PD_INVALID;
	return count_event(store, call, id, &event, out);
}

enum pd_error
store_count_source(struct store *store, struct store_call *call, const char *network,
    const struct state_limit *limit, const char *attempt_id, int64_t now, struct state *out)
{
	struct event event = {.limit = limit, .attempt_id = attempt_id, .now = now};
	char id[STORE_ID_SIZE];

	if (out != NULL)
		memset(out, 0, sizeof(*out));
	if (!store_id(id, "net#", network) || attempt_id[0] == '\0')
		return PD_INVALID;
	return count_event(store, call, id, &event, out);
}

static enum pd_error
clear_events(struct store *store, struct store_call *call, const char *id)
{
	struct state before = {0};
	struct store_op op;
	enum pd_error error = store_begin(&op, store, call, "clear_failures", id);

	for (unsigned round = 0; error == PD_OK; round++) {
		error = store_fetch_state(&op, id, &before);
		if (error != PD_OK)
			break;
		error = store_swap_checked(&op, &before, NULL, 0);
		state_free(&before);
		if (error != PD_CONFLICT)
			break;
		error = store_pause(&op, round) ? PD_OK : PD_UNAVAILABLE;
	}
	return store_end(&op, error == PD_NOT_FOUND ? PD_OK : error);
}

enum pd_error
store_clear_failures(struct store *store, struct store_call *call, const char *name)
{
	char id[STORE_ID_SIZE];

	if (!store_name_allowed(store, name) || !store_id(id, "fail#", name))
		return PD_INVALID;
	return clear_events(store, call, id);
}

enum pd_error
store_clear_all_failures(struct store *store, struct store_call *call, const char *name)
{
	static const char *const prefixes[] = {"fail#", "webfail#", "cap#"};
	enum pd_error error = store_name_allowed(store, name) ? PD_OK : PD_INVALID;
	char id[STORE_ID_SIZE];

	for (size_t i = 0; error == PD_OK && i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		error = store_id(id, prefixes[i], name) ? clear_events(store, call, id)
							: PD_INVALID;
	return error;
}

enum pd_error
store_clear_source(struct store *store, struct store_call *call, const char *network)
{
	char id[STORE_ID_SIZE];

	return store_id(id, "net#", network) ? clear_events(store, call, id) : PD_INVALID;
}

/* Seconds until a full bucket takes one more; at least one. */
static int64_t
retry_after(const struct state *bucket, const struct state_limit *limit, int64_t now)
{
	int64_t window_ends = bucket->window_start + limit->window_s;
	int64_t ends = bucket->locked_until > window_ends || limit->lockout_max_s > 0
	    ? bucket->locked_until
	    : window_ends;

	return ends > now ? ends - now : 1;
}

static enum pd_error
take_event(struct store *store, struct store_call *call, const char *id, struct event *event,
    int64_t *retry_after_s)
{
	struct state last = {0};
	struct store_op op;
	enum pd_error error = store_begin(&op, store, call, "take_rate", id);

	if (retry_after_s != NULL)
		*retry_after_s = 0;
	if (error == PD_OK)
		error = store_change_state(&op, id, event->now, add_event, event, &last);
	if (error == PD_CONFLICT && state_has_attempt(&last, event->attempt_id))
		error = PD_OK;
	if (error == PD_CONFLICT && retry_after_s != NULL)
		*retry_after_s = retry_after(&last, event->limit, event->now);
	state_free(&last);
	return store_end(&op, error);
}

enum pd_error
store_take_rate(struct store *store, struct store_call *call, const char *bucket,
    const struct state_limit *limit, int64_t now, int64_t *retry_after_s)
{
	char attempt_id[SECRET_ID_SIZE];
	struct event event = {
	    .limit = limit, .attempt_id = attempt_id, .now = now, .full_refuses = true};
	char id[STORE_ID_SIZE];

	if (retry_after_s != NULL)
		*retry_after_s = 0;
	if (!store_id(id, "rate#", bucket))
		return PD_INVALID;
	secret_random_id(attempt_id);
	return take_event(store, call, id, &event, retry_after_s);
}

static bool
id_good(const char *id, const char *attempt_id)
{
	return id[0] != '\0' && strlen(id) <= STATE_ID_MAX && attempt_id[0] != '\0';
}

enum pd_error
store_take_event(struct store *store, struct store_call *call, const char *id,
    const struct state_limit *limit, const char *attempt_id, int64_t now, int64_t *retry_after_s)
{
	struct event event = {
	    .limit = limit, .attempt_id = attempt_id, .now = now, .full_refuses = true};

	if (retry_after_s != NULL)
		*retry_after_s = 0;
	return id_good(id, attempt_id) ? take_event(store, call, id, &event, retry_after_s)
				       : PD_INVALID;
}

enum pd_error
store_count_event(struct store *store, struct store_call *call, const char *id,
    const struct state_limit *limit, const char *attempt_id, int64_t now, struct state *out)
{
	struct event event = {.limit = limit, .attempt_id = attempt_id, .now = now};

	if (out != NULL)
		memset(out, 0, sizeof(*out));
	return id_good(id, attempt_id) ? count_event(store, call, id, &event, out) : PD_INVALID;
}

static enum pd_error
step_back(const struct state *stored, void *ctx, struct state *next)
{
	return state_take_back(stored, ctx, next);
}

enum pd_error
store_give_back_event(struct store *store, struct store_call *call, const char *id,
    const char *attempt_id, int64_t now)
{
	char attempt[SECRET_ID_SIZE];
	struct store_op op;
	enum pd_error error;

	if (!id_good(id, attempt_id) || strlen(attempt_id) >= sizeof(attempt))
		return PD_INVALID;
	memcpy(attempt, attempt_id, strlen(attempt_id) + 1);
	error = store_begin(&op, store, call, "give_back", id);
	if (error == PD_OK)
		error = store_change_state(&op, id, now, step_back, attempt, NULL);
	return store_end(&op, error == PD_NOT_FOUND ? PD_OK : error);
}

enum pd_error
store_clear_events(struct store *store, struct store_call *call, const char *id)
{
	return id_good(id, "-") ? clear_events(store, call, id) : PD_INVALID;
}
