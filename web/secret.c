/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/secret.h"

#include <string.h>

#include <sodium.h>

bool
secret_init(void)
{
	return sodium_init() >= 0;
}

void
secret_wipe(void *data, size_t len)
{
	sodium_memzero(data, len);
}

void
secret_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

bool
secret_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void
secret_sha256(const void *data, size_t len, unsigned char out[SECRET_SHA256_LEN])
{
	crypto_hash_sha256(out, data, len);
}

void
secret_hmac(const unsigned char key[SECRET_KEY_LEN], const void *data, size_t len,
    unsigned char out[SECRET_SHA256_LEN])
{
	crypto_auth_hmacsha256(out, data, len, key);
}

void
secret_to_base64(const void *data, size_t len, char *out, size_t out_size)
{
	sodium_bin2base64(out, out_size, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* libsodium 1.0.18 takes some bytes above 127 for characters of its alphabets. */
static bool
is_of(const char *alphabet, const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, alphabet) == len;
}

bool
secret_from_base64(const char *text, void *out, size_t len)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t text_len = SECRET_BASE64_SIZE(len) - 1;
	size_t got = 0;
	const char *end = NULL;

	return is_of(alphabet, text, text_len) &&
	    sodium_base642bin(out, len, text, text_len, NULL, &got, &end,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	    got == len && end == text + text_len;
}

bool
secret_from_hex(const char *text, void *out, size_t len)
{
	size_t text_len = 2 * len;
	size_t got = 0;
	const char *end = NULL;

	return is_of("0123456789abcdefABCDEF", text, text_len) &&
	    sodium_hex2bin(out, len, text, text_len, NULL, &got, &end) == 0 && got == len &&
	    end == text + text_len;
}

void
secret_to_hex(const void *data, size_t len, char *out, size_t out_size)
{
	sodium_bin2hex(out, out_size, data, len);
}
