/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <locale.h>
#include <string.h>

#include "core/user.h"

#define TEN "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define LABEL_63 SIXTY "aaa"

static const enum conf_names both[] = {CONF_NAMES_POSIX, CONF_NAMES_EMAIL};

/* Good under `names`, and under nothing else. */
static void
assert_name(const char *name, enum conf_names names)
{
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		bool good = both[i] == names;

		if (user_name_valid(name, both[i]) != good ||
		    user_name_allowed(name, both[i]) != good)
			fail_msg("`%s` under %d", name, (int)both[i]);
	}
}

static void
assert_no_name(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		if (user_name_valid(name, both[i]) || user_name_allowed(name, both[i]))
			fail_msg("`%s` under %d", name == NULL ? "NULL" : name, (int)both[i]);
	}
}

static void
names_follow_the_grammar(void **state)
{
	static const char *const good[] = {
	    "a", "_", "alice", "a-b_c9", "_x", "a-", "a234567890123456789012345678901"};
	static const char *const bad[] = {"", "-a", "9a", "Alice", "a.b", "a b", "a\n", "a#b",
	    "a/b", "\xc3\xa4", "a$", "..", "a234567890123456789012345678901x", NULL};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_name(good[i], CONF_NAMES_POSIX);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_no_name(bad[i]);
	assert_true(user_name_valid("root", CONF_NAMES_POSIX));
	assert_false(user_name_allowed("root", CONF_NAMES_POSIX));
	assert_false(user_name_allowed("root", CONF_NAMES_EMAIL));
}

static void
addresses_follow_the_grammar(void **state)
{
	static const char *const good[] = {"alice@example.org", "a@b.c", "9@9.9",
	    "alice.b+tag@mail.example.org", "a_b@a-b.example", "!$%&*+-=?^_{|}~@x.y",
	    "_@xn--bcher-kva.example", "root@example.org", "a-@b.c", "a.b.c@d.e.f.g",
	    SIXTY "aaaa@" LABEL_63 ".org", SIXTY "aa@" LABEL_63 "." LABEL_63 "." LABEL_63};
	static const char *const bad[] = {"@", "@b.c", "a@", "a@b", "a@b@c.d", "a@b.c@",
	    "Alice@b.c", "alice@B.c", "a@b.C", "-a@b.c", ".a@b.c", "a.@b.c", "a..b@c.d", "a@.b.c",
	    "a@b.c.", "a@b..c", "a@-b.c", "a@b-.c", "a@b.-c", "a@b.c-", "a@b_c.d", "a b@c.d",
	    "a@b c.d", " a@b.c", "a@b.c ", "a\n@b.c", "a@b.c\n", "a\t@b.c", "a@b.c\x7f",
	    "a\x01@b.c", "email#a@b.c", "a#@b.c", "a@b.c#", "o'neil@b.c", "\"a\"@b.c", "`a`@b.c",
	    "<a@b.c>", "a,b@c.d", "a;b@c.d", "a:b@c.d", "a\\b@c.d", "(a)@b.c", "a@[127.0.0.1]",
	    "a/b@c.d", "../a@b.c", "\xc3\xa4@b.c", "a@\xc3\xa4.de", "a@b.c\xff", "a@*.c",
	    SIXTY "aaaaa@b.c", SIXTY ".aaaa@b.c", "a@" LABEL_63 "a.c",
	    SIXTY "aaa@" LABEL_63 "." LABEL_63 "." LABEL_63};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_name(good[i], CONF_NAMES_EMAIL);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_no_name(bad[i]);
	assert_int_equal(USER_NAME_MAX, strlen(good[COUNT_OF(good) - 1]));
}

/* No byte makes a name of one grammar that is one of the other, or a key of an auxiliary item. */
static void
no_name_has_both_grammars(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		for (size_t at = 0; at < 5; at++) {
			char name[] = "a@b.c";

			name[at] = (char)byte;
			assert_false(user_name_valid(name, CONF_NAMES_POSIX) &&
			    user_name_valid(name, CONF_NAMES_EMAIL));
			if (byte == '#')
				assert_no_name(name);
		}
	}
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
	    {"A@\xc3\x84.de", "a@xn--4ca.de"},
	};
	char out[USER_EMAIL_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(user_email_normalise(rows[i].email, out));
		assert_string_equal(out, rows[i].lower);
	}
}

static void
implausible_addresses_are_refused(void **state)
{
	static const char *const bad[] = {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c", ".a@b",
	    "a.@b", "a..b@c", "a@.b", "a@b.", "a@b..c", "a@-b", "a@b-", "a@b.-c", "a@b_c", "a\n@b",
	    "a@b\n", "\"a\"@b", "a@[127.0.0.1]", "\xc3\xa4@b", "a@b\x7f", SIXTY "aaaaa@b",
	    SIXTY ".aaaa@b", "a@" LABEL_63 "a"};
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
	    cmocka_unit_test(addresses_follow_the_grammar),
	    cmocka_unit_test(no_name_has_both_grammars),
	    cmocka_unit_test(mail_addresses_are_lowered),
	    cmocka_unit_test(implausible_addresses_are_refused),
	    cmocka_unit_test(the_locale_does_not_matter),
	    cmocka_unit_test(auxiliary_keys_are_fixed),
	};

	return cmocka_run_group_tests_name("user_name", tests, NULL, NULL);
}
