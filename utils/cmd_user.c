/* SPDX-License-Identifier: BSD-2-Clause */
/* set and delete; add has its own file. */
#include <stdlib.h>
#include <string.h>

#include "utils/account.h"
#include "utils/change.h"
#include "utils/command.h"
#include "utils/field_value.h"
#include "utils/rules.h"
#include "utils/terminal.h"

static enum exit_code
set_fields(const struct session *session, struct user *user, void *ctx)
{
	enum exit_code code = EXIT_CODE_OK;
	size_t i;

	(void)ctx;
	for (i = 1; i < session->word_count && code == EXIT_CODE_OK; i++)
		code = field_value_set(session->words[i], user);
	return code;
}

/* Everything that is wrong with the words themselves, before the first request. */
static enum exit_code
check_words(const struct session *session)
{
	struct user scratch = {0};
	enum exit_code code;

	code = set_fields(session, &scratch, NULL);
	if (code == EXIT_CODE_OK && scratch.hosts.len > 0)
		code = rules_local_name(session, session->words[0]);
	user_free(&scratch);
	return code;
}

enum exit_code
command_set(struct session *session)
{
	const char *name = session_name(session);
	struct user user;
	enum exit_code code;
	bool changed = false;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	code = check_words(session);
	if (code == EXIT_CODE_OK)
		code = change_user(session, name, set_fields, NULL, &changed, &user);
	if (code != EXIT_CODE_OK)
		return code;
	session_say(session, changed ? "%s is changed." : "%s is like that already.", name);
	user_free(&user);
	return account_report(session, name);
}

/* What hosts noted about somebody who is no more. Only a warning: the state expires by itself. */
static void
forget_state(struct session *session, const char *name, const struct account *account)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	enum pd_error error = store_clear_all_failures(session->store, &call, name);

	if (error == PD_OK && account->last.version != 0) {
		struct state last = account->last; /* borrowed: only read */

		error = store_swap_state(
		    session->store, &call, &last, NULL, store_now(session->store));
	}
	if (error != PD_OK)
		session_warn("%s: failures and last login are left behind (%s); they expire by "
			     "themselves",
		    name, pd_error_text(error));
}

static enum exit_code
confirm(const struct session *session, const struct user *user)
{
	char question[SESSION_LINE_MAX];

	if (session_has(session, OPTION_YES))
		return EXIT_CODE_OK;
	if (!terminal_present())
		return session_fail(EXIT_CODE_USAGE,
		    "delete asks on a terminal, and standard input is none; add --yes");
	(void)snprintf(question, sizeof(question), "Delete %s%s%s%s for good?", user->username,
	    user->full_name == NULL ? "" : " (", user->full_name == NULL ? "" : user->full_name,
	    user->full_name == NULL ? "" : ")");
	if (!terminal_confirm(question))
		return session_fail(EXIT_CODE_DENIED, "%s was not deleted", user->username);
	return EXIT_CODE_OK;
}

enum exit_code
command_delete(struct session *session)
{
	const char *name = session_name(session);
	struct store_call call;
	struct account account;
	enum exit_code code;
	enum pd_error error;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	code = account_get(session, name, &account);
	if (code == EXIT_CODE_OK)
		code = confirm(session, &account.user);
	if (code != EXIT_CODE_OK)
		goto out;
	call = session_call(SESSION_CALL_MS);
	error = store_delete_user(session->store, &call, &account.user);
	if (error != PD_OK) {
		code = change_refused(&account.user, error, STORE_TAKEN_VERSION);
		goto out;
	}
	forget_state(session, name, &account);
	if (session->json)
		code = account_print(session, &account);
	else if (account.user.uid != 0)
		session_say(session, "%s is deleted; the uid %lld is never used again.", name,
		    (long long)account.user.uid);
	else
		session_say(session, "%s is deleted.", name);
out:
	account_free(&account);
	return code;
}
