/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/arguments.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct option_row option_rows[OPTION_COUNT] = {
    [OPTION_CONFIG] = {"config", 'c', "FILE", false, "read this configuration file"},
    [OPTION_JSON] = {"json", 0, NULL, false, "print JSON"},
    [OPTION_QUIET] = {"quiet", 'q', NULL, false, "print no progress, only results and errors"},
    [OPTION_DEBUG] = {"debug", 0, NULL, false, "log what is done to standard error"},
    [OPTION_HELP] = {"help", 'h', NULL, false, "explain the command"},
    [OPTION_VERSION] = {"version", 'V', NULL, false, "print the version"},
    [OPTION_PASSWORD_STDIN] = {"password-stdin", 0, NULL, false,
	"read the password from the first line of standard input"},
    [OPTION_NO_PASSWORD] = {"no-password", 0, NULL, false, "key logins only: no password"},
    [OPTION_MUST_CHANGE] = {"must-change", 0, NULL, false,
	"the password must be changed at the next login"},
    [OPTION_HOSTS] = {"hosts", 0, "LIST", false,
	"hosts to log in at: names, patterns, @groups or *"},
    [OPTION_FULL_NAME] = {"full-name", 0, "TEXT", false, "the person's name"},
    [OPTION_EMAIL] = {"email", 0, "ADDRESS", false, "mail address, unique in the directory"},
    [OPTION_UID] = {"uid", 0, "N", false, "user id; drawn when there are hosts"},
    [OPTION_GID] = {"gid", 0, "N", false, "group id; the user id when absent"},
    [OPTION_HOME] = {"home", 0, "PATH", false, "home directory"},
    [OPTION_SHELL] = {"shell", 0, "PATH", false, "login shell"},
    [OPTION_GROUPS] = {"groups", 0, "LIST", false, "names of further groups"},
    [OPTION_SERVICES] = {"services", 0, "LIST", false,
	"PAM services to log in with; every service when absent"},
    [OPTION_KEY] = {"key", 0, "FILE", true, "SSH public keys; - is standard input"},
    [OPTION_STATUS] = {"status", 0, "STATUS", false, "only users of this status"},
    [OPTION_FOR] = {"for", 0, "DURATION", false, "a number and s, m, h, d or w"},
    [OPTION_REMOVE] = {"remove", 0, NULL, false, "take the hosts away"},
    [OPTION_YES] = {"yes", 'y', NULL, false, "do not ask"},
    [OPTION_SERVICE] = {"service", 0, "NAME", false, "PAM service to ask as; login when absent"},
    [OPTION_SOURCE] = {"source", 0, "ADDRESS", false, "the network of this address, not a user"},
    [OPTION_ACCOUNT_ONLY] = {"account-only", 0, NULL, false,
	"ask no password, as a key login does"},
    [OPTION_LIMIT] = {"limit", 0, "N", false, "items to read; 100 when absent"},
    [OPTION_TTL] = {"ttl", 0, "DURATION", false, "how long it holds; 72h when absent"},
    [OPTION_USES] = {"uses", 0, "N", false, "accounts that it is for; 1 when absent"},
};

__attribute__((format(printf, 2, 3))) static bool
refuse(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vsnprintf(why, ARGUMENTS_WHY_SIZE, format, args) < 0)
		why[0] = '\0';
	va_end(args);
	return false;
}

static bool
add_word(struct arguments *out, const char *word, char *why)
{
	if (out->word_count == ARGUMENTS_WORDS_MAX)
		return refuse(why, "more than %d arguments", ARGUMENTS_WORDS_MAX);
	out->words[out->word_count++] = word;
	return true;
}

static bool
add_option(struct arguments *out, size_t id, const char *value, char *why)
{
	const struct option_row *row = &option_rows[id];

	if (row->repeated) {
		if (out->key_count == ARGUMENTS_KEYS_MAX)
			return refuse(
			    why, "--%s more than %d times", row->name, ARGUMENTS_KEYS_MAX);
		out->keys[out->key_count++] = value;
	} else if (out->given & OPTION_BIT(id)) {
		return refuse(why, "--%s is given twice", row->name);
	}
	out->given |= OPTION_BIT(id);
	out->value[id] = value;
	return true;
}

/* The row of a long name of len bytes or of a letter (text NULL); OPTION_COUNT: none. */
static size_t
find_option(const char *text, size_t len, char letter)
{
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++) {
		if (text == NULL ? option_rows[i].letter == letter
				 : strlen(option_rows[i].name) == len &&
			    memcmp(option_rows[i].name, text, len) == 0)
			break;
	}
	return i;
}

static bool
refuse_unknown(const char *argument, size_t name_len, char *why)
{
	if (strncmp(argument, "--pass", 6) == 0 || strncmp(argument, "-p", 2) == 0)
		return refuse(why,
		    "a password is never an argument, because every process of this "
		    "machine can read it there; type it at the prompt, or use --password-stdin");
	return refuse(why, "unknown option %.*s", name_len > 40 ? 40 : (int)name_len, argument);
}

/* Parses argv[*i] and its value; moves *i over a value that stands by itself. */
static bool
parse_option(int argc, char *const argv[], int *i, struct arguments *out, char *why)
{
	const char *argument = argv[*i];
	bool is_long = argument[1] == '-';
	size_t name_len = is_long ? strcspn(argument, "=") : 2;
	const char *value = argument[name_len] == '\0' ? NULL : argument + name_len;
	size_t id;

	id = is_long ? find_option(argument + 2, name_len - 2, 0)
		     : find_option(NULL, 0, argument[1]);
	if (id == OPTION_COUNT)
		return refuse_unknown(argument, name_len, why);
	if (is_long && value != NULL)
		value++;
	if (option_rows[id].label == NULL) {
		if (value != NULL)
			return refuse(why, "--%s takes no value", option_rows[id].name);
	} else if (value == NULL) {
		if (*i + 1 >= argc)
			return refuse(
			    why, "--%s needs %s", option_rows[id].name, option_rows[id].label);
		value = argv[++*i];
	}
	return add_option(out, id, value, why);
}

bool
arguments_parse(int argc, char *const argv[], struct arguments *out, char *why)
{
	bool options = true;
	bool good = true;
	int i;

	memset(out, 0, sizeof(*out));
	for (i = 1; i < argc && good; i++) {
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (options && argv[i][0] == '-' && argv[i][1] != '\0')
			good = parse_option(argc, argv, &i, out, why);
		else
			good = add_word(out, argv[i], why);
	}
	return good;
}

bool
arguments_has(const struct arguments *arguments, enum option_id id)
{
	return (arguments->given & OPTION_BIT(id)) != 0;
}
