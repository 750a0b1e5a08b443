/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct aux {
	char *key;
	char *owner;
};

struct memory {
	pthread_mutex_t mutex;
	struct user *users; /* sorted by name */
	size_t user_count;
	struct aux *aux;
	size_t aux_count;
	struct state *states;
	size_t state_count;
};

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

	for (size_t i = 0; i < memory->user_count; i++)
		user_free(&memory->users[i]);
	for (size_t i = 0; i < memory->aux_count; i++) {
		free(memory->aux[i].key);
		free(memory->aux[i].owner);
	}
	for (size_t i = 0; i < memory->state_count; i++)
		state_free(&memory->states[i]);
	free(memory->users);
	free(memory->aux);
	free(memory->states);
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

/* Where the name is, or where it would be. */
static size_t
user_place(const struct memory *memory, const char *name, bool *there)
{
	size_t i = 0;

	while (i < memory->user_count && strcmp(memory->users[i].username, name) < 0)
		i++;
	*there = i < memory->user_count && strcmp(memory->users[i].username, name) == 0;
	return i;
}

static struct aux *
find_aux(const struct memory *memory, const char *key)
{
	for (size_t i = 0; i < memory->aux_count; i++)
		if (strcmp(memory->aux[i].key, key) == 0)
			return &memory->aux[i];
	return NULL;
}

static struct state *
find_state(const struct memory *memory, const char *id)
{
	for (size_t i = 0; i < memory->state_count; i++)
		if (strcmp(memory->states[i].id, id) == 0)
			return &memory->states[i];
	return NULL;
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
	i = user_place(memory, name, &there);
	if (there)
		error = user_copy(out, &memory->users[i]);
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

static enum pd_error
memory_get_login(void *conn, struct store_call *call, const char *name, const char *fail_id,
    struct user *user, struct state *fail)
{
	struct memory *memory = conn;
	enum pd_error error = PD_NOT_FOUND;
	const struct state *stored;
	bool there;
	size_t i;

	call->requests++;
	pthread_mutex_lock(&memory->mutex);
	i = user_place(memory, name, &there);
	if (there)
		error = user_copy(user, &memory->users[i]);
	stored = find_state(memory, fail_id);
	if (stored != NULL && state_copy(fail, stored) != PD_OK)
		error = PD_NO_MEMORY;
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

static bool
aux_free_for(const struct memory *memory, const char *key, const char *name)
{
	const struct aux *aux = key == NULL ? NULL : find_aux(memory, key);

	return aux == NULL || strcmp(aux->owner, name) == 0;
}

static enum store_taken
judge_write(const struct memory *memory, const struct store_user_write *write, const char *name)
{
	bool there;
	size_t i = user_place(memory, name, &there);

	if (write->before == NULL && there)
		return STORE_TAKEN_NAME;
	if (write->before != NULL && (!there || memory->users[i].version != write->before->version))
		return STORE_TAKEN_VERSION;
	if (!aux_free_for(memory, write->email_add, name) ||
	    !aux_free_for(memory, write->email_remove, name))
		return STORE_TAKEN_EMAIL;
	if (!aux_free_for(memory, write->uid_add, name))
		return STORE_TAKEN_UID;
	return STORE_TAKEN_NONE;
}

/* Grows an array by one element; false: no memory. */
static bool
grow(void **array, size_t count, size_t size)
{
	void *bigger = realloc(*array, (count + 1) * size);

	if (bigger != NULL)
		*array = bigger;
	return bigger != NULL;
}

static enum pd_error
put_aux(struct memory *memory, const char *key, const char *name)
{
	struct aux aux;

	if (key == NULL || find_aux(memory, key) != NULL)
		return PD_OK;
	if (!grow((void **)&memory->aux, memory->aux_count, sizeof(*memory->aux)))
		return PD_NO_MEMORY;
	aux.key = strdup(key);
	aux.owner = strdup(name);
	memory->aux[memory->aux_count++] = aux;
	return PD_OK;
}

static void
drop_aux(struct memory *memory, const char *key)
{
	struct aux *aux = key == NULL ? NULL : find_aux(memory, key);

	if (aux == NULL)
		return;
	free(aux->key);
	free(aux->owner);
	*aux = memory->aux[--memory->aux_count];
}

static enum pd_error
insert_user(struct memory *memory, size_t i, struct user *user)
{
	if (!grow((void **)&memory->users, memory->user_count, sizeof(*memory->users)))
		return PD_NO_MEMORY;
	memmove(&memory->users[i + 1], &memory->users[i],
	    (memory->user_count - i) * sizeof(*memory->users));
	memory->users[i] = *user;
	memory->user_count++;
	return PD_OK;
}

static enum pd_error
put_user(struct memory *memory, const struct store_user_write *write, const char *name)
{
	struct user copy = {0};
	enum pd_error error;
	bool there;
	size_t i = user_place(memory, name, &there);

	if (write->after == NULL) {
		user_free(&memory->users[i]);
		memory->user_count--;
		memmove(&memory->users[i], &memory->users[i + 1],
		    (memory->user_count - i) * sizeof(*memory->users));
		return PD_OK;
	}
	error = user_copy(&copy, write->after);
	if (error != PD_OK)
		return error;
	if (!there)
		return insert_user(memory, i, &copy);
	user_free(&memory->users[i]);
	memory->users[i] = copy;
	return PD_OK;
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
		error = put_user(memory, write, name);
	if (error == PD_OK)
		drop_aux(memory, write->email_remove);
	if (error == PD_OK)
		error = put_aux(memory, write->email_add, name);
	if (error == PD_OK)
		error = put_aux(memory, write->uid_add, name);
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
		i = user_place(memory, cursor, &there);
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
	aux = find_aux(memory, key);
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
	state = find_state(memory, id);
	if (state != NULL)
		error = state_copy(out, state);
	pthread_mutex_unlock(&memory->mutex);
	return error;
}

static enum pd_error
put_state(struct memory *memory, struct state *state, const struct state *after)
{
	struct state copy = {0};
	enum pd_error error;

	if (after == NULL) {
		state_free(state);
		*state = memory->states[--memory->state_count];
		return PD_OK;
	}
	error = state_copy(&copy, after);
	if (error != PD_OK)
		return error;
	if (state != NULL) {
		state_free(state);
		*state = copy;
		return PD_OK;
	}
	if (!grow((void **)&memory->states, memory->state_count, sizeof(*memory->states))) {
		state_free(&copy);
		return PD_NO_MEMORY;
	}
	memory->states[memory->state_count++] = copy;
	return PD_OK;
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
	state = find_state(memory, before->id);
	if (before->version == 0 ? state == NULL || state->expires_at <= now
				 : state != NULL && state->version == before->version)
		error = put_state(memory, state, after);
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
