/* SPDX-License-Identifier: BSD-2-Clause */
/* What crypt(3) of libxcrypt computes, each in the form that crypt(5) gives; the home of crypt.h.
 */
#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/password_format.h"
#include "core/password_text.h"
#include "core/secret.h"

#define PHRASE_MAX (CRYPT_MAX_PASSPHRASE_SIZE - 1) /* bytes; crypt(3) takes no more */
#define BCRYPT_MAX 72                              /* bytes; bcrypt ignores what follows */
#define BCRYPT_ROUNDS 128                          /* for each of its 2^cost, beside sha-crypt's */
#define SALT_MAX 86                                /* characters: 64 bytes */
#define DIGEST_256 43                              /* characters: 32 bytes */
#define DIGEST_512 86                              /* characters: 64 bytes */
#define SHA_ROUNDS_MIN 1000
#define SHA_ROUNDS_MAX 999999999
#define SHA_ROUNDS 5000
#define LOG2_MIN 2  /* of scrypt's N: less is not computed */
#define LOG2_MAX 31 /* 2 TiB */

/* -------- yescrypt and scrypt -------- */

static uint32_t
value_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(PASSWORD_TEXT_CRYPT64, c);

	return at == NULL ? UINT32_MAX : (uint32_t)(at - PASSWORD_TEXT_CRYPT64);
}

/* A number of at least `min` in yescrypt's variable length: the first character says how many
 * follow, each has 6 bits. More than two never make sense here. */
static bool
skip_variable(const char **at, uint32_t min, uint32_t *out)
{
	uint32_t first = value_of(**at);
	uint32_t second;

	if (first == UINT32_MAX)
		return false;
	(*at)++;
	if (first < 48) {
		*out = min + first;
		return true;
	}
	second = value_of(**at);
	if (first > 55 || second == UINT32_MAX)
		return false;
	(*at)++;
	*out = min + 48 + ((first - 48) << 6) + second;
	return true;
}

struct yescrypt {
	uint32_t n_log2;
	uint32_t r;
	uint32_t p;
	uint32_t t;
};

/* "j" is the flavour that every program writes; the list of what else is set is one number, where 1
 * stands for p and 2 for t. The others, a ROM and hash upgrades, nobody writes. */
static bool
skip_yescrypt_cost(const char **at, struct yescrypt *out)
{
	uint32_t have = 0;

	out->p = 1;
	out->t = 0;
	return password_text_skip(at, "j") && skip_variable(at, 1, &out->n_log2) &&
	    out->n_log2 <= LOG2_MAX && skip_variable(at, 1, &out->r) &&
	    (**at == '$' || (skip_variable(at, 1, &have) && have <= 3)) &&
	    (!(have & 1) || skip_variable(at, 2, &out->p)) &&
	    (!(have & 2) || skip_variable(at, 1, &out->t)) && password_text_skip(at, "$") &&
	    (UINT64_C(1) << out->n_log2) / out->p >= UINT64_C(1) << LOG2_MIN;
}

/* Groups of up to 4 characters hold up to 3 bytes, the lowest bits first; bits that no byte holds
 * are 0. */
static bool
is_canonical(struct password_text salt)
{
	size_t rest = salt.len % 4;

	return rest == 0 || (rest == 2 && value_of(salt.at[salt.len - 1]) < 4) ||
	    (rest == 3 && value_of(salt.at[salt.len - 1]) < 16);
}

static bool
skip_digest(const char **at, size_t len)
{
	struct password_text digest;

	return password_text_skip(at, "$") &&
	    password_text_span(at, PASSWORD_TEXT_CRYPT64, len, len, &digest) && **at == '\0';
}

static enum password_match
judge_cost(const struct yescrypt *cost, uint64_t memory_kib, const struct password_bound *bound)
{
	if (memory_kib > bound->memory_kib || cost->p > bound->passes || cost->t > bound->passes)
		return PASSWORD_TOO_EXPENSIVE;
	return PASSWORD_MATCH;
}

enum password_match
password_crypt_check_yescrypt(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	const char *at = password_format_text(format, encoded);
	struct password_text salt;
	struct yescrypt cost;

	if (!skip_yescrypt_cost(&at, &cost) ||
	    !password_text_span(&at, PASSWORD_TEXT_CRYPT64, 1, SALT_MAX, &salt) ||
	    !is_canonical(salt) || !skip_digest(&at, DIGEST_256))
		return PASSWORD_MALFORMED;
	return judge_cost(
	    &cost, password_scrypt_memory_kib(UINT64_C(1) << cost.n_log2, cost.r, 0), bound);
}

/* Five characters, 30 bits, the lowest first. */
static bool
skip_fixed(const char **at, uint32_t *out)
{
	uint32_t number = 0;

	for (unsigned bit = 0; bit < 30; bit += 6) {
		uint32_t value = value_of(**at);

		if (value == UINT32_MAX)
			return false;
		number |= value << bit;
		(*at)++;
	}
	*out = number;
	return true;
}

static bool
skip_scrypt_cost(const char **at, struct yescrypt *out)
{
	out->t = 0;
	out->n_log2 = value_of(**at);
	if (out->n_log2 < LOG2_MIN || out->n_log2 > LOG2_MAX)
		return false;
	(*at)++;
	return skip_fixed(at, &out->r) && skip_fixed(at, &out->p) && out->r >= 1 && out->p >= 1 &&
	    (uint64_t)out->r * out->p < 1u << 30;
}

enum password_match
password_crypt_check_scrypt(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	const char *at = password_format_text(format, encoded);
	struct password_text salt;
	struct yescrypt cost;

	if (!skip_scrypt_cost(&at, &cost) ||
	    !password_text_span(&at, PASSWORD_TEXT_CRYPT64, 1, SALT_MAX, &salt) ||
	    !skip_digest(&at, DIGEST_256))
		return PASSWORD_MALFORMED;
	return judge_cost(
	    &cost, password_scrypt_memory_kib(UINT64_C(1) << cost.n_log2, cost.r, cost.p), bound);
}

/* -------- SHA and bcrypt -------- */

static enum password_match
check_sha(const char *at, size_t digest, const struct password_bound *bound)
{
	uint32_t rounds = SHA_ROUNDS;
	struct password_text salt;

	if (password_text_skip(&at, "rounds=") &&
	    (!password_text_number(&at, &rounds) || !password_text_skip(&at, "$") ||
		rounds < SHA_ROUNDS_MIN || rounds > SHA_ROUNDS_MAX))
		return PASSWORD_MALFORMED;
	if (!password_text_span(&at, PASSWORD_TEXT_CRYPT64, 1, 16, &salt) ||
	    !skip_digest(&at, digest))
		return PASSWORD_MALFORMED;
	return rounds > bound->rounds ? PASSWORD_TOO_EXPENSIVE : PASSWORD_MATCH;
}

enum password_match
password_crypt_check_sha512(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	return check_sha(password_format_text(format, encoded), DIGEST_512, bound);
}

enum password_match
password_crypt_check_sha256(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	return check_sha(password_format_text(format, encoded), DIGEST_256, bound);
}

/* NN$, 22 characters of salt of which the last has 2 bits, 31 of digest. */
enum password_match
password_crypt_check_bcrypt(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	const char *at = password_format_text(format, encoded);
	struct password_text both;
	uint64_t log2;

	if (at[0] < '0' || at[0] > '3' || at[1] < '0' || at[1] > '9')
		return PASSWORD_MALFORMED;
	log2 = (uint64_t)(at[0] - '0') * 10 + (uint64_t)(at[1] - '0');
	at += 2;
	if (log2 < 4 || log2 > 31 || !password_text_skip(&at, "$") ||
	    !password_text_span(&at, PASSWORD_TEXT_CRYPT64, 53, 53, &both) || *at != '\0' ||
	    strchr(".Oeu", both.at[21]) == NULL)
		return PASSWORD_MALFORMED;
	return (uint64_t)BCRYPT_ROUNDS << log2 > bound->rounds ? PASSWORD_TOO_EXPENSIVE
							       : PASSWORD_MATCH;
}

/* -------- All of them -------- */

/* A C string of what crypt(3) can take; false: not the whole password, which then never matches but
 * costs the same. */
static bool
make_phrase(const struct password_format *format, const char *password, size_t len,
    char out[PASSWORD_MAX + 1])
{
	size_t max = format->kind == PASSWORD_CRYPT_BCRYPT ? BCRYPT_MAX : PHRASE_MAX;
	size_t usable = strnlen(password, len < max ? len : max);

	memcpy(out, password, usable);
	out[usable] = '\0';
	return usable == len;
}

static bool
is_same(const char *computed, const char *encoded)
{
	size_t len = strlen(encoded);

	return strlen(computed) == len && secret_equal(computed, encoded, len);
}

enum password_match
password_crypt_verify(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	enum password_match match = PASSWORD_MISMATCH;
	char phrase[PASSWORD_MAX + 1] = {0};
	const char *computed;
	bool whole;

	if (data == NULL)
		return PASSWORD_NO_MEMORY;
	whole = make_phrase(format, password, len, phrase);
	computed = crypt_rn(phrase, encoded, data, (int)sizeof(*data));
	/* The text was judged before, so what asks for memory did not get it. */
	if (computed == NULL)
		match = format->kind == PASSWORD_CRYPT_MEMORY ? PASSWORD_NO_MEMORY
							      : PASSWORD_MALFORMED;
	else if (is_same(computed, encoded) && whole)
		match = PASSWORD_MATCH;
	secret_wipe(phrase, sizeof(phrase));
	secret_wipe(data, sizeof(*data));
	free(data);
	return match;
}
