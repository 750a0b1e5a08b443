/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <limits.h>
#include <string.h>

#include "core/digest.h"

#define DATA(text) (text), sizeof(text) - 1

/* FIPS 180-2, appendix B, and the empty message. */
static void
sha256_known_answers(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		const char *hex;
	} rows[] = {
	    {DATA(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {DATA("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {DATA("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	char hex[DIGEST_SHA256_HEX_SIZE];
	char million[1000000];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(digest_sha256_hex(rows[i].data, rows[i].len, hex));
		assert_string_equal(hex, rows[i].hex);
	}
	assert_true(digest_sha256_hex(NULL, 0, hex));
	assert_string_equal(hex, rows[0].hex);
	memset(million, 'a', sizeof(million));
	assert_true(digest_sha256_hex(million, sizeof(million), hex));
	assert_string_equal(
	    hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231, section 4, test cases 1 to 4, 6 and 7; a key or message of `repeat` equal bytes. */
static void
hmac_known_answers(void **state)
{
	static const struct {
		const char *key;
		size_t key_len;
		int key_repeat;
		const char *data;
		size_t len;
		int repeat;
		const char *hex;
	} rows[] = {
	    {DATA("\x0b"), 20, DATA("Hi There"), 1,
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	    {DATA("Jefe"), 1, DATA("what do ya want for nothing?"), 1,
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	    {DATA("\xaa"), 20, DATA("\xdd"), 50,
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	    {DATA("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13"
		  "\x14\x15\x16\x17\x18\x19"),
		1, DATA("\xcd"), 50,
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	    {DATA("\xaa"), 131, DATA("Test Using Larger Than Block-Size Key - Hash Key First"), 1,
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	    {DATA("\xaa"), 131,
		DATA("This is a test using a larger than block-size key and a larger than "
		     "block-size data. The key needs to be hashed before being used by the "
		     "HMAC algorithm."),
		1, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	    {DATA(""), 1, DATA(""), 1,
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned char digest[DIGEST_SHA256_LEN];
		char hex[DIGEST_SHA256_HEX_SIZE];
		char key[256] = "";
		char data[256] = "";
		size_t key_len = 0;
		size_t len = 0;

		for (int n = 0; n < rows[i].key_repeat; n++, key_len += rows[i].key_len)
			memcpy(key + key_len, rows[i].key, rows[i].key_len);
		for (int n = 0; n < rows[i].repeat; n++, len += rows[i].len)
			memcpy(data + len, rows[i].data, rows[i].len);
		assert_true(digest_hmac_sha256(key, key_len, data, len, digest));
		digest_hex(digest, sizeof(digest), hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

static void
an_impossible_key_zeroes_the_output(void **state)
{
	static const unsigned char zero[DIGEST_SHA256_LEN];
	unsigned char digest[DIGEST_SHA256_LEN];

	(void)state;
	memset(digest, 1, sizeof(digest));
	assert_false(digest_hmac_sha256("k", (size_t)INT_MAX + 1, "d", 1, digest));
	assert_memory_equal(digest, zero, sizeof(zero));
}

/* The check value of CRC-32/ISO-HDLC is that of "123456789"; the others are Python's zlib.crc32. */
static void
crc32_known_answers(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		uint32_t sum;
	} rows[] = {
	    {DATA(""), 0},
	    {DATA("123456789"), 0xcbf43926},
	    {DATA("a"), 0xe8b7be43},
	    {DATA("\0\0\0\0"), 0x2144df1c},
	    {DATA("{\"Item\":{}}"), 0x02f50b6c},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(digest_crc32(rows[i].data, rows[i].len), rows[i].sum);
	assert_int_equal(digest_crc32(NULL, 0), 0);
}

static void
hex_is_lower_case_and_terminated(void **state)
{
	static const unsigned char bytes[] = {0x00, 0x0f, 0xa5, 0xff};
	char hex[9] = "xxxxxxxx";

	(void)state;
	digest_hex(bytes, sizeof(bytes), hex);
	assert_string_equal(hex, "000fa5ff");
	digest_hex(bytes, 0, hex);
	assert_string_equal(hex, "");
}

#define BYTES(text) ((struct digest_bytes){(text), sizeof(text) - 1})

static void
assert_hex(const char *wanted, const unsigned char *digest)
{
	char hex[2 * DIGEST_MAX + 1];

	digest_hex(digest, strlen(wanted) / 2, hex);
	assert_string_equal(hex, wanted);
}

/* FIPS 180-2 and FIPS 202, of "abc", however it is cut. */
static void
known_answers_of_every_kind(void **state)
{
	static const char *const rows[DIGEST_KINDS] = {
	    [DIGEST_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
	    [DIGEST_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    [DIGEST_SHA512] = ("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
	    [DIGEST_SHA3_256] = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
	};
	unsigned char digest[DIGEST_MAX];

	(void)state;
	for (int kind = 0; kind < DIGEST_KINDS; kind++) {
		assert_int_equal(digest_len((enum digest_kind)kind), strlen(rows[kind]) / 2);
		assert_true(digest_of((enum digest_kind)kind, BYTES("abc"), BYTES(""), digest));
		assert_hex(rows[kind], digest);
		assert_true(digest_of((enum digest_kind)kind, BYTES("a"), BYTES("bc"), digest));
		assert_hex(rows[kind], digest);
		assert_true(digest_of(
		    (enum digest_kind)kind, (struct digest_bytes){NULL, 0}, BYTES("abc"), digest));
		assert_hex(rows[kind], digest);
	}
	assert_int_equal(digest_len(DIGEST_KINDS), 0);
}

/* RFC 6070, RFC 7914 section 11, and Python's hashlib.pbkdf2_hmac for SHA-512. */
static void
pbkdf2_known_answers(void **state)
{
	unsigned char digest[DIGEST_MAX];

	(void)state;
	assert_true(digest_pbkdf2(DIGEST_SHA1, BYTES("password"), BYTES("salt"), 4096, digest));
	assert_hex("4b007901b765489abead49d926f721d065a429c1", digest);
	assert_true(digest_pbkdf2(DIGEST_SHA256, BYTES("passwd"), BYTES("salt"), 1, digest));
	assert_hex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc", digest);
	assert_true(digest_pbkdf2(DIGEST_SHA512, BYTES("passwordPASSWORDpassword"),
	    BYTES("saltSALTsaltSALTsaltSALTsaltSALTsalt"), 4096, digest));
	assert_hex("8c0511f4c6e597c6ac6315d8f0362e225f3c501495ba23b868c005174dc4ee71"
		   "115b59f9e60cd9532fa33e0f75aefe30225c583a186cd82bd4daea9724a3d3b8",
	    digest);
}

/* RFC 7914 section 12. */
static void
scrypt_known_answers(void **state)
{
	const struct digest_scrypt small = {.n = 16, .r = 1, .p = 1};
	const struct digest_scrypt more = {.n = 1024, .r = 8, .p = 16};
	unsigned char digest[DIGEST_MAX];

	(void)state;
	assert_true(digest_scrypt(
	    &small, (struct digest_bytes){NULL, 0}, (struct digest_bytes){NULL, 0}, digest));
	assert_hex("77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
		   "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
	    digest);
	assert_true(digest_scrypt(&more, BYTES("password"), BYTES("NaCl"), digest));
	assert_hex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
		   "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
	    digest);
}

static void
what_is_refused_zeroes_the_output(void **state)
{
	static const unsigned char zero[DIGEST_MAX];
	static const struct digest_scrypt refused[] = {
	    {.n = 0, .r = 1, .p = 1},
	    {.n = 1, .r = 1, .p = 1},
	    {.n = 3, .r = 1, .p = 1},
	    {.n = 16, .r = 0, .p = 1},
	    {.n = 16, .r = 1, .p = 0},
	    {.n = 65536, .r = 1, .p = 1},
	    {.n = 16, .r = 65535, .p = 65535},
	    {.n = 16, .r = 65536, .p = 1},
	    {.n = 1ULL << 32, .r = 8, .p = 1},
	};
	unsigned char digest[DIGEST_MAX];

	(void)state;
	memset(digest, 1, sizeof(digest));
	assert_false(digest_pbkdf2(DIGEST_SHA256, BYTES("p"), BYTES("s"), 0, digest));
	assert_memory_equal(digest, zero, sizeof(zero));
	memset(digest, 1, sizeof(digest));
	assert_false(
	    digest_pbkdf2(DIGEST_SHA256, BYTES("p"), BYTES("s"), (uint32_t)INT_MAX + 1, digest));
	assert_memory_equal(digest, zero, sizeof(zero));
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		memset(digest, 1, sizeof(digest));
		assert_false(digest_scrypt(&refused[i], BYTES("p"), BYTES("s"), digest));
		assert_memory_equal(digest, zero, sizeof(zero));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sha256_known_answers),
	    cmocka_unit_test(hmac_known_answers),
	    cmocka_unit_test(an_impossible_key_zeroes_the_output),
	    cmocka_unit_test(crc32_known_answers),
	    cmocka_unit_test(hex_is_lower_case_and_terminated),
	    cmocka_unit_test(known_answers_of_every_kind),
	    cmocka_unit_test(pbkdf2_known_answers),
	    cmocka_unit_test(scrypt_known_answers),
	    cmocka_unit_test(what_is_refused_zeroes_the_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
