/* SPDX-License-Identifier: BSD-2-Clause */
/* The only place that wipes, compares in constant time, and draws random bytes (libsodium). */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once per process, before anything else here and before threads; false: no usable random source.
 */
bool secret_init(void);

/* Overwrites memory in a way the compiler keeps. NULL or 0 bytes is a no-op. */
void secret_wipe(void *data, size_t len);

/* Wipes a malloc'ed C string and frees it; NULL is a no-op. */
void secret_free_string(char *text);

/* Constant-time comparison of len bytes. */
bool secret_equal(const void *a, const void *b, size_t len);

/* Random bytes; a uniform number below bound (bound > 0). */
void secret_random(void *out, size_t len);
uint32_t secret_random_below(uint32_t bound);

#define SECRET_ID_SIZE 33 /* 128 random bits as lower-case hex, with the NUL */
void secret_random_id(char out[SECRET_ID_SIZE]);

#endif
