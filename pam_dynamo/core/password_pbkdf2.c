/* SPDX-License-Identifier: BSD-2-Clause */
/* PBKDF2 (RFC 8018) as two makers write it: Werkzeug pbkdf2:sha256:ROUNDS$salt$hex, and Django
 * pbkdf2_sha256$ROUNDS$salt$base64. */
#include <limits.h>

#include "core/digest.h"
#include "core/password_format.h"
#include "core/password_text.h"
#include "core/secret.h"

struct hash {
	uint32_t rounds;
	struct password_text salt;
	unsigned char digest[DIGEST_MAX];
};

typedef bool parse_fn(const struct password_format *format, const char *encoded, struct hash *out);

static bool
parse_rounds_and_salt(const char **at, struct hash *out)
{
	return password_text_number(at, &out->rounds) && out->rounds >= 1 &&
	    out->rounds <= INT_MAX && password_text_skip(at, "$") &&
	    password_text_salt(at, &out->salt) && password_text_skip(at, "$");
}

static bool
parse_werkzeug(const struct password_format *format, const char *encoded, struct hash *out)
{
	const char *at = password_format_text(format, encoded);

	return parse_rounds_and_salt(&at, out) &&
	    password_text_hex(&at, out->digest, digest_len((enum digest_kind)format->kind)) &&
	    *at == '\0';
}

static bool
parse_django(const struct password_format *format, const char *encoded, struct hash *out)
{
	const char *at = password_format_text(format, encoded);

	return parse_rounds_and_salt(&at, out) &&
	    password_text_base64(&at, out->digest, digest_len((enum digest_kind)format->kind)) &&
	    *at == '\0';
}

static enum password_match
check(parse_fn *parse, const struct password_format *format, const char *encoded,
    const struct password_bound *bound)
{
	enum password_match match = PASSWORD_MATCH;
	struct hash asked;

	if (!parse(format, encoded, &asked))
		match = PASSWORD_MALFORMED;
	else if (asked.rounds > bound->rounds)
		match = PASSWORD_TOO_EXPENSIVE;
	secret_wipe(&asked, sizeof(asked));
	return match;
}

static enum password_match
verify(parse_fn *parse, const struct password_format *format, const char *encoded,
    const char *password, size_t len)
{
	enum digest_kind kind = (enum digest_kind)format->kind;
	enum password_match match = PASSWORD_MISMATCH;
	unsigned char computed[DIGEST_MAX] = {0};
	struct hash asked;

	if (!parse(format, encoded, &asked))
		return PASSWORD_MALFORMED;
	if (!digest_pbkdf2(kind, (struct digest_bytes){password, len},
		(struct digest_bytes){asked.salt.at, asked.salt.len}, asked.rounds, computed))
		match = PASSWORD_NO_MEMORY;
	else if (secret_equal(computed, asked.digest, digest_len(kind)))
		match = PASSWORD_MATCH;
	secret_wipe(computed, sizeof(computed));
	secret_wipe(&asked, sizeof(asked));
	return match;
}

enum password_match
password_pbkdf2_check_werkzeug(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	return check(parse_werkzeug, format, encoded, bound);
}

enum password_match
password_pbkdf2_verify_werkzeug(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	return verify(parse_werkzeug, format, encoded, password, len);
}

enum password_match
password_pbkdf2_check_django(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	return check(parse_django, format, encoded, bound);
}

enum password_match
password_pbkdf2_verify_django(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	return verify(parse_django, format, encoded, password, len);
}
