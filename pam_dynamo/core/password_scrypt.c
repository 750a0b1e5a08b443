/* SPDX-License-Identifier: BSD-2-Clause */
/* scrypt (RFC 7914) as two makers write it: Werkzeug scrypt:N:r:p$salt$hex, and Django
 * scrypt$N$salt$r$p$base64. Both keep 64 bytes. crypt(3)'s $7$ is in password_crypt.c. */
#include "core/digest.h"
#include "core/password_format.h"
#include "core/password_text.h"
#include "core/secret.h"

#define FACTOR_MAX UINT16_MAX /* of r and of p */

struct hash {
	struct digest_scrypt cost;
	struct password_text salt;
	unsigned char digest[DIGEST_MAX];
};

typedef bool parse_fn(const struct password_format *format, const char *encoded, struct hash *out);

/* What RFC 7914 allows. */
static bool
is_possible(const struct digest_scrypt *cost)
{
	return cost->n > 1 && (cost->n & (cost->n - 1)) == 0 && cost->r >= 1 &&
	    cost->r <= FACTOR_MAX && cost->p >= 1 && cost->p <= FACTOR_MAX &&
	    (uint64_t)cost->r * cost->p < 1u << 30 && (cost->r >= 2 || cost->n < 1u << 16);
}

static bool
parse_werkzeug(const struct password_format *format, const char *encoded, struct hash *out)
{
	const char *at = password_format_text(format, encoded);
	uint32_t n = 0;

	if (!password_text_number(&at, &n) || !password_text_skip(&at, ":") ||
	    !password_text_number(&at, &out->cost.r) || !password_text_skip(&at, ":") ||
	    !password_text_number(&at, &out->cost.p) || !password_text_skip(&at, "$") ||
	    !password_text_salt(&at, &out->salt) || !password_text_skip(&at, "$") ||
	    !password_text_hex(&at, out->digest, sizeof(out->digest)))
		return false;
	out->cost.n = n;
	return *at == '\0' && is_possible(&out->cost);
}

static bool
parse_django(const struct password_format *format, const char *encoded, struct hash *out)
{
	const char *at = password_format_text(format, encoded);
	uint32_t n = 0;

	if (!password_text_number(&at, &n) || !password_text_skip(&at, "$") ||
	    !password_text_salt(&at, &out->salt) || !password_text_skip(&at, "$") ||
	    !password_text_number(&at, &out->cost.r) || !password_text_skip(&at, "$") ||
	    !password_text_number(&at, &out->cost.p) || !password_text_skip(&at, "$") ||
	    !password_text_base64(&at, out->digest, sizeof(out->digest)))
		return false;
	out->cost.n = n;
	return *at == '\0' && is_possible(&out->cost);
}

static enum password_match
check(parse_fn *parse, const struct password_format *format, const char *encoded,
    const struct password_bound *bound)
{
	enum password_match match = PASSWORD_MATCH;
	struct hash asked;

	if (!parse(format, encoded, &asked))
		match = PASSWORD_MALFORMED;
	else if (password_scrypt_memory_kib(asked.cost.n, asked.cost.r, asked.cost.p) >
		bound->memory_kib ||
	    asked.cost.p > bound->passes)
		match = PASSWORD_TOO_EXPENSIVE;
	secret_wipe(&asked, sizeof(asked));
	return match;
}

static enum password_match
verify(parse_fn *parse, const struct password_format *format, const char *encoded,
    const char *password, size_t len)
{
	enum password_match match = PASSWORD_MISMATCH;
	unsigned char computed[DIGEST_MAX] = {0};
	struct hash asked;

	if (!parse(format, encoded, &asked))
		return PASSWORD_MALFORMED;
	/* The cost was judged before: only memory can be short now. */
	if (!digest_scrypt(&asked.cost, (struct digest_bytes){password, len},
		(struct digest_bytes){asked.salt.at, asked.salt.len}, computed))
		match = PASSWORD_NO_MEMORY;
	else if (secret_equal(computed, asked.digest, sizeof(asked.digest)))
		match = PASSWORD_MATCH;
	secret_wipe(computed, sizeof(computed));
	secret_wipe(&asked, sizeof(asked));
	return match;
}

uint64_t
password_scrypt_memory_kib(uint64_t n, uint32_t r, uint32_t p)
{
	/* 128 * r * (n + p) bytes, rounded up */
	return (r * (n + p) + 7) / 8;
}

enum password_match
password_scrypt_check_werkzeug(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	return check(parse_werkzeug, format, encoded, bound);
}

enum password_match
password_scrypt_verify_werkzeug(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	return verify(parse_werkzeug, format, encoded, password, len);
}

enum password_match
password_scrypt_check_django(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	return check(parse_django, format, encoded, bound);
}

enum password_match
password_scrypt_verify_django(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	return verify(parse_django, format, encoded, password, len);
}
