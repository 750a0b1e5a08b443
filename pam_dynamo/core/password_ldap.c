/* SPDX-License-Identifier: BSD-2-Clause */
/* Salted digests of LDAP directories: {SSHA512} and the base64 of the digest of password and salt,
 * and then the salt. */
#include <string.h>

#include "core/digest.h"
#include "core/password_format.h"
#include "core/password_text.h"
#include "core/secret.h"

#define SALT_MAX 64

struct hash {
	unsigned char bytes[DIGEST_MAX + SALT_MAX]; /* the digest and then the salt */
	size_t salt_len;
};

static bool
parse(const struct password_format *format, const char *encoded, struct hash *out)
{
	const char *text = password_format_text(format, encoded);
	size_t digest = digest_len((enum digest_kind)format->kind);
	size_t len = 0;

	if (!password_text_decode((struct password_text){text, strlen(text)}, true, out->bytes,
		digest + SALT_MAX, &len) ||
	    len <= digest)
		return false;
	out->salt_len = len - digest;
	return true;
}

enum password_match
password_ldap_check(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	struct hash hash;
	bool good = parse(format, encoded, &hash);

	(void)bound; /* one digest costs nothing */
	secret_wipe(&hash, sizeof(hash));
	return good ? PASSWORD_MATCH : PASSWORD_MALFORMED;
}

enum password_match
password_ldap_verify(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	enum digest_kind kind = (enum digest_kind)format->kind;
	enum password_match match = PASSWORD_MISMATCH;
	unsigned char computed[DIGEST_MAX] = {0};
	struct hash hash;

	if (!parse(format, encoded, &hash))
		return PASSWORD_MALFORMED;
	if (!digest_of(kind, (struct digest_bytes){password, len},
		(struct digest_bytes){hash.bytes + digest_len(kind), hash.salt_len}, computed))
		match = PASSWORD_NO_MEMORY;
	else if (secret_equal(computed, hash.bytes, digest_len(kind)))
		match = PASSWORD_MATCH;
	secret_wipe(computed, sizeof(computed));
	secret_wipe(&hash, sizeof(hash));
	return match;
}
