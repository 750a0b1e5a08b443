/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <zlib.h>

bool
digest_sha256(const void *data, size_t len, unsigned char out[DIGEST_SHA256_LEN])
{
	unsigned int out_len = 0;

	if (EVP_Digest(len > 0 ? data : "", len, out, &out_len, EVP_sha256(), NULL) == 1 &&
	    out_len == DIGEST_SHA256_LEN)
		return true;
	memset(out, 0, DIGEST_SHA256_LEN);
	return false;
}

bool
digest_sha256_hex(const void *data, size_t len, char out[DIGEST_SHA256_HEX_SIZE])
{
	unsigned char digest[DIGEST_SHA256_LEN];

	if (!digest_sha256(data, len, digest)) {
		memset(out, 0, DIGEST_SHA256_HEX_SIZE);
		return false;
	}
	digest_hex(digest, sizeof(digest), out);
	return true;
}

bool
digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
    unsigned char out[DIGEST_SHA256_LEN])
{
	unsigned int out_len = 0;

	if (key_len <= INT_MAX &&
	    HMAC(EVP_sha256(), key_len > 0 ? key : "", (int)key_len, len > 0 ? data : "", len, out,
		&out_len) != NULL &&
	    out_len == DIGEST_SHA256_LEN)
		return true;
	memset(out, 0, DIGEST_SHA256_LEN);
	return false;
}

void
digest_hex(const unsigned char *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[data[i] >> 4];
		out[2 * i + 1] = digits[data[i] & 15];
	}
	out[2 * len] = '\0';
}

uint32_t
digest_crc32(const void *data, size_t len)
{
	/* crc32_z answers the start value for a null pointer, which is the sum of nothing. */
	return (uint32_t)crc32_z(0, len > 0 ? data : NULL, len);
}
