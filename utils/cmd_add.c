/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "utils/account.h"
#include "utils/change.h"
#include "utils/command.h"
#include "utils/field_value.h"
#include "utils/key_file.h"
#include "utils/new_password.h"
#include "utils/rules.h"
#include "utils/terminal.h"

/* Options that are fields of the record. */
static const struct {
	enum option_id option;
	const char *field;
} field_options[] = {
    {OPTION_HOSTS, "hosts"},
    {OPTION_FULL_NAME, "full_name"},
    {OPTION_EMAIL, "email"},
    {OPTION_UID, "uid"},
    {OPTION_GID, "gid"},
    {OPTION_HOME, "home"},
    {OPTION_SHELL, "shell"},
    {OPTION_GROUPS, "groups"},
    {OPTION_SERVICES, "services"},
};

static enum exit_code
fill_options(const struct session *session, struct user *user)
{
	enum exit_code code = EXIT_CODE_OK;
	size_t i;

	for (i = 0; i < sizeof(field_options) / sizeof(field_options[0]); i++) {
		const char *value = session_value(session, field_options[i].option);

		if (value != NULL && code == EXIT_CODE_OK)
			code = field_value_set_named(field_options[i].field, value, user);
	}
	for (i = 0; i < session->arguments->key_count && code == EXIT_CODE_OK; i++)
		code = key_file_read(session->arguments->keys[i], &user->ssh_keys);
	return code;
}

static enum exit_code
fill(struct session *session, const char *name, struct user *user)
{
	const struct user nobody = {0};
	enum exit_code code;

	user->username = strdup(name);
	user->status = strdup(user_status_word(USER_STATUS_ACTIVE));
	if (user->username == NULL || user->status == NULL)
		return session_fail_error(PD_NO_MEMORY, name);
	user->schema = USER_SCHEMA;
	user->epoch = 1;
	code = fill_options(session, user);
	if (code == EXIT_CODE_OK && rules_complete(&session->conf, user) != PD_OK)
		code = session_fail_error(PD_NO_MEMORY, name);
	if (code != EXIT_CODE_OK)
		return code;
	user->version = 1; /* what it will be stored as: a record without one breaks the rules */
	code = rules_user(session, &nobody, user);
	user->version = 0;
	return code;
}

/* Standard input is read once: for keys or for the password. */
static enum exit_code
check_sources(const struct session *session)
{
	bool with_password = !session_has(session, OPTION_NO_PASSWORD);
	bool piped = session_has(session, OPTION_PASSWORD_STDIN) || !terminal_present();
	size_t dashes = 0;
	size_t i;

	for (i = 0; i < session->arguments->key_count; i++)
		dashes += strcmp(session->arguments->keys[i], "-") == 0;
	if (!with_password &&
	    (session_has(session, OPTION_PASSWORD_STDIN) ||
		session_has(session, OPTION_MUST_CHANGE)))
		return session_fail(EXIT_CODE_USAGE,
		    "--no-password does not go with --password-stdin or --must-change");
	if (dashes > 1 || (dashes == 1 && with_password && piped))
		return session_fail(EXIT_CODE_USAGE,
		    "standard input can be read only once; give the keys as files, or "
		    "--no-password");
	return EXIT_CODE_OK;
}

static enum exit_code
refuse_existing(struct session *session, const struct user *user)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	struct user stored;
	enum pd_error error;

	error = store_get_user(session->store, &call, user->username, &stored);
	if (error == PD_NOT_FOUND)
		return EXIT_CODE_OK;
	user_free(&stored);
	if (error == PD_OK)
		return change_refused(user, PD_CONFLICT, STORE_TAKEN_NAME);
	return session_fail_error(error, user->username);
}

static enum exit_code
add_password(struct session *session, struct user *user)
{
	char hash[PASSWORD_HASH_SIZE] = "";
	enum exit_code code;

	if (session_has(session, OPTION_NO_PASSWORD))
		return EXIT_CODE_OK;
	code = new_password_hash(session, user, hash);
	if (code == EXIT_CODE_OK)
		code = session_fail_error(
		    new_password_set(user, hash, session_has(session, OPTION_MUST_CHANGE),
			store_now(session->store)),
		    user->username);
	secret_wipe(hash, sizeof(hash));
	return code;
}

static enum exit_code
create(struct session *session, struct user *user)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	enum store_taken taken = STORE_TAKEN_NONE;
	enum pd_error error;

	user->created_at = store_now(session->store);
	user->updated_at = user->created_at;
	error = store_create_user(
	    session->store, &call, user, rules_draws_uid(&session->conf, user), &taken);
	return change_refused(user, error, taken);
}

enum exit_code
command_add(struct session *session)
{
	const char *name = session_name(session);
	struct user user = {0};
	enum exit_code code;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	code = check_sources(session);
	if (code == EXIT_CODE_OK)
		code = rules_local_name(session, name);
	if (code == EXIT_CODE_OK)
		code = fill(session, name, &user);
	if (code == EXIT_CODE_OK)
		code = refuse_existing(session, &user);
	if (code == EXIT_CODE_OK)
		code = add_password(session, &user);
	if (code == EXIT_CODE_OK)
		code = create(session, &user);
	if (code == EXIT_CODE_OK)
		account_say_access(session, &user, "added");
	if (code == EXIT_CODE_OK)
		code = account_report(session, name);
	user_free(&user);
	return code;
}
