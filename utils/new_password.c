/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/new_password.h"

#include <string.h>
#include <unistd.h>

#include "core/password_rules.h"
#include "core/secret.h"
#include "utils/terminal.h"

#define HOST_SIZE 256

/* Holds it against the rules, with the words of this user. */
static enum exit_code
judge(struct session *session, const struct user *user, const struct blocklist *blocklist,
    const char *password, size_t len)
{
	char own[HOST_SIZE] = {0};
	const char *host = session->conf.host_name;
	char why[PASSWORD_RULES_WHY_SIZE];
	struct password_words words;
	struct password_rules rules;
	enum pd_error error;

	if (host[0] == '\0' && gethostname(own, sizeof(own) - 1) == 0)
		host = own;
	password_words_fill(&words, user, host, NULL);
	rules = password_rules_of(&session->conf, blocklist, &words);
	error = password_rules_check(&rules, password, len, why);
	if (error == PD_OK)
		return EXIT_CODE_OK;
	return session_fail(exit_code_of_error(error), "password: %s Nothing was changed.", why);
}

enum exit_code
new_password_hash(struct session *session, const struct user *user, char out[PASSWORD_HASH_SIZE])
{
	struct password_cost cost = {
	    (uint32_t)session->conf.memory_kib, (uint32_t)session->conf.passes};
	struct blocklist *blocklist = NULL;
	char password[PASSWORD_NEW_MAX + 1];
	const char *why = "";
	enum exit_code code;
	enum pd_error error;
	size_t len = 0;

	error = blocklist_load(&session->conf, &session->log, NULL, 0, &blocklist);
	if (error != PD_OK) {
		code = session_fail_error(error, "password");
		goto out;
	}
	error = terminal_read_new_password(
	    session_has(session, OPTION_PASSWORD_STDIN) ? TERMINAL_STDIN : TERMINAL_ASK, password,
	    sizeof(password), &len, &why);
	if (error != PD_OK) {
		code = session_fail(
		    exit_code_of_error(error), "password: %s Nothing was changed.", why);
		goto out;
	}
	code = judge(session, user, blocklist, password, len);
	if (code == EXIT_CODE_OK)
		code = session_fail_error(password_make(&cost, password, len, out), "password");
out:
	secret_wipe(password, sizeof(password));
	blocklist_free(blocklist);
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
