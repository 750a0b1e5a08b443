/* SPDX-License-Identifier: BSD-2-Clause */
/* help: the tables of commands, options and exit codes, for people and for programs. */
#include <string.h>

#include "utils/command.h"

static void
print_option(const struct option_row *row, FILE *out)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%c%c%s--%s%s%s", row->letter == 0 ? ' ' : '-',
	    row->letter == 0 ? ' ' : row->letter, row->letter == 0 ? "  " : ", ", row->name,
	    row->label == NULL ? "" : " ", row->label == NULL ? "" : row->label);
	(void)fprintf(
	    out, "  %-26s %s%s\n", text, row->help, row->repeated ? "; may be repeated" : "");
}

static void
print_options(uint64_t options, FILE *out)
{
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++) {
		if (options & OPTION_BIT(i))
			print_option(&option_rows[i], out);
	}
}

void
command_print_usage(FILE *out)
{
	size_t i;

	(void)fputs("usage: pam-dynamo [OPTION...] COMMAND [ARGUMENT...]\n\ncommands:\n", out);
	for (i = 0; i < command_row_count; i++)
		(void)fprintf(out, "  %-26s %s\n", command_rows[i].name, command_rows[i].summary);
	(void)fputs("\noptions of every command:\n", out);
	print_options(OPTION_GLOBAL, out);
	(void)fputs("\n`pam-dynamo help COMMAND` explains one; pam-dynamo(8) all of them.\n", out);
}

void
command_print_help(const struct command *command, FILE *out)
{
	(void)fprintf(out, "usage: pam-dynamo %s%s%s%s\n\n%s\n", command->name,
	    command->options != 0 ? " [OPTION...]" : "", command->words[0] == '\0' ? "" : " ",
	    command->words, command->help);
	if (command->options != 0)
		(void)fputs("\noptions:\n", out);
	print_options(command->options, out);
	(void)fputs("\noptions of every command:\n", out);
	print_options(OPTION_GLOBAL, out);
}

/* Appends child to array under *good, which stays false once it is. */
static void
append(struct json *array, struct json *child, bool *good)
{
	*good = json_append(array, child) && *good;
}

static void
put(struct json *object, const char *name, struct json *value, bool *good)
{
	*good = json_put(object, name, value) && *good;
}

static struct json *
finished(struct json *json, bool good)
{
	if (good)
		return json;
	json_free(json);
	return NULL;
}

static struct json *
options_json(uint64_t options)
{
	struct json *array = json_new_array();
	bool good = array != NULL;
	size_t i;

	for (i = 0; i < OPTION_COUNT && good; i++) {
		if (options & OPTION_BIT(i))
			append(array, json_new_string(option_rows[i].name), &good);
	}
	return finished(array, good);
}

static struct json *
command_json(const struct command *command)
{
	struct json *object = json_new_object();
	bool good = object != NULL;

	if (good) {
		put(object, "name", json_new_string(command->name), &good);
		put(object, "words", json_new_string(command->words), &good);
		put(object, "summary", json_new_string(command->summary), &good);
		put(object, "options", options_json(command->options), &good);
	}
	return finished(object, good);
}

static struct json *
option_json(const struct option_row *row)
{
	char letter[2] = {row->letter, '\0'};
	struct json *object = json_new_object();
	bool good = object != NULL;

	if (good) {
		put(object, "name", json_new_string(row->name), &good);
		if (row->letter != 0)
			put(object, "letter", json_new_string(letter), &good);
		if (row->label != NULL)
			put(object, "value", json_new_string(row->label), &good);
		put(object, "repeated", json_new_bool(row->repeated), &good);
		put(object, "global",
		    json_new_bool((OPTION_GLOBAL & OPTION_BIT(row - option_rows)) != 0), &good);
		put(object, "help", json_new_string(row->help), &good);
	}
	return finished(object, good);
}

static struct json *
exit_json(const struct exit_code_row *row)
{
	struct json *object = json_new_object();
	bool good = object != NULL;

	if (good) {
		put(object, "code", json_new_int(row->code), &good);
		put(object, "meaning", json_new_string(row->meaning), &good);
	}
	return finished(object, good);
}

static struct json *
tables_json(void)
{
	struct json *object = json_new_object();
	struct json *commands = json_new_array();
	struct json *options = json_new_array();
	struct json *exits = json_new_array();
	bool good = object != NULL && commands != NULL && options != NULL && exits != NULL;
	size_t i;

	for (i = 0; i < command_row_count && good; i++)
		append(commands, command_json(&command_rows[i]), &good);
	for (i = 0; i < OPTION_COUNT && good; i++)
		append(options, option_json(&option_rows[i]), &good);
	for (i = 0; i < exit_code_row_count && good; i++)
		append(exits, exit_json(&exit_code_rows[i]), &good);
	if (object == NULL) {
		json_free(commands);
		json_free(options);
		json_free(exits);
		return NULL;
	}
	put(object, "commands", commands, &good);
	put(object, "options", options, &good);
	put(object, "exit_codes", exits, &good);
	return finished(object, good);
}

enum exit_code
command_help(struct session *session)
{
	const struct command *command;

	if (session->json)
		return session_print_json(tables_json());
	if (session->word_count == 0) {
		command_print_usage(stdout);
		return EXIT_CODE_OK;
	}
	command = command_find(session->words[0]);
	if (command == NULL)
		return session_fail(EXIT_CODE_USAGE,
		    "there is no command `%s`; `pam-dynamo help` lists them", session->words[0]);
	command_print_help(command, stdout);
	return EXIT_CODE_OK;
}
