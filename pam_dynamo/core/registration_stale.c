/* SPDX-License-Identifier: BSD-2-Clause */
/* Registrations whose time has passed: they count for nothing at once, and are deleted when
 * somebody comes by. */
#include <string.h>

#include "core/registration.h"
#include "core/waiting.h"

bool
registration_stale(const struct user *user, int64_t now)
{
	switch (user_status_parse(user->status)) {
	case USER_STATUS_PENDING_EMAIL:
		return user->updated_at + REGISTRATION_CONFIRM_S <= now;
	case USER_STATUS_PENDING_APPROVAL:
		return user->updated_at + REGISTRATION_APPROVAL_S <= now;
	case USER_STATUS_ACTIVE:
	case USER_STATUS_DISABLED:
	case USER_STATUS_CLOSED:
	case USER_STATUS_INVALID:
		break;
	}
	return false;
}

/* Deletes the record of an entry, if it is still one that waits in vain, and the entry. */
static enum pd_error
drop(struct store *store, struct store_call *call, const char *name, int64_t now)
{
	struct waiting_change change = {.remove = name, .now = now, .keep = true};
	const struct store_companion row = {WAITING_REGISTRATIONS, waiting_step, &change};
	const struct store_companions with = {&row, 1, now};
	enum store_taken taken;
	struct user user = {0};
	enum pd_error error = store_get_user(store, call, name, &user);

	if (error == PD_OK && registration_stale(&user, now))
		error = store_delete_user_with(store, call, &user, &with, &taken);
	else if (error == PD_OK || error == PD_NOT_FOUND)
		error = store_step_state(store, call, &row, now, NULL);
	user_free(&user);
	return error;
}

void
registration_sweep(const struct registration *registration, struct store_call *call, size_t max)
{
	int64_t now = store_now(registration->store);
	char name[WAITING_NAME_SIZE];
	struct state list = {0};
	int64_t until = 0;

	/* Not at `now`: a list whose every entry has passed is to be read too. */
	if (store_get_state(registration->store, call, WAITING_REGISTRATIONS, 0, &list) != PD_OK)
		return;
	for (size_t i = 0; i < list.entries.len && max > 0; i++) {
		if (!waiting_read(list.entries.items[i], name, &until) || until > now)
			continue;
		max--;
		if (drop(registration->store, call, name, now) != PD_OK)
			break;
	}
	state_free(&list);
}
