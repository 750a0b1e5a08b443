/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_memory.h"

#include <stdlib.h>
#include <string.h>

#include "memory_rows.h"

static enum pd_error
memory_open(const struct conf *conf, enum store_caller caller, const struct log *log, void **shared)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	(void)conf;
	(void)caller;
	(void)log;
	if (memory == NULL)
		return PD_NO_MEMORY;
	pthread_mutex_init(&memory->mutex, NULL);
	*shared = memory;
	return PD_OK;
}

static void
memory_close(void *shared)
{
	struct memory *memory = shared;

	memory_clear(memory);
	pthread_mutex_destroy(&memory->mutex);
	free(memory);
}

static enum pd_error
memory_connect(void *shared, void **conn)
{
	*conn = shared;
	return PD_OK;
}

static void
memory_disconnect(void *conn)
{
	(void)conn;
}

static enum pd_error
memory_init(void *conn, struct store_call *call, store_progress_fn *progress, void *ctx)
{
	(void)conn;
	call->requests++;
	if (progress != NULL)
		progress(ctx, "memory: nothing to create");
	return PD_OK;
}

static enum pd_error
memory_check(void *conn, struct store_call *call, store_check_fn *report, void *ctx)
{
	(void)conn;
	call->requests++;
	report(ctx, STORE_FINDING_OK, "store", "in memory");
	return PD_OK;
}

static enum pd_error
memory_get_user(void *conn, struct store_call *call, const char *name, struct user *out)
{
	struct memory *memory = conn;
	enum pd_error error = PD_NOT_FOUND;
	bool there;
	size_t i;

	call->requests++;
	pthread_mutex_lock(&memory->mutex);
	i = memory_user_place(memory, name, &there);
	if (there)
		error = user_copy(out, &memory->users[i]);
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

/* A state that is not there leaves *out alone. False: no memory. */
static bool
copy_state(struct memory *memory, const char *id, struct state *out)
{
	const struct state *stored = memory_find_state(memory, id);

	return stored == NULL || state_copy(out, stored) == PD_OK;
}

static enum pd_error
memory_get_login(void *conn, struct store_call *call, const struct store_login_read *read)
{
	struct memory *memory = conn;
	enum pd_error error = PD_NOT_FOUND;
	bool there;
	size_t i;

	call->requests++;
	pthread_mutex_lock(&memory->mutex);
	i = memory_user_place(memory, read->name, &there);
	if (there)
		error = user_copy(read->user, &memory->users[i]);
	if (!copy_state(memory, read->fail_id, read->fail) ||
	    (read->source != NULL && !copy_state(memory, read->source_id, read->source)) ||
	    (read->cap != NULL && !copy_state(memory, read->cap_id, read->cap)))
		error = PD_NO_MEMORY;
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

static bool
aux_free_for(const struct memory *memory, const char *key, const char *name)
{
	const struct aux *aux = key == NULL ? NULL : memory_find_aux(memory, key);

	return aux == NULL || strcmp(aux->owner, name) == 0;
}

/* The item that the swap stands on; false: its condition does not hold. */
static bool
swap_holds(struct memory *memory, const struct state *before, int64_t now, struct state **stored)
{
	struct state *state = memory_find_state(memory, before->id);

	*stored = state;
	return before->version == 0 ? state == NULL || state->expires_at <= now
				    : state != NULL && state->version == before->version;
}

static enum store_taken
judge_write(struct memory *memory, const struct store_user_write *write, const char *name)
{
	bool there;
	size_t i = memory_user_place(memory, name, &there);

	if (write->before == NULL && there)
		return STORE_TAKEN_NAME;
	if (write->before != NULL && (!there || memory->users[i].version != write->before->version))
		return STORE_TAKEN_VERSION;
	if (!aux_free_for(memory, write->email_add, name) ||
	    !aux_free_for(memory, write->email_remove, name))
		return STORE_TAKEN_EMAIL;
	if (!aux_free_for(memory, write->uid_add, name))
		return STORE_TAKEN_UID;
	for (i = 0; i < write->swap_count; i++) {
		struct state *stored;

		if (!swap_holds(memory, write->swaps[i].before, write->now, &stored))
			return STORE_TAKEN_STATE;
	}
	return STORE_TAKEN_NONE;
}

static enum pd_error
put_swaps(struct memory *memory, const struct store_user_write *write)
{
	enum pd_error error = PD_OK;

	for (size_t i = 0; i < write->swap_count && error == PD_OK; i++) {
		const struct store_swap *swap = &write->swaps[i];

		error = memory_put_state(
		    memory, memory_find_state(memory, swap->before->id), swap->after);
	}
	return error;
}

static enum pd_error
memory_write_user(void *conn, struct store_call *call, const struct store_user_write *write,
    enum store_taken *taken)
{
	struct memory *memory = conn;
	const char *name = write->after != NULL ? write->after->username : write->before->username;
	enum pd_error error = PD_OK;

	call->requests++;
	pthread_mutex_lock(&memory->mutex);
	*taken = judge_write(memory, write, name);
	if (*taken != STORE_TAKEN_NONE)
		error = PD_CONFLICT;
	if (error == PD_OK)
		error = memory_put_user(memory, write, name);
	if (error == PD_OK)
		memory_drop_aux(memory, write->email_remove);
	if (error == PD_OK)
		error = memory_put_aux(memory, write->email_add, name);
	if (error == PD_OK)
		error = memory_put_aux(memory, write->uid_add, name);
	if (error == PD_OK)
		error = put_swaps(memory, write);
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

/* The cursor is the last name of the page before. */
static enum pd_error
fill_page(const struct memory *memory, size_t from, size_t limit, struct store_page *out)
{
	size_t left = memory->user_count - from;
	size_t len = left < limit ? left : limit;
	enum pd_error error = PD_OK;

	if (len == 0)
		return PD_OK;
	out->users = calloc(len, sizeof(*out->users));
	if (out->users == NULL)
		return PD_NO_MEMORY;
	for (; out->len < len && error == PD_OK; out->len++)
		error = user_copy(&out->users[out->len], &memory->users[from + out->len]);
	if (error == PD_OK && len < left) {
		out->next = strdup(out->users[len - 1].username);
		if (out->next == NULL)
			error = PD_NO_MEMORY;
	}
	return error;
}

static enum pd_error
memory_list_users(
    void *conn, struct store_call *call, const char *cursor, size_t limit, struct store_page *out)
{
	struct memory *memory = conn;
	enum pd_error error;
	bool there = false;
	size_t i = 0;

	call->requests++;
	pthread_mutex_lock(&memory->mutex);
	if (cursor != NULL && cursor[0] != '\0')
		i = memory_user_place(memory, cursor, &there);
	error = fill_page(memory, there ? i + 1 : i, limit, out);
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

static enum pd_error
memory_get_owner(void *conn, struct store_call *call, const char *key, char **out)
{
	struct memory *memory = conn;
	enum pd_error error = PD_NOT_FOUND;
	const struct aux *aux;

	call->requests++;
	pthread_mutex_lock(&memory->mutex);
	aux = memory_find_aux(memory, key);
	if (aux != NULL) {
		*out = strdup(aux->owner);
		error = *out == NULL ? PD_NO_MEMORY : PD_OK;
	}
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

static enum pd_error
memory_get_state(void *conn, struct store_call *call, const char *id, struct state *out)
{
	struct memory *memory = conn;
	enum pd_error error = PD_NOT_FOUND;
	const struct state *state;

	call->requests++;
	pthread_mutex_lock(&memory->mutex);
	state = memory_find_state(memory, id);
	if (state != NULL)
		error = state_copy(out, state);
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

static enum pd_error
memory_swap_state(void *conn, struct store_call *call, const struct state *before,
    const struct state *after, int64_t now)
{
	struct memory *memory = conn;
	enum pd_error error = PD_CONFLICT;
	struct state *state;

	call->requests++;
	pthread_mutex_lock(&memory->mutex);
	if (swap_holds(memory, before, now, &state))
		error = memory_put_state(memory, state, after);
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

const struct store_engine engine_memory = {
    .name = "memory",
    .open = memory_open,
    .close = memory_close,
    .connect = memory_connect,
    .disconnect = memory_disconnect,
    .init = memory_init,
    .check = memory_check,
    .get_user = memory_get_user,
    .get_login = memory_get_login,
    .write_user = memory_write_user,
    .list_users = memory_list_users,
    .get_owner = memory_get_owner,
    .get_state = memory_get_state,
    .swap_state = memory_swap_state,
};
