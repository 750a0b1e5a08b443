/* SPDX-License-Identifier: BSD-2-Clause */
/* What password.c and the files of its formats share; callers of password.h never see it. */
#ifndef PASSWORD_FORMAT_H
#define PASSWORD_FORMAT_H

#include "core/password.h"

struct password_format;

/* Judges the text and its cost, computes nothing: MATCH (go on), MALFORMED or TOO_EXPENSIVE. */
typedef enum password_match password_check_fn(
    const struct password_format *format, const char *encoded, const struct password_bound *bound);

/* Called on what the check let pass, with at most PASSWORD_MAX bytes. */
typedef enum password_match password_verify_fn(
    const struct password_format *format, const char *encoded, const char *password, size_t len);

/* One row of the table. */
struct password_format {
	const char *name;   /* for people: audit line, `pam-dynamo show` */
	const char *prefix; /* how its hashes begin; in braces: in any case of letters */
	int kind;           /* which of its file's algorithms */
	password_check_fn *check;
	password_verify_fn *verify;
};

extern const struct password_format password_formats[];
extern const size_t password_format_count;

/* The row that a hash belongs to, or NULL. */
const struct password_format *password_format_find(const char *encoded);

/* What follows the prefix. */
const char *password_format_text(const struct password_format *format, const char *encoded);

/* password_argon2.c */
enum { PASSWORD_ARGON2I, PASSWORD_ARGON2ID };
password_check_fn password_argon2_check;
password_verify_fn password_argon2_verify;
enum pd_error password_argon2_make(const struct password_cost *cost, const char *password,
    size_t len, char out[PASSWORD_HASH_SIZE]);
void password_argon2_dummy(const struct password_cost *cost, const char *password, size_t len);
bool password_argon2_is_good_enough(const char *encoded, const struct password_cost *cost);

/* True for what password_argon2_make writes, whatever its cost. */
bool password_argon2_is_own(const char *encoded);

/* password_crypt.c; the kind tells password_crypt_verify what to mind. */
enum { PASSWORD_CRYPT_PLAIN, PASSWORD_CRYPT_BCRYPT, PASSWORD_CRYPT_MEMORY };
password_check_fn password_crypt_check_yescrypt;
password_check_fn password_crypt_check_scrypt;
password_check_fn password_crypt_check_sha512;
password_check_fn password_crypt_check_sha256;
password_check_fn password_crypt_check_bcrypt;
password_verify_fn password_crypt_verify;

/* password_pbkdf2.c and password_scrypt.c; kinds of the first are enum digest_kind. */
password_check_fn password_pbkdf2_check_werkzeug;
password_verify_fn password_pbkdf2_verify_werkzeug;
password_check_fn password_pbkdf2_check_django;
password_verify_fn password_pbkdf2_verify_django;
password_check_fn password_scrypt_check_werkzeug;
password_verify_fn password_scrypt_verify_werkzeug;
password_check_fn password_scrypt_check_django;
password_verify_fn password_scrypt_verify_django;

/* What scrypt takes; yescrypt too, with p = 0. n is below 2^32. */
uint64_t password_scrypt_memory_kib(uint64_t n, uint32_t r, uint32_t p);

/* password_ldap.c; kinds are enum digest_kind. */
password_check_fn password_ldap_check;
password_verify_fn password_ldap_verify;

/* password_sha3.c */
enum { PASSWORD_SHA3_BARE, PASSWORD_SHA3_SALTED };
password_check_fn password_sha3_check;
password_verify_fn password_sha3_verify;

/* password_wrapped.c: another format's hash behind one more prefix; the kind says which. */
enum {
	PASSWORD_WRAPPED_CRYPT,
	PASSWORD_WRAPPED_BCRYPT,
	PASSWORD_WRAPPED_BCRYPT_SHA256,
	PASSWORD_WRAPPED_ARGON2
};
password_check_fn password_wrapped_check;
password_verify_fn password_wrapped_verify;

#endif
