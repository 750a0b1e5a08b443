/* SPDX-License-Identifier: BSD-2-Clause */
/* What a signed-in user sees and changes of her record. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/profile.h"
#include "service/service.h"
#include "service/web.h"

#define ID_SIZE (STATE_ID_MAX + 1)

/* A state of this user; zeroed where there is none. */
static enum pd_error
get_state(struct exchange *exchange, struct store_call *call, const char *prefix, const char *name,
    struct state *out)
{
	struct store *store = exchange->call->generation->store;
	char id[ID_SIZE];
	enum pd_error error;

	(void)snprintf(id, sizeof(id), "%s%s", prefix, name);
	error = store_get_state(store, call, id, store_now(store), out);
	return error == PD_NOT_FOUND ? PD_OK : error;
}

static enum pd_error
add_last(struct exchange *exchange, struct store_call *call, const char *name)
{
	struct state last;
	char text[128];
	enum pd_error error = get_state(exchange, call, "last#", name, &last);

	if (error == PD_OK && last.at > 0) {
		(void)snprintf(text, sizeof(text), "%" PRId64 " %.63s", last.at,
		    last.source == NULL ? "" : last.source);
		web_add_string(exchange, WEB_TAG_LAST, text);
	}
	state_free(&last);
	return error;
}

static enum pd_error
add_failures(struct exchange *exchange, struct store_call *call, const char *name)
{
	struct state cap;
	enum pd_error error = get_state(exchange, call, "cap#", name, &cap);

	if (error == PD_OK)
		web_add_u32(exchange, WEB_TAG_FAILURES, cap.count);
	state_free(&cap);
	return error;
}

static void
add_hosts(struct exchange *exchange, const struct strlist *hosts)
{
	struct buf text;

	if (hosts->len == 0)
		return;
	buf_init(&text, 0);
	for (size_t i = 0; i < hosts->len && text.len < 4096; i++)
		buf_add_format(&text, "%s%s", i == 0 ? "" : ", ", hosts->items[i]);
	if (!text.failed)
		web_add_string(exchange, WEB_TAG_HOSTS, buf_string(&text));
	buf_free(&text);
}

/* What the forms have, and no more of the profile than that. */
static enum pd_error
add_profile(struct exchange *exchange, const struct pairs *profile)
{
	const struct conf *conf = &exchange->call->generation->conf;
	struct pairs shown = {0};
	enum pd_error error = PD_OK;

	for (size_t i = 0; error == PD_OK && i < conf->field_count; i++) {
		const struct conf_field *field = &conf->fields[i];
		const char *value = pairs_get(profile, field->name);

		if (conf_field_shown(conf, field) && value != NULL &&
		    !pairs_set(&shown, field->name, value))
			error = PD_NO_MEMORY;
	}
	if (error == PD_OK)
		web_add_pairs(exchange, &shown);
	pairs_free(&shown);
	return error;
}

/* The low 32 bits of a version tell two forms of one record apart. */
static uint32_t
form_version(const struct user *user)
{
	return (uint32_t)((uint64_t)user->version & UINT32_MAX);
}

static enum pd_error
add_record(struct exchange *exchange, const struct user *user)
{
	unsigned char verified = user->email_verified;

	web_add_string(exchange, PROTOCOL_TAG_USER, user->username);
	web_add_u32(exchange, WEB_TAG_VERSION, form_version(user));
	web_add_string(exchange, WEB_TAG_EMAIL, user->email);
	web_add(exchange, WEB_TAG_VERIFIED, &verified, sizeof(verified));
	web_add_string(exchange, WEB_TAG_STATE, user->status);
	add_hosts(exchange, &user->hosts);
	return add_profile(exchange, &user->profile);
}

void
web_profile_get(struct exchange *exchange)
{
	struct store *store = exchange->call->generation->store;
	struct store_call call = web_call(exchange);
	struct web_session session;
	size_t others = 0;
	enum pd_error error;

	if (!web_session(exchange, &session))
		return;
	error = web_session_others(store, &call, &session, store_now(store), &others);
	if (error == PD_OK)
		error = add_record(exchange, &session.user);
	if (error == PD_OK)
		error = add_last(exchange, &call, session.user.username);
	if (error == PD_OK)
		error = add_failures(exchange, &call, session.user.username);
	if (error == PD_OK)
		error = web_add_pending(exchange, &call, session.user.username);
	web_spend(exchange, &call);
	if (error == PD_OK) {
		web_add_u32(exchange, WEB_TAG_SESSIONS, (int64_t)others);
		web_add_u32(exchange, WEB_TAG_AUTH_TIME, session.state.at);
		web_set(exchange, WEB_DONE, REASON_GOOD);
	} else {
		web_set_error(exchange, error);
	}
	web_session_free(&session);
}

/* On the version that the form was made from. */
static enum pd_error
write_profile(struct exchange *exchange, const struct user *before, const struct pairs *values)
{
	const struct generation *generation = exchange->call->generation;
	struct store_call call = web_call(exchange);
	struct user after = {0};
	enum pd_error error = user_copy(&after, before);

	if (error == PD_OK)
		error = profile_apply(&generation->conf, PROFILE_EDIT, values, &after);
	if (error == PD_OK && !record_equal(&user_type, before, &after)) {
		after.updated_at = store_now(generation->store);
		error = store_update_user(generation->store, &call, before, &after, false, NULL);
	}
	user_free(&after);
	web_spend(exchange, &call);
	return error == PD_NOT_FOUND ? PD_CONFLICT : error;
}

static void
set_profile(struct exchange *exchange, const struct user *user, const struct pairs *given)
{
	struct profile_fault fault;
	struct pairs values;
	uint32_t version = 0;
	enum pd_error error;

	error = profile_read(
	    &exchange->call->generation->conf, PROFILE_EDIT, given, &values, &fault);
	if (error == PD_INVALID) {
		web_set_invalid(exchange, fault.field, fault.text, fault.bound);
		return;
	}
	if (error == PD_OK &&
	    (!frame_u32(&exchange->frame, WEB_TAG_VERSION, &version) ||
		version != form_version(user)))
		error = PD_CONFLICT;
	if (error == PD_OK)
		error = write_profile(exchange, user, &values);
	pairs_free(&values);
	if (error != PD_OK) {
		web_set_error(exchange, error);
		return;
	}
	web_forget(exchange, user->username);
	exchange->web->event = "profile_changed";
	web_set(exchange, WEB_DONE, REASON_GOOD);
}

void
web_profile_set(struct exchange *exchange)
{
	struct web_session session;
	struct pairs given = {0};

	if (!web_session(exchange, &session))
		return;
	if (web_may_write(exchange) && web_pairs(exchange, &given))
		set_profile(exchange, &session.user, &given);
	pairs_free(&given);
	web_session_free(&session);
}
