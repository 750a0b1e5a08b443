/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line: one table of options, parsed strictly and anywhere on the line. Options are
 * spelled in full, as `--name value` or `--name=value`; `--` ends them.
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_id {
	OPTION_CONFIG,
	OPTION_JSON,
	OPTION_QUIET,
	OPTION_DEBUG,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_PASSWORD_STDIN,
	OPTION_NO_PASSWORD,
	OPTION_MUST_CHANGE,
	OPTION_HOSTS,
	OPTION_FULL_NAME,
	OPTION_EMAIL,
	OPTION_UID,
	OPTION_GID,
	OPTION_HOME,
	OPTION_SHELL,
	OPTION_GROUPS,
	OPTION_SERVICES,
	OPTION_KEY,
	OPTION_STATUS,
	OPTION_FOR,
	OPTION_REMOVE,
	OPTION_YES,
	OPTION_SERVICE,
	OPTION_ACCOUNT_ONLY,
	OPTION_SOURCE,
	OPTION_LIMIT,
	OPTION_TTL,
	OPTION_USES,
	OPTION_COUNT,
};

#define OPTION_BIT(id) (UINT64_C(1) << (id))
#define OPTION_GLOBAL                                                                     \
	(OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_QUIET) | \
	    OPTION_BIT(OPTION_DEBUG) | OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION))

struct option_row {
	const char *name;  /* without the dashes */
	char letter;       /* 0: none */
	const char *label; /* of its value; NULL: takes none */
	bool repeated;     /* may be given more than once: kept in arguments.keys */
	const char *help;
};

extern const struct option_row option_rows[OPTION_COUNT];

#define ARGUMENTS_WORDS_MAX 128
#define ARGUMENTS_KEYS_MAX 32
#define ARGUMENTS_WHY_SIZE 256

struct arguments {
	uint64_t given; /* OPTION_BITs */
	const char *value[OPTION_COUNT];
	const char *keys[ARGUMENTS_KEYS_MAX]; /* values of --key in order */
	size_t key_count;
	const char *words[ARGUMENTS_WORDS_MAX]; /* what is no option, in order; the command first */
	size_t word_count;
};

/* False: *why (ARGUMENTS_WHY_SIZE bytes) says what is wrong. It never repeats a value, which might
 * be a password typed at the wrong place. out borrows from argv. */
bool arguments_parse(int argc, char *const argv[], struct arguments *out, char *why);

bool arguments_has(const struct arguments *arguments, enum option_id id);

#endif
