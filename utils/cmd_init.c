/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/command.h"

static void
progress(void *ctx, const char *line)
{
	session_say(ctx, "%s", line);
	(void)fflush(stdout);
}

enum exit_code
command_init(struct session *session)
{
	struct store_call call = session_call(SESSION_INIT_MS);
	const char *engine = store_engine_name(session->store);
	struct json *object;
	enum pd_error error;

	error = store_init(session->store, &call, progress, session);
	if (error != PD_OK)
		return session_fail_error(error, "init");
	session_say(session, "The %s store is ready. %s", engine,
	    conf_attributes_mapped(&session->conf)
		? "`pam-dynamo map check` says what is understood of the users table."
		: "`pam-dynamo add NAME` adds a user.");
	if (!session->json)
		return EXIT_CODE_OK;
	object = json_new_object();
	if (object != NULL &&
	    !(json_put(object, "engine", json_new_string(engine)) &&
		json_put(object, "ready", json_new_bool(true)))) {
		json_free(object);
		object = NULL;
	}
	return session_print_json(object);
}
