/* SPDX-License-Identifier: BSD-2-Clause */
/* What wrong guesses leave in the state table: failures of the name and of the network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/login_private.h"

#define ID_SIZE (STATE_ID_MAX + 1)

/* PD_OK: *next is stored in the place of the state that was just read: one request. */
static enum pd_error
swap_event(struct login_step *step, const char *id, struct state *state,
    const struct state_limit *limit, const char *attempt, struct state *next)
{
	enum pd_error error;

	if (state->id == NULL && (state->id = strdup(id)) == NULL)
		return PD_NO_MEMORY;
	error = state_add_event(state, limit, attempt, step->context.now, next);
	if (error == PD_OK)
		error = store_swap_state(
		    step->login->store, &step->call, state, next, step->context.now);
	if (error != PD_OK)
		state_free(next);
	return error;
}

static enum pd_error
keep(struct state *state, struct state *next, enum pd_error error)
{
	if (error == PD_OK) {
		state_free(state);
		*state = *next;
	} else {
		state_free(next);
	}
	return error;
}

/* When somebody else counted meanwhile, the store reads again; the attempt id keeps it one failure.
 */
enum pd_error
login_count_failure(struct login_step *step, const char *attempt)
{
	struct store *store = step->login->store;
	struct state next = {0};
	char id[ID_SIZE];
	enum pd_error error;

	snprintf(id, sizeof(id), "fail#%s", step->request->name);
	error = swap_event(step, id, &step->out->fail, &step->limit, attempt, &next);
	if (error == PD_CONFLICT)
		error = store_count_failure(store, &step->call, step->request->name, &step->limit,
		    attempt, store_now(store), &next);
	return keep(&step->out->fail, &next, error);
}

enum pd_error
login_count_source(struct login_step *step, const char *attempt)
{
	struct store *store = step->login->store;
	struct state next = {0};
	char id[ID_SIZE];
	enum pd_error error;

	if (step->network[0] == '\0')
		return PD_OK;
	snprintf(id, sizeof(id), "net#%s", step->network);
	error = swap_event(step, id, &step->source, &step->source_limit, attempt, &next);
	if (error == PD_CONFLICT)
		error = store_count_source(store, &step->call, step->network, &step->source_limit,
		    attempt, store_now(store), &next);
	return keep(&step->source, &next, error);
}

bool
login_has_cap(const struct login *login)
{
	return login->conf->web_user[0] != '\0';
}

bool
login_capped(const struct login_step *step)
{
	static const struct state_limit limit = {
	    .window_s = LOGIN_CAP_WINDOW_S, .max = LOGIN_CAP_MAX};

	return state_count(&step->cap, &limit, step->context.now) >= limit.max;
}

void
login_count_nothing(struct login_step *step, bool source_too)
{
	struct store *store = step->login->store;
	char id[ID_SIZE];

	snprintf(id, sizeof(id), "fail#%s", step->request->name);
	(void)store_idle_swap(store, &step->call, id);
	if (!source_too || step->network[0] == '\0')
		return;
	snprintf(id, sizeof(id), "net#%s", step->network);
	(void)store_idle_swap(store, &step->call, id);
}
