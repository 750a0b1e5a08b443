/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records for people and for programs, driven by the field table of the user record. Secret fields
 * are never shown: only whether there is a password, and the format of its hash.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdint.h>
#include <stdio.h>

#include "core/json.h"
#include "core/state.h"
#include "core/user.h"

struct output_account {
	const struct user *user;
	const struct state *fail;    /* NULL: not asked for */
	const struct state *last;    /* NULL: not asked for; version 0: never */
	const struct strlist *notes; /* NULL: not asked for */
	const struct state_limit *limit;
	int64_t now;
};

#define OUTPUT_TIME_SIZE 32

/* ISO 8601 in UTC, "2026-11-22T08:00:00Z"; "-" for 0. */
void output_time(int64_t seconds, char out[OUTPUT_TIME_SIZE]);

/* "name:   value" lines of what is there. */
void output_account_text(FILE *out, const struct output_account *account);

/* Times are Unix seconds. Text and numbers that are absent are left out; booleans, lists and maps
 * are always there. NULL: out of memory. */
struct json *output_account_json(const struct output_account *account);

/* One line of `list` and the line above it. */
void output_list_head(FILE *out);
void output_list_line(FILE *out, const struct user *user);

#endif
