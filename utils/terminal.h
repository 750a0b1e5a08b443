/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Talking to the person. Passwords come from the terminal without echo, or from the first line of
 * standard input; the terminal is as before after every way out, signals included.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/pd_error.h"

enum terminal_source {
	TERMINAL_ASK,  /* the terminal; standard input when that is none */
	TERMINAL_STDIN /* standard input */
};

/* True if a question can be asked: standard input is a terminal. */
bool terminal_present(void);

/* Reads one password of at most size - 1 bytes into out (NUL-terminated; the caller wipes it).
 * PD_INVALID: empty, too long or with a NUL byte; PD_UNAVAILABLE: nothing to read from. *why is
 * then a constant sentence and out is wiped. */
enum pd_error terminal_read_password(enum terminal_source source, const char *prompt, char *out,
    size_t size, size_t *len, const char **why);

/* The same for a new password: on a terminal it is asked twice and must agree. */
enum pd_error terminal_read_new_password(
    enum terminal_source source, char *out, size_t size, size_t *len, const char **why);

/* Asks on the terminal; true for y or yes. */
bool terminal_confirm(const char *question);

#endif
