/* SPDX-License-Identifier: BSD-2-Clause */
/* The one home of libsodium here: wiping, comparing, random bytes, hashes and their text. */
#ifndef WEB_SECRET_H
#define WEB_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_SHA256_LEN 32
#define SECRET_KEY_LEN 32 /* of HMAC-SHA256 */

bool secret_init(void); /* false: no randomness; nothing else may be called then */
void secret_wipe(void *data, size_t len);
void secret_random(void *out, size_t len);
bool secret_equal(const void *a, const void *b, size_t len); /* in constant time */

void secret_sha256(const void *data, size_t len, unsigned char out[SECRET_SHA256_LEN]);
void secret_hmac(const unsigned char key[SECRET_KEY_LEN], const void *data, size_t len,
    unsigned char out[SECRET_SHA256_LEN]);

/* base64url without padding. Characters of len bytes, with the NUL: */
#define SECRET_BASE64_SIZE(len) (((len)*4 + 2) / 3 + 1)
void secret_to_base64(const void *data, size_t len, char *out, size_t out_size);
/* False unless text is the one spelling of exactly len bytes. */
bool secret_from_base64(const char *text, void *out, size_t len);
/* False unless text is 2 * len hex digits. */
bool secret_from_hex(const char *text, void *out, size_t len);
void secret_to_hex(const void *data, size_t len, char *out, size_t out_size);

#endif
