/* SPDX-License-Identifier: BSD-2-Clause */
/* Another format's hash behind one more prefix: LDAP's {CRYPT}$6$..., Django's bcrypt$$2b$...,
 * bcrypt_sha256$$2b$... and argon2$argon2id$... */
#include <string.h>

#include "core/digest.h"
#include "core/password_format.h"
#include "core/secret.h"

/* The row of the hash inside, if it may stand there; a wrapped one may not. */
static const struct password_format *
find_inner(const struct password_format *format, const char *text)
{
	const struct password_format *inner = password_format_find(text);
	bool allowed = false;

	if (inner == NULL)
		return NULL;
	switch (format->kind) {
	case PASSWORD_WRAPPED_CRYPT:
		allowed = inner->verify == password_crypt_verify;
		break;
	case PASSWORD_WRAPPED_BCRYPT:
	case PASSWORD_WRAPPED_BCRYPT_SHA256:
		allowed = inner->check == password_crypt_check_bcrypt;
		break;
	case PASSWORD_WRAPPED_ARGON2:
		allowed = inner->verify == password_argon2_verify;
		break;
	}
	return allowed ? inner : NULL;
}

enum password_match
password_wrapped_check(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	const char *text = password_format_text(format, encoded);
	const struct password_format *inner = find_inner(format, text);

	return inner == NULL ? PASSWORD_MALFORMED : inner->check(inner, text, bound);
}

enum password_match
password_wrapped_verify(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	const char *text = password_format_text(format, encoded);
	const struct password_format *inner = find_inner(format, text);
	char hex[DIGEST_SHA256_HEX_SIZE] = {0};
	enum password_match match;

	if (inner == NULL)
		return PASSWORD_MALFORMED;
	if (format->kind == PASSWORD_WRAPPED_BCRYPT_SHA256) {
		if (!digest_sha256_hex(password, len, hex))
			return PASSWORD_NO_MEMORY;
		password = hex;
		len = strlen(hex);
	}
	match = inner->verify(inner, text, password, len);
	secret_wipe(hex, sizeof(hex));
	return match;
}
