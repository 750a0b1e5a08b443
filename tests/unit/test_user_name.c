/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <locale.h>
#include <string.h>

#include "core/user.h"

static void
names_follow_the_grammar(void **state)
{
	static const char *const good[] = {
	    "a", "_", "alice", "a-b_c9", "_x", "a-", "a234567890123456789012345678901"};
	static const char *const bad[] = {"", "-a", "9a", "Alice", "a.b", "a b", "a\n", "a#b",
	    "a/b", "\xc3\xa4", "a$", "..", "a234567890123456789012345678901x"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		assert_true(user_name_valid(good[i]));
		assert_true(user_name_allowed(good[i]));
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_false(user_name_valid(bad[i]));
		assert_false(user_name_allowed(bad[i]));
	}
	assert_false(user_name_valid(NULL));
	assert_false(user_name_allowed(NULL));
	assert_true(user_name_valid("root"));
	assert_false(user_name_allowed("root"));
}

static void
mail_addresses_are_lowered(void **state)
{
	static const struct {
		const char *email;
		const char *lower;
	} rows[] = {
	    {"alice@example.org", "alice@example.org"},
	    {"Alice.B+tag@EXAMPLE.Org", "alice.b+tag@example.org"},
	    {"o'neil#1@a-b.example", "o'neil#1@a-b.example"},
	    {"a@b", "a@b"},
	};
	char out[USER_EMAIL_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(user_email_normalise(rows[i].email, out));
		assert_string_equal(out, rows[i].lower);
	}
}

#define TEN "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define LABEL_63 SIXTY "aaa"

static void
implausible_addresses_are_refused(void **state)
{
	static const char *const bad[] = {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c", ".a@b",
	    "a.@b", "a..b@c", "a@.b", "a@b.", "a@b..c", "a@-b", "a@b-", "a@b.-c", "a@b_c", "a\n@b",
	    "a@b\n", "\"a\"@b", "a@[127.0.0.1]", "\xc3\xa4@b", "a@\xc3\xa4.de", "a@b\x7f",
	    SIXTY "aaaaa@b", SIXTY ".aaaa@b", "a@" LABEL_63 "a"};
	char out[USER_EMAIL_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_false(user_email_normalise(bad[i], out));
		assert_string_equal(out, "");
	}
	assert_false(user_email_normalise(NULL, out));
	/* 64 bytes before the @, labels of 63, and 254 bytes in all are just allowed. */
	assert_true(user_email_normalise(SIXTY "aaaa@" LABEL_63, out));
	assert_true(user_email_normalise(SIXTY "aa@" LABEL_63 "." LABEL_63 "." LABEL_63, out));
	assert_int_equal(strlen(out), 254);
	assert_false(user_email_normalise(SIXTY "aaa@" LABEL_63 "." LABEL_63 "." LABEL_63, out));
}

/* Keys are made by ASCII rules: a locale with other case pairs must not change them. */
static void
the_locale_does_not_matter(void **state)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ@ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz@abcdefghijklmnopqrstuvwxyz";
	static const char marks[] = "!#$%&'*+-/=?^_`{|}~0123456789@0123456789";
	char out[USER_EMAIL_MAX + 1];

	(void)state;
	(void)setlocale(LC_ALL, "tr_TR.UTF-8"); /* where there is one: I is no capital i */
	assert_true(user_email_normalise(upper, out));
	assert_string_equal(out, lower);
	assert_true(user_email_normalise(marks, out));
	assert_string_equal(out, marks);
	(void)setlocale(LC_ALL, "C");
}

static void
auxiliary_keys_are_fixed(void **state)
{
	char key[USER_AUX_KEY_SIZE];

	(void)state;
	assert_true(user_uid_key(1234, key));
	assert_string_equal(key, "uid#1234");
	assert_true(user_uid_key(USER_ID_MAX, key));
	assert_string_equal(key, "uid#2147483646");
	assert_true(user_uid_key(1, key));
	assert_string_equal(key, "uid#1");
	assert_false(user_uid_key(0, key));
	assert_string_equal(key, "");
	assert_true(user_uid_key(1, key));
	assert_false(user_uid_key(-1, key));
	assert_string_equal(key, "");
	assert_false(user_uid_key((int64_t)USER_ID_MAX + 1, key));
	/* printf alice@example.org | sha256sum */
	assert_true(user_email_key("Alice@Example.ORG", key));
	assert_string_equal(
	    key, "email#7a64adf28737ea90719cbdf0b1a87a5effff3753b79c91d717f4f4153ead0498");
	assert_false(user_email_key("alice", key));
	assert_string_equal(key, "");
	assert_true(user_email_key("alice@example.org", key));
	assert_false(user_email_key(NULL, key));
	assert_string_equal(key, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_follow_the_grammar),
	    cmocka_unit_test(mail_addresses_are_lowered),
	    cmocka_unit_test(implausible_addresses_are_refused),
	    cmocka_unit_test(the_locale_does_not_matter),
	    cmocka_unit_test(auxiliary_keys_are_fixed),
	};

	return cmocka_run_group_tests_name("user_name", tests, NULL, NULL);
}
