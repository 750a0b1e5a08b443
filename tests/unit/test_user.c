/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/user.h"

static struct user
good_user(void)
{
	return (struct user){
	    .username = strdup("alice"),
	    .schema = USER_SCHEMA,
	    .version = 1,
	    .status = strdup("active"),
	    .full_name = strdup("Alice"),
	    .uid = 2000000000,
	    .home = strdup("/home/alice"),
	    .shell = strdup("/bin/sh"),
	};
}

static void
a_good_record_passes(void **state)
{
	const struct field *bad = NULL;
	struct user user = good_user();

	(void)state;
	assert_int_equal(user_check(&user, &bad), PD_OK);
	assert_null(bad);
	assert_int_equal(user_check(&user, NULL), PD_OK);
	user_free(&user);
	user_free(NULL);
}

/* One text for one field that is out of its rule; the answer names the field. */
static void
rules_of_values_are_kept(void **state)
{
	static const struct {
		const char *field;
		const char *text;
	} rows[] = {
	    {"username", "Alice"},
	    {"username", "root"},
	    {"username", "1alice"},
	    {"status", "Active"},
	    {"status", "unknown"},
	    {"full_name", "a:b"},
	    {"home", "home/alice"},
	    {"home", "/home/a:b"},
	    {"shell", "sh"},
	    {"shell", "/bin/sh:x"},
	    {"uid", "65534"},
	    {"uid", "65535"},
	    {"gid", "65534"},
	    {"gid", "65535"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct field *field = record_field(&user_type, rows[i].field);
		const struct field *bad = NULL;
		struct user user = good_user();

		assert_int_equal(record_set_text(field, &user, rows[i].text), PD_OK);
		assert_int_equal(user_check(&user, &bad), PD_CORRUPT);
		assert_ptr_equal(bad, field);
		assert_int_equal(user_check(&user, NULL), PD_CORRUPT);
		user_free(&user);
	}
}

static void
numbers_out_of_range_are_corrupt(void **state)
{
	static const struct {
		size_t offset;
		int64_t number;
		enum pd_error error;
	} rows[] = {
	    {offsetof(struct user, schema), 0, PD_CORRUPT},
	    {offsetof(struct user, schema), USER_SCHEMA + 1, PD_CORRUPT},
	    {offsetof(struct user, version), 0, PD_CORRUPT},
	    {offsetof(struct user, version), -1, PD_CORRUPT},
	    {offsetof(struct user, uid), 1, PD_OK},
	    {offsetof(struct user, uid), 65533, PD_OK},
	    {offsetof(struct user, uid), 65536, PD_OK},
	    {offsetof(struct user, uid), USER_ID_MAX, PD_OK},
	    {offsetof(struct user, uid), (int64_t)USER_ID_MAX + 1, PD_CORRUPT},
	    {offsetof(struct user, uid), -1, PD_CORRUPT},
	    {offsetof(struct user, gid), (int64_t)USER_ID_MAX + 1, PD_CORRUPT},
	    {offsetof(struct user, account_expires_at), 253402300799, PD_OK},
	    {offsetof(struct user, account_expires_at), 253402300800, PD_CORRUPT},
	    {offsetof(struct user, created_at), -5, PD_CORRUPT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct user user = good_user();

		memcpy((char *)&user + rows[i].offset, &rows[i].number, sizeof(int64_t));
		assert_int_equal(user_check(&user, NULL), rows[i].error);
		user_free(&user);
	}
}

static void
the_password_is_the_secret(void **state)
{
	(void)state;
	for (size_t i = 0; i < user_type.field_count; i++) {
		bool secret = (user_type.fields[i].flags & FIELD_SECRET) != 0;

		assert_int_equal(secret, strcmp(user_type.fields[i].name, "password") == 0);
	}
}

/* What the service keeps by itself is not for `set`. */
static void
kept_fields_are_not_editable(void **state)
{
	static const char *const kept[] = {"username", "schema", "version", "epoch", "password",
	    "password_changed_at", "created_at", "updated_at"};

	(void)state;
	for (size_t i = 0; i < user_type.field_count; i++) {
		bool editable = true;

		for (size_t j = 0; j < COUNT_OF(kept); j++)
			editable = editable && strcmp(user_type.fields[i].name, kept[j]) != 0;
		assert_int_equal((user_type.fields[i].flags & FIELD_EDITABLE) != 0, editable);
	}
}

static void
every_status_has_a_word_both_ways(void **state)
{
	(void)state;
	for (int i = USER_STATUS_PENDING_EMAIL; i <= USER_STATUS_CLOSED; i++)
		assert_int_equal(user_status_parse(user_status_word((enum user_status)i)), i);
	assert_int_equal(user_status_parse("active"), USER_STATUS_ACTIVE);
	assert_int_equal(user_status_parse(NULL), USER_STATUS_INVALID);
	assert_int_equal(user_status_parse(""), USER_STATUS_INVALID);
	assert_int_equal(user_status_parse("invalid"), USER_STATUS_INVALID);
	assert_string_equal(user_status_word(USER_STATUS_INVALID), "invalid");
	assert_string_equal(user_status_word((enum user_status)77), "invalid");
}

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

static void
auxiliary_keys_are_fixed(void **state)
{
	char key[USER_AUX_KEY_SIZE];

	(void)state;
	assert_true(user_uid_key(1234, key));
	assert_string_equal(key, "uid#1234");
	assert_true(user_uid_key(USER_ID_MAX, key));
	assert_string_equal(key, "uid#2147483646");
	assert_false(user_uid_key(0, key));
	assert_string_equal(key, "");
	assert_false(user_uid_key((int64_t)USER_ID_MAX + 1, key));
	/* printf alice@example.org | sha256sum */
	assert_true(user_email_key("Alice@Example.ORG", key));
	assert_string_equal(
	    key, "email#7a64adf28737ea90719cbdf0b1a87a5effff3753b79c91d717f4f4153ead0498");
	assert_false(user_email_key("alice", key));
	assert_string_equal(key, "");
}

static void
copies_are_deep(void **state)
{
	struct user user = good_user();
	struct user copy;

	(void)state;
	assert_int_equal(user_copy(&copy, &user), PD_OK);
	assert_ptr_not_equal(copy.username, user.username);
	user_free(&user);
	assert_null(user.username);
	assert_string_equal(copy.username, "alice");
	assert_int_equal(user_check(&copy, NULL), PD_OK);
	user_free(&copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_record_passes),
	    cmocka_unit_test(rules_of_values_are_kept),
	    cmocka_unit_test(numbers_out_of_range_are_corrupt),
	    cmocka_unit_test(the_password_is_the_secret),
	    cmocka_unit_test(kept_fields_are_not_editable),
	    cmocka_unit_test(every_status_has_a_word_both_ways),
	    cmocka_unit_test(names_follow_the_grammar),
	    cmocka_unit_test(mail_addresses_are_lowered),
	    cmocka_unit_test(implausible_addresses_are_refused),
	    cmocka_unit_test(auxiliary_keys_are_fixed),
	    cmocka_unit_test(copies_are_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
