/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/secret.h"
#include "utils/account.h"
#include "utils/change.h"
#include "utils/command.h"
#include "utils/new_password.h"

struct new_hash {
	char hash[PASSWORD_HASH_SIZE];
	bool must_change;
};

static enum exit_code
set_hash(const struct session *session, struct user *user, void *ctx)
{
	const struct new_hash *new = ctx;

	if (new_password_set(user, new->hash, new->must_change, store_now(session->store)) != PD_OK)
		return session_fail_error(PD_NO_MEMORY, user->username);
	user->epoch++;
	return EXIT_CODE_OK;
}

/* Reads the record first: the rules forbid the user's own words, and nobody types a password for a
 * name that does not exist. */
static enum exit_code
ask(struct session *session, const char *name, struct new_hash *new)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	struct user user;
	enum exit_code code;
	enum pd_error error;

	error = store_get_user(session->store, &call, name, &user);
	if (error != PD_OK)
		return session_fail_error(error, name);
	code = new_password_hash(session, &user, new->hash);
	user_free(&user);
	return code;
}

/* The new password starts with no wrong ones before it. */
static void
forget_cap(struct session *session, const char *name)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	char id[STATE_ID_MAX + 1];
	enum pd_error error;

	(void)snprintf(id, sizeof(id), "cap#%s", name);
	error = store_clear_events(session->store, &call, id);
	if (error != PD_OK)
		session_warn("%s: wrong passwords of before are still counted (%s); `pam-dynamo "
			     "unlock %s` forgets them",
		    name, pd_error_text(error), name);
}

enum exit_code
command_passwd(struct session *session)
{
	struct new_hash new = {.must_change = session_has(session, OPTION_MUST_CHANGE)};
	const char *name = session_name(session);
	struct user user = {0};
	enum exit_code code;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	code = ask(session, name, &new);
	if (code == EXIT_CODE_OK)
		code = change_user(session, name, set_hash, &new, NULL, &user);
	if (code == EXIT_CODE_OK) {
		forget_cap(session, name);
		session_say(session, "%s has a new password%s.", name,
		    new.must_change ? " and must change it at the next login" : "");
		code = account_report(session, name);
	}
	secret_wipe(&new, sizeof(new));
	user_free(&user);
	return code;
}
