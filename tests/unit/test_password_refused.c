/* SPDX-License-Identifier: BSD-2-Clause */
/* What the formats refuse before anything is computed, and a lack of memory where it is. */
#include "unit.h"

#include <string.h>
#include <sys/resource.h>

#include "core/password.h"
#include "core/secret.h"
#include "password_known.h"
#include "tests/lib/sanitized.h"

static const struct password_bound bound = {.memory_kib = 40000, .passes = 4, .rounds = 20000};

#define BCRYPT "alKR9tVIKfhE6mk1UTbFY.nvslWgNWEM8ULCAtIUnl5Slk3ksOmzy"
#define SHA512 \
	"91u.tQAiDs.h6cLIMlSBeYhmUC/Np298Y7uR4SwmVEvi75vaGxKUGXTmtxZCk3aToOtePZNdZMYlSipydZa8u."
#define D43 "f7PLR8SasQwA5vyvuG6gJHvlTcxcS/3NDyRq4INagX/"
#define HEX "527309fa687983bb95324bd8752537047dc4afac6bc5c323709d0f261aa1a126"
#define B256 "/AgPzJG5e6Yv25JIyxyWfNnB6QXmfp0Y+BEGfC3zoJE="
#define B512 \
	"HF9nFE6DKxJohWQPJNHjdezVLRCpoEBCyAy66tkEHDZsvd86RlhqMZ/sBIym4NyghDodBR+s0YlZoVpH/oyLGA=="

static void
test_malformed(void **state)
{
	static const char *const texts[] = {"*", "*0", "*1", "!", "x", "$", "{", "{}", "{CRYPT}",
	    "{SSHA}", "{CLEARTEXT}secret", "secret",
	    "{SHA}C5wmJdwh7wX2rU3fR8XyA4N6oyw=", "{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
	    /* crypt(3)'s that are too weak to take over, and one that is broken */
	    "abJnggxhB/yWI", "_J9..rasmBYk8r9AiWNc", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
	    "$2x$04$" BCRYPT, "$2$04$" BCRYPT, "$2b$4$" BCRYPT, "$2b$03$" BCRYPT, "$2b$32$" BCRYPT,
	    "$2b$04" BCRYPT, "$2b$0x$" BCRYPT, "*2b$04$" BCRYPT,
	    /* the salt's last character has bits that no byte holds */
	    "$2b$04$alKR9tVIKfhE6mk1UTbFY/nvslWgNWEM8ULCAtIUnl5Slk3ksOmzy",
	    /* rounds */
	    "$6$rounds=999$salt$" SHA512, "$6$rounds=01000$salt$" SHA512, "$6$rounds=$salt$" SHA512,
	    "$6$rounds=1000000000$salt$" SHA512, "$6$rounds=4294968296$salt$" SHA512,
	    "$6$rounds=-1$salt$" SHA512, "$6$rounds=1000 $salt$" SHA512, "$6$rounds=1000$" SHA512,
	    "$6$$" SHA512, "$6$saltsaltsaltsalts$" SHA512, "$6$sa:t$" SHA512, "$5$salt$" SHA512,
	    "$6$salt$" D43,
	    /* yescrypt: flavours, a ROM, what is not canonical */
	    "$y$.75$gGhKk9t7lcDrvqc.CP09z/$" D43, "$y$/75$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$y$i75$gGhKk9t7lcDrvqc.CP09z/$" D43, "$y$k75$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$y$j75$gGhKk9t7lcDrvqc.CP09z2$" D43, "$y$j75$gGhKk9t7lcDrvqc.CP09z$" D43,
	    "$y$j75$$" D43, "$y$j7$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$y$j751$gGhKk9t7lcDrvqc.CP09z/$" D43, "$y$j$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$y$$gGhKk9t7lcDrvqc.CP09z/$" D43, "$y$j751.$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$y$j755.$gGhKk9t7lcDrvqc.CP09z/$" D43, "$y$j75.$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$y$j7z5$gGhKk9t7lcDrvqc.CP09z/$" D43, "$y$jU5$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    /* more lanes than blocks */
	    "$y$j.5..$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    /* N or N / p below 4, which no library computes: no lack of memory */
	    "$y$j.5$gGhKk9t7lcDrvqc.CP09z/$" D43, "$y$j/5..$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$y$j15.1$gGhKk9t7lcDrvqc.CP09z/$" D43, "$7$/6..../....salt$" D43,
	    /* scrypt */
	    "$7$.6..../....salt$" D43, "$7$V6..../....salt$" D43, "$7$8...../....salt$" D43,
	    "$7$86.........salt$" D43, "$7$86..../...$" D43, "$7$86..../....$" D43,
	    "$7$8zzzzzzzzzzsalt$" D43, "$7$86..../....sa-t$" D43, "scrypt:0:8:1$salt$" HEX HEX,
	    "scrypt:1:8:1$salt$" HEX HEX, "scrypt:17:8:1$salt$" HEX HEX,
	    "scrypt:16:0:1$salt$" HEX HEX, "scrypt:16:8:0$salt$" HEX HEX,
	    "scrypt:16:8:01$salt$" HEX HEX, "scrypt:65536:1:1$salt$" HEX HEX,
	    "scrypt:16:65536:1$salt$" HEX HEX, "scrypt:16:8:65536$salt$" HEX HEX,
	    "scrypt:16:65535:65535$salt$" HEX HEX, "scrypt:16:8$salt$" HEX HEX,
	    "scrypt:16:8:1$$" HEX HEX, "scrypt:16:8:1$sa$lt$" HEX HEX, "scrypt:16:8:1$salt$" HEX,
	    "scrypt:16:8:1:1$salt$" HEX HEX, "scrypt$salt$" HEX HEX, "scrypt$16$salt$8$1$" B256,
	    "scrypt$16$salt$8$" B512, "scrypt$16$$8$1$" B512, "scrypt$15$salt$8$1$" B512,
	    /* PBKDF2 */
	    "pbkdf2:sha256$salt$" HEX, "pbkdf2:sha256:$salt$" HEX, "pbkdf2:sha256:0$salt$" HEX,
	    "pbkdf2:sha256:01$salt$" HEX, "pbkdf2:sha256:2147483648$salt$" HEX,
	    "pbkdf2:sha256:1$$" HEX, "pbkdf2:sha256:1$sa$lt$" HEX, "pbkdf2:sha256:1$salt$" HEX HEX,
	    "pbkdf2:sha512:1$salt$" HEX, "pbkdf2:sha1:1$salt$" HEX, "pbkdf2:md5:1$salt$" HEX,
	    "pbkdf2:SHA256:1$salt$" HEX, "PBKDF2:sha256:1$salt$" HEX, "pbkdf2_sha256$1$salt$" HEX,
	    "pbkdf2_sha256$1$$" B256, "pbkdf2_sha256$0$salt$" B256, "pbkdf2_sha256$1$salt$" B512,
	    "pbkdf2_sha1$1$salt$" B256, "pbkdf2_sha512$1$salt$" B512,
	    "pbkdf2_sha256$1$salt$/AgPzJG5e6Yv25JIyxyWfNnB6QXmfp0Y+BEGfC3zoJE",
	    "pbkdf2_sha256$1$salt$/AgPzJG5e6Yv25JIyxyWfNnB6QXmfp0Y+BEGfC3zoJF=",
	    "pbkdf2_sha256$1$salt$/AgPzJG5e6Yv25JIyxyWfNnB6QXmfp0Y+BEGfC3zog==",
	    /* one inside another, but not anything inside anything */
	    "{CRYPT}{CRYPT}$2b$04$" BCRYPT, "{CRYPT}" HEX,
	    "{CRYPT}{SSHA}boIP38HANufRYCh/fPJtblptnOLG86CB", "{CRYPT}abJnggxhB/yWI",
	    "{CRYPT}$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA",
	    "{ARGON2}$2b$04$" BCRYPT, "bcrypt$2b$04$" BCRYPT, "bcrypt$" HEX,
	    "bcrypt_sha256$$6$salt$" SHA512, "argon2$2b$04$" BCRYPT, "argon2" HEX,
	    /* a digest without a salt, and one that is cut */
	    "{SSHA}C5wmJdwh7wX2rU3fR8XyA4N6oyw=", "{SSHA}boIP38HANufRYCh/fPJtblptnOL",
	    "{SSHA} boIP38HANufRYCh/fPJtblptnOLG86CB", "{SSHA}boIP38HANufRYCh_fPJtblptnOLG86CB",
	    "{SSHA256}boIP38HANufRYCh/fPJtblptnOLG86CB",
	    "{SSHA384}boIP38HANufRYCh/fPJtblptnOLG86CB", "{SSHA}boIP38HANufRYCh/fPJtblptnOLG860=b",
	    /* SHA3-256 */
	    "{SHA3-256}" HEX, "{SHA3-256}salt" HEX, "{SHA3-256}salt$" HEX "0", "{SHA3-256}salt$",
	    "527309FA687983BB95324BD8752537047DC4AFAC6BC5C323709D0F261AA1A126",
	    "527309fa687983bb95324bd8752537047dc4afac6bc5c323709d0f261aa1a12", HEX "a",
	    "g27309fa687983bb95324bd8752537047dc4afac6bc5c323709d0f261aa1a126"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		enum password_match match = password_verify(texts[i], &bound, CHB, strlen(CHB));

		if (match != PASSWORD_MALFORMED)
			fail_msg("%s: %d", texts[i], (int)match);
		assert_int_equal(password_check(texts[i], &bound), PASSWORD_MALFORMED);
		assert_null(password_format_name(texts[i]));
	}
}

/* Each at the bound and one step above it. */
static void
test_costs_are_bounded(void **state)
{
	static const struct {
		const char *encoded;
		struct password_bound enough;
		struct password_bound less;
	} rows[] = {
	    {"$argon2i$v=19$m=64,t=3,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA", {64, 3, 0},
		{63, 3, 0}},
	    {"$argon2i$v=19$m=64,t=3,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA", {64, 3, 0},
		{64, 2, 0}},
	    {"argon2$argon2id$v=19$m=64,t=1,p=8$bWJadnBwSUNNcjNnMU9xNUFGb0JOTg"
	     "$8uU1bpqgYmHoYenjb34Kmg",
		{64, 1, 0}, {63, 1, 0}},
	    /* N 1024, r 8 */
	    {"$y$j75$gGhKk9t7lcDrvqc.CP09z/$" D43, {1024, 1, 0}, {1023, 1, 0}},
	    /* N 1024, r 8, p 2, t 2 */
	    {"$y$j750./$gGhKk9t7lcDrvqc.CP09z/$" D43, {1024, 2, 0}, {1024, 1, 0}},
	    /* N 1024, r 8, t 3 */
	    {"$y$j75/0$gGhKk9t7lcDrvqc.CP09z/$" D43, {1024, 3, 0}, {1024, 2, 0}},
	    {"$7$86..../....salt$" D43, {1025, 1, 0}, {1024, 1, 0}},
	    {"$7$86....0....salt$" D43, {1026, 2, 0}, {1026, 1, 0}},
	    {"scrypt:1024:8:2$salt$" HEX HEX, {1026, 2, 0}, {1025, 2, 0}},
	    {"scrypt:1024:8:2$salt$" HEX HEX, {1026, 2, 0}, {1026, 1, 0}},
	    {"scrypt$1024$salt$8$2$" B512, {1026, 2, 0}, {1025, 2, 0}},
	    {"$6$salt$" SHA512, {0, 0, 5000}, {0, 0, 4999}},
	    {"$6$rounds=1001$salt$" SHA512, {0, 0, 1001}, {0, 0, 1000}},
	    {"$5$rounds=1001$salt$" D43, {0, 0, 1001}, {0, 0, 1000}},
	    {"{CRYPT}$6$rounds=1001$salt$" SHA512, {0, 0, 1001}, {0, 0, 1000}},
	    {"$2b$05$" BCRYPT, {0, 0, 4096}, {0, 0, 4095}},
	    {"bcrypt$$2b$05$" BCRYPT, {0, 0, 4096}, {0, 0, 4095}},
	    {"bcrypt_sha256$$2b$05$" BCRYPT, {0, 0, 4096}, {0, 0, 4095}},
	    {"$2b$24$" BCRYPT, {0, 0, 2147483648}, {0, 0, 2147483647}},
	    {"pbkdf2:sha256:999$salt$" HEX, {0, 0, 999}, {0, 0, 998}},
	    {"pbkdf2_sha256$999$salt$" B256, {0, 0, 999}, {0, 0, 998}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (password_check(rows[i].encoded, &rows[i].enough) != PASSWORD_MATCH)
			fail_msg("%s at the bound", rows[i].encoded);
		if (password_check(rows[i].encoded, &rows[i].less) != PASSWORD_TOO_EXPENSIVE ||
		    password_verify(rows[i].encoded, &rows[i].less, CHB, strlen(CHB)) !=
			PASSWORD_TOO_EXPENSIVE)
			fail_msg("%s above the bound", rows[i].encoded);
	}
}

/* The largest numbers that each text can hold neither wrap nor start any work. */
static void
test_the_largest_costs_are_too_expensive(void **state)
{
	static const char *const texts[] = {
	    "$argon2i$v=19$m=4294967295,t=4294967295,p=255$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA",
	    "$y$jSrz$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$7$Tzzzzz/....salt$" D43,
	    "$7$8/....zzzzzsalt$" D43,
	    "scrypt:2147483648:65535:16384$salt$" HEX HEX,
	    "$6$rounds=999999999$salt$" SHA512,
	    "$2b$31$" BCRYPT,
	    "pbkdf2:sha512:2147483647$salt$" HEX HEX,
	};
	static const struct password_bound shipped = {262144, 16, 2500000};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (password_verify(texts[i], &shipped, CHB, strlen(CHB)) != PASSWORD_TOO_EXPENSIVE)
			fail_msg("%s", texts[i]);
}

static void
test_scheme_names_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(
	    password_verify("{ssha}boIP38HANufRYCh/fPJtblptnOLG86CB", &bound, CHB, strlen(CHB)),
	    PASSWORD_MATCH);
	assert_int_equal(
	    password_verify("{Ssha}boIP38HANufRYCh/fPJtblptnOLG86CB", &bound, CHB, strlen(CHB)),
	    PASSWORD_MATCH);
	assert_int_equal(password_verify("{crypt}$2b$04$" BCRYPT, &bound, X72, 72), PASSWORD_MATCH);
	assert_int_equal(
	    password_verify("{crypt}$2B$04$" BCRYPT, &bound, X72, 72), PASSWORD_MALFORMED);
	assert_int_equal(
	    password_verify("BCRYPT$$2b$04$" BCRYPT, &bound, X72, 72), PASSWORD_MALFORMED);
}

#if !SANITIZED
/* A lack of memory is not a wrong password: it would be counted and lock the user out. */
static void
test_no_memory_is_not_a_mismatch(void **state)
{
	static const struct password_bound large = {.memory_kib = 4194304, .passes = 1};
	static const char *const texts[] = {
	    "$argon2i$v=19$m=1048576,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA",
	    "$y$jFT$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$gy$jFT$gGhKk9t7lcDrvqc.CP09z/$" D43,
	    "$7$GU..../....salt$" D43,
	    "{CRYPT}$7$GU..../....salt$" D43,
	    "scrypt:1048576:8:1$salt$" HEX HEX,
	    "scrypt$1048576$salt$8$1$" B512,
	};
	struct rlimit before;
	struct rlimit tight;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
	tight = before;
	tight.rlim_cur = 256u * 1024 * 1024;
	assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		enum password_match match = password_verify(texts[i], &large, "a", 1);

		if (match != PASSWORD_NO_MEMORY) {
			setrlimit(RLIMIT_AS, &before);
			fail_msg("%s: %d", texts[i], (int)match);
		}
	}
	assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_costs_are_bounded),
		cmocka_unit_test(test_the_largest_costs_are_too_expensive),
		cmocka_unit_test(test_scheme_names_in_any_case),
#if !SANITIZED
		cmocka_unit_test(test_no_memory_is_not_a_mismatch),
#endif
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
