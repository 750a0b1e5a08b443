/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests, HMAC and CRC-32 for keys and signatures, and what hashes of passwords are built from:
 * the home of the OpenSSL and zlib headers. False means that the library refused; the output is
 * then zeroed. */
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

/* Of imported hashes. Outputs hold digest_len(kind) bytes, at most DIGEST_MAX. */
enum digest_kind {
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_SHA512,
	DIGEST_SHA3_256,
	DIGEST_KINDS,
};

#define DIGEST_MAX 64

struct digest_bytes {
	const void *at;
	size_t len;
};

size_t digest_len(enum digest_kind kind);

/* Of `first` and then `second`. */
bool digest_of(enum digest_kind kind, struct digest_bytes first, struct digest_bytes second,
    unsigned char out[DIGEST_MAX]);

/* RFC 8018; rounds is 1 to 2^31 - 1. */
bool digest_pbkdf2(enum digest_kind kind, struct digest_bytes password, struct digest_bytes salt,
    uint32_t rounds, unsigned char out[DIGEST_MAX]);

/* RFC 7914. Needs 128 * r * (n + p) bytes of memory, and refuses n that is no power of two above 1
 * or does not stay below 2^(16 * r), and r * p of 2^30 and above. */
struct digest_scrypt {
	uint64_t n;
	uint32_t r;
	uint32_t p;
};
bool digest_scrypt(const struct digest_scrypt *cost, struct digest_bytes password,
    struct digest_bytes salt, unsigned char out[DIGEST_MAX]);

#endif
