/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/exit_code.h"

const struct exit_code_row exit_code_rows[] = {
    {EXIT_CODE_OK, "done"},
    {EXIT_CODE_DENIED, "the login was denied, or the question was answered with no"},
    {EXIT_CODE_USAGE, "the command line is wrong"},
    {EXIT_CODE_NOT_FOUND, "there is no such user, host or file"},
    {EXIT_CODE_CONFLICT, "taken by somebody else, or changed meanwhile"},
    {EXIT_CODE_REFUSED, "a value breaks a rule"},
    {EXIT_CODE_CORRUPT, "a stored record or a reply breaks its format"},
    {EXIT_CODE_UNAVAILABLE, "the directory or the service cannot be reached in time"},
    {EXIT_CODE_BUG, "a fault of the program"},
    {EXIT_CODE_NO_MEMORY, "out of memory"},
    {EXIT_CODE_OUTPUT, "the output could not be written"},
    {EXIT_CODE_CONFIG, "configuration, credentials or permissions are wrong"},
};
const size_t exit_code_row_count = sizeof(exit_code_rows) / sizeof(exit_code_rows[0]);

static const struct {
	enum exit_code code;
	const char *advice;
} error_rows[PD_ERROR_COUNT] = {
    [PD_OK] = {EXIT_CODE_OK, "nothing is to be done"},
    [PD_NOT_FOUND] = {EXIT_CODE_NOT_FOUND, "`pam-dynamo list` shows who is there"},
    [PD_CONFLICT] = {EXIT_CODE_CONFLICT, "look at it with `pam-dynamo show` and try again"},
    [PD_INVALID] = {EXIT_CODE_REFUSED, "give another value"},
    [PD_CONFIG] = {EXIT_CODE_CONFIG, "run `pam-dynamo check`"},
    [PD_UNAVAILABLE] = {EXIT_CODE_UNAVAILABLE, "try again; `pam-dynamo check` says what is wrong"},
    [PD_UNCERTAIN] = {EXIT_CODE_UNAVAILABLE, "look with `pam-dynamo show` whether it was written"},
    [PD_CORRUPT] = {EXIT_CODE_CORRUPT, "repair the record in the store, or delete it"},
    [PD_NO_MEMORY] = {EXIT_CODE_NO_MEMORY, "free some memory and try again"},
    [PD_BUG] = {EXIT_CODE_BUG, "please report it with the lines above"},
};

static const struct {
	enum exit_code code;
	const char *word;
} verdict_rows[VERDICT_COUNT] = {
    [VERDICT_DENY] = {EXIT_CODE_DENIED, "deny"},
    [VERDICT_UNKNOWN] = {EXIT_CODE_DENIED, "unknown"},
    [VERDICT_EXPIRED] = {EXIT_CODE_DENIED, "expired"},
    [VERDICT_FORBIDDEN] = {EXIT_CODE_DENIED, "forbidden"},
    [VERDICT_UNAVAILABLE] = {EXIT_CODE_UNAVAILABLE, "unavailable"},
    [VERDICT_FAULT] = {EXIT_CODE_CORRUPT, "fault"},
    [VERDICT_NO_MEMORY] = {EXIT_CODE_NO_MEMORY, "no-memory"},
    [VERDICT_CHANGE] = {EXIT_CODE_DENIED, "change"},
    [VERDICT_REFUSED] = {EXIT_CODE_REFUSED, "refused"},
    [VERDICT_TRY_AGAIN] = {EXIT_CODE_CONFLICT, "try-again"},
    [VERDICT_SUCCESS] = {EXIT_CODE_OK, "success"},
};

enum exit_code
exit_code_of_error(enum pd_error error)
{
	if ((unsigned)error >= PD_ERROR_COUNT)
		return EXIT_CODE_BUG;
	return error_rows[error].code;
}

enum exit_code
exit_code_of_verdict(enum verdict verdict)
{
	if ((unsigned)verdict >= VERDICT_COUNT)
		return EXIT_CODE_CORRUPT;
	return verdict_rows[verdict].code;
}

const char *
exit_code_advice(enum pd_error error)
{
	if ((unsigned)error >= PD_ERROR_COUNT)
		error = PD_BUG;
	return error_rows[error].advice;
}

const char *
exit_code_verdict_word(enum verdict verdict)
{
	if ((unsigned)verdict >= VERDICT_COUNT)
		return "invalid";
	return verdict_rows[verdict].word;
}
