/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password.h"

#include <string.h>
#include <strings.h>

#include "core/digest.h"
#include "core/nfc.h"
#include "core/password_format.h"
#include "core/secret.h"

/* Form C takes up to three times the bytes; with its NUL. */
#define NORMALISED_SIZE (3 * PASSWORD_MAX + 1)

/* The first row whose prefix fits; what is nothing but hex has none, and stands last. */
const struct password_format password_formats[] = {
    {"argon2id", "$argon2id$", PASSWORD_ARGON2ID, password_argon2_check, password_argon2_verify},
    {"argon2i", "$argon2i$", PASSWORD_ARGON2I, password_argon2_check, password_argon2_verify},
    {"yescrypt", "$y$", PASSWORD_CRYPT_MEMORY, password_crypt_check_yescrypt,
	password_crypt_verify},
    {"gost-yescrypt", "$gy$", PASSWORD_CRYPT_MEMORY, password_crypt_check_yescrypt,
	password_crypt_verify},
    {"scrypt", "$7$", PASSWORD_CRYPT_MEMORY, password_crypt_check_scrypt, password_crypt_verify},
    {"sha512-crypt", "$6$", PASSWORD_CRYPT_PLAIN, password_crypt_check_sha512,
	password_crypt_verify},
    {"sha256-crypt", "$5$", PASSWORD_CRYPT_PLAIN, password_crypt_check_sha256,
	password_crypt_verify},
    {"bcrypt", "$2a$", PASSWORD_CRYPT_BCRYPT, password_crypt_check_bcrypt, password_crypt_verify},
    {"bcrypt", "$2b$", PASSWORD_CRYPT_BCRYPT, password_crypt_check_bcrypt, password_crypt_verify},
    {"bcrypt", "$2y$", PASSWORD_CRYPT_BCRYPT, password_crypt_check_bcrypt, password_crypt_verify},
    {"werkzeug-scrypt", "scrypt:", 0, password_scrypt_check_werkzeug,
	password_scrypt_verify_werkzeug},
    {"werkzeug-pbkdf2-sha1", "pbkdf2:sha1:", DIGEST_SHA1, password_pbkdf2_check_werkzeug,
	password_pbkdf2_verify_werkzeug},
    {"werkzeug-pbkdf2-sha256", "pbkdf2:sha256:", DIGEST_SHA256, password_pbkdf2_check_werkzeug,
	password_pbkdf2_verify_werkzeug},
    {"werkzeug-pbkdf2-sha512", "pbkdf2:sha512:", DIGEST_SHA512, password_pbkdf2_check_werkzeug,
	password_pbkdf2_verify_werkzeug},
    {"django-scrypt", "scrypt$", 0, password_scrypt_check_django, password_scrypt_verify_django},
    {"django-pbkdf2-sha1", "pbkdf2_sha1$", DIGEST_SHA1, password_pbkdf2_check_django,
	password_pbkdf2_verify_django},
    {"django-pbkdf2-sha256", "pbkdf2_sha256$", DIGEST_SHA256, password_pbkdf2_check_django,
	password_pbkdf2_verify_django},
    {"django-argon2", "argon2", PASSWORD_WRAPPED_ARGON2, password_wrapped_check,
	password_wrapped_verify},
    {"django-bcrypt", "bcrypt$", PASSWORD_WRAPPED_BCRYPT, password_wrapped_check,
	password_wrapped_verify},
    {"django-bcrypt-sha256", "bcrypt_sha256$", PASSWORD_WRAPPED_BCRYPT_SHA256,
	password_wrapped_check, password_wrapped_verify},
    {"ldap-ssha", "{SSHA}", DIGEST_SHA1, password_ldap_check, password_ldap_verify},
    {"ldap-ssha256", "{SSHA256}", DIGEST_SHA256, password_ldap_check, password_ldap_verify},
    {"ldap-ssha512", "{SSHA512}", DIGEST_SHA512, password_ldap_check, password_ldap_verify},
    {"ldap-crypt", "{CRYPT}", PASSWORD_WRAPPED_CRYPT, password_wrapped_check,
	password_wrapped_verify},
    {"ldap-argon2", "{ARGON2}", PASSWORD_WRAPPED_ARGON2, password_wrapped_check,
	password_wrapped_verify},
    {"sha3-256", "{SHA3-256}", PASSWORD_SHA3_SALTED, password_sha3_check, password_sha3_verify},
    {"sha3-256", "", PASSWORD_SHA3_BARE, password_sha3_check, password_sha3_verify},
};
const size_t password_format_count = sizeof(password_formats) / sizeof(password_formats[0]);

const struct password_format *
password_format_find(const char *encoded)
{
	for (size_t i = 0; i < password_format_count; i++) {
		const char *prefix = password_formats[i].prefix;
		size_t len = strlen(prefix);

		if (prefix[0] == '{' ? strncasecmp(encoded, prefix, len) == 0
				     : strncmp(encoded, prefix, len) == 0)
			return &password_formats[i];
	}
	return NULL;
}

const char *
password_format_text(const struct password_format *format, const char *encoded)
{
	return encoded + strlen(format->prefix);
}

const char *
password_format_name(const char *encoded)
{
	const struct password_bound all = {UINT32_MAX, UINT32_MAX, UINT32_MAX};

	return password_check(encoded, &all) == PASSWORD_MALFORMED
	    ? NULL
	    : password_format_find(encoded)->name;
}

/* A password in the form that is hashed: NFC, or the bytes as they are where they are no text. The
 * result lies in `space`, which the caller wipes, or is `password` itself. */
static const char *
normalise(const char *password, size_t *len, char space[NORMALISED_SIZE])
{
	size_t normal_len = 0;

	if (!nfc_normalise(password, *len, space, NORMALISED_SIZE, &normal_len))
		return password;
	*len = normal_len;
	return space;
}

enum pd_error
password_make(const struct password_cost *cost, const char *password, size_t len,
    char out[PASSWORD_HASH_SIZE])
{
	char space[NORMALISED_SIZE];
	const char *normal;
	enum pd_error error;

	memset(out, 0, PASSWORD_HASH_SIZE);
	if (len == 0 || len > PASSWORD_NEW_MAX)
		return PD_INVALID;
	normal = normalise(password, &len, space);
	error = password_argon2_make(cost, normal, len, out);
	secret_wipe(space, sizeof(space));
	return error;
}

static enum password_match
verify(const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	char space[NORMALISED_SIZE];
	enum password_match match;
	bool takes_nul = format->verify == password_argon2_verify;
	bool possible = takes_nul || memchr(password, '\0', len) == NULL;

	/* Whoever made an imported hash hashed the bytes as they were typed. */
	if (password_argon2_is_own(encoded))
		password = normalise(password, &len, space);
	match = format->verify(format, encoded, password, len);
	secret_wipe(space, sizeof(space));
	/* A string would end there, and HMAC fills short keys up with NULs. */
	return match == PASSWORD_MATCH && !possible ? PASSWORD_MISMATCH : match;
}

enum password_match
password_check(const char *encoded, const struct password_bound *bound)
{
	const struct password_format *format = password_format_find(encoded);

	if (format == NULL || strnlen(encoded, PASSWORD_HASH_SIZE) == PASSWORD_HASH_SIZE)
		return PASSWORD_MALFORMED;
	return format->check(format, encoded, bound);
}

enum password_match
password_verify(
    const char *encoded, const struct password_bound *bound, const char *password, size_t len)
{
	const struct password_format *format = password_format_find(encoded);
	enum password_match match = password_check(encoded, bound);

	if (match != PASSWORD_MATCH)
		return match;
	if (len <= PASSWORD_MAX)
		return verify(format, encoded, password, len);
	match = verify(format, encoded, password, PASSWORD_MAX);
	return match == PASSWORD_MATCH ? PASSWORD_MISMATCH : match;
}

void
password_verify_dummy(const struct password_cost *cost, const char *password, size_t len)
{
	char space[NORMALISED_SIZE];

	if (len > PASSWORD_MAX)
		len = PASSWORD_MAX;
	password = len > 0 ? normalise(password, &len, space) : "";
	password_argon2_dummy(cost, password, len);
	secret_wipe(space, sizeof(space));
}

bool
password_needs_rehash(const char *encoded, const struct password_cost *cost)
{
	return !password_argon2_is_good_enough(encoded, cost);
}

bool
password_is_junk(const char *password, size_t len)
{
	static const char junk[] = "\b\n\r\177INCORRECT";

	/* OpenSSH auth-pam.c, fake_password(): the text over and over, cut to the typed length. */
	for (size_t i = 0; i < len; i++)
		if (password[i] != junk[i % (sizeof(junk) - 1)])
			return false;
	return len > 0;
}
