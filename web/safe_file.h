/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that decide over security: opened once, judged on the descriptor, then read from it. */
#ifndef WEB_SAFE_FILE_H
#define WEB_SAFE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Reads path, a regular file (no symbolic link) of root or of this user, that group and others may
 * not write and others may not read, of fewer than size bytes and without NUL; ends it with NUL.
 * False: *why says what is wrong, in words for the log. */
bool safe_file_read(const char *path, char *out, size_t size, const char **why);

#endif
