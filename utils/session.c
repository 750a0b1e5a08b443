/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

__attribute__((format(printf, 3, 0))) static void
write_escaped(FILE *out, const char *prefix, const char *format, va_list args)
{
	char text[SESSION_LINE_MAX];
	char line[SESSION_LINE_MAX * 4];
	int len;

	len = vsnprintf(text, sizeof(text), format, args);
	if (len < 0)
		return;
	if ((size_t)len >= sizeof(text))
		len = (int)sizeof(text) - 1;
	(void)log_escape(line, sizeof(line), text, (size_t)len);
	(void)fprintf(out, "%s%s\n", prefix, line);
}

/* Lines of the core look like the command's own; notes below a warning name their level. */
static void
log_to_terminal(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	if (level <= LOG_LEVEL_WARNING)
		(void)fprintf(stderr, "pam-dynamo: %s\n", line);
	else
		(void)fprintf(stderr, "pam-dynamo: %s: %s\n", log_level_name(level), line);
}

void
session_init(struct session *session, const struct arguments *arguments)
{
	memset(session, 0, sizeof(*session));
	session->arguments = arguments;
	if (arguments->word_count > 0) {
		session->words = arguments->words + 1;
		session->word_count = arguments->word_count - 1;
	}
	session->conf_path = arguments->value[OPTION_CONFIG];
	if (session->conf_path == NULL)
		session->conf_path = CONF_PATH_DEFAULT;
	session->json = arguments_has(arguments, OPTION_JSON);
	session->quiet = arguments_has(arguments, OPTION_QUIET);
	session->log.sink = log_to_terminal;
	session->log.level = LOG_LEVEL_WARNING;
	if (arguments_has(arguments, OPTION_DEBUG))
		session->log.level = LOG_LEVEL_DEBUG;
}

enum exit_code
session_open(struct session *session, enum session_need need)
{
	enum pd_error error;

	if (need >= SESSION_NEEDS_CONF && !session->conf_loaded) {
		error = conf_load(session->conf_path, &session->log, NULL, 0, &session->conf);
		if (error != PD_OK)
			return exit_code_of_error(error);
		session->conf_loaded = true;
	}
	if (need >= SESSION_NEEDS_STORE && session->store == NULL) {
		error = store_open(
		    &session->conf, STORE_CALLER_COMMAND, &session->log, &session->store);
		if (error != PD_OK)
			return session_fail_error(error, "store");
	}
	return EXIT_CODE_OK;
}

void
session_close(struct session *session)
{
	if (session->store != NULL)
		store_close(session->store);
	session->store = NULL;
	if (session->conf_loaded)
		conf_free(&session->conf);
	session->conf_loaded = false;
}

struct store_call
session_call(int ms)
{
	struct store_call call;

	memset(&call, 0, sizeof(call));
	call.deadline_ms = clock_monotonic_ms() + ms;
	return call;
}

bool
session_has(const struct session *session, enum option_id id)
{
	return arguments_has(session->arguments, id);
}

const char *
session_value(const struct session *session, enum option_id id)
{
	return session->arguments->value[id];
}

void
session_say(const struct session *session, const char *format, ...)
{
	va_list args;

	if (session->quiet || session->json)
		return;
	va_start(args, format);
	write_escaped(stdout, "", format, args);
	va_end(args);
}

void
session_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_escaped(stderr, "pam-dynamo: ", format, args);
	va_end(args);
}

enum exit_code
session_fail(enum exit_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_escaped(stderr, "pam-dynamo: ", format, args);
	va_end(args);
	return code;
}

enum exit_code
session_fail_error(enum pd_error error, const char *subject)
{
	if (error != PD_OK)
		session_warn("%s: %s; %s", subject, pd_error_text(error), exit_code_advice(error));
	return exit_code_of_error(error);
}

enum exit_code
session_print_json(struct json *json)
{
	char *text = NULL;
	enum exit_code code = EXIT_CODE_OK;

	if (json != NULL)
		text = json_text(json, true);
	if (text == NULL)
		code = session_fail_error(PD_NO_MEMORY, "JSON");
	else if (printf("%s\n", text) < 0)
		code = EXIT_CODE_OUTPUT;
	free(text);
	json_free(json);
	return code;
}

const char *
session_name(const struct session *session)
{
	const char *name = session->words[0];
	enum conf_names names = session->conf.names;

	if (!user_name_valid(name, names) && names == CONF_NAMES_EMAIL) {
		session_warn("`%s` is not a user name; with names = email give an address in lower "
			     "case, as in alice@example.org",
		    name);
		return NULL;
	}
	if (!user_name_valid(name, names)) {
		session_warn("`%s` is not a user name; give 1 to %d of a-z, 0-9, _ and -, "
			     "beginning with a letter or _",
		    name, USER_POSIX_NAME_MAX);
		return NULL;
	}
	if (!user_name_allowed(name, names)) {
		session_warn("`%s` is never served from the directory; choose another name", name);
		return NULL;
	}
	return name;
}
