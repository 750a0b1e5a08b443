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
	    cmocka_unit_test(copies_are_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
