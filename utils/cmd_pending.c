/* SPDX-License-Identifier: BSD-2-Clause */
/* pending: who has registered at the page and waits. */
#include <stdlib.h>
#include <string.h>

#include "core/registration.h"
#include "core/waiting.h"
#include "utils/account.h"
#include "utils/change.h"
#include "utils/command.h"
#include "utils/output.h"
#include "utils/rules.h"

static struct registration
desk(const struct session *session)
{
	return (struct registration){
	    .conf = &session->conf, .store = session->store, .log = &session->log};
}

static bool
is_pending(const struct user *user)
{
	enum user_status status = user_status_parse(user->status);

	return status == USER_STATUS_PENDING_EMAIL || status == USER_STATUS_PENDING_APPROVAL;
}

static void
print_text(const struct user *user)
{
	const char *reason = pairs_get(&user->profile, "reason");
	char when[OUTPUT_TIME_SIZE];
	char line[SESSION_LINE_MAX];

	output_time(user->created_at, when);
	(void)printf("%-31s %-17s %s", user->username, user->status, when);
	(void)log_escape(line, sizeof(line), user->email == NULL ? "-" : user->email,
	    user->email == NULL ? 1 : strlen(user->email));
	(void)printf(" %s%s", line, user->email_verified ? "" : " (not confirmed)");
	if (user->full_name != NULL) {
		(void)log_escape(line, sizeof(line), user->full_name, strlen(user->full_name));
		(void)printf(" %s", line);
	}
	(void)printf("\n");
	if (reason != NULL) {
		(void)log_escape(line, sizeof(line), reason, strlen(reason));
		(void)printf("    %s\n", line);
	}
}

static enum exit_code
print_one(const struct session *session, const struct user *user, struct json *array)
{
	const struct output_account view = {.user = user};

	if (!session->json)
		print_text(user);
	else if (!json_append(array, output_account_json(&view)))
		return session_fail_error(PD_NO_MEMORY, "pending");
	return EXIT_CODE_OK;
}

/* Those of the list who still wait. */
static enum exit_code
print_list(struct session *session, const struct state *list, struct json *array)
{
	enum exit_code code = EXIT_CODE_OK;
	int64_t now = store_now(session->store);
	size_t corrupt = 0;

	for (size_t i = 0; i < list->entries.len && code == EXIT_CODE_OK; i++) {
		struct store_call call = session_call(SESSION_CALL_MS);
		char name[WAITING_NAME_SIZE];
		struct user user = {0};
		int64_t until;
		enum pd_error error = PD_NOT_FOUND;

		if (waiting_read(list->entries.items[i], name, &until) && until > now)
			error = store_get_user(session->store, &call, name, &user);
		if (error == PD_OK && is_pending(&user) && !registration_stale(&user, now))
			code = print_one(session, &user, array);
		else if (error == PD_CORRUPT) /* the lines above name it */
			corrupt++;
		else if (error != PD_OK && error != PD_NOT_FOUND)
			code = session_fail_error(error, name);
		user_free(&user);
	}
	if (code == EXIT_CODE_OK && corrupt > 0)
		session_warn("%zu records break their format and were left out", corrupt);
	return code;
}

static enum exit_code
list_pending(struct session *session)
{
	struct store_call call = session_call(SESSION_INIT_MS);
	struct registration registration = desk(session);
	struct json *array = session->json ? json_new_array() : NULL;
	struct state list = {0};
	enum exit_code code = EXIT_CODE_OK;
	enum pd_error error;

	registration_sweep(&registration, &call, WAITING_MAX);
	error = store_get_state(
	    session->store, &call, WAITING_REGISTRATIONS, store_now(session->store), &list);
	if (error != PD_OK && error != PD_NOT_FOUND)
		code = session_fail_error(error, "pending");
	else
		code = print_list(session, &list, array);
	state_free(&list);
	if (session->json && code == EXIT_CODE_OK)
		return session_print_json(array);
	json_free(array);
	return code;
}

/* The record of the name, if it waits. */
static enum exit_code
get_pending(struct session *session, const char *name, struct user *out)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	enum pd_error error = store_get_user(session->store, &call, name, out);

	if (error != PD_OK)
		return session_fail_error(error, name);
	if (is_pending(out))
		return EXIT_CODE_OK;
	return session_fail(EXIT_CODE_CONFLICT,
	    "%s: is %s and does not wait; `pam-dynamo pending list` shows who does", name,
	    out->status);
}

static struct waiting_change
leave(const struct session *session, const char *name)
{
	return (struct waiting_change){
	    .remove = name, .now = store_now(session->store), .keep = true};
}

static enum exit_code
approve(struct session *session, const char *name)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	struct registration registration = desk(session);
	struct waiting_change change = leave(session, name);
	const struct store_companion row = {WAITING_REGISTRATIONS, waiting_step, &change};
	const struct store_companions with = {&row, 1, change.now};
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user before = {0}, after = {0};
	enum exit_code code = rules_local_name(session, name);
	enum pd_error error;

	if (code == EXIT_CODE_OK)
		code = get_pending(session, name, &before);
	if (code == EXIT_CODE_OK && user_copy(&after, &before) != PD_OK)
		code = session_fail_error(PD_NO_MEMORY, name);
	if (code == EXIT_CODE_OK) {
		free(after.status);
		after.status = strdup(user_status_word(USER_STATUS_ACTIVE));
		after.updated_at = change.now;
		error = store_update_user_with(
		    session->store, &call, &before, &after, &with, &taken);
		code = change_refused(&after, error, taken);
	}
	if (code == EXIT_CODE_OK) {
		registration_tell_approved(&registration, &after);
		account_say_access(session, &after, "approved");
		code = account_report(session, name);
	}
	user_free(&before);
	user_free(&after);
	return code;
}

static enum exit_code
reject(struct session *session, const char *name)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	struct waiting_change change = leave(session, name);
	const struct store_companion row = {WAITING_REGISTRATIONS, waiting_step, &change};
	const struct store_companions with = {&row, 1, change.now};
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user user = {0};
	enum exit_code code = get_pending(session, name, &user);

	if (code == EXIT_CODE_OK)
		code = change_refused(&user,
		    store_delete_user_with(session->store, &call, &user, &with, &taken), taken);
	if (code == EXIT_CODE_OK)
		session_say(session, "%s is rejected: the record is deleted.", name);
	user_free(&user);
	return code;
}

static const struct {
	const char *word;
	enum exit_code (*run)(struct session *session, const char *name);
} verbs[] = {{"approve", approve}, {"reject", reject}};

enum exit_code
command_pending(struct session *session)
{
	const char *word = session->words[0];
	const char *name;

	if (strcmp(word, "list") == 0 && session->word_count == 1)
		return list_pending(session);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(word, verbs[i].word) != 0 || session->word_count != 2)
			continue;
		session->words++;
		session->word_count--;
		name = session_name(session);
		return name == NULL ? EXIT_CODE_REFUSED : verbs[i].run(session, name);
	}
	return session_fail(EXIT_CODE_USAGE,
	    "there is `pending list`, `pending approve NAME` and `pending reject NAME`");
}
