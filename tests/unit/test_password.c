/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/password.h"
#include "core/secret.h"
#include "tests/lib/sanitized.h"

static const struct password_cost least = {.memory_kib = 8, .passes = 1};
static const struct password_bound bound = {.memory_kib = 20000, .passes = 4, .rounds = 10000};

/* Made by other programs. With Debian's argon2(1) 0~20171227:
 *	printf 'correct horse battery' | argon2 saltsalt1234 -id -t 2 -k 19456 -p 1 -l 32 -e
 * and alike (the cost, the lanes and the lengths stand in each string), and with python3-argon2
 * 21.1.0, whose hash_secret() takes bytes: x512, nul, its PasswordHasher for "hasher". */
static const struct {
	const char *label;
	const char *encoded;
	const char *password;
	size_t len;
} known[] = {
    {"default cost",
	"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQxMjM0"
	"$MrKb6DKvpIh1ieNX4kTpF7xM4SmhUsVmVYPyuEFA8SU",
	"correct horse battery", 21},
    {"tag of 16 bytes", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA",
	"correct horse battery", 21},
    {"4 lanes",
	"$argon2id$v=19$m=256,t=3,p=4$YW5vdGhlcnNhbHR2YWx1ZQ"
	"$ilS+bddi/TzYOoGeiupieV6O0ikOJ9isopBjuZOjlQ8",
	"correct horse battery", 21},
    {"not ASCII",
	"$argon2id$v=19$m=32,t=2,p=2$YW5vdGhlcnNhbHR2YWx1ZQ$bVSCoeQY6QxuFbB3+v3s4Rzt7bycnnV6",
	"p\xc3\xa4ssw\xc3\xb6rd \xe2\x98\x83", 14},
    {"hasher",
	"$argon2id$v=19$m=64,t=1,p=1$RfjrurflnXD2dgwPbtbTfA"
	"$DbqGT6JTd/nrmNm8zmKO3g",
	"correct horse battery", 21},
    {"nul",
	"$argon2id$v=19$m=64,t=1,p=1$c2FsdDU2Nzg5MDEyMzQ1Ng"
	"$WP6gDN0p4wIU6AEr4lgnVhUm0YphQh6l0KfsTlIFxKw",
	"a\0b\xff", 4},
};

static const char x512[] = "$argon2id$v=19$m=64,t=1,p=1$c2FsdDU2Nzg5MDEyMzQ1Ng"
			   "$LGxTOrfhBiC7IbtkhxeNuFW9JOOkUUGx0Xuw750oaUo";

static void
test_known_answers(void **state)
{
	char wrong[64];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		enum password_match match = password_verify(
		    known[i].encoded, &bound, known[i].password, known[i].len);

		if (match != PASSWORD_MATCH)
			fail_msg("%s: %d", known[i].label, (int)match);
		memcpy(wrong, known[i].password, known[i].len);
		wrong[known[i].len - 1] ^= 1;
		match = password_verify(known[i].encoded, &bound, wrong, known[i].len);
		if (match != PASSWORD_MISMATCH)
			fail_msg("%s, last bit wrong: %d", known[i].label, (int)match);
		match = password_verify(
		    known[i].encoded, &bound, known[i].password, known[i].len - 1);
		if (match != PASSWORD_MISMATCH)
			fail_msg("%s, cut: %d", known[i].label, (int)match);
	}
}

static void
test_over_long_never_matches(void **state)
{
	char password[PASSWORD_MAX + 1];

	(void)state;
	memset(password, 'x', sizeof(password));
	assert_int_equal(password_verify(x512, &bound, password, PASSWORD_MAX), PASSWORD_MATCH);
	assert_int_equal(
	    password_verify(x512, &bound, password, PASSWORD_MAX + 1), PASSWORD_MISMATCH);
}

#define GOOD_TAIL "$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA"

static void
test_malformed(void **state)
{
	static const char *const texts[] = {
	    "",
	    "plain",
	    "$",
	    "$argon2id$",
	    "$argon2d$v=19$m=64,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=17$m=64,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=0$m=64,t=1,p=1" GOOD_TAIL,
	    "$argon2id$m=64,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=064,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=-64,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m= 64,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=4294967360,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=99999999999999999999999,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=64,t=0,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=64,t=1,p=0" GOOD_TAIL,
	    "$argon2id$v=19$m=20000,t=1,p=256" GOOD_TAIL,
	    "$argon2id$v=19$m=7,t=1,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=15,t=1,p=2" GOOD_TAIL,
	    "$argon2id$v=19$t=1,m=64,p=1" GOOD_TAIL,
	    "$argon2id$v=19$m=64,t=1,p=1,keyid=AA" GOOD_TAIL,
	    "$argon2id$v=19$m=64,t=1,p=1" GOOD_TAIL "$",
	    "$argon2id$v=19$m=64,t=1,p=1" GOOD_TAIL " ",
	    "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$",
	    "$argon2id$v=19$m=64,t=1,p=1$$oUKaJ3tQpCdEcyuMak73WA",
	    "$argon2id$v=19$m=64,t=1,p=1$c2Fsd$oUKaJ3tQpCdEcyuMak73WA",
	    "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA==",
	    "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73W_",
	    "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WAoUK",
	    /* the last character carries bits that no byte holds */
	    "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WB",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum password_match match = password_verify(
		    texts[i], &bound, "correct horse battery", 21);

		if (match != PASSWORD_MALFORMED)
			fail_msg("%s: %d", texts[i], (int)match);
	}
}

static void
test_too_expensive(void **state)
{
	static const struct password_bound small = {.memory_kib = 64, .passes = 2};

	(void)state;
	assert_int_equal(password_verify("$argon2id$v=19$m=65,t=1,p=1" GOOD_TAIL, &small, "a", 1),
	    PASSWORD_TOO_EXPENSIVE);
	assert_int_equal(password_verify("$argon2id$v=19$m=64,t=3,p=1" GOOD_TAIL, &small, "a", 1),
	    PASSWORD_TOO_EXPENSIVE);
	assert_int_equal(
	    password_verify("$argon2id$v=19$m=4294967295,t=1,p=1" GOOD_TAIL, &bound, "a", 1),
	    PASSWORD_TOO_EXPENSIVE);
	assert_int_equal(password_verify("$argon2id$v=19$m=64,t=2,p=1" GOOD_TAIL, &small, "a", 1),
	    PASSWORD_MISMATCH);
}

static void
test_make(void **state)
{
	char password[PASSWORD_NEW_MAX + 1];
	char first[PASSWORD_HASH_SIZE];
	char second[PASSWORD_HASH_SIZE];
	char zeros[PASSWORD_HASH_SIZE] = {0};

	(void)state;
	memset(password, 'y', sizeof(password));
	assert_int_equal(password_make(&least, password, PASSWORD_NEW_MAX, first), PD_OK);
	assert_int_equal(password_make(&least, password, PASSWORD_NEW_MAX, second), PD_OK);
	assert_string_not_equal(first, second);
	assert_int_equal(
	    strncmp(first, "$argon2id$v=19$m=8,t=1,p=1$", strlen("$argon2id$v=19$m=8,t=1,p=1$")),
	    0);
	assert_int_equal(
	    password_verify(first, &bound, password, PASSWORD_NEW_MAX), PASSWORD_MATCH);
	assert_int_equal(
	    password_verify(first, &bound, password, PASSWORD_NEW_MAX - 1), PASSWORD_MISMATCH);
	assert_int_equal(password_make(&least, password, PASSWORD_NEW_MAX + 1, first), PD_INVALID);
	assert_memory_equal(first, zeros, sizeof(zeros));
	assert_int_equal(password_make(&least, "", 0, second), PD_INVALID);
	assert_memory_equal(second, zeros, sizeof(zeros));
}

#define COMPOSED "caf\xc3\xa9 au lait"
#define DECOMPOSED "cafe\xcc\x81 au lait"

/* Our own hashes do not care who composed an accent; those of others take what was typed. */
static void
test_normal_form(void **state)
{
	/* which form C makes longer */
	static char long_text[PASSWORD_MAX + 1];
	/* printf 'cafe\xcc\x81 au lait' | argon2 saltsalt1234 -id -t 1 -k 64 -p 1 -l 32 -e
	 * and, as like ours as can be, argon2 saltsaltsaltsalt -id -t 1 -k 64 -p 1 -l 16 -e */
	static const char *const foreign[] = {
	    "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$"
	    "amuAVzQWtYCl7IN6xrdRPxOnBsSDrpRE5ClcsNASMiU",
	    "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$HqpPP4gMJ2eblbe2Hi9bMg",
	};
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_make(&least, COMPOSED, strlen(COMPOSED), hash), PD_OK);
	assert_int_equal(password_verify(hash, &bound, COMPOSED, strlen(COMPOSED)), PASSWORD_MATCH);
	assert_int_equal(
	    password_verify(hash, &bound, DECOMPOSED, strlen(DECOMPOSED)), PASSWORD_MATCH);
	assert_int_equal(password_make(&least, DECOMPOSED, strlen(DECOMPOSED), hash), PD_OK);
	assert_int_equal(password_verify(hash, &bound, COMPOSED, strlen(COMPOSED)), PASSWORD_MATCH);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		assert_int_equal(
		    password_verify(foreign[i], &bound, DECOMPOSED, strlen(DECOMPOSED)),
		    PASSWORD_MATCH);
		assert_int_equal(password_verify(foreign[i], &bound, COMPOSED, strlen(COMPOSED)),
		    PASSWORD_MISMATCH);
	}
	/* No text: as it is. */
	assert_int_equal(password_make(&least, "\xff\xfe", 2, hash), PD_OK);
	assert_int_equal(password_verify(hash, &bound, "\xff\xfe", 2), PASSWORD_MATCH);
	/* U+0344 becomes two of two bytes each: twice as long, and still as good. */
	for (size_t i = 0; i + 2 < sizeof(long_text); i += 2)
		memcpy(long_text + i, "\xcd\x84", 2);
	assert_int_equal(password_make(&least, long_text, PASSWORD_NEW_MAX - 1, hash), PD_OK);
	assert_int_equal(
	    password_verify(hash, &bound, long_text, PASSWORD_NEW_MAX - 1), PASSWORD_MATCH);
	assert_int_equal(
	    password_verify(hash, &bound, long_text, PASSWORD_NEW_MAX - 3), PASSWORD_MISMATCH);
}

static void
test_needs_rehash(void **state)
{
	static const struct password_cost cost = {.memory_kib = 64, .passes = 4};
	static const struct {
		const char *encoded;
		bool needs;
	} rows[] = {
	    {"$argon2id$v=19$m=64,t=4,p=1" GOOD_TAIL, false},
	    {"$argon2id$v=19$m=64,t=3,p=1" GOOD_TAIL, true},
	    {"$argon2id$v=19$m=63,t=4,p=1" GOOD_TAIL, true},
	    {"$argon2id$v=19$m=65,t=4,p=1" GOOD_TAIL, false},
	    {"$argon2id$v=19$m=128,t=2,p=1" GOOD_TAIL, false},
	    {"$argon2i$v=19$m=64,t=4,p=1" GOOD_TAIL, true},
	    {"$y$j9T$abc$def", true},
	    /* dear enough, but not well-formed */
	    {"$argon2id$v=19$m=64,t=4,p=1" GOOD_TAIL "$", true},
	    {"$argon2id$v=19$m=064,t=4,p=1" GOOD_TAIL, true},
	    {"$argon2id$v=19$m=64,t=4,p=9" GOOD_TAIL, true},
	    {"$argon2id$v=19$m=64,t=4,p=1" GOOD_TAIL "AAA", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (password_needs_rehash(rows[i].encoded, &cost) != rows[i].needs)
			fail_msg("%s", rows[i].encoded);
}

static void
test_junk(void **state)
{
	char junk[40];

	(void)state;
	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = "\b\n\r\177INCORRECT"[i % 13];
	for (size_t len = 1; len <= sizeof(junk); len++)
		assert_true(password_is_junk(junk, len));
	assert_false(password_is_junk(junk, 0));
	assert_false(password_is_junk("INCORRECT", 9));
	junk[20] ^= 1;
	assert_false(password_is_junk(junk, sizeof(junk)));
	assert_true(password_is_junk(junk, 20));
}

/* It must not crash on any length, and has no answer to give. */
static void
test_dummy_takes_any_length(void **state)
{
	static const size_t lengths[] = {0, 1, PASSWORD_MAX, PASSWORD_MAX + 1, 4096};
	char password[4096];

	(void)state;
	memset(password, 'z', sizeof(password));
	password_verify_dummy(&least, NULL, 0);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		password_verify_dummy(&least, password, lengths[i]);
}

#if !SANITIZED
/* A lack of memory is not a wrong password: it would be counted and lock the user out. */
static void
test_no_memory_is_not_a_mismatch(void **state)
{
	static const struct password_cost large = {.memory_kib = 1048576, .passes = 1};
	static const struct password_bound large_bound = {.memory_kib = 1048576, .passes = 1};
	static const char *const encoded[] = {
	    "$argon2id$v=19$m=1048576,t=1,p=1$c2FsdDU2Nzg5MDEyMzQ1Ng$oUKaJ3tQpCdEcyuMak73WA",
	    "$argon2id$v=19$m=1048576,t=1,p=2$c2FsdDU2Nzg5MDEyMzQ1Ng$oUKaJ3tQpCdEcyuMak73WA",
	    "$argon2id$v=19$m=1048576,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA",
	};
	char out[PASSWORD_HASH_SIZE];
	struct rlimit before;
	struct rlimit tight;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
	tight = before;
	tight.rlim_cur = 512u * 1024 * 1024;
	assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
	for (size_t i = 0; i < sizeof(encoded) / sizeof(encoded[0]); i++)
		assert_int_equal(
		    password_verify(encoded[i], &large_bound, "a", 1), PASSWORD_NO_MEMORY);
	assert_int_equal(password_make(&large, "a", 1, out), PD_NO_MEMORY);
	assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_over_long_never_matches),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_too_expensive),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_normal_form),
		cmocka_unit_test(test_needs_rehash),
		cmocka_unit_test(test_junk),
		cmocka_unit_test(test_dummy_takes_any_length),
#if !SANITIZED
		cmocka_unit_test(test_no_memory_is_not_a_mismatch),
#endif
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
