/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passwords that nobody may choose: [password] blocklist and site_blocklist. A list is UTF-8 text,
 * one password a line, in any case and any normalisation form, spaces and all. Passwords may begin
 * with "#", so only lines that begin with "#!comment:" are comments, as in the lists of John the
 * Ripper; an empty line is nothing. Constant once loaded.
 */
#ifndef BLOCKLIST_H
#define BLOCKLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/conf.h"

#define BLOCKLIST_BYTES_MAX (16u * 1024 * 1024) /* of the passwords that are kept */

struct blocklist;

/* Reads the lists that conf names, under the rule of conf_open_private. Only what could be a new
 * password is kept, that is of at least min_length code points. PD_CONFIG: a list is missing, not
 * to be trusted, too long, or a line is no text; PD_NO_MEMORY. The log and reason (if not NULL:
 * reason_size bytes) say file, line and what to do. */
enum pd_error blocklist_load(const struct conf *conf, const struct log *log, char *reason,
    size_t reason_size, struct blocklist **out);

/* Stands for lists that could not be loaded: nothing can be judged by them, so that no password is
 * good. PD_NO_MEMORY. */
enum pd_error blocklist_open_unusable(struct blocklist **out);
bool blocklist_usable(const struct blocklist *list);

/* True if the password, folded by nfc_fold, stands in a list. NULL is an empty list. */
bool blocklist_has(const struct blocklist *list, const char *folded);

size_t blocklist_count(const struct blocklist *list); /* passwords kept */
void blocklist_free(struct blocklist *list);          /* NULL is a no-op */

#endif
