/* SPDX-License-Identifier: BSD-2-Clause */
/* The pam-dynamo command. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "core/secret.h"
#include "utils/command.h"

static enum exit_code
check_options(const struct command *command, const struct arguments *arguments)
{
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++) {
		if (arguments_has(arguments, (enum option_id)i) &&
		    ((command->options | OPTION_GLOBAL) & OPTION_BIT(i)) == 0)
			return session_fail(EXIT_CODE_USAGE,
			    "%s takes no --%s; `pam-dynamo help %s` lists what it takes",
			    command->name, option_rows[i].name, command->name);
	}
	return EXIT_CODE_OK;
}

/* The words are not repeated: one too many might be a password. */
static enum exit_code
check_words(const struct command *command, size_t count)
{
	if (count < command->words_min)
		return session_fail(EXIT_CODE_USAGE, "%s needs %s; `pam-dynamo help %s` says more",
		    command->name, command->words, command->name);
	if (count > command->words_max)
		return session_fail(EXIT_CODE_USAGE,
		    "%s takes %s%s and nothing more; a password is never an argument",
		    command->name, command->words[0] == '\0' ? "options" : command->words,
		    command->words[0] == '\0' ? " alone" : "");
	return EXIT_CODE_OK;
}

static enum exit_code
run(const struct command *command, const struct arguments *arguments)
{
	struct session session;
	enum exit_code code;

	session_init(&session, arguments);
	if (arguments_has(arguments, OPTION_HELP)) {
		command_print_help(command, stdout);
		return EXIT_CODE_OK;
	}
	code = check_options(command, arguments);
	if (code == EXIT_CODE_OK)
		code = check_words(command, session.word_count);
	if (code == EXIT_CODE_OK)
		code = session_open(&session, command->need);
	if (code == EXIT_CODE_OK)
		code = command->run(&session);
	session_close(&session);
	return code;
}

static enum exit_code
dispatch(const struct arguments *arguments)
{
	const struct command *command;

	if (arguments_has(arguments, OPTION_VERSION)) {
		(void)printf("pam-dynamo %s\n", PD_VERSION);
		return EXIT_CODE_OK;
	}
	if (arguments->word_count == 0) {
		bool asked = arguments_has(arguments, OPTION_HELP);

		command_print_usage(asked ? stdout : stderr);
		return asked ? EXIT_CODE_OK : EXIT_CODE_USAGE;
	}
	command = command_find(arguments->words[0]);
	if (command == NULL)
		return session_fail(EXIT_CODE_USAGE,
		    "there is no command `%s`; `pam-dynamo help` lists them", arguments->words[0]);
	return run(command, arguments);
}

int
main(int argc, char *argv[])
{
	const struct rlimit no_core = {0, 0};
	struct arguments arguments;
	char why[ARGUMENTS_WHY_SIZE];
	enum exit_code code;

	/* A core file would keep a password that was just typed. */
	(void)setrlimit(RLIMIT_CORE, &no_core);
	/* libcurl would write the keys of its connections there. */
	(void)unsetenv("SSLKEYLOGFILE");
	if (!secret_init())
		return (int)session_fail(
		    EXIT_CODE_BUG, "no source of random bytes; is this machine still starting?");
	if (!arguments_parse(argc, argv, &arguments, why))
		return (int)session_fail(EXIT_CODE_USAGE, "%s; see `pam-dynamo help`", why);
	code = dispatch(&arguments);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		if (code == EXIT_CODE_OK)
			code = session_fail(EXIT_CODE_OUTPUT,
			    "standard output cannot be written; is the disk full?");
	}
	return (int)code;
}
