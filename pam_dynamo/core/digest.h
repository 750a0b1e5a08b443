/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256, HMAC-SHA-256 and CRC-32 for keys and signatures: the home of the OpenSSL and zlib
 * headers. False means that the library refused; the output is then zeroed. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SHA256_LEN 32
#define DIGEST_SHA256_HEX_SIZE 65 /* lower-case hex with its NUL */

bool digest_sha256(const void *data, size_t len, unsigned char out[DIGEST_SHA256_LEN]);
bool digest_sha256_hex(const void *data, size_t len, char out[DIGEST_SHA256_HEX_SIZE]);
bool digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
    unsigned char out[DIGEST_SHA256_LEN]);
void digest_hex(const unsigned char *data, size_t len, char *out); /* out: 2 * len + 1 bytes */
uint32_t digest_crc32(const void *data, size_t len);               /* ISO-HDLC, as x-amz-crc32 */

#endif
