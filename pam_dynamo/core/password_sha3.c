/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA3-256 of salt and password: {SHA3-256}salt$hex, or the 64 digits alone where there is no salt.
 * The salt may be any text: the last 64 characters are the digest. */
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "core/password_format.h"
#include "core/password_text.h"
#include "core/secret.h"

#define DIGEST_LEN 32
#define DIGITS 64

struct hash {
	struct password_text salt;
	unsigned char digest[DIGEST_LEN];
};

static bool
parse(const struct password_format *format, const char *encoded, struct hash *out)
{
	const char *at = password_format_text(format, encoded);
	size_t len = strlen(at);

	out->salt = (struct password_text){at, 0};
	if (format->kind == PASSWORD_SHA3_SALTED) {
		if (len < DIGITS + 1)
			return false;
		out->salt.len = len - DIGITS - 1;
		at += out->salt.len;
		if (!password_text_skip(&at, "$"))
			return false;
	}
	return password_text_hex(&at, out->digest, DIGEST_LEN) && *at == '\0';
}

enum password_match
password_sha3_check(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	struct hash hash;
	bool good = parse(format, encoded, &hash);

	(void)bound; /* one digest costs nothing */
	secret_wipe(&hash, sizeof(hash));
	return good ? PASSWORD_MATCH : PASSWORD_MALFORMED;
}

enum password_match
password_sha3_verify(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	enum password_match match = PASSWORD_MISMATCH;
	unsigned char computed[DIGEST_MAX] = {0};
	struct hash hash;

	if (!parse(format, encoded, &hash))
		return PASSWORD_MALFORMED;
	if (!digest_of(DIGEST_SHA3_256, (struct digest_bytes){hash.salt.at, hash.salt.len},
		(struct digest_bytes){password, len}, computed))
		match = PASSWORD_NO_MEMORY;
	else if (secret_equal(computed, hash.digest, DIGEST_LEN))
		match = PASSWORD_MATCH;
	secret_wipe(computed, sizeof(computed));
	secret_wipe(&hash, sizeof(hash));
	return match;
}

bool
password_from_sha3(const char *salt, const char *digest, char out[PASSWORD_HASH_SIZE])
{
	unsigned char bytes[DIGEST_LEN];
	const char *at = digest;
	int len = -1;

	if (password_text_hex(&at, bytes, sizeof(bytes)) && *at == '\0')
		len = salt == NULL || *salt == '\0'
		    ? snprintf(out, PASSWORD_HASH_SIZE, "%s", digest)
		    : snprintf(out, PASSWORD_HASH_SIZE, "{SHA3-256}%s$%s", salt, digest);
	secret_wipe(bytes, sizeof(bytes));
	if (len > 0 && len < PASSWORD_HASH_SIZE)
		return true;
	memset(out, 0, PASSWORD_HASH_SIZE);
	return false;
}
