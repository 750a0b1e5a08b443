/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password.h"

#include <string.h>

#include "core/nfc.h"
#include "core/password_format.h"
#include "core/password_text.h"
#include "core/secret.h"

/* Form C takes up to three times the bytes; with its NUL. */
#define NORMALISED_SIZE (3 * PASSWORD_MAX + 1)

static const struct password_format formats[] = {
    {"argon2id", "$argon2id$", PASSWORD_ARGON2ID, password_argon2_check, password_argon2_verify},
    {"argon2i", "$argon2i$", PASSWORD_ARGON2I, password_argon2_check, password_argon2_verify},
};

static const struct password_format *
find_format(const char *encoded)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (password_text_skip(&encoded, formats[i].prefix))
			return &formats[i];
	return NULL;
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

	/* Whoever made an imported hash hashed the bytes as they were typed. */
	if (password_argon2_is_own(encoded))
		password = normalise(password, &len, space);
	match = format->verify(format, encoded + strlen(format->prefix), password, len);
	secret_wipe(space, sizeof(space));
	return match;
}

enum password_match
password_verify(
    const char *encoded, const struct password_bound *bound, const char *password, size_t len)
{
	const struct password_format *format = find_format(encoded);
	enum password_match match;

	if (format == NULL || strlen(encoded) >= PASSWORD_HASH_SIZE)
		return PASSWORD_MALFORMED;
	match = format->check(format, encoded + strlen(format->prefix), bound);
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
