/* SPDX-License-Identifier: BSD-2-Clause */
/* enable, disable, grant: what an account may do. */
#include <stdlib.h>
#include <string.h>

#include "core/policy.h"
#include "utils/account.h"
#include "utils/change.h"
#include "utils/command.h"
#include "utils/rules.h"

static enum exit_code
set_status(const struct session *session, struct user *user, void *ctx)
{
	char *word = strdup(ctx);

	(void)session;
	if (word == NULL)
		return session_fail_error(PD_NO_MEMORY, user->username);
	free(user->status);
	user->status = word;
	return EXIT_CODE_OK;
}

static enum exit_code
change_status(struct session *session, enum user_status status)
{
	char word[32];
	const char *name = session_name(session);
	struct user user;
	enum exit_code code;
	bool changed = false;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	(void)snprintf(word, sizeof(word), "%s", user_status_word(status));
	code = change_user(session, name, set_status, word, &changed, &user);
	if (code != EXIT_CODE_OK)
		return code;
	session_say(session, changed ? "%s is now %s." : "%s is %s already.", name, word);
	user_free(&user);
	return account_report(session, name);
}

enum exit_code
command_enable(struct session *session)
{
	return change_status(session, USER_STATUS_ACTIVE);
}

enum exit_code
command_disable(struct session *session)
{
	return change_status(session, USER_STATUS_DISABLED);
}

static enum exit_code
add_hosts(const struct session *session, struct user *user, void *ctx)
{
	size_t i;

	(void)ctx;
	for (i = 1; i < session->word_count; i++) {
		if (strlist_has(&user->hosts, session->words[i]))
			continue;
		if (!strlist_add(&user->hosts, session->words[i]))
			return session_fail_error(PD_NO_MEMORY, user->username);
	}
	return EXIT_CODE_OK;
}

static enum exit_code
remove_hosts(const struct session *session, struct user *user, void *ctx)
{
	size_t i;

	(void)ctx;
	for (i = 1; i < session->word_count; i++) {
		if (!strlist_remove(&user->hosts, session->words[i]))
			return session_fail(EXIT_CODE_NOT_FOUND,
			    "%s: `%s` is not among the hosts; `pam-dynamo show %s` lists them",
			    user->username, session->words[i], user->username);
	}
	return EXIT_CODE_OK;
}

/* A removed host may still be covered by a pattern that is left. */
static void
warn_covered(const struct session *session, const struct user *user)
{
	struct policy_context context = {0};
	size_t i;

	for (i = 1; i < session->word_count; i++) {
		context.host_short = session->words[i];
		context.host_full = session->words[i];
		context.host_groups = &session->conf.host_groups;
		if (policy_host_allowed(&user->hosts, &context))
			session_warn("%s may still log in at %s through another entry; "
				     "`pam-dynamo show %s` lists them",
			    user->username, session->words[i], user->username);
	}
}

enum exit_code
command_grant(struct session *session)
{
	bool removing = session_has(session, OPTION_REMOVE);
	const char *name = session_name(session);
	struct user user;
	enum exit_code code;
	bool changed = false;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	code = removing ? EXIT_CODE_OK : rules_local_name(session, name);
	if (code == EXIT_CODE_OK)
		code = change_user(
		    session, name, removing ? remove_hosts : add_hosts, NULL, &changed, &user);
	if (code != EXIT_CODE_OK)
		return code;
	if (removing)
		warn_covered(session, &user);
	if (!changed)
		session_say(session, "%s has these hosts already.", name);
	else
		account_say_access(session, &user, "changed");
	user_free(&user);
	return account_report(session, name);
}
