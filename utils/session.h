/* SPDX-License-Identifier: BSD-2-Clause */
/* One run of the command: its arguments, configuration, store and voice. */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/conf.h"
#include "core/json.h"
#include "core/log.h"
#include "core/store.h"
#include "utils/arguments.h"
#include "utils/exit_code.h"

/* What a command wants to be there before it runs. */
enum session_need { SESSION_NEEDS_NOTHING, SESSION_NEEDS_CONF, SESSION_NEEDS_STORE };

#define SESSION_CALL_MS 10000  /* one command's store requests, waiting for people excluded */
#define SESSION_INIT_MS 180000 /* creating tables takes DynamoDB some ten seconds */
#define SESSION_LINE_MAX 1024  /* bytes of one message */

struct session {
	const struct arguments *arguments;
	const char *const *words; /* after the command's name */
	size_t word_count;
	const char *conf_path;
	bool json;
	bool quiet;
	struct log log;
	struct conf conf;
	bool conf_loaded;
	struct store *store; /* NULL until needed */
};

/* Borrows the arguments. */
void session_init(struct session *session, const struct arguments *arguments);

/* Loads and opens what is needed and says what is wrong. */
enum exit_code session_open(struct session *session, enum session_need need);
void session_close(struct session *session);

/* A fresh call with `ms` to spend. */
struct store_call session_call(int ms);

bool session_has(const struct session *session, enum option_id id);
const char *session_value(const struct session *session, enum option_id id); /* NULL: not given */

/* One line to standard output, unless --quiet or --json. Control bytes are escaped. */
void session_say(const struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "pam-dynamo: ..." to standard error. By habit: what is wrong; what to do. */
void session_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* session_warn, and the code is handed back. */
enum exit_code session_fail(enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The store's error about `subject`: its text and advice. PD_OK says nothing. */
enum exit_code session_fail_error(enum pd_error error, const char *subject);

/* Prints a JSON value, indented and with a newline, and frees it; NULL is out of memory. */
enum exit_code session_print_json(struct json *json);

/* The user name among the words; NULL: it breaks the grammar, which was said. */
const char *session_name(const struct session *session);

#endif
