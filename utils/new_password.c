/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/new_password.h"

#include <string.h>

#include "core/password_rules.h"
#include "core/secret.h"
#include "utils/terminal.h"

enum exit_code
new_password_hash(struct session *session, const struct user *user, char out[PASSWORD_HASH_SIZE])
{
	const char *context[] = {user->username, user->email, user->full_name, NULL};
	const char *present[sizeof(context) / sizeof(context[0])];
	struct password_rules rules = {(size_t)session->conf.min_length, present};
	struct password_cost cost = {
	    (uint32_t)session->conf.memory_kib, (uint32_t)session->conf.passes};
	char password[PASSWORD_NEW_MAX + 1];
	const char *why = "";
	enum exit_code code;
	enum pd_error error;
	size_t len = 0;
	size_t i;
	size_t n = 0;

	for (i = 0; i < sizeof(context) / sizeof(context[0]); i++) {
		if (context[i] != NULL)
			present[n++] = context[i];
	}
	present[n] = NULL;
	error = terminal_read_new_password(
	    session_has(session, OPTION_PASSWORD_STDIN) ? TERMINAL_STDIN : TERMINAL_ASK, password,
	    sizeof(password), &len, &why);
	if (error != PD_OK) {
		code = session_fail(
		    exit_code_of_error(error), "password: %s Nothing was changed.", why);
		goto out;
	}
	error = password_rules_check(&rules, password, len, &why);
	if (error != PD_OK) {
		code = session_fail(exit_code_of_error(error),
		    "password: %s Nothing was changed; give %zu to %d characters that are not the "
		    "name or the mail address.",
		    why, rules.min_length, PASSWORD_RULES_POINTS);
		goto out;
	}
	code = session_fail_error(password_make(&cost, password, len, out), "password");
out:
	secret_wipe(password, sizeof(password));
	return code;
}

enum pd_error
new_password_set(struct user *user, const char *hash, bool must_change, int64_t now)
{
	char *copy = strdup(hash);

	if (copy == NULL)
		return PD_NO_MEMORY;
	secret_free_string(user->password);
	user->password = copy;
	user->password_changed_at = now;
	user->password_must_change = must_change;
	return PD_OK;
}
