/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating, changing and deleting users. A write of unknown fate is settled here: the record is
 * read again and compared, and the write repeated while there is time, since its condition lets it
 * happen only once. */
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "core/store_private.h"

#define DRAWS_MAX 8 /* uids drawn before giving up: with a range half full one in 256 fails */

static bool
is_kept(const struct store_op *op, const struct field *field)
{
	const struct store *store = op->store;

	return store->engine->keeps == NULL || store->engine->keeps(store->shared, field);
}

/* Whether the stored record holds everything that the write was to change. */
static bool
write_arrived(
    const struct store_op *op, const struct store_user_write *write, const struct user *stored)
{
	for (size_t i = 0; i < user_type.field_count; i++) {
		const struct field *field = &user_type.fields[i];

		if (!is_kept(op, field))
			continue;
		if (write->before != NULL && record_field_equal(field, write->before, write->after))
			continue;
		if (!record_field_equal(field, write->after, stored))
			return false;
	}
	return true;
}

/* After doubt: what the stored record says. PD_UNCERTAIN: not written yet, try again. */
static enum pd_error
settle(struct store_op *op, const struct store_user_write *write, enum pd_error answered,
    enum store_taken *taken)
{
	const struct user *one = write->after != NULL ? write->after : write->before;
	struct user stored;
	enum pd_error error = store_fetch_user(op, one->username, &stored);
	bool there = error == PD_OK;
	bool arrived, untouched;

	if (error == PD_UNAVAILABLE)
		return PD_UNCERTAIN;
	if (error != PD_OK && error != PD_NOT_FOUND)
		return error;
	arrived = write->after == NULL ? !there : there && write_arrived(op, write, &stored);
	untouched = write->before == NULL ? !there
					  : there && stored.version == write->before->version;
	user_free(&stored);
	if (arrived)
		return PD_OK;
	if (answered == PD_CONFLICT)
		return PD_CONFLICT;
	if (untouched)
		return PD_UNCERTAIN;
	*taken = write->before == NULL ? STORE_TAKEN_NAME : STORE_TAKEN_VERSION;
	return PD_CONFLICT;
}

/* While the engine does not even send, an outage is known: nothing will settle before it is over.
 */
static enum pd_error
write_settled(struct store_op *op, const struct store_user_write *write, enum store_taken *taken)
{
	bool doubt = false;

	for (unsigned round = 0;; round++) {
		unsigned sent = op->call->requests;
		enum pd_error error;

		*taken = STORE_TAKEN_NONE;
		error = op->store->engine->write_user(op->conn, op->call, write, taken);
		doubt = doubt || error == PD_UNCERTAIN;
		if (error == PD_UNAVAILABLE && op->call->requests == sent)
			return doubt ? PD_UNCERTAIN : error;
		if (!doubt ||
		    (error != PD_UNCERTAIN && error != PD_CONFLICT && error != PD_UNAVAILABLE))
			return error;
		error = settle(op, write, error, taken);
		if (error != PD_UNCERTAIN)
			return error;
		if (!store_pause(op, round))
			return PD_UNCERTAIN;
	}
}

/* Writes; an old e-mail item that belongs to somebody else is not ours to delete: then without. */
static enum pd_error
write_user(struct store_op *op, struct store_user_write *write, enum store_taken *taken)
{
	const struct user *one = write->after != NULL ? write->after : write->before;
	enum pd_error error = write_settled(op, write, taken);
	enum pd_error looked;
	char *owner = NULL;

	if (error != PD_CONFLICT || *taken != STORE_TAKEN_EMAIL || write->email_remove == NULL)
		return error;
	looked = op->store->engine->get_owner(op->conn, op->call, write->email_remove, &owner);
	if (looked == PD_OK && strcmp(owner, one->username) != 0) {
		write->email_remove = NULL;
		error = write_settled(op, write, taken);
	}
	free(owner);
	return error;
}

/* The auxiliary keys of one write and room for their text. */
struct aux {
	char email_add[USER_AUX_KEY_SIZE];
	char email_remove[USER_AUX_KEY_SIZE];
	char uid_add[USER_AUX_KEY_SIZE];
};

static enum pd_error
plan_email(struct store_user_write *write, struct aux *aux)
{
	const char *old = write->before == NULL ? NULL : write->before->email;
	const char *new = write->after == NULL ? NULL : write->after->email;

	if (new != NULL && !user_email_key(new, aux->email_add))
		return PD_INVALID;
	if (new != NULL)
		write->email_add = aux->email_add;
	/* An address that has no key was put there by hand and has no item either. */
	if (old != NULL && user_email_key(old, aux->email_remove))
		write->email_remove = aux->email_remove;
	if (write->email_add != NULL && write->email_remove != NULL &&
	    strcmp(aux->email_add, aux->email_remove) == 0)
		write->email_add = write->email_remove = NULL;
	return PD_OK;
}

static enum pd_error
plan_uid(struct store_user_write *write, struct aux *aux)
{
	int64_t old = write->before == NULL ? 0 : write->before->uid;
	int64_t new = write->after == NULL ? 0 : write->after->uid;

	if (new == 0 || new == old)
		return PD_OK;
	if (!user_uid_key(new, aux->uid_add))
		return PD_INVALID;
	write->uid_add = aux->uid_add;
	return PD_OK;
}

/* Refuses a record that breaks a rule before anything is sent. */
static enum pd_error
check_record(const struct store_op *op, const struct user *user)
{
	const struct field *bad = NULL;
	enum pd_error error = user_check(user, &bad);

	if (error != PD_CORRUPT)
		return error;
	log_line(op->store->log, LOG_LEVEL_NOTICE, "user %s: %s breaks its rule, not written",
	    user->username, bad == NULL ? "" : bad->name);
	return PD_INVALID;
}

/* One try with the uid that stands in the record. */
static enum pd_error
write_once(struct store_op *op, const struct user *before, const struct user *after,
    enum store_taken *taken)
{
	struct store_user_write write = {.before = before,
	    .after = after,
	    .swaps = op->swaps,
	    .swap_count = op->swap_count,
	    .now = op->now};
	struct aux aux;
	enum pd_error error = PD_OK;

	if (after != NULL)
		error = check_record(op, after);
	if (error == PD_OK)
		error = plan_email(&write, &aux);
	if (error == PD_OK)
		error = plan_uid(&write, &aux);
	if (error == PD_OK)
		error = write_user(op, &write, taken);
	return error;
}

/* Draws uids until one is free. The range is large, so a collision is rare. */
static enum pd_error
write_drawing(
    struct store_op *op, const struct user *before, struct user *after, enum store_taken *taken)
{
	const struct conf *conf = op->store->conf;
	int64_t range = conf->uid_max - conf->uid_min + 1;
	enum pd_error error = PD_CONFLICT;

	if (conf->uid_min <= 0 || range <= 0 || conf->uid_max > USER_ID_MAX) {
		log_line(op->store->log, LOG_LEVEL_ERROR, "users: uid_min and uid_max: no range");
		return PD_CONFIG;
	}
	*taken = STORE_TAKEN_UID;
	for (int i = 0; i < DRAWS_MAX && error == PD_CONFLICT && *taken == STORE_TAKEN_UID; i++) {
		after->uid = conf->uid_min + secret_random_below((uint32_t)range);
		error = write_once(op, before, after, taken);
	}
	if (error != PD_OK)
		after->uid = 0;
	return error;
}

enum pd_error
store_write_version(struct store_op *op, const struct user *before, struct user *after,
    bool draw_uid, enum store_taken *taken)
{
	enum store_taken ours = STORE_TAKEN_NONE;
	int64_t version = after == NULL ? 0 : after->version;
	enum pd_error error;

	if (after == NULL) {
		error = write_once(op, before, NULL, &ours);
		goto out;
	}
	store_drop_empty(&user_type, after);
	after->version = before == NULL ? 1 : before->version + 1;
	if (draw_uid && after->uid == 0)
		error = write_drawing(op, before, after, &ours);
	else
		error = write_once(op, before, after, &ours);
	if (error != PD_OK)
		after->version = version;
out:
	if (taken != NULL)
		*taken = error == PD_CONFLICT ? ours : STORE_TAKEN_NONE;
	return error;
}

enum pd_error
store_create_user(struct store *store, struct store_call *call, struct user *user, bool draw_uid,
    enum store_taken *taken)
{
	struct store_op op;
	enum pd_error error;

	if (taken != NULL)
		*taken = STORE_TAKEN_NONE;
	if (user->username == NULL || !store_name_allowed(store, user->username))
		return PD_INVALID;
	if (user->schema == 0)
		user->schema = USER_SCHEMA;
	error = store_begin(&op, store, call, "create_user", user->username);
	if (error == PD_OK)
		error = store_write_version(&op, NULL, user, draw_uid, taken);
	return store_end(&op, error);
}

enum pd_error
store_update_user(struct store *store, struct store_call *call, const struct user *before,
    struct user *after, bool draw_uid, enum store_taken *taken)
{
	struct store_op op;
	enum pd_error error;

	if (taken != NULL)
		*taken = STORE_TAKEN_NONE;
	if (before->username == NULL || !store_name_allowed(store, before->username) ||
	    after->username == NULL || strcmp(before->username, after->username) != 0)
		return PD_INVALID;
	error = store_begin(&op, store, call, "update_user", after->username);
	if (error == PD_OK)
		error = store_write_version(&op, before, after, draw_uid, taken);
	return store_end(&op, error);
}

enum pd_error
store_delete_user(struct store *store, struct store_call *call, const struct user *user)
{
	enum store_taken taken = STORE_TAKEN_NONE;
	struct store_op op;
	struct user stored;
	enum pd_error error;

	if (user->username == NULL || !store_name_allowed(store, user->username))
		return PD_INVALID;
	error = store_begin(&op, store, call, "delete_user", user->username);
	if (error == PD_OK)
		error = write_once(&op, user, NULL, &taken);
	if (error == PD_CONFLICT && taken == STORE_TAKEN_VERSION) {
		/* Engines need not tell a missing record from a newer one. */
		if (store_fetch_user(&op, user->username, &stored) == PD_NOT_FOUND)
			error = PD_NOT_FOUND;
		user_free(&stored);
	}
	return store_end(&op, error);
}
