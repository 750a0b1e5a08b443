/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "utils/output.h"

#define NOTE_SIZE 160

struct state_limit
account_limit(const struct conf *conf)
{
	struct state_limit limit = {.window_s = conf->failure_window_s,
	    .max = conf->max_failures,
	    .lockout_s = conf->lockout_s};

	return limit;
}

enum exit_code
account_get(struct session *session, const char *name, struct account *out)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	char id[STATE_ID_MAX + 1];
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	error = store_get_login(session->store, &call, name, &out->user, &out->fail);
	if (error == PD_OK) {
		(void)snprintf(id, sizeof(id), "last#%s", name);
		error = store_get_state(
		    session->store, &call, id, store_now(session->store), &out->last);
		if (error == PD_NOT_FOUND)
			error = PD_OK;
	}
	if (error != PD_OK)
		account_free(out);
	return session_fail_error(error, name);
}

/* What asking for the owner of an item came to; other errors are handed on. */
static enum pd_error
note_owner(struct account *account, const char *item, const char *missing, enum pd_error error,
    const char *owner)
{
	char note[NOTE_SIZE];
	int len = -1;

	if (error == PD_OK && strcmp(owner, account->user.username) == 0)
		return PD_OK;
	if (error == PD_NOT_FOUND)
		len = snprintf(note, sizeof(note), "%s item is missing: %s", item, missing);
	else if (error == PD_OK)
		len = snprintf(
		    note, sizeof(note), "%s item is %s's: no two users may share it", item, owner);
	else
		return error;
	if (len < 0 || len >= NOTE_SIZE)
		return PD_BUG;
	return strlist_add(&account->notes, note) ? PD_OK : PD_NO_MEMORY;
}

enum exit_code
account_note_owners(struct session *session, struct account *account)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	const struct user *user = &account->user;
	char owner[USER_NAME_SIZE] = {0};
	char item[sizeof("uid#") + 20];
	enum pd_error error = PD_OK;

	account->noted = true;
	if (conf_attributes_mapped(&session->conf))
		return EXIT_CODE_OK; /* other software's table has no such items */
	(void)snprintf(item, sizeof(item), "uid#%" PRId64, user->uid);
	if (user->uid != 0) {
		error = store_uid_owner(session->store, &call, user->uid, owner);
		error = note_owner(account, item,
		    "the user is not found by uid, and the uid may be given to somebody else",
		    error, owner);
	}
	if (error == PD_OK && user->email != NULL) {
		error = store_email_owner(session->store, &call, user->email, owner);
		error = note_owner(
		    account, "email#", "somebody else may register the address", error, owner);
	}
	account->noted = error == PD_OK;
	return session_fail_error(error, user->username);
}

void
account_free(struct account *account)
{
	strlist_free(&account->notes);
	user_free(&account->user);
	state_free(&account->fail);
	state_free(&account->last);
}

enum exit_code
account_print(const struct session *session, const struct account *account)
{
	struct state_limit limit = account_limit(&session->conf);
	struct output_account view = {&account->user, &account->fail, &account->last,
	    account->noted ? &account->notes : NULL, &limit, store_now(session->store)};

	if (session->json)
		return session_print_json(output_account_json(&view));
	output_account_text(stdout, &view);
	return EXIT_CODE_OK;
}

enum exit_code
account_report(struct session *session, const char *name)
{
	struct account account;
	enum exit_code code;

	if (!session->json)
		return EXIT_CODE_OK;
	code = account_get(session, name, &account);
	if (code != EXIT_CODE_OK)
		return code;
	code = account_print(session, &account);
	account_free(&account);
	return code;
}

void
account_say_access(const struct session *session, const struct user *user, const char *what)
{
	char uid[sizeof("uid , ") + 20] = "";
	struct buf hosts;
	size_t i;

	if (user->hosts.len == 0) {
		session_say(session,
		    "%s is %s: a web account, which may log in at no host; `pam-dynamo grant %s "
		    "HOST` "
		    "changes that.",
		    user->username, what, user->username);
		return;
	}
	buf_init(&hosts, SESSION_LINE_MAX / 2);
	for (i = 0; i < user->hosts.len; i++)
		buf_add_format(&hosts, "%s%s", i == 0 ? "" : " ", user->hosts.items[i]);
	if (user->uid != 0)
		(void)snprintf(uid, sizeof(uid), "uid %" PRId64 ", ", user->uid);
	session_say(session, "%s is %s: %smay log in at %s%s.", user->username, what, uid,
	    buf_string(&hosts), hosts.failed ? " ..." : "");
	buf_free(&hosts);
}
