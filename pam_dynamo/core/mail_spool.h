/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mails that wait to be sent: one file each, "To ADDRESS" as its first line and the message after
 * it, put there by rename(2), so that a sender never sees half of one. Writing takes the same time
 * whether somebody is to get a mail or not: without an address the file is a blank that the sender
 * throws away.
 */
#ifndef MAIL_SPOOL_H
#define MAIL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/log.h"
#include "core/pd_error.h"

#define MAIL_SPOOL_FIRST "To " /* first line: this and the address; nothing more: a blank */
#define MAIL_SPOOL_SUFFIX ".mail"
#define MAIL_SPOOL_SIZE_MAX 65536 /* bytes of a file */

/* Opens the folder: ours or root's, nobody else's to read or write. -1: logged. */
int mail_spool_open(const char *path, const struct log *log);

/* Puts one mail in; to "": a blank. PD_UNAVAILABLE: the folder or disk refuses, logged. */
enum pd_error mail_spool_put(
    const char *path, const char *to, const char *text, size_t len, const struct log *log);

/* An address that may stand on the first line and on a command line: no blank, no control byte, no
 * '-' at its begin. */
bool mail_spool_address(const char *to);

#endif
