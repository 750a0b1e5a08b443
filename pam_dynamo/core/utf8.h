/* SPDX-License-Identifier: BSD-2-Clause */
/* What is valid UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF), in one place. */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at text, of which len bytes are there; 0: invalid, cut short, or len is 0.
 * *point (may be NULL) is the code point. */
size_t utf8_next(const char *text, size_t len, uint32_t *point);

/* True if all of it is valid; *points (may be NULL) counts the code points. */
bool utf8_valid(const char *text, size_t len, size_t *points);

/* Code points that never belong into one line of text: C0, DEL, C1, line and paragraph separator,
 * and the bidirectional controls, which make a line read as another. */
bool utf8_control(uint32_t point);

/* Valid and without controls. */
bool utf8_plain(const char *text, size_t len);

#endif
