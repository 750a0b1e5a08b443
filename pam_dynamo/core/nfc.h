/* SPDX-License-Identifier: BSD-2-Clause */
/* Unicode normalisation form C (UAX #15), so that a password is the same whichever keyboard, phone
 * or browser composed it. The one home of utf8proc. */
#ifndef NFC_H
#define NFC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFC_TEXT_MAX 1024 /* bytes of a text that is normalised */
#define NFC_EXPANSION 3   /* the form takes up to so many times the bytes of the text */

/* The text in form C, with a NUL behind it; *out_len (may be NULL) are its bytes without the NUL.
 * out does not overlap text. Keeps no copy: a secret is in out alone, which the caller wipes.
 * False, and out zeroed: more than NFC_TEXT_MAX bytes, not valid UTF-8, a NUL in the text, or the
 * form needs more than size - 1 bytes. */
bool nfc_normalise(const char *text, size_t len, char *out, size_t size, size_t *out_len);

/* The same without differences of case, for comparisons (full case folding of the Unicode
 * Standard, 3.13: "Stra\u00dfe" and "STRASSE" become one). */
bool nfc_fold(const char *text, size_t len, char *out, size_t size, size_t *out_len);

/* One code point in lower case, where it has one. */
uint32_t nfc_lower(uint32_t point);

#endif
