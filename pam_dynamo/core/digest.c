/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/digest.h"

#include <limits.h>
#include <openssl/err.h>
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
	OPENSSL_cleanse(digest, sizeof(digest)); /* the data may be a password */
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

static const EVP_MD *
find_digest(enum digest_kind kind)
{
	switch (kind) {
	case DIGEST_SHA1:
		return EVP_sha1();
	case DIGEST_SHA256:
		return EVP_sha256();
	case DIGEST_SHA512:
		return EVP_sha512();
	case DIGEST_SHA3_256:
		return EVP_sha3_256();
	case DIGEST_KINDS:
		break;
	}
	return NULL;
}

size_t
digest_len(enum digest_kind kind)
{
	const EVP_MD *digest = find_digest(kind);

	return digest == NULL ? 0 : (size_t)EVP_MD_get_size(digest);
}

/* A failure leaves nothing behind: neither bytes nor an entry in the thread's list of errors. */
static bool
finish(bool ok, unsigned char out[DIGEST_MAX])
{
	if (!ok) {
		OPENSSL_cleanse(out, DIGEST_MAX);
		ERR_clear_error();
	}
	return ok;
}

/* OpenSSL takes a null pointer for an error even where there are no bytes. */
static const void *
start_of(struct digest_bytes bytes)
{
	return bytes.len > 0 ? bytes.at : "";
}

bool
digest_of(enum digest_kind kind, struct digest_bytes first, struct digest_bytes second,
    unsigned char out[DIGEST_MAX])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = context != NULL && EVP_DigestInit_ex(context, find_digest(kind), NULL) == 1 &&
	    EVP_DigestUpdate(context, start_of(first), first.len) == 1 &&
	    EVP_DigestUpdate(context, start_of(second), second.len) == 1 &&
	    EVP_DigestFinal_ex(context, out, NULL) == 1;

	EVP_MD_CTX_free(context);
	return finish(ok, out);
}

bool
digest_pbkdf2(enum digest_kind kind, struct digest_bytes password, struct digest_bytes salt,
    uint32_t rounds, unsigned char out[DIGEST_MAX])
{
	const EVP_MD *digest = find_digest(kind);
	bool ok = password.len <= INT_MAX && salt.len <= INT_MAX && rounds > 0 &&
	    rounds <= INT_MAX && digest != NULL &&
	    PKCS5_PBKDF2_HMAC(start_of(password), (int)password.len, start_of(salt), (int)salt.len,
		(int)rounds, digest, EVP_MD_get_size(digest), out) == 1;

	return finish(ok, out);
}

bool
digest_scrypt(const struct digest_scrypt *cost, struct digest_bytes password,
    struct digest_bytes salt, unsigned char out[DIGEST_MAX])
{
	/* OpenSSL counts its own small change too: twice is enough for that, and a limit still. */
	uint64_t memory = 2 * 128 * (uint64_t)cost->r * (cost->n + cost->p);
	bool ok = cost->n <= UINT32_MAX && cost->r <= UINT16_MAX && cost->p <= UINT16_MAX &&
	    EVP_PBE_scrypt(start_of(password), password.len, start_of(salt), salt.len, cost->n,
		cost->r, cost->p, memory, out, DIGEST_MAX) == 1;

	return finish(ok, out);
}
