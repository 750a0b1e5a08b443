/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory_rows.h"

#include <stdlib.h>
#include <string.h>

size_t
memory_user_place(const struct memory *memory, const char *name, bool *there)
{
	size_t i = 0;

	while (i < memory->user_count && strcmp(memory->users[i].username, name) < 0)
		i++;
	*there = i < memory->user_count && strcmp(memory->users[i].username, name) == 0;
	return i;
}

struct aux *
memory_find_aux(const struct memory *memory, const char *key)
{
	for (size_t i = 0; i < memory->aux_count; i++)
		if (strcmp(memory->aux[i].key, key) == 0)
			return &memory->aux[i];
	return NULL;
}

struct state *
memory_find_state(const struct memory *memory, const char *id)
{
	for (size_t i = 0; i < memory->state_count; i++)
		if (strcmp(memory->states[i].id, id) == 0)
			return &memory->states[i];
	return NULL;
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

enum pd_error
memory_put_user(struct memory *memory, const struct store_user_write *write, const char *name)
{
	struct user copy = {0};
	enum pd_error error;
	bool there;
	size_t i = memory_user_place(memory, name, &there);

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

enum pd_error
memory_put_aux(struct memory *memory, const char *key, const char *name)
{
	struct aux aux;

	if (key == NULL || memory_find_aux(memory, key) != NULL)
		return PD_OK;
	if (!grow((void **)&memory->aux, memory->aux_count, sizeof(*memory->aux)))
		return PD_NO_MEMORY;
	aux.key = strdup(key);
	aux.owner = strdup(name);
	memory->aux[memory->aux_count++] = aux;
	return PD_OK;
}

void
memory_drop_aux(struct memory *memory, const char *key)
{
	struct aux *aux = key == NULL ? NULL : memory_find_aux(memory, key);

	if (aux == NULL)
		return;
	free(aux->key);
	free(aux->owner);
	*aux = memory->aux[--memory->aux_count];
}

enum pd_error
memory_put_state(struct memory *memory, struct state *state, const struct state *after)
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

void
memory_clear(struct memory *memory)
{
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
}
