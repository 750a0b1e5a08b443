/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/invitation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/email.h"
#include "core/number.h"
#include "core/secret.h"
#include "core/waiting.h"

#define NONE "-"

void
invitation_free(struct invitation *invitation)
{
	strlist_free(&invitation->groups);
	memset(invitation, 0, sizeof(*invitation));
}

static enum pd_error
read_words(const struct strlist *words, struct invitation *out)
{
	const char *email;

	if (words->len < 2 || !number_parse(words->items[0], 1, INVITATION_USES_MAX, &out->uses))
		return PD_CORRUPT;
	email = words->items[1];
	if (strlen(email) > USER_EMAIL_MAX)
		return PD_CORRUPT;
	if (strcmp(email, NONE) != 0)
		memcpy(out->email, email, strlen(email) + 1);
	for (size_t i = 2; i < words->len; i++)
		if (!strlist_add(&out->groups, words->items[i]))
			return PD_NO_MEMORY;
	return PD_OK;
}

enum pd_error
invitation_read(const struct state *stored, struct invitation *out)
{
	struct strlist words = {0};
	enum pd_error error = PD_CORRUPT;

	memset(out, 0, sizeof(*out));
	out->used = stored->count;
	out->expires_at = stored->expires_at;
	if (stored->data != NULL && stored->kind != NULL &&
	    strcmp(stored->kind, INVITATION_KIND) == 0)
		error = strlist_split(&words, stored->data) ? read_words(&words, out)
							    : PD_NO_MEMORY;
	strlist_free(&words);
	if (error != PD_OK)
		invitation_free(out);
	return error;
}

/* What is stored of a new one; the context of step_create. */
struct creation {
	const struct invitation *invitation;
	char id[STATE_ID_MAX + 1];
	const char *data;
};

static enum pd_error
step_create(const struct state *stored, void *ctx, struct state *next)
{
	const struct creation *creation = ctx;

	(void)stored;
	next->id = strdup(creation->id);
	next->kind = strdup(INVITATION_KIND);
	next->data = strdup(creation->data);
	next->expires_at = creation->invitation->expires_at;
	return next->id != NULL && next->kind != NULL && next->data != NULL ? PD_OK : PD_NO_MEMORY;
}

static enum pd_error
write_data(const struct invitation *invitation, struct buf *out)
{
	char key[EMAIL_SIZE] = NONE;

	if (invitation->uses < 1 || invitation->uses > INVITATION_USES_MAX ||
	    (invitation->email[0] != '\0' && !email_key(invitation->email, key)))
		return PD_INVALID;
	buf_add_format(out, "%lld %s", (long long)invitation->uses, key);
	for (size_t i = 0; i < invitation->groups.len; i++) {
		if (!user_name_allowed(invitation->groups.items[i], CONF_NAMES_POSIX))
			return PD_INVALID;
		buf_add_format(out, " %s", invitation->groups.items[i]);
	}
	return out->failed ? PD_NO_MEMORY : PD_OK;
}

/* The list first: an entry without its item is a used one, an item without entry would be unseen.
 */
static enum pd_error
put(struct store *store, struct store_call *call, struct creation *creation, const char *digest,
    int64_t now)
{
	struct waiting_change change = {.add = digest,
	    .until = creation->invitation->expires_at,
	    .max = WAITING_MAX,
	    .now = now};
	const struct store_companion list = {WAITING_INVITATIONS, waiting_step, &change};
	const struct store_companion item = {creation->id, step_create, creation};
	enum pd_error error = store_step_state(store, call, &list, now, NULL);

	return error == PD_OK ? store_step_state(store, call, &item, now, NULL) : error;
}

enum pd_error
invitation_create(struct store *store, struct store_call *call, const struct invitation *invitation,
    int64_t now, char secret[ONE_TIME_SIZE])
{
	struct creation creation = {.invitation = invitation};
	struct one_time token;
	struct buf data;
	enum pd_error error;

	secret[0] = '\0';
	buf_init(&data, 4096);
	error = write_data(invitation, &data);
	if (error == PD_OK && !one_time_make(&token, INVITATION_KIND, NONE, NULL, 0))
		error = PD_BUG;
	if (error == PD_OK) {
		memcpy(creation.id, token.token_id, sizeof(creation.id));
		creation.data = buf_string(&data);
		error = put(store, call, &creation, token.digest, now);
		if (error == PD_OK)
			memcpy(secret, token.secret, ONE_TIME_SIZE);
		one_time_wipe(&token);
	}
	buf_free(&data);
	return error;
}

static enum pd_error
step_revoke(const struct state *stored, void *ctx, struct state *next)
{
	(void)ctx;
	(void)next;
	return stored->version != 0 && stored->kind != NULL &&
		strcmp(stored->kind, INVITATION_KIND) == 0
	    ? PD_OK
	    : PD_NOT_FOUND;
}

enum pd_error
invitation_revoke(struct store *store, struct store_call *call, const char *digest, int64_t now)
{
	struct waiting_change change = {.remove = digest, .now = now};
	const struct store_companion list = {WAITING_INVITATIONS, waiting_step, &change};
	char id[STATE_ID_MAX + 1];
	const struct store_companion item = {id, step_revoke, NULL};
	enum pd_error error, listed;

	if (snprintf(id, sizeof(id), "token#%s", digest) >= (int)sizeof(id))
		return PD_INVALID;
	error = store_step_state(store, call, &item, now, NULL);
	if (error != PD_OK && error != PD_NOT_FOUND)
		return error;
	listed = store_step_state(store, call, &list, now, NULL);
	return listed == PD_OK ? error : listed;
}

bool
invitation_use(struct invitation_use *out, const char *secret, struct user *user, int64_t now)
{
	char hex[DIGEST_SHA256_HEX_SIZE];

	*out = (struct invitation_use){.user = user, .now = now};
	if (strlen(secret) != ONE_TIME_SIZE - 1 || !digest_sha256_hex(secret, strlen(secret), hex))
		return false;
	return snprintf(out->id, sizeof(out->id), "token#%s", hex) < (int)sizeof(out->id);
}

void
invitation_use_free(struct invitation_use *use)
{
	secret_wipe(use, sizeof(*use));
}

static bool
allows(const struct invitation *invitation, const struct invitation_use *use)
{
	char key[EMAIL_SIZE];

	if (invitation->used >= invitation->uses || invitation->expires_at <= use->now)
		return false;
	if (invitation->email[0] == '\0')
		return true;
	return email_key(use->user->email, key) && strcmp(key, invitation->email) == 0;
}

enum pd_error
invitation_step(const struct state *stored, void *ctx, struct state *next)
{
	struct invitation_use *use = ctx;
	struct invitation invitation = {0};
	enum pd_error error = PD_NOT_FOUND;

	use->refused = false;
	if (stored->version != 0)
		error = invitation_read(stored, &invitation);
	if (error == PD_CORRUPT || (error == PD_OK && !allows(&invitation, use)))
		error = PD_NOT_FOUND;
	use->refused = error == PD_NOT_FOUND;
	if (error == PD_OK)
		error = state_copy(next, stored);
	if (error == PD_OK) {
		next->count++;
		strlist_free(&use->user->groups);
		if (!strlist_copy(&use->user->groups, &invitation.groups))
			error = PD_NO_MEMORY;
	}
	invitation_free(&invitation);
	return error;
}
