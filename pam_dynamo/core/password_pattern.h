/* SPDX-License-Identifier: BSD-2-Clause */
/* What a whole password may not be: one thing repeated, a run of characters or keys, a word with
 * digits. All take folded text (nfc_fold) and look at the whole of it, never at a part. */
#ifndef PASSWORD_PATTERN_H
#define PASSWORD_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_PATTERN_MAX 2048 /* bytes of the longest text that is looked at */
#define PASSWORD_PATTERN_BLOCK 4  /* code points of the longest block that repeats */

/* One block of up to PASSWORD_PATTERN_BLOCK code points, at least twice; the last one may be cut.
 */
bool password_pattern_repeats(const char *folded, size_t len);

/* Three or more characters that follow each other up or down: by code point, or around the
 * alphabet, the digits, a row, the rows or the columns of a keyboard. */
bool password_pattern_run(const char *folded, size_t len);

/* The word, once or repeated, with any digits before and after it. */
bool password_pattern_word(const char *folded, size_t len, const char *word);

#endif
