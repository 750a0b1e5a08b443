/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Argon2 (RFC 9106). What we make is computed by libsodium, which picks the processor's vector
 * instructions; hashes of other makers, with several lanes, Argon2i, the older version or another
 * salt length, by libargon2, which knows them all.
 */
#include <argon2.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "core/password_format.h"
#include "core/password_text.h"
#include "core/secret.h"

#define LANES_MAX 255
#define BYTES_MAX 64   /* of a salt or tag */
#define BASE64_MAX 86  /* these in base64 */
#define SALT_BASE64 11 /* 8 bytes, the least that RFC 9106 allows */
#define TAG_BASE64 22  /* 16 bytes */
#define OWN_TAG 32

_Static_assert(crypto_pwhash_argon2id_STRBYTES <= PASSWORD_HASH_SIZE, "an encoded hash fits");

struct hash {
	uint32_t version;
	struct password_cost cost;
	uint32_t lanes;
	unsigned char salt[BYTES_MAX];
	size_t salt_len;
	unsigned char tag[BYTES_MAX];
	size_t tag_len;
};

/* After the name: v=19$m=19456,t=2,p=1$salt$tag, the PHC string format with its fields in this
 * order. */
static bool
parse(const char *text, struct hash *out)
{
	struct password_text salt;
	struct password_text tag;
	const char *at = text;

	return password_text_skip(&at, "v=") && password_text_number(&at, &out->version) &&
	    (out->version == ARGON2_VERSION_13 || out->version == ARGON2_VERSION_10) &&
	    password_text_skip(&at, "$m=") && password_text_number(&at, &out->cost.memory_kib) &&
	    password_text_skip(&at, ",t=") && password_text_number(&at, &out->cost.passes) &&
	    password_text_skip(&at, ",p=") && password_text_number(&at, &out->lanes) &&
	    password_text_skip(&at, "$") &&
	    password_text_span(&at, PASSWORD_TEXT_BASE64, SALT_BASE64, BASE64_MAX, &salt) &&
	    password_text_skip(&at, "$") &&
	    password_text_span(&at, PASSWORD_TEXT_BASE64, TAG_BASE64, BASE64_MAX, &tag) &&
	    *at == '\0' && out->lanes >= 1 && out->lanes <= LANES_MAX && out->cost.passes >= 1 &&
	    out->cost.memory_kib >= 8 * out->lanes &&
	    password_text_decode(salt, false, out->salt, sizeof(out->salt), &out->salt_len) &&
	    password_text_decode(tag, false, out->tag, sizeof(out->tag), &out->tag_len);
}

static bool
is_like_own(const struct hash *hash)
{
	return hash->version == ARGON2_VERSION_13 && hash->lanes == 1 &&
	    hash->salt_len == crypto_pwhash_argon2id_SALTBYTES;
}

enum password_match
password_argon2_check(
    const struct password_format *format, const char *encoded, const struct password_bound *bound)
{
	enum password_match match = PASSWORD_MATCH;
	struct hash asked;

	if (!parse(password_format_text(format, encoded), &asked))
		match = PASSWORD_MALFORMED;
	else if (asked.cost.memory_kib > bound->memory_kib || asked.cost.passes > bound->passes)
		match = PASSWORD_TOO_EXPENSIVE;
	secret_wipe(&asked, sizeof(asked));
	return match;
}

/* The text was judged before, so in these two only memory can be short. */

static bool
compute_own(const struct hash *asked, const char *password, size_t len, unsigned char *tag)
{
	return crypto_pwhash_argon2id(tag, asked->tag_len, password, len, asked->salt,
		   asked->cost.passes, (size_t)asked->cost.memory_kib * 1024,
		   crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;
}

static bool
compute_foreign(struct hash *asked, int kind, const char *password, size_t len, unsigned char *tag)
{
	/* One thread, whatever the lanes: the number of hashes at a time is the caller's. The
	 * password is only read, as the flag to clear it is not set. */
	argon2_context context = {
	    .out = tag,
	    .outlen = (uint32_t)asked->tag_len,
	    .pwd = (uint8_t *)(uintptr_t)password,
	    .pwdlen = (uint32_t)len,
	    .salt = asked->salt,
	    .saltlen = (uint32_t)asked->salt_len,
	    .t_cost = asked->cost.passes,
	    .m_cost = asked->cost.memory_kib,
	    .lanes = asked->lanes,
	    .threads = 1,
	    .version = asked->version,
	    .flags = ARGON2_DEFAULT_FLAGS,
	};

	return argon2_ctx(&context, kind == PASSWORD_ARGON2ID ? Argon2_id : Argon2_i) == ARGON2_OK;
}

enum password_match
password_argon2_verify(
    const struct password_format *format, const char *encoded, const char *password, size_t len)
{
	enum password_match match = PASSWORD_MISMATCH;
	unsigned char computed[BYTES_MAX] = {0};
	struct hash asked;
	bool done;

	if (!parse(password_format_text(format, encoded), &asked))
		return PASSWORD_MALFORMED;
	if (format->kind == PASSWORD_ARGON2ID && is_like_own(&asked))
		done = compute_own(&asked, password, len, computed);
	else
		done = compute_foreign(&asked, format->kind, password, len, computed);
	if (!done)
		match = PASSWORD_NO_MEMORY;
	else if (secret_equal(computed, asked.tag, asked.tag_len))
		match = PASSWORD_MATCH;
	secret_wipe(computed, sizeof(computed));
	secret_wipe(&asked, sizeof(asked));
	return match;
}

static bool
parse_argon2id(const char *encoded, struct hash *out)
{
	return password_text_skip(&encoded, "$argon2id$") && parse(encoded, out);
}

bool
password_argon2_is_own(const char *encoded)
{
	struct hash made;
	bool own = parse_argon2id(encoded, &made) && is_like_own(&made) && made.tag_len == OWN_TAG;

	secret_wipe(&made, sizeof(made));
	return own;
}

bool
password_argon2_is_good_enough(const char *encoded, const struct password_cost *cost)
{
	struct hash made;
	bool good = parse_argon2id(encoded, &made) && made.version == ARGON2_VERSION_13 &&
	    (uint64_t)made.cost.memory_kib * made.cost.passes >=
		(uint64_t)cost->memory_kib * cost->passes;

	secret_wipe(&made, sizeof(made));
	return good;
}

enum pd_error
password_argon2_make(const struct password_cost *cost, const char *password, size_t len,
    char out[PASSWORD_HASH_SIZE])
{
	errno = 0;
	if (crypto_pwhash_argon2id_str(
		out, password, len, cost->passes, (size_t)cost->memory_kib * 1024) == 0)
		return PD_OK;
	secret_wipe(out, PASSWORD_HASH_SIZE);
	return errno == ENOMEM ? PD_NO_MEMORY : PD_INVALID;
}

void
password_argon2_dummy(const struct password_cost *cost, const char *password, size_t len)
{
	static const unsigned char salt[crypto_pwhash_argon2id_SALTBYTES] = "nobody's salt..";
	unsigned char tag[OWN_TAG] = {0};

	/* The answer does not matter, only the work: even a failure is a mismatch. */
	if (crypto_pwhash_argon2id(tag, sizeof(tag), password, len, salt, cost->passes,
		(size_t)cost->memory_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		memset(tag, 0, sizeof(tag));
	secret_wipe(tag, sizeof(tag));
}
