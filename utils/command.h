/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands: usage, help, completion and the man page's test all read it. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "utils/exit_code.h"
#include "utils/session.h"

typedef enum exit_code command_fn(struct session *session);

struct command {
	const char *name;
	const char *words;   /* its arguments as usage shows them; "" for none */
	const char *summary; /* one phrase */
	const char *help;    /* some sentences, wrapped at 80 columns */
	uint64_t options;    /* OPTION_BITs beside OPTION_GLOBAL */
	size_t words_min;
	size_t words_max;
	enum session_need need;
	command_fn *run;
};

extern const struct command command_rows[];
extern const size_t command_row_count;

const struct command *command_find(const char *name); /* NULL: none */

/* The list of commands and global options; one command's own page. */
void command_print_usage(FILE *out);
void command_print_help(const struct command *command, FILE *out);

command_fn command_add;
command_fn command_check;
command_fn command_delete;
command_fn command_disable;
command_fn command_enable;
command_fn command_grant;
command_fn command_help;
command_fn command_init;
command_fn command_invite;
command_fn command_list;
command_fn command_lock;
command_fn command_login_test;
command_fn command_mail_send;
command_fn command_map;
command_fn command_passwd;
command_fn command_pending;
command_fn command_reset_link;
command_fn command_set;
command_fn command_show;
command_fn command_unlock;

#endif
