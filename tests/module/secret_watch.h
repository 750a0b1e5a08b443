/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks for a secret that stayed behind. The secret itself never stands in this program's memory:
 * it is unmasked byte by byte straight into the buffer of an answer.
 */
#ifndef SECRET_WATCH_H
#define SECRET_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_WATCH_SIZE 33 /* bytes with the NUL */

/* Writes the secret, for struct host_answer. */
void secret_watch_fill(char *out, size_t size);

/* Between these two, every block that is freed or reallocated is searched. */
void secret_watch_begin(void);
size_t secret_watch_end(void); /* how many of them held the secret */

/* How often the secret stands in this process's private writable memory: heap, data, stack also
 * below the stack pointer. */
size_t secret_watch_count(void);

/* Whether both can see here: under a sanitizer, whose allocator takes the place of ours and whose
 * memory has no end, both find nothing. The plain builds watch. */
bool secret_watch_possible(void);

#endif
