/* SPDX-License-Identifier: BSD-2-Clause */
/* lock and unlock: the lock that failures set, by hand. The record itself is not touched. */
#include <inttypes.h>
#include <string.h>

#include "core/number.h"
#include "utils/account.h"
#include "utils/change.h"
#include "utils/command.h"
#include "utils/output.h"

#define LOCK_LONGEST_S INT64_C(3155760000) /* a hundred years stand for "until unlock" */

/* A number and a unit. */
static bool
parse_duration(const char *text, int64_t *seconds)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	char digits[12];
	size_t len = strlen(text);
	int64_t number;
	size_t i;

	if (len < 2 || len > sizeof(digits))
		return false;
	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].letter != text[len - 1])
			continue;
		if (!number_parse(digits, 1, LOCK_LONGEST_S / units[i].seconds, &number))
			return false;
		*seconds = number * units[i].seconds;
		return true;
	}
	return false;
}

static enum pd_error
swap_lock(struct session *session, const char *name, const struct state *fail, int64_t until)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	int64_t now = store_now(session->store);
	struct state before = {0};
	struct state after = {0};
	char id[STATE_ID_MAX + 1];
	enum pd_error error;

	(void)snprintf(id, sizeof(id), "fail#%s", name);
	error = state_copy(&before, fail);
	if (error == PD_OK && before.id == NULL && (before.id = strdup(id)) == NULL)
		error = PD_NO_MEMORY;
	if (error == PD_OK)
		error = state_copy(&after, &before);
	if (error == PD_OK) {
		after.locked_until = until;
		if (after.window_start == 0)
			after.window_start = now;
		if (after.expires_at < until)
			after.expires_at = until;
		error = store_swap_state(session->store, &call, &before, &after, now);
	}
	state_free(&before);
	state_free(&after);
	return error;
}

enum exit_code
command_lock(struct session *session)
{
	const char *duration = session_value(session, OPTION_FOR);
	const char *name = session_name(session);
	char when[OUTPUT_TIME_SIZE];
	int64_t seconds = LOCK_LONGEST_S;
	struct account account;
	enum exit_code code;
	enum pd_error error = PD_CONFLICT;
	int64_t until = 0;
	int tries;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	if (duration != NULL && !parse_duration(duration, &seconds))
		return session_fail(EXIT_CODE_REFUSED,
		    "`%s` is no duration; give a number and s, m, h, d or w, as in 8h", duration);
	for (tries = 0; error == PD_CONFLICT && tries < CHANGE_TRIES; tries++) {
		code = account_get(session, name, &account);
		if (code != EXIT_CODE_OK)
			return code;
		until = store_now(session->store) + seconds;
		error = swap_lock(session, name, &account.fail, until);
		account_free(&account);
	}
	if (error != PD_OK)
		return session_fail_error(error, name);
	output_time(until, when);
	if (duration == NULL)
		session_say(session, "%s is locked until `pam-dynamo unlock %s`.", name, name);
	else
		session_say(session, "%s is locked until %s.", name, when);
	return account_report(session, name);
}

enum exit_code
command_unlock(struct session *session)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	const char *name = session_name(session);
	struct account account;
	enum exit_code code;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	code = account_get(session, name, &account);
	if (code != EXIT_CODE_OK)
		return code;
	code = session_fail_error(store_clear_failures(session->store, &call, name), name);
	if (code == EXIT_CODE_OK) {
		session_say(session, "%s is not locked, and no failures are counted.", name);
		if (user_status_parse(account.user.status) != USER_STATUS_ACTIVE)
			session_warn("the account is %s all the same; `pam-dynamo enable %s` "
				     "makes it active",
			    account.user.status, name);
		code = account_report(session, name);
	}
	account_free(&account);
	return code;
}
