/* SPDX-License-Identifier: BSD-2-Clause */
/* lock and unlock: the lock that failures set, by hand. The record itself is not touched. */
#include <inttypes.h>
#include <string.h>

#include "core/json.h"
#include "core/source.h"
#include "utils/account.h"
#include "utils/change.h"
#include "utils/command.h"
#include "utils/duration.h"
#include "utils/output.h"

#define LOCK_LONGEST_S INT64_C(3155760000) /* a hundred years stand for "until unlock" */

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
	if (duration != NULL && !duration_parse(duration, LOCK_LONGEST_S, &seconds))
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

static enum exit_code
unlock_user(struct session *session)
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
	code = session_fail_error(store_clear_all_failures(session->store, &call, name), name);
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

static enum exit_code
report_source(const struct session *session, const char *network, int64_t failures)
{
	struct json *object = json_new_object();

	if (!session->json) {
		json_free(object);
		session_say(session, "%s is not locked; %" PRId64 " failures are forgotten.",
		    network, failures);
		return EXIT_CODE_OK;
	}
	if (!json_put(object, "source", json_new_string(network)) ||
	    !json_put(object, "forgotten", json_new_int(failures))) {
		json_free(object);
		object = NULL;
	}
	return session_print_json(object);
}

/* What store_clear_source forgets is read first, so that a mistyped address shows. */
static enum exit_code
unlock_source(struct session *session, const char *address)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	char id[sizeof("net#") + SOURCE_SIZE];
	char network[SOURCE_SIZE];
	struct state counted = {0};
	enum pd_error error;
	int64_t failures;

	if (!source_network(address, network))
		return session_fail(EXIT_CODE_REFUSED,
		    "`%s` is no address; give one in numbers, as in 192.0.2.7 or 2001:db8::7",
		    address);
	(void)snprintf(id, sizeof(id), "net#%s", network);
	error = store_get_state(session->store, &call, id, store_now(session->store), &counted);
	failures = counted.count;
	state_free(&counted);
	if (error == PD_OK || error == PD_NOT_FOUND)
		error = store_clear_source(session->store, &call, network);
	if (error != PD_OK)
		return session_fail_error(error, network);
	return report_source(session, network, failures);
}

enum exit_code
command_unlock(struct session *session)
{
	const char *address = session_value(session, OPTION_SOURCE);

	if ((address != NULL) == (session->word_count > 0))
		return session_fail(
		    EXIT_CODE_USAGE, "unlock takes one of the two: a user, or --source ADDRESS");
	return address != NULL ? unlock_source(session, address) : unlock_user(session);
}
