/* SPDX-License-Identifier: BSD-2-Clause */
/* FIELD=VALUE on the command line, held against the field table of the user record. */
#ifndef FIELD_VALUE_H
#define FIELD_VALUE_H

#include "core/user.h"
#include "utils/exit_code.h"

/* Sets one field of user from "FIELD=VALUE"; an empty value makes it absent. Only fields with
 * FIELD_EDITABLE. Says what is wrong: EXIT_CODE_USAGE for the field, EXIT_CODE_REFUSED for the
 * value. */
enum exit_code field_value_set(const char *word, struct user *user);

/* The same with the parts apart; text as record_set_text takes it, and for FIELD_TIME also a date,
 * 2027-01-31 or 2027-01-31T18:00:00Z. */
enum exit_code field_value_set_named(const char *name, const char *text, struct user *user);

#endif
