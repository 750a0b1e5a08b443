/* SPDX-License-Identifier: BSD-2-Clause */
/* How many guesses a password takes, by zxcvbn (D. Wheeler, USENIX Security 2016). The one home of
 * libzxcvbn: its dictionaries are compiled in and constant, so it needs no start and any number of
 * threads may call it. */
#ifndef PASSWORD_ESTIMATE_H
#define PASSWORD_ESTIMATE_H

#include <stddef.h>

#define PASSWORD_ESTIMATE_POINTS 128 /* code points that are looked at */

/* Bits of the guesses that the password (form C, valid UTF-8) takes. `words` (NULL ends, may be
 * NULL) are as good as known to the guesser. The library looks at the first 100 code points, which
 * bounds its time to some milliseconds; what follows counts next to nothing. It knows ASCII only:
 * every other character is one symbol to it, out of a hundred. Keeps no copy. It takes some hundred
 * KiB at most, and ends the process where malloc gives it none. */
double password_estimate(const char *password, size_t len, const char *const *words);

#endif
