/* SPDX-License-Identifier: BSD-2-Clause */
/* What text from a browser may be made of. */
#ifndef WEB_TEXT_H
#define WEB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at text, of which len are there (RFC 3629: shortest form, no surrogates,
 * up to U+10FFFF); 0: invalid, cut short, or len is 0. */
size_t text_next(const char *text, size_t len, uint32_t *point);

/* Valid UTF-8 without NUL, C0, DEL and C1; CR and LF only if lines is true. */
bool text_good(const char *text, size_t len, bool lines);

size_t text_points(const char *text); /* code points of valid UTF-8 */

/* A decimal number without sign or blank, at most max. */
bool text_number(const char *text, uint64_t max, uint64_t *out);

/* Cuts blanks off both ends, in place, and wipes what that leaves behind. */
void text_trim(char *text);

#endif
