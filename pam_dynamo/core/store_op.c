/* SPDX-License-Identifier: BSD-2-Clause */
/* What every operation does: borrow a connection, judge what came back, log a failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/secret.h"
#include "core/store_private.h"

#define PAUSE_BASE_MS 5U
#define PAUSE_MAX_MS 200

enum pd_error
store_begin(struct store_op *op, struct store *store, struct store_call *call, const char *what,
    const char *key)
{
	op->store = store;
	op->call = call;
	op->what = what;
	op->key = key;
	op->conn = NULL;
	op->swaps = NULL;
	op->swap_count = 0;
	op->now = 0;
	call->in_doubt = false;
	if (clock_left_ms(call->deadline_ms) == 0)
		return PD_UNAVAILABLE;
	return store_pool_take(store->pool, &op->conn);
}

/* What a caller expects now and then is for debugging; the rest somebody must look at. */
static enum log_level
failure_level(enum pd_error error)
{
	switch (error) {
	case PD_OK:
	case PD_NOT_FOUND:
	case PD_CONFLICT:
	case PD_INVALID:
		return LOG_LEVEL_DEBUG;
	case PD_UNAVAILABLE:
	case PD_UNCERTAIN:
		return LOG_LEVEL_WARNING;
	case PD_CONFIG:
	case PD_CORRUPT:
	case PD_NO_MEMORY:
	case PD_BUG:
		return LOG_LEVEL_ERROR;
	}
	return LOG_LEVEL_ERROR;
}

enum pd_error
store_end(struct store_op *op, enum pd_error error)
{
	const char *key = op->key == NULL ? "" : op->key;
	const char *late = clock_left_ms(op->call->deadline_ms) == 0 ? ", deadline passed" : "";
	const char *id = op->call->request_id;

	store_pool_return(op->store->pool, op->conn);
	op->conn = NULL;
	if (error == PD_OK)
		return PD_OK;
	op->call->in_doubt = error == PD_UNCERTAIN;
	if (error == PD_UNCERTAIN)
		error = PD_UNAVAILABLE;
	if (strncmp(key, "token#", 6) == 0)
		key = "token#";
	log_line(op->store->log, failure_level(error), "store %s: %s%s%s: %s%s%s%s",
	    op->store->engine->name, op->what, key[0] != '\0' ? " " : "", key, pd_error_text(error),
	    late, id[0] != '\0' ? ", request " : "", id);
	return error;
}

bool
store_pause(const struct store_op *op, unsigned round)
{
	uint32_t most = (uint32_t)PAUSE_BASE_MS << (round < 6 ? round : 6);
	int left = clock_left_ms(op->call->deadline_ms);
	struct timespec span = {0};
	long wait_ms;

	if (left == 0)
		return false;
	wait_ms = (long)secret_random_below(most < PAUSE_MAX_MS ? most : PAUSE_MAX_MS) + 1;
	if (wait_ms > left)
		wait_ms = left;
	span.tv_sec = wait_ms / 1000;
	span.tv_nsec = wait_ms % 1000 * 1000000;
	nanosleep(&span, NULL);
	return clock_left_ms(op->call->deadline_ms) > 0;
}

bool
store_name_allowed(const struct store *store, const char *name)
{
	return user_name_allowed(name, store->conf->names);
}

bool
store_id(char out[STORE_ID_SIZE], const char *prefix, const char *rest)
{
	int len = snprintf(out, STORE_ID_SIZE, "%s%s", prefix, rest);

	return len > 0 && len < STORE_ID_SIZE && rest[0] != '\0';
}

void
store_drop_empty(const struct record_type *type, void *record)
{
	for (size_t i = 0; i < type->field_count; i++) {
		const struct field *field = &type->fields[i];
		char **text;

		if (field->type != FIELD_STRING)
			continue;
		text = record_string(record, field);
		if (*text != NULL && (*text)[0] == '\0') {
			free(*text);
			*text = NULL;
		}
	}
}

enum pd_error
store_judge_user(const struct store_op *op, const char *name, const struct user *user)
{
	const struct field *bad = NULL;

	if (user->username == NULL || strcmp(user->username, name) != 0) {
		log_line(op->store->log, LOG_LEVEL_ERROR,
		    "user %s: attribute username: not the record that was asked for", name);
		return PD_CORRUPT;
	}
	if (user_check(user, &bad) != PD_OK) {
		log_line(op->store->log, LOG_LEVEL_ERROR, "user %s: attribute %s: breaks its rule",
		    name, bad == NULL ? "" : bad->name);
		return PD_CORRUPT;
	}
	return PD_OK;
}

enum pd_error
store_judge_state(const struct store_op *op, const char *id, const struct state *state)
{
	const struct field *bad = NULL;
	const char *shown = strncmp(id, "token#", 6) == 0 ? "token#" : id;

	if (state->id == NULL || strcmp(state->id, id) != 0) {
		log_line(op->store->log, LOG_LEVEL_ERROR,
		    "state %s: attribute id: not the item that was asked for", shown);
		return PD_CORRUPT;
	}
	if (record_check(&state_type, state, &bad) != PD_OK) {
		log_line(op->store->log, LOG_LEVEL_ERROR, "state %s: attribute %s: breaks its rule",
		    shown, bad == NULL ? "" : bad->name);
		return PD_CORRUPT;
	}
	return PD_OK;
}

enum pd_error
store_fetch_user(struct store_op *op, const char *name, struct user *out)
{
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	error = op->store->engine->get_user(op->conn, op->call, name, out);
	if (error == PD_OK)
		error = store_judge_user(op, name, out);
	if (error != PD_OK)
		user_free(out);
	return error;
}

enum pd_error
store_fetch_state(struct store_op *op, const char *id, struct state *out)
{
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	error = op->store->engine->get_state(op->conn, op->call, id, out);
	if (error == PD_OK)
		error = store_judge_state(op, id, out);
	if (error != PD_OK)
		state_free(out);
	return error;
}
