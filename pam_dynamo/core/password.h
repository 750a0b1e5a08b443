/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Password hashing. New hashes are Argon2id (RFC 9106); a table of formats verifies what other
 * programs made. Passwords are bytes, never truncated.
 */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pd_error.h"

#define PASSWORD_MAX 512       /* bytes that are looked at in a login; longer never verifies */
#define PASSWORD_NEW_MAX 511   /* bytes of a new one: libpam's and OpenSSH's buffers hold no more */
#define PASSWORD_HASH_SIZE 512 /* holds any encoded hash with its NUL */

/* What a new hash costs. */
struct password_cost {
	uint32_t memory_kib;
	uint32_t passes;
};

/* What a stored hash may ask for, [password] max_memory_kib, max_passes and max_rounds; judged
 * before anything is computed. */
struct password_bound {
	uint32_t memory_kib;
	uint32_t passes; /* of Argon2; the parallelism of scrypt, the time parameter of yescrypt */
	uint32_t rounds; /* of PBKDF2 and sha-crypt; bcrypt counts 128 for each of its 2^cost */
};

enum password_match {
	PASSWORD_MISMATCH = 0,
	PASSWORD_MATCH,
	PASSWORD_MALFORMED,     /* not an encoded hash of a known format */
	PASSWORD_TOO_EXPENSIVE, /* its parameters exceed the bound: nothing was computed */
	PASSWORD_NO_MEMORY,
};

/* PD_NO_MEMORY, PD_INVALID (longer than PASSWORD_NEW_MAX, or empty). out is zeroed on failure. */
enum pd_error password_make(const struct password_cost *cost, const char *password, size_t len,
    char out[PASSWORD_HASH_SIZE]);

/* Judges a stored hash and computes nothing: PASSWORD_MATCH (it can be verified),
 * PASSWORD_MALFORMED or PASSWORD_TOO_EXPENSIVE. */
enum password_match password_check(const char *encoded, const struct password_bound *bound);

/* The format of a stored hash in a word, as "argon2id" or "sha512-crypt", a constant; NULL: of none
 * that is known, or malformed. FORMAT.md lists them. */
const char *password_format_name(const char *encoded);

/* One verification against `encoded`; a match, a mismatch and an over-long password (never a match)
 * cost the same time, malformed and too expensive cost none. */
enum password_match password_verify(
    const char *encoded, const struct password_bound *bound, const char *password, size_t len);

/* The work of one verification at `cost` without a record; the answer is always a mismatch. */
void password_verify_dummy(const struct password_cost *cost, const char *password, size_t len);

/* True if `encoded` is not Argon2id, or cost less to make than `cost` does: less memory times
 * passes. A stronger one stays, so that two hosts with different settings do not rewrite it in
 * turns. */
bool password_needs_rehash(const char *encoded, const struct password_cost *cost);

/* The stored form of hex(SHA3-256(salt followed by the password)), for tables that keep the salt in
 * an attribute of its own: {SHA3-256}salt$digest, or the digest alone where salt is NULL or "".
 * False, and out zeroed: the digest is not 64 lower-case hex digits, or the salt is too long. */
bool password_from_sha3(const char *salt, const char *digest, char out[PASSWORD_HASH_SIZE]);

/* sshd's junk password for invalid users: "\b\n\r\177INCORRECT", repeated to the length of the one
 * typed. */
bool password_is_junk(const char *password, size_t len);

#endif
