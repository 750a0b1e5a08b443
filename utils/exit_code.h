/* SPDX-License-Identifier: BSD-2-Clause */
/* The command's exit codes, pam-dynamo(8): small numbers for what scripts ask, sysexits(3) for the
 * rest. A code, once given, keeps its meaning. */
#ifndef EXIT_CODE_H
#define EXIT_CODE_H

#include <stddef.h>

#include "core/pd_error.h"
#include "verdict.h"

enum exit_code {
	EXIT_CODE_OK = 0,
	EXIT_CODE_DENIED = 1,
	EXIT_CODE_USAGE = 2,
	EXIT_CODE_NOT_FOUND = 3,
	EXIT_CODE_CONFLICT = 4,
	EXIT_CODE_REFUSED = 5,
	EXIT_CODE_CORRUPT = 65,
	EXIT_CODE_UNAVAILABLE = 69,
	EXIT_CODE_BUG = 70,
	EXIT_CODE_NO_MEMORY = 71,
	EXIT_CODE_OUTPUT = 74,
	EXIT_CODE_CONFIG = 78,
};

struct exit_code_row {
	enum exit_code code;
	const char *meaning; /* as in the man page */
};

extern const struct exit_code_row exit_code_rows[];
extern const size_t exit_code_row_count;

enum exit_code exit_code_of_error(enum pd_error error);
enum exit_code exit_code_of_verdict(enum verdict verdict);

/* What to do about it, a constant phrase; never NULL. */
const char *exit_code_advice(enum pd_error error);

/* The verdict's word for people and JSON: "success", "deny", ... "invalid" outside the enum. */
const char *exit_code_verdict_word(enum verdict verdict);

#endif
