/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/change.h"

#include <inttypes.h>
#include <string.h>

#include "utils/rules.h"

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

enum exit_code
change_refused(const struct user *user, enum pd_error error, enum store_taken taken)
{
	if (error != PD_CONFLICT)
		return session_fail_error(error, user->username);
	switch (taken) {
	case STORE_TAKEN_NAME:
		return session_fail(EXIT_CODE_CONFLICT,
		    "%s: exists already; `pam-dynamo set` changes it", user->username);
	case STORE_TAKEN_EMAIL:
		return session_fail(EXIT_CODE_CONFLICT,
		    "%s: the mail address %s belongs to somebody else; give another",
		    user->username, user->email == NULL ? "" : user->email);
	case STORE_TAKEN_UID:
		return session_fail(EXIT_CODE_CONFLICT,
		    "%s: uid %" PRId64 " is or was somebody's and is never given twice; leave it "
		    "away to have one drawn",
		    user->username, user->uid);
	case STORE_TAKEN_NONE:
	case STORE_TAKEN_STATE:
	case STORE_TAKEN_VERSION:
		break;
	}
	return session_fail(EXIT_CODE_CONFLICT,
	    "%s: was changed by somebody else meanwhile; look at it and try again", user->username);
}

static enum exit_code
follow(const struct session *session, const struct user *before, struct user *after)
{
	bool was_active = user_status_parse(before->status) == USER_STATUS_ACTIVE;

	if (was_active && user_status_parse(after->status) != USER_STATUS_ACTIVE)
		after->epoch++;
	if (!same_text(before->email, after->email))
		after->email_verified = false;
	if (after->uid == 0 && before->uid != 0)
		return session_fail(EXIT_CODE_REFUSED,
		    "%s: a uid cannot be taken away, files may carry it; take the hosts away or "
		    "disable the account",
		    after->username);
	if (rules_complete(&session->conf, after) != PD_OK)
		return session_fail_error(PD_NO_MEMORY, after->username);
	return EXIT_CODE_OK;
}

static bool
conflict_of_version(enum pd_error error, enum store_taken taken)
{
	return error == PD_CONFLICT && (taken == STORE_TAKEN_VERSION || taken == STORE_TAKEN_NONE);
}

/* One round; *again: the version was overtaken. */
static enum exit_code
change_once(struct session *session, struct user *before, change_fn *change, void *ctx,
    bool *changed, bool *again, struct user *after)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	enum store_taken taken = STORE_TAKEN_NONE;
	enum exit_code code;
	enum pd_error error;

	*again = false;
	error = user_copy(after, before);
	if (error != PD_OK)
		return session_fail_error(error, before->username);
	code = change(session, after, ctx);
	if (code == EXIT_CODE_OK)
		code = follow(session, before, after);
	if (code == EXIT_CODE_OK)
		code = rules_user(session, before, after);
	*changed = code == EXIT_CODE_OK && !record_equal(&user_type, before, after);
	if (code != EXIT_CODE_OK || !*changed)
		return code;
	after->updated_at = store_now(session->store);
	error = store_update_user(
	    session->store, &call, before, after, rules_draws_uid(&session->conf, after), &taken);
	if (error == PD_OK)
		return EXIT_CODE_OK;
	*again = conflict_of_version(error, taken);
	return *again ? EXIT_CODE_CONFLICT : change_refused(after, error, taken);
}

enum exit_code
change_user(struct session *session, const char *name, change_fn *change, void *ctx, bool *changed,
    struct user *out)
{
	enum exit_code code = EXIT_CODE_CONFLICT;
	struct user before;
	bool wrote = false;
	bool again = true;
	int tries;

	memset(out, 0, sizeof(*out));
	for (tries = 0; again && tries < CHANGE_TRIES; tries++) {
		struct store_call call = session_call(SESSION_CALL_MS);
		enum pd_error error;

		user_free(out);
		error = store_get_user(session->store, &call, name, &before);
		if (error != PD_OK)
			return session_fail_error(error, name);
		code = change_once(session, &before, change, ctx, &wrote, &again, out);
		user_free(&before);
	}
	if (again)
		code = change_refused(out, PD_CONFLICT, STORE_TAKEN_VERSION);
	if (code != EXIT_CODE_OK)
		user_free(out);
	if (changed != NULL)
		*changed = code == EXIT_CODE_OK && wrote;
	return code;
}
