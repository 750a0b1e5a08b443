/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/password.h"
#include "core/password_format.h"
#include "core/secret.h"
#include "password_known.h"

static const struct password_bound bound = {.memory_kib = 40000, .passes = 4, .rounds = 20000};

static enum password_match
try(const char *encoded, const char *password, size_t len)
{
	return password_verify(encoded, &bound, password, len);
}

static void
refuse(const char *encoded, const char *password, size_t len, const char *what)
{
	enum password_match match = try(encoded, password, len);

	if (match == PASSWORD_MATCH || match == PASSWORD_NO_MEMORY)
		fail_msg("%s: %s: %d", encoded, what, (int)match);
}

static void
test_known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++) {
		const struct password_known *known = &password_known[i];
		enum password_match match = try(
		    known->encoded, known->password, strlen(known->password));

		if (match != PASSWORD_MATCH)
			fail_msg("%s: %d", known->encoded, (int)match);
		assert_string_equal(password_format_name(known->encoded), known->format);
		assert_ptr_equal(password_format_find(known->encoded)->name,
		    password_format_name(known->encoded));
		assert_string_equal(password_format_find(known->encoded)->prefix, known->prefix);
		assert_int_equal(password_check(known->encoded, &bound), PASSWORD_MATCH);
	}
}

static void
test_every_row_has_a_known_answer(void **state)
{
	(void)state;
	for (size_t row = 0; row < password_format_count; row++) {
		size_t i = 0;

		while (i < PASSWORD_KNOWN_COUNT &&
		    strcmp(password_known[i].prefix, password_formats[row].prefix) != 0)
			i++;
		if (i == PASSWORD_KNOWN_COUNT)
			fail_msg("%s", password_formats[row].prefix);
		assert_non_null(password_formats[row].name);
		assert_non_null(password_formats[row].check);
		assert_non_null(password_formats[row].verify);
	}
}

static bool
file_has(const char *path, const char *wanted)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	bool found = false;

	if (file == NULL)
		fail_msg("%s cannot be read: run this from the top folder", path);
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = strstr(line, wanted) != NULL;
	assert_int_equal(fclose(file), 0);
	return found;
}

static void
test_every_row_is_documented(void **state)
{
	char wanted[128];

	(void)state;
	for (size_t row = 0; row < password_format_count; row++) {
		const struct password_format *format = &password_formats[row];

		snprintf(wanted, sizeof(wanted), "`%s`", format->name);
		if (!file_has("pam_dynamo/core/FORMAT.md", wanted))
			fail_msg("FORMAT.md: %s", wanted);
		snprintf(wanted, sizeof(wanted), ".It %s Ta ", format->name);
		if (!file_has("conf/pam_dynamo.conf.5", wanted))
			fail_msg("pam_dynamo.conf.5: %s", wanted);
		if (!file_has("conf/pam_dynamo.conf.5", format->prefix))
			fail_msg("pam_dynamo.conf.5: %s", format->prefix);
	}
}

static void
test_another_password_never_verifies(void **state)
{
	char other[PASSWORD_MAX + 2];

	(void)state;
	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++) {
		const struct password_known *known = &password_known[i];
		size_t len = strlen(known->password);

		for (size_t at = 0; at < len && known->step > 0; at += 4 + known->step) {
			strcpy(other, known->password);
			other[at] ^= 1;
			refuse(known->encoded, other, len, "one bit");
			other[at] ^= 1 ^ 0x20;
			refuse(known->encoded, other, len, "case");
		}
		strcpy(other, known->password);
		refuse(known->encoded, other, 0, "empty");
		refuse(known->encoded, other, len - 1, "cut");
		refuse(known->encoded, other, len + 1, "a NUL behind");
		other[len] = 'x';
		refuse(known->encoded, other, len + 1, "a byte behind");
		memset(other + len, 0, sizeof(other) - len);
		refuse(known->encoded, other, PASSWORD_MAX, "NULs behind");
		refuse(known->encoded, other, PASSWORD_MAX + 1, "over-long");
		other[len / 2] = '\0';
		refuse(known->encoded, other, len, "a NUL inside");
	}
}

/* In braces the case of a letter means nothing. */
static bool
is_scheme(const char *encoded, size_t at)
{
	return encoded[0] == '{' && at < strcspn(encoded, "}");
}

static void
test_no_changed_bit_of_the_text_verifies(void **state)
{
	char text[PASSWORD_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++) {
		const struct password_known *known = &password_known[i];
		size_t len = strlen(known->password);
		size_t end = strlen(known->encoded);

		strcpy(text, known->encoded);
		for (size_t at = 0; at < end && known->step > 0; at += known->step) {
			for (unsigned bit = 0; bit < 8; bit++) {
				if (bit == 5 && is_scheme(text, at))
					continue;
				text[at] = (char)(text[at] ^ 1 << bit);
				refuse(text, known->password, len, "a bit of the text");
				text[at] = (char)(text[at] ^ 1 << bit);
			}
		}
		assert_string_equal(text, known->encoded);
	}
}

/* Each bit that a character of the digest stands for, so that spare bits of the last are seen. */
static void
test_no_changed_bit_of_the_digest_verifies(void **state)
{
	char text[PASSWORD_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++) {
		const struct password_known *known = &password_known[i];
		size_t end = strlen(known->encoded);
		size_t values = strlen(known->alphabet);

		strcpy(text, known->encoded);
		for (size_t at = end - known->tail; at < end && known->step > 0;
		     at += known->step) {
			const char *value = strchr(known->alphabet, known->encoded[at]);

			if (value == NULL) {
				assert_int_equal(known->encoded[at], '=');
				continue;
			}
			for (size_t bit = 1; bit < values; bit <<= 1) {
				text[at] = known->alphabet[(size_t)(value - known->alphabet) ^ bit];
				refuse(text, known->password, strlen(known->password),
				    "a bit of the digest");
			}
			text[at] = known->encoded[at];
		}
		assert_string_equal(text, known->encoded);
	}
}

static bool
is_wrapped(const char *encoded)
{
	return password_format_find(encoded)->verify == password_wrapped_verify;
}

static void
test_no_prefix_and_no_longer_text_verifies(void **state)
{
	static const char more[] = " \n$=.A0a:\x01\xff";
	char text[PASSWORD_HASH_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++) {
		const struct password_known *known = &password_known[i];
		size_t len = strlen(known->password);
		size_t end = strlen(known->encoded);

		for (size_t cut = 0; cut < end; cut++) {
			memcpy(text, known->encoded, cut);
			text[cut] = '\0';
			refuse(text, known->password, len, "a prefix");
			/* and what is left when the start is gone, if that is no format */
			if (cut > 0 && end - cut != 64 && !is_wrapped(known->encoded))
				refuse(known->encoded + cut, known->password, len, "a suffix");
		}
		strcpy(text, known->encoded);
		for (size_t at = 0; more[at] != '\0'; at++) {
			text[end] = more[at];
			text[end + 1] = '\0';
			refuse(text, known->password, len, "a longer text");
			memmove(text + 1, text, end);
			text[0] = more[at];
			text[end + 1] = '\0';
			refuse(text, known->password, len, "a text with another start");
			strcpy(text, known->encoded);
		}
	}
}

/* bcrypt reads 72 bytes: a longer password would be as good as its start. */
static void
test_bcrypt_reads_no_further(void **state)
{
	static const char encoded[] =
	    "$2b$04$alKR9tVIKfhE6mk1UTbFY.nvslWgNWEM8ULCAtIUnl5Slk3ksOmzy";
	static const char x73[] = X72 "x";

	(void)state;
	assert_int_equal(try(encoded, x73, 72), PASSWORD_MATCH);
	assert_int_equal(try(encoded, x73, 73), PASSWORD_MISMATCH);
	assert_int_equal(try(encoded, X72 "y", 73), PASSWORD_MISMATCH);
}

#define HEX "527309fa687983bb95324bd8752537047dc4afac6bc5c323709d0f261aa1a126"

static void
test_a_salt_of_its_own_attribute(void **state)
{
	static const char salted[] =
	    "76b631233fc61cf879e7e97095b4547223571074ebc6298747d50ad2d979f7fb";
	static const char zeros[PASSWORD_HASH_SIZE];
	char salt[PASSWORD_HASH_SIZE];
	char out[PASSWORD_HASH_SIZE];

	(void)state;
	assert_true(password_from_sha3("abcde", salted, out));
	assert_int_equal(try(out, CHB, strlen(CHB)), PASSWORD_MATCH);
	assert_true(password_from_sha3("abcd", salted, out));
	assert_int_equal(try(out, CHB, strlen(CHB)), PASSWORD_MISMATCH);
	assert_true(password_from_sha3(NULL, HEX, out));
	assert_int_equal(try(out, CHB, strlen(CHB)), PASSWORD_MATCH);
	assert_true(password_from_sha3("", HEX, out));
	assert_int_equal(try(out, CHB, strlen(CHB)), PASSWORD_MATCH);
	assert_false(password_from_sha3("abcde", "", out));
	assert_memory_equal(out, zeros, sizeof(zeros));
	assert_false(password_from_sha3(NULL, HEX "0", out));
	assert_memory_equal(out, zeros, sizeof(zeros));
	memset(salt, 's', sizeof(salt));
	salt[PASSWORD_HASH_SIZE - 1 - 75] = '\0';
	assert_true(password_from_sha3(salt, HEX, out));
	assert_int_equal(strlen(out), PASSWORD_HASH_SIZE - 1);
	salt[PASSWORD_HASH_SIZE - 1 - 75] = 's';
	salt[PASSWORD_HASH_SIZE - 75] = '\0';
	assert_false(password_from_sha3(salt, HEX, out));
	assert_memory_equal(out, zeros, sizeof(zeros));
}

/* All are hashed anew, but an Argon2id that is dear enough. */
static void
test_imported_hashes_need_a_rehash(void **state)
{
	static const struct password_cost least = {.memory_kib = 8, .passes = 1};

	(void)state;
	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++)
		if (password_needs_rehash(password_known[i].encoded, &least) !=
		    (strncmp(password_known[i].encoded, "$argon2id$v=19", 14) != 0))
			fail_msg("%s", password_known[i].encoded);
}

static size_t
unhex(char *text)
{
	size_t len = strlen(text) / 2;
	unsigned byte;

	for (size_t i = 0; i < len; i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			abort();
		text[i] = (char)byte;
	}
	return len;
}

/* For test_password_makers.py: lines of a password in hex, a tab and a hash; answers "MATCH
 * FORMAT".
 */
static int
answer_lines(void)
{
	static const struct password_bound shipped = {262144, 16, 2500000};
	char line[4096];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *encoded = strchr(line, '\t');
		const char *name;
		size_t len;

		line[strcspn(line, "\n")] = '\0';
		if (encoded == NULL)
			return 1;
		*encoded++ = '\0';
		name = password_format_name(encoded);
		len = unhex(line);
		printf("%d %s\n", (int)password_verify(encoded, &shipped, line, len),
		    name == NULL ? "-" : name);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known_answers),
	    cmocka_unit_test(test_every_row_has_a_known_answer),
	    cmocka_unit_test(test_every_row_is_documented),
	    cmocka_unit_test(test_another_password_never_verifies),
	    cmocka_unit_test(test_no_changed_bit_of_the_text_verifies),
	    cmocka_unit_test(test_no_changed_bit_of_the_digest_verifies),
	    cmocka_unit_test(test_no_prefix_and_no_longer_text_verifies),
	    cmocka_unit_test(test_bcrypt_reads_no_further),
	    cmocka_unit_test(test_a_salt_of_its_own_attribute),
	    cmocka_unit_test(test_imported_hashes_need_a_rehash),
	};

	if (!secret_init())
		return 1;
	if (argc == 2 && strcmp(argv[1], "verify") == 0)
		return answer_lines();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
