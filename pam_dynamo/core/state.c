/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state.h"

#include <string.h>

#define TIME_MAX 253402300799      /* the last second of the year 9999 */
#define COUNT_MAX 9007199254740991 /* 2^53 - 1: survives programs that read numbers as double */

#define FIELD(member) .name = #member, .offset = offsetof(struct state, member)
#define STRING(member, bytes) FIELD(member), .type = FIELD_STRING, .max = (bytes)
#define NUMBER(member, low, high) FIELD(member), .type = FIELD_NUMBER, .min = (low), .max = (high)
#define TIME(member) NUMBER(member, 1, TIME_MAX)

static const struct field fields[] = {
    {STRING(id, STATE_ID_MAX), .flags = FIELD_KEY | FIELD_REQUIRED,
	.help = "what the item is about, the partition key"},
    {NUMBER(version, 1, COUNT_MAX), .flags = FIELD_REQUIRED | FIELD_VERSION,
	.help = "raised by one with each write"},
    {TIME(expires_at), .flags = FIELD_REQUIRED | FIELD_TIME,
	.help = "from this time on the item means nothing"},
    {NUMBER(count, 0, COUNT_MAX), .help = "events in the window"},
    {TIME(window_start), .flags = FIELD_TIME, .help = "begin of the window"},
    {TIME(locked_until), .flags = FIELD_TIME, .help = "no login before this time"},
    {FIELD(attempts), .type = FIELD_LIST, .max = 64, .max_items = STATE_ATTEMPTS_MAX,
	.help = "ids of the newest counted events, oldest first"},
    {STRING(kind, 32), .help = "what a token is for"},
    {STRING(owner, 255), .help = "whom a token is for"},
    {STRING(data, 4096), .help = "what a token carries"},
    {STRING(used_by, 64), .help = "id of the call that took the token"},
    {TIME(at), .flags = FIELD_TIME, .help = "time of the last login"},
    {STRING(host, 255), .help = "host of the last login"},
    {STRING(service, 255), .help = "PAM service of the last login"},
    {STRING(source, 255), .help = "where the login came from, as PAM or the page was told"},
    {NUMBER(epoch, 1, COUNT_MAX), .help = "epoch of the record when the session began"},
    {TIME(seen_at), .flags = FIELD_TIME, .help = "last use of the session that was noted"},
    {STRING(agent, 32), .help = "class of the session's browser"},
    {FIELD(sessions), .type = FIELD_LIST, .max = 64, .max_items = STATE_SESSIONS_MAX,
	.help = "digests of a user's sessions, oldest first"},
    {FIELD(entries), .type = FIELD_LIST, .max = 320, .max_items = STATE_ENTRIES_MAX,
	.help = "what waits, or is in use: names or digests, with a time"},
};

const struct record_type state_type = {
    .name = "state",
    .fields = fields,
    .field_count = sizeof(fields) / sizeof(fields[0]),
    .size = sizeof(struct state),
};

void
state_free(struct state *state)
{
	record_free(&state_type, state);
}

enum pd_error
state_copy(struct state *out, const struct state *from)
{
	return record_copy(&state_type, out, from);
}

/* The sum, kept inside what may be stored. */
static int64_t
add_time(int64_t time, int64_t seconds)
{
	int64_t sum;

	if (__builtin_add_overflow(time, seconds, &sum) || sum > TIME_MAX)
		return TIME_MAX;
	return sum < 1 ? 1 : sum;
}

bool
state_locked(const struct state *state, int64_t now)
{
	return state != NULL && state->locked_until > now;
}

int64_t
state_count(const struct state *state, const struct state_limit *limit, int64_t now)
{
	if (state == NULL || state->count <= 0 || state->expires_at <= now ||
	    add_time(state->window_start, limit->window_s) <= now)
		return 0;
	return state->count;
}

bool
state_has_attempt(const struct state *state, const char *attempt_id)
{
	return state != NULL && strlist_has(&state->attempts, attempt_id);
}

/* Adds the id of the event and forgets the oldest ones above the limit. */
static bool
add_attempt(struct strlist *attempts, const char *attempt_id)
{
	if (!strlist_add(attempts, attempt_id))
		return false;
	while (attempts->len > STATE_ATTEMPTS_MAX) {
		struct strlist rest = {attempts->items + 1, attempts->len - 1};
		struct strlist kept;

		if (!strlist_copy(&kept, &rest))
			return false;
		strlist_free(attempts);
		*attempts = kept;
	}
	return true;
}

static int64_t
lockout(const struct state_limit *limit, int64_t count)
{
	int64_t seconds = limit->lockout_s;

	for (; count > limit->max && seconds < limit->lockout_max_s; count--)
		seconds *= 2;
	return limit->lockout_max_s > 0 && seconds > limit->lockout_max_s ? limit->lockout_max_s
									  : seconds;
}

enum pd_error
state_take_back(const struct state *state, const char *attempt_id, struct state *next)
{
	enum pd_error error;

	memset(next, 0, sizeof(*next));
	if (!state_has_attempt(state, attempt_id))
		return PD_NOT_FOUND;
	error = state_copy(next, state);
	if (error != PD_OK)
		return error;
	(void)strlist_remove(&next->attempts, attempt_id);
	next->count = next->count > 0 ? next->count - 1 : 0;
	next->locked_until = 0;
	return PD_OK;
}

enum pd_error
state_add_event(const struct state *state, const struct state_limit *limit, const char *attempt_id,
    int64_t now, struct state *next)
{
	int64_t count = state_count(state, limit, now);
	int64_t window_end;

	memset(next, 0, sizeof(*next));
	if (state_has_attempt(state, attempt_id))
		return PD_CONFLICT;
	if (state_copy(next, state) != PD_OK || !add_attempt(&next->attempts, attempt_id)) {
		state_free(next);
		return PD_NO_MEMORY;
	}
	/* A clock that was ahead must not stretch the window: it begins no later than now. */
	if (count == 0 || next->window_start > now)
		next->window_start = add_time(now, 0);
	next->count = count < COUNT_MAX ? count + 1 : COUNT_MAX;
	if (next->count >= limit->max && limit->lockout_s > 0) {
		int64_t until = add_time(now, lockout(limit, next->count));

		if (until > next->locked_until)
			next->locked_until = until;
	}
	window_end = add_time(next->window_start, limit->window_s);
	next->expires_at = next->locked_until > window_end ? next->locked_until : window_end;
	return PD_OK;
}
