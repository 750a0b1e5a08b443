/* SPDX-License-Identifier: BSD-2-Clause */
/* Times as other programs write them into records. */
#ifndef TIME_TEXT_H
#define TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Unix seconds from a date of ISO 8601, "2026-11-22", with or without a time "T08:00:00" (or a
 * blank for the T; seconds may be missing), a fraction, and a zone, "Z" or "+01:00" or "+0100"; UTC
 * where there is none. False: anything else, a day or hour that does not exist, or before 1970. */
bool time_text_parse(const char *text, int64_t *out);

/* Unix seconds from a number of seconds or, where it is too large for them, of milliseconds: from
 * 100000000000, which is the year 5138 or March 1973. */
int64_t time_text_seconds(int64_t number);

/* The same from decimal digits with or without a fraction, which is dropped. False: anything else.
 */
bool time_text_epoch(const char *text, int64_t *out);

#endif
