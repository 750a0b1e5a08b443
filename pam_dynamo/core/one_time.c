/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/one_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

#define SECRET_LEN 36 /* bytes; 48 characters */
#define TEXT_SIZE 4097

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
draw(char out[ONE_TIME_SIZE])
{
	unsigned char bytes[SECRET_LEN];

	secret_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < SECRET_LEN / 3; i++) {
		uint32_t three = (uint32_t)bytes[3 * i] << 16 | (uint32_t)bytes[3 * i + 1] << 8 |
		    bytes[3 * i + 2];

		for (size_t j = 0; j < 4; j++)
			out[4 * i + j] = alphabet[three >> (18 - 6 * j) & 63];
	}
	out[ONE_TIME_SIZE - 1] = '\0';
	secret_wipe(bytes, sizeof(bytes));
}

static bool
fits(int len, size_t size)
{
	return len > 0 && (size_t)len < size;
}

static bool
make_ids(struct one_time *token)
{
	return digest_sha256_hex(token->secret, strlen(token->secret), token->digest) &&
	    fits(snprintf(token->token_id, sizeof(token->token_id), "token#%s", token->digest),
		sizeof(token->token_id)) &&
	    fits(snprintf(token->link_id, sizeof(token->link_id), "link#%s#%s", token->kind,
		     token->owner),
		sizeof(token->link_id));
}

bool
one_time_make(
    struct one_time *out, const char *kind, const char *owner, const char *data, int64_t expires_at)
{
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	out->owner = owner;
	out->data = data;
	out->expires_at = expires_at;
	draw(out->secret);
	return make_ids(out);
}

void
one_time_wipe(struct one_time *token)
{
	secret_wipe(token, sizeof(*token));
}

/* An item of these texts; NULL is absent. */
static enum pd_error
fill(const struct one_time *token, const char *id, const char *data, struct state *next)
{
	next->id = strdup(id);
	next->kind = strdup(token->kind);
	next->owner = strdup(token->owner);
	if (data != NULL)
		next->data = strdup(data);
	next->expires_at = token->expires_at;
	return next->id != NULL && next->kind != NULL && next->owner != NULL &&
		(data == NULL || next->data != NULL)
	    ? PD_OK
	    : PD_NO_MEMORY;
}

static enum pd_error
step_issue_token(const struct state *stored, void *ctx, struct state *next)
{
	const struct one_time *token = ctx;

	(void)stored;
	return fill(token, token->token_id, token->data, next);
}

static enum pd_error
step_issue_link(const struct state *stored, void *ctx, struct state *next)
{
	const struct one_time *token = ctx;
	char text[TEXT_SIZE];

	(void)stored;
	if (!fits(snprintf(text, sizeof(text), "%s%s%s", token->digest,
		      token->data == NULL ? "" : " ", token->data == NULL ? "" : token->data),
		sizeof(text)))
		return PD_INVALID;
	return fill(token, token->link_id, text, next);
}

void
one_time_issue(struct one_time *token, struct store_companion rows[2])
{
	rows[0] = (struct store_companion){token->token_id, step_issue_token, token};
	rows[1] = (struct store_companion){token->link_id, step_issue_link, token};
}

enum pd_error
one_time_put(struct store *store, struct store_call *call, struct one_time *token, int64_t now)
{
	struct store_companion rows[2];
	enum pd_error error;

	one_time_issue(token, rows);
	error = store_step_state(store, call, &rows[0], now, NULL);
	if (error == PD_OK)
		error = store_step_state(store, call, &rows[1], now, NULL);
	return error;
}

static bool
malformed(const char *secret)
{
	return secret == NULL || strlen(secret) != ONE_TIME_SIZE - 1 ||
	    strspn(secret, alphabet) != ONE_TIME_SIZE - 1;
}

/* The kind of the stored token, if it is among these; NULL: it is not. */
static const char *
known_kind(const struct state *stored, const char *const *kinds)
{
	for (; *kinds != NULL; kinds++)
		if (stored->kind != NULL && strcmp(stored->kind, *kinds) == 0)
			return *kinds;
	return NULL;
}

static bool
is_newest(const struct state *link, const struct one_time *token)
{
	return link->data != NULL && strncmp(link->data, token->digest, strlen(token->digest)) == 0;
}

/* What the token says, and whether it is the newest of its kind. */
static enum pd_error
judge(struct store *store, struct store_call *call, int64_t now, struct one_time *token,
    const struct state *stored)
{
	struct state link = {0};
	enum pd_error error;

	token->owner = stored->owner;
	token->data = stored->data;
	token->expires_at = stored->expires_at;
	if (stored->owner == NULL || stored->used_by != NULL || !make_ids(token))
		return PD_NOT_FOUND;
	error = store_get_state(store, call, token->link_id, now, &link);
	if (error == PD_OK && !is_newest(&link, token))
		error = PD_NOT_FOUND;
	state_free(&link);
	return error;
}

enum pd_error
one_time_find(struct store *store, struct store_call *call, const char *secret,
    const char *const *kinds, int64_t now, struct one_time *out, struct state *stored)
{
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	memset(stored, 0, sizeof(*stored));
	if (malformed(secret))
		return PD_NOT_FOUND;
	memcpy(out->secret, secret, ONE_TIME_SIZE);
	out->kind = out->owner = "-";
	if (!make_ids(out))
		return PD_BUG;
	error = store_get_state(store, call, out->token_id, now, stored);
	if (error == PD_OK && (out->kind = known_kind(stored, kinds)) == NULL)
		error = PD_NOT_FOUND;
	if (error == PD_OK)
		error = judge(store, call, now, out, stored);
	if (error != PD_OK) {
		one_time_wipe(out);
		state_free(stored);
	}
	return error;
}

static enum pd_error
step_use_token(const struct state *stored, void *ctx, struct state *next)
{
	const struct one_time *token = ctx;

	(void)next; /* it goes */
	return stored->version != 0 && stored->used_by == NULL && stored->kind != NULL &&
		strcmp(stored->kind, token->kind) == 0
	    ? PD_OK
	    : PD_NOT_FOUND;
}

static enum pd_error
step_use_link(const struct state *stored, void *ctx, struct state *next)
{
	(void)next;
	return stored->version != 0 && is_newest(stored, ctx) ? PD_OK : PD_NOT_FOUND;
}

void
one_time_use(struct one_time *token, struct store_companion rows[2])
{
	rows[0] = (struct store_companion){token->token_id, step_use_token, token};
	rows[1] = (struct store_companion){token->link_id, step_use_link, token};
}

static enum pd_error
step_remove(const struct state *stored, void *ctx, struct state *next)
{
	(void)stored;
	(void)ctx;
	(void)next;
	return PD_OK;
}

bool
one_time_void(
    const char *kind, const char *owner, char id[STATE_ID_MAX + 1], struct store_companion *row)
{
	*row = (struct store_companion){id, step_remove, NULL};
	return fits(snprintf(id, STATE_ID_MAX + 1, "link#%s#%s", kind, owner), STATE_ID_MAX + 1);
}

static enum pd_error
step_fail(const struct state *stored, void *ctx, struct state *next)
{
	enum pd_error error = step_use_token(stored, ctx, next);

	if (error != PD_OK || stored->count + 1 >= ONE_TIME_TRIES)
		return error; /* without a next: it is gone */
	error = state_copy(next, stored);
	next->count++;
	return error;
}

enum pd_error
one_time_fail(struct store *store, struct store_call *call, struct one_time *token, int64_t now)
{
	const struct store_companion row = {token->token_id, step_fail, token};

	return store_step_state(store, call, &row, now, NULL);
}

const char *
one_time_address(const struct state *link)
{
	const char *blank = link->data == NULL ? NULL : strchr(link->data, ' ');

	return blank == NULL ? NULL : blank + 1;
}
