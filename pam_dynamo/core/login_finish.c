/* SPDX-License-Identifier: BSD-2-Clause */
/* What a login leaves behind, after its reply. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/login_private.h"
#include "core/secret.h"

#define NOTE_EVERY_S 3600
#define LAST_ID_SIZE (sizeof("last#") + USER_NAME_MAX)

static struct store_call
new_call(const struct login *login)
{
	return (struct store_call){.deadline_ms = clock_monotonic_ms() + login->conf->deadline_ms};
}

/* Those that the login saw: what came since, another guess or a lock by hand, stays. */
static void
clear_failures(struct login *login, const struct state *fail)
{
	struct store_call call = new_call(login);

	/* What fails is logged by the store; the next good login tries again. */
	(void)store_swap_state(login->store, &call, fail, NULL, store_now(login->store));
}

/* Counted and cleared after the reply: no denial is told from another by it. */
static void
note_cap(struct login *login, const struct login_request *request, bool clear)
{
	static const struct state_limit limit = {
	    .window_s = LOGIN_CAP_WINDOW_S, .max = LOGIN_CAP_MAX};
	struct store_call call = new_call(login);
	char attempt[SECRET_ID_SIZE];
	char id[STATE_ID_MAX + 1];

	snprintf(id, sizeof(id), "cap#%s", request->name);
	secret_random_id(attempt);
	if (clear)
		(void)store_clear_events(login->store, &call, id);
	else
		(void)store_count_event(
		    login->store, &call, id, &limit, attempt, store_now(login->store), NULL);
}

/* The next question of the same guesser waits behind it as behind a count. */
static void
idle(struct login *login)
{
	struct store_call call = new_call(login);

	(void)store_idle_swap(login->store, &call, "cap#");
}

static void
clear_web(struct login *login, const struct login_request *request)
{
	struct store_call call = new_call(login);
	char id[STATE_ID_MAX + 1];

	snprintf(id, sizeof(id), "webfail#%s", request->name);
	(void)store_clear_events(login->store, &call, id);
}

/* Someone else's change since the read wins: the next login tries again. */
static enum pd_error
write_rehash(struct login *login, const struct user *before, const char *hash)
{
	struct store_call call = new_call(login);
	struct user after = {0};
	enum store_taken taken = STORE_TAKEN_NONE;
	enum pd_error error = user_copy(&after, before);
	char *copy = strdup(hash);

	if (error == PD_OK && copy == NULL)
		error = PD_NO_MEMORY;
	if (error == PD_OK) {
		secret_free_string(after.password);
		after.password = copy;
		copy = NULL;
		after.updated_at = store_now(login->store);
		error = store_update_user(login->store, &call, before, &after, false, &taken);
	}
	secret_free_string(copy);
	user_free(&after);
	return error;
}

/* True: the record holds the new one. */
static bool
rehash(struct login *login, const struct login_request *request, const struct user *user)
{
	struct password_cost cost = login_cost(login);
	char hash[PASSWORD_HASH_SIZE] = {0};
	enum pd_error error;

	if (atomic_load(&login->rehash_refused) ||
	    !hash_gate_enter(&login->guard->gate, clock_monotonic_ms() + login->conf->deadline_ms))
		return false;
	error = password_make(&cost, request->password, request->password_len, hash);
	hash_gate_leave(&login->guard->gate);
	if (error == PD_OK)
		error = write_rehash(login, user, hash);
	secret_wipe(hash, sizeof(hash));
	if (error == PD_CONFIG && !atomic_exchange(&login->rehash_refused, true))
		log_line(login->log, LOG_LEVEL_NOTICE,
		    "this host may not write records: hashes are renewed elsewhere");
	return error == PD_OK;
}

static uint64_t
hash_name(const char *name)
{
	uint64_t hash = 14695981039346656037u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 1099511628211u;
	return hash;
}

static bool
noted_lately(struct login *login, uint64_t name)
{
	const struct login_noted *slot = &login->noted[name % LOGIN_NOTED_MAX];
	bool noted;

	pthread_mutex_lock(&login->noted_mutex);
	noted = slot->name == name && clock_monotonic_ms() < slot->until_ms;
	pthread_mutex_unlock(&login->noted_mutex);
	return noted;
}

static void
remember_note(struct login *login, uint64_t name, int64_t seconds)
{
	pthread_mutex_lock(&login->noted_mutex);
	login->noted[name % LOGIN_NOTED_MAX] = (struct login_noted){
	    name, clock_monotonic_ms() + seconds * 1000};
	pthread_mutex_unlock(&login->noted_mutex);
}

/* Seconds for which the stored last login is still good enough: it names this host, and is young.
 */
static int64_t
last_is_good_for(struct login *login, struct store_call *call, const char *name, int64_t now)
{
	struct state last = {0};
	int64_t seconds = 0;
	char id[LAST_ID_SIZE];

	snprintf(id, sizeof(id), "last#%s", name);
	if (store_get_state(login->store, call, id, now, &last) == PD_OK && last.host != NULL &&
	    strcmp(last.host, login->host_full) == 0 && last.at <= now)
		seconds = last.at + NOTE_EVERY_S - now;
	state_free(&last);
	return seconds;
}

static void
note_login(struct login *login, const struct login_request *request)
{
	struct store_call call = new_call(login);
	uint64_t name = hash_name(request->name);
	int64_t now = store_now(login->store);
	int64_t good_s;

	if (noted_lately(login, name))
		return;
	good_s = last_is_good_for(login, &call, request->name, now);
	if (good_s <= 0 &&
	    store_put_last(login->store, &call, request->name, login->host_full, request->service,
		request->rhost, now) == PD_OK)
		good_s = NOTE_EVERY_S;
	if (good_s > 0)
		remember_note(login, name, good_s);
}

const char *
login_finish(
    struct login *login, const struct login_request *request, const struct login_result *result)
{
	const char *renewed = NULL;

	if (result->clear_failures)
		clear_failures(login, &result->fail);
	if (result->clear_web)
		clear_web(login, request);
	if (result->clear_cap || result->count_cap)
		note_cap(login, request, result->clear_cap);
	if (result->count_nothing)
		idle(login);
	if (result->rehash && rehash(login, request, &result->user))
		renewed = password_format_name(result->user.password);
	if (result->last_login)
		note_login(login, request);
	return renewed;
}
