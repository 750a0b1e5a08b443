/* SPDX-License-Identifier: BSD-2-Clause */
/* SSH public key lines from a file, as they stand in authorized_keys. */
#ifndef KEY_FILE_H
#define KEY_FILE_H

#include "core/strlist.h"
#include "utils/exit_code.h"

#define KEY_FILE_MAX (256u * 1024) /* bytes */

/* Adds the lines of `path` ("-": standard input) that are neither empty nor comments to out. Says
 * what is wrong; a file without a key is refused. The lines are not judged here. */
enum exit_code key_file_read(const char *path, struct strlist *out);

/* One line: options if any, a key type, its base64, a comment. False: *why is a constant phrase. */
bool key_file_line_valid(const char *line, const char **why);

#endif
