/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

#define ARGON2_LANES_MAX 255
#define ARGON2_BYTES_MAX 64   /* of a salt or tag */
#define ARGON2_BASE64_MAX 86  /* these in base64 */
#define ARGON2_SALT_BASE64 11 /* 8 bytes, the least that RFC 9106 allows */
#define ARGON2_TAG_BASE64 22  /* 16 bytes */

_Static_assert(crypto_pwhash_argon2id_STRBYTES <= PASSWORD_HASH_SIZE, "an encoded hash fits");

struct argon2 {
	struct password_cost cost;
	uint32_t lanes;
	const char *salt; /* base64, inside the encoded text */
	size_t salt_len;
	const char *tag;
	size_t tag_len;
};

/* Encoded hashes by prefix. check() judges the text and its cost and computes nothing; verify() is
 * called on what check() let pass. */
struct format {
	const char *prefix;
	enum password_match (*check)(const char *encoded, const struct password_cost *bound);
	enum password_match (*verify)(const char *encoded, const char *password, size_t len);
};

static bool
skip_text(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

/* A decimal number of 32 bits without sign or leading zeros. */
static bool
skip_number(const char **at, uint32_t *out)
{
	const char *start = *at;
	uint64_t number = 0;

	while (**at >= '0' && **at <= '9') {
		number = number * 10 + (uint64_t)(**at - '0');
		if (number > UINT32_MAX || *at - start >= 10)
			return false;
		(*at)++;
	}
	if (*at == start || (*start == '0' && *at - start > 1))
		return false;
	*out = (uint32_t)number;
	return true;
}

/* Unpadded base64 of at least `min` characters. */
static bool
skip_base64(const char **at, size_t min, const char **start, size_t *len)
{
	*start = *at;
	*len = strspn(*at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
	*at += *len;
	return *len >= min && *len <= ARGON2_BASE64_MAX && *len % 4 != 1;
}

/* $argon2id$v=19$m=19456,t=2,p=1$salt$tag, the PHC string format with its fields in this order. */
static bool
argon2_parse(const char *encoded, struct argon2 *out)
{
	const char *at = encoded;

	return skip_text(&at, "$argon2id$v=19$m=") && skip_number(&at, &out->cost.memory_kib) &&
	    skip_text(&at, ",t=") && skip_number(&at, &out->cost.passes) && skip_text(&at, ",p=") &&
	    skip_number(&at, &out->lanes) && skip_text(&at, "$") &&
	    skip_base64(&at, ARGON2_SALT_BASE64, &out->salt, &out->salt_len) &&
	    skip_text(&at, "$") && skip_base64(&at, ARGON2_TAG_BASE64, &out->tag, &out->tag_len) &&
	    *at == '\0' && out->lanes >= 1 && out->lanes <= ARGON2_LANES_MAX &&
	    out->cost.passes >= 1 && out->cost.memory_kib >= 8 * out->lanes;
}

static enum password_match
argon2_check(const char *encoded, const struct password_cost *bound)
{
	struct argon2 asked;

	if (!argon2_parse(encoded, &asked))
		return PASSWORD_MALFORMED;
	if (asked.cost.memory_kib > bound->memory_kib || asked.cost.passes > bound->passes)
		return PASSWORD_TOO_EXPENSIVE;
	return PASSWORD_MATCH;
}

/* False: bits are set that no byte holds. */
static bool
decode(const char *text, size_t text_len, unsigned char out[ARGON2_BYTES_MAX], size_t *len)
{
	return sodium_base642bin(out, ARGON2_BYTES_MAX, text, text_len, NULL, len, NULL,
		   sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
}

/* Several lanes or another salt length, which libsodium computes for a whole text alone. It then
 * calls a lack of memory a mismatch, which would be counted as a guess: so look for memory first.
 */
static enum password_match
argon2_verify_foreign(
    const char *encoded, const struct argon2 *parsed, const char *password, size_t len)
{
	/* volatile: else the compiler may drop the pair and call it a success */
	void *volatile probe = malloc((size_t)parsed->cost.memory_kib * 1024);

	if (probe == NULL)
		return PASSWORD_NO_MEMORY;
	free(probe);
	if (crypto_pwhash_argon2id_str_verify(encoded, password, len) == 0)
		return PASSWORD_MATCH;
	return PASSWORD_MISMATCH;
}

static enum password_match
argon2_verify(const char *encoded, const char *password, size_t len)
{
	enum password_match match = PASSWORD_MISMATCH;
	unsigned char computed[ARGON2_BYTES_MAX] = {0};
	unsigned char salt[ARGON2_BYTES_MAX];
	unsigned char tag[ARGON2_BYTES_MAX];
	size_t salt_len = 0;
	size_t tag_len = 0;
	struct argon2 parsed;

	if (!argon2_parse(encoded, &parsed) ||
	    !decode(parsed.salt, parsed.salt_len, salt, &salt_len) ||
	    !decode(parsed.tag, parsed.tag_len, tag, &tag_len))
		return PASSWORD_MALFORMED;
	if (parsed.lanes != 1 || salt_len != crypto_pwhash_argon2id_SALTBYTES)
		return argon2_verify_foreign(encoded, &parsed, password, len);
	/* The text was judged before: only memory can be short now. */
	if (crypto_pwhash_argon2id(computed, tag_len, password, len, salt, parsed.cost.passes,
		(size_t)parsed.cost.memory_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		match = PASSWORD_NO_MEMORY;
	else if (secret_equal(computed, tag, tag_len))
		match = PASSWORD_MATCH;
	secret_wipe(computed, sizeof(computed));
	return match;
}

static const struct format formats[] = {
    {.prefix = "$argon2id$", .check = argon2_check, .verify = argon2_verify},
};

static const struct format *
find_format(const char *encoded)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strncmp(encoded, formats[i].prefix, strlen(formats[i].prefix)) == 0)
			return &formats[i];
	return NULL;
}

enum pd_error
password_make(const struct password_cost *cost, const char *password, size_t len,
    char out[PASSWORD_HASH_SIZE])
{
	memset(out, 0, PASSWORD_HASH_SIZE);
	if (len == 0 || len > PASSWORD_NEW_MAX)
		return PD_INVALID;
	errno = 0;
	if (crypto_pwhash_argon2id_str(
		out, password, len, cost->passes, (size_t)cost->memory_kib * 1024) != 0) {
		secret_wipe(out, PASSWORD_HASH_SIZE);
		return errno == ENOMEM ? PD_NO_MEMORY : PD_INVALID;
	}
	return PD_OK;
}

enum password_match
password_verify(
    const char *encoded, const struct password_cost *bound, const char *password, size_t len)
{
	const struct format *format = find_format(encoded);
	enum password_match match;

	if (format == NULL || strlen(encoded) >= PASSWORD_HASH_SIZE)
		return PASSWORD_MALFORMED;
	match = format->check(encoded, bound);
	if (match != PASSWORD_MATCH)
		return match;
	if (len <= PASSWORD_MAX)
		return format->verify(encoded, password, len);
	match = format->verify(encoded, password, PASSWORD_MAX);
	return match == PASSWORD_MATCH ? PASSWORD_MISMATCH : match;
}

void
password_verify_dummy(const struct password_cost *cost, const char *password, size_t len)
{
	static const unsigned char salt[crypto_pwhash_argon2id_SALTBYTES] = "nobody's salt..";
	unsigned char tag[32] = {0};

	/* The answer does not matter, only the work: even a failure is a mismatch. */
	if (crypto_pwhash_argon2id(tag, sizeof(tag), len > 0 ? password : "",
		len > PASSWORD_MAX ? PASSWORD_MAX : len, salt, cost->passes,
		(size_t)cost->memory_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		memset(tag, 0, sizeof(tag));
	secret_wipe(tag, sizeof(tag));
}

bool
password_needs_rehash(const char *encoded, const struct password_cost *cost)
{
	struct argon2 made;

	if (!argon2_parse(encoded, &made))
		return true;
	return (uint64_t)made.cost.memory_kib * made.cost.passes <
	    (uint64_t)cost->memory_kib * cost->passes;
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
