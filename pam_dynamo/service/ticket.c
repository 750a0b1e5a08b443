/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/ticket.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

struct ticket {
	bool used;
	unsigned generation;
	unsigned char id[PROTOCOL_TICKET_LEN];
	struct peer peer;
	char name[USER_NAME_SIZE];
	int64_t expires_ms;
	struct login_result result;
};

struct ticket_table {
	pthread_mutex_t mutex;
	struct ticket tickets[TICKET_MAX];
};

static void
forget(struct ticket *ticket)
{
	if (ticket->used)
		login_result_free(&ticket->result);
	secret_wipe(ticket, sizeof(*ticket));
}

enum pd_error
ticket_open(struct ticket_table **out)
{
	struct ticket_table *table = calloc(1, sizeof(*table));

	*out = table;
	if (table == NULL)
		return PD_NO_MEMORY;
	pthread_mutex_init(&table->mutex, NULL);
	return PD_OK;
}

void
ticket_free(struct ticket_table *table)
{
	size_t i;

	if (table == NULL)
		return;
	for (i = 0; i < TICKET_MAX; i++)
		forget(&table->tickets[i]);
	pthread_mutex_destroy(&table->mutex);
	free(table);
}

/* A copy for the account step: the record and its failures, no secret, nothing for login_finish. */
static enum pd_error
copy_result(const struct login_result *from, struct login_result *out)
{
	struct user bare = from->user; /* shares everything; only its pointers are read */
	char mark[] = "*";             /* no hash, but there is one: the rules on its age hold */
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	if (bare.password != NULL)
		bare.password = mark;
	error = user_copy(&out->user, &bare);
	if (error == PD_OK)
		error = state_copy(&out->fail, &from->fail);
	if (error != PD_OK) {
		login_result_free(out);
		memset(out, 0, sizeof(*out));
		return error;
	}
	out->verdict = from->verdict;
	out->reason = from->reason;
	memcpy(out->message, from->message, sizeof(out->message));
	out->clear_failures = from->clear_failures;
	out->online = from->online;
	return PD_OK;
}

/* A free or expired place, else the one that expires first. */
static struct ticket *
place(struct ticket_table *table, int64_t now_ms)
{
	struct ticket *oldest = &table->tickets[0];
	size_t i;

	for (i = 0; i < TICKET_MAX; i++) {
		struct ticket *ticket = &table->tickets[i];

		if (ticket->used && ticket->expires_ms <= now_ms)
			forget(ticket);
		if (oldest->used && (!ticket->used || ticket->expires_ms < oldest->expires_ms))
			oldest = ticket;
	}
	forget(oldest);
	return oldest;
}

enum pd_error
ticket_put(struct ticket_table *table, unsigned generation, const struct peer *peer,
    const char *name, const struct login_result *result, int64_t now_ms,
    unsigned char out[PROTOCOL_TICKET_LEN])
{
	struct ticket fresh = {.used = true,
	    .generation = generation,
	    .peer = *peer,
	    .expires_ms = now_ms + TICKET_TTL_MS};
	size_t len = strlen(name);
	enum pd_error error;

	if (len >= sizeof(fresh.name))
		return PD_INVALID;
	memcpy(fresh.name, name, len);
	secret_random(fresh.id, sizeof(fresh.id));
	error = copy_result(result, &fresh.result);
	if (error != PD_OK)
		return error;
	memcpy(out, fresh.id, sizeof(fresh.id));
	pthread_mutex_lock(&table->mutex);
	*place(table, now_ms) = fresh;
	pthread_mutex_unlock(&table->mutex);
	secret_wipe(&fresh, sizeof(fresh)); /* what it pointed to belongs to the table */
	return PD_OK;
}

static bool
matches(
    const struct ticket *ticket, const struct peer *peer, const char *name, const unsigned char *id)
{
	return ticket->used && secret_equal(ticket->id, id, sizeof(ticket->id)) &&
	    ticket->peer.uid == peer->uid && ticket->peer.pid == peer->pid &&
	    strcmp(ticket->name, name) == 0;
}

bool
ticket_take(struct ticket_table *table, unsigned generation, const struct peer *peer,
    const char *name, const unsigned char ticket[PROTOCOL_TICKET_LEN], int64_t now_ms,
    struct login_result *out)
{
	bool found = false;
	size_t i;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&table->mutex);
	for (i = 0; i < TICKET_MAX && !found; i++) {
		struct ticket *kept = &table->tickets[i];

		if (!matches(kept, peer, name, ticket) || kept->generation != generation ||
		    kept->expires_ms <= now_ms)
			continue;
		*out = kept->result;
		kept->used = false; /* the result is the caller's now */
		forget(kept);
		found = true;
	}
	pthread_mutex_unlock(&table->mutex);
	return found;
}

void
ticket_drop(struct ticket_table *table, const char *name)
{
	size_t i;

	pthread_mutex_lock(&table->mutex);
	for (i = 0; i < TICKET_MAX; i++)
		if (table->tickets[i].used && strcmp(table->tickets[i].name, name) == 0)
			forget(&table->tickets[i]);
	pthread_mutex_unlock(&table->mutex);
}

void
ticket_expire(struct ticket_table *table, int64_t now_ms)
{
	size_t i;

	pthread_mutex_lock(&table->mutex);
	for (i = 0; i < TICKET_MAX; i++)
		if (table->tickets[i].used && table->tickets[i].expires_ms <= now_ms)
			forget(&table->tickets[i]);
	pthread_mutex_unlock(&table->mutex);
}
