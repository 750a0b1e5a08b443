/* SPDX-License-Identifier: BSD-2-Clause */
/* One-time tokens: the table holds the digest of the secret, so that who reads it can use none. A
 * token is used up by writing the id of the taking call into it, which happens once. */
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/secret.h"
#include "core/store_private.h"

static enum pd_error
token_id(char out[STORE_ID_SIZE], const char *secret)
{
	char hex[DIGEST_SHA256_HEX_SIZE];

	if (secret == NULL || secret[0] == '\0')
		return PD_INVALID;
	if (!digest_sha256_hex(secret, strlen(secret), hex) || !store_id(out, "token#", hex))
		return PD_BUG;
	return PD_OK;
}

static bool
fill(char **to, const char *from)
{
	if (from == NULL || from[0] == '\0')
		return true;
	*to = strdup(from);
	return *to != NULL;
}

enum pd_error
store_create_token(struct store *store, struct store_call *call, const char *secret,
    const char *kind, const char *owner, const char *data, int64_t expires_at)
{
	struct state before = {0};
	struct state after = {.expires_at = expires_at};
	char id[STORE_ID_SIZE];
	struct store_op op;
	enum pd_error error = token_id(id, secret);

	if (error != PD_OK)
		return error;
	if (kind == NULL || kind[0] == '\0')
		return PD_INVALID;
	error = store_begin(&op, store, call, "create_token", id);
	if (error == PD_OK &&
	    !(fill(&before.id, id) && fill(&after.id, id) && fill(&after.kind, kind) &&
		fill(&after.owner, owner) && fill(&after.data, data)))
		error = PD_NO_MEMORY;
	if (error == PD_OK)
		error = store_swap_checked(&op, &before, &after, store_now(store));
	state_free(&before);
	state_free(&after);
	return store_end(&op, error);
}

struct take {
	const char *kind;
	const char *used_by;
	int64_t now;
};

static enum pd_error
step_take(const struct state *stored, void *ctx, struct state *next)
{
	const struct take *take = ctx;
	enum pd_error error;

	if (stored->version == 0 || stored->expires_at <= take->now || stored->kind == NULL ||
	    strcmp(stored->kind, take->kind) != 0)
		return PD_NOT_FOUND;
	if (stored->used_by != NULL)
		/* By an earlier try of this very call, whose answer was lost? */
		return strcmp(stored->used_by, take->used_by) == 0 ? PD_CONFLICT : PD_NOT_FOUND;
	error = state_copy(next, stored);
	if (error == PD_OK && !fill(&next->used_by, take->used_by))
		error = PD_NO_MEMORY;
	return error;
}

enum pd_error
store_take_token(struct store *store, struct store_call *call, const char *secret, const char *kind,
    int64_t now, struct state *out)
{
	char used_by[SECRET_ID_SIZE];
	struct take take = {.kind = kind, .used_by = used_by, .now = now};
	char id[STORE_ID_SIZE];
	struct store_op op;
	enum pd_error error = token_id(id, secret);

	memset(out, 0, sizeof(*out));
	if (error != PD_OK)
		return error;
	secret_random_id(used_by);
	error = store_begin(&op, store, call, "take_token", id);
	if (error == PD_OK)
		error = store_change_state(&op, id, now, step_take, &take, out);
	if (error == PD_CONFLICT) /* it is ours */
		error = PD_OK;
	return store_end(&op, error);
}
