/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names that nobody may register on the web page, for a person of that name could be taken for a
 * program, a group or an office: the shipped list and the files of the site's own. A list holds one
 * pattern a line; '*' stands for any characters, '#' begins a comment. Constant once loaded.
 */
#ifndef RESERVED_NAMES_H
#define RESERVED_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/log.h"
#include "core/pd_error.h"

#define RESERVED_NAMES_SHIPPED "/usr/share/pam-dynamo/reserved-names"
#define RESERVED_NAMES_SITE "reserved-names.d" /* beside the configuration file */

struct reserved_names;

/* Reads the file `shipped` and, where the folder `site` is, each of its files whose name does not
 * begin with '.' or end with '~'; both under the rule of conf_open_private. PD_CONFIG: the shipped
 * list is missing, a file is not to be trusted or cannot be read, or a line is no pattern of a
 * name: the log says file and line. PD_NO_MEMORY. */
enum pd_error reserved_names_load(
    const char *shipped, const char *site, const struct log *log, struct reserved_names **out);
void reserved_names_free(struct reserved_names *names); /* NULL is a no-op */

bool reserved_names_has(const struct reserved_names *names, const char *name);
size_t reserved_names_count(const struct reserved_names *names);

/* A name that may be registered: ^[a-z][a-z0-9_-]{2,30}$ without '-' or '_' at the end. Stricter
 * than user_name_valid, which judges what administrators chose. */
bool reserved_names_grammar(const char *name);

#endif
