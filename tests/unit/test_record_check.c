/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules on values and the setting from text, over every row of both tables. */
#include "record_fixture.h"

/* Strings, elements and numbers at their bound are good, one beyond it is not. */
static void
bounds_of_every_row_are_exact(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			struct field row = *field;
			struct record_type one = {.fields = &row, .field_count = 1};
			const struct field *bad = NULL;
			union record record = {0};
			char *text;

			if (field->type == FIELD_BOOL)
				continue;
			if (field->type == FIELD_NUMBER) {
				*record_number(&record, field) = field->max;
				assert_int_equal(record_check(&one, &record, &bad), PD_OK);
				*record_number(&record, field) = field->max + 1;
				assert_int_equal(record_check(&one, &record, &bad), PD_CORRUPT);
				assert_ptr_equal(bad, &row);
				*record_number(&record, field) = -1;
				assert_int_equal(record_check(&one, &record, &bad), PD_CORRUPT);
				continue;
			}
			text = calloc(1, (size_t)field->max + 2);
			memset(text, 'x', (size_t)field->max);
			assert_int_equal(record_set_text(field, &record,
					     field->type == FIELD_MAP ? "a=b" : text),
			    PD_OK);
			assert_int_equal(record_check(&one, &record, &bad), PD_OK);
			text[field->max] = 'x';
			assert_int_equal(record_set_text(field, &record, text), PD_INVALID);
			if (field->type == FIELD_STRING) {
				free(*record_string(&record, field));
				*record_string(&record, field) = strdup(text);
			} else if (field->type == FIELD_MAP) {
				assert_true(pairs_set(record_pairs(&record, field), "name", text));
			} else {
				assert_true(strlist_add(record_list(&record, field), text));
			}
			assert_int_equal(record_check(&one, &record, &bad), PD_CORRUPT);
			free(text);
			one.size = types[t]->size;
			record_free(&one, &record);
		}
	}
}

static void
required_fields_are_missed(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++) {
		size_t required = 0;

		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			const struct field *bad = NULL;
			bool needed = (field->flags & FIELD_REQUIRED) != 0;
			union record record;

			fill(types[t], &record);
			record_clear_field(field, &record);
			assert_int_equal(
			    record_check(types[t], &record, &bad), needed ? PD_CORRUPT : PD_OK);
			assert_ptr_equal(bad, needed ? field : NULL);
			required += needed;
			record_free(types[t], &record);
		}
		assert_true(required >= 3);
	}
}

static void
text_that_is_not_plain_is_corrupt(void **state)
{
	static const char *const rows[] = {
	    "a\nb", "\x1b[0m", "a\x7f", "\xff", "\xc2\x85", "\xe2\x80\xae"};
	const struct field *name = record_field(&user_type, "full_name");
	const struct field *keys = record_field(&user_type, "ssh_keys");
	struct user user = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct field *bad = NULL;

		assert_int_equal(record_set_text(name, &user, rows[i]), PD_INVALID);
		assert_null(user.full_name);
		user.full_name = strdup(rows[i]);
		assert_int_equal(
		    record_check(
			&(struct record_type){.fields = name, .field_count = 1}, &user, &bad),
		    PD_CORRUPT);
		user_free(&user);
		assert_true(strlist_add(&user.ssh_keys, rows[i]));
		assert_int_equal(
		    record_check(
			&(struct record_type){.fields = keys, .field_count = 1}, &user, &bad),
		    PD_CORRUPT);
		user_free(&user);
	}
}

static void
collections_have_bounds(void **state)
{
	const struct field *groups = record_field(&user_type, "groups");
	const struct field *keys = record_field(&user_type, "ssh_keys");
	const struct record_type set = {.fields = groups, .field_count = 1};
	const struct record_type list = {.fields = keys, .field_count = 1};
	struct user user = {0};

	(void)state;
	for (size_t i = 0; i <= groups->max_items; i++) {
		char text[16];

		assert_int_equal(record_check(&set, &user, NULL), PD_OK);
		(void)snprintf(text, sizeof(text), "g%zu", i);
		assert_true(strlist_add(&user.groups, text));
	}
	assert_int_equal(record_check(&set, &user, NULL), PD_CORRUPT);
	user_free(&user);
	assert_true(strlist_add(&user.groups, "a") && strlist_add(&user.groups, "a"));
	assert_int_equal(record_check(&set, &user, NULL), PD_CORRUPT);
	assert_true(strlist_add(&user.ssh_keys, "a") && strlist_add(&user.ssh_keys, "a"));
	assert_int_equal(record_check(&list, &user, NULL), PD_OK);
	assert_true(strlist_add(&user.ssh_keys, ""));
	assert_int_equal(record_check(&list, &user, NULL), PD_CORRUPT);
	user_free(&user);
}

/* Names and values of a map that do not belong together. */
static void
halves_of_pairs_are_corrupt(void **state)
{
	const struct field *field = record_field(&user_type, "profile");
	const struct record_type one = {.fields = field, .field_count = 1};
	struct user user = {0};

	(void)state;
	assert_true(pairs_set(&user.profile, "a", ""));
	assert_int_equal(record_check(&one, &user, NULL), PD_OK);
	assert_true(strlist_add(&user.profile.names, "b"));
	assert_int_equal(record_check(&one, &user, NULL), PD_CORRUPT);
	assert_true(strlist_add(&user.profile.values, "2"));
	assert_int_equal(record_check(&one, &user, NULL), PD_OK);
	assert_true(strlist_add(&user.profile.names, "a"));
	assert_true(strlist_add(&user.profile.values, "3"));
	assert_int_equal(record_check(&one, &user, NULL), PD_CORRUPT);
	user_free(&user);
	for (size_t i = 0; i <= field->max_items; i++) {
		char name[16];

		assert_int_equal(record_check(&one, &user, NULL), PD_OK);
		(void)snprintf(name, sizeof(name), "n%zu", i);
		assert_true(pairs_set(&user.profile, name, "v"));
	}
	assert_int_equal(record_check(&one, &user, NULL), PD_CORRUPT);
	user_free(&user);
}

/* A key or a required text is not empty, which is not the same as absent. */
static void
empty_texts_of_required_fields(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT_OF(types); t++)
		for (size_t i = 0; i < types[t]->field_count; i++) {
			const struct field *field = &types[t]->fields[i];
			const struct record_type one = {.fields = field, .field_count = 1};
			bool needed = (field->flags & (FIELD_KEY | FIELD_REQUIRED)) != 0;
			union record record = {0};
			char empty[] = "";

			if (field->type != FIELD_STRING)
				continue;
			*record_string(&record, field) = empty;
			assert_int_equal(
			    record_check(&one, &record, NULL), needed ? PD_CORRUPT : PD_OK);
		}
}

/* The first of several bad rows is the one that is named. */
static void
the_first_bad_row_is_named(void **state)
{
	const struct field *bad = NULL;
	union record record;

	(void)state;
	fill(&user_type, &record);
	record.user.uid = -1;
	record.user.schema = -1;
	assert_int_equal(record_check(&user_type, &record, &bad), PD_CORRUPT);
	assert_string_equal(bad->name, "schema");
	assert_int_equal(record_check(&user_type, &record, NULL), PD_CORRUPT);
	record_free(&user_type, &record);
}

static void
text_sets_fields_of_every_type(void **state)
{
	struct user user = {0};

	(void)state;
#define SET(name, text) record_set_text(record_field(&user_type, name), &user, text)
	assert_int_equal(SET("full_name", "Ren\xc3\xa9"), PD_OK);
	assert_string_equal(user.full_name, "Ren\xc3\xa9");
	assert_int_equal(SET("uid", "1234"), PD_OK);
	assert_int_equal(user.uid, 1234);
	assert_int_equal(SET("email_verified", "yes"), PD_OK);
	assert_true(user.email_verified);
	assert_int_equal(SET("email_verified", "false"), PD_OK);
	assert_false(user.email_verified);
	assert_int_equal(SET("hosts", "a, b ,,c"), PD_OK);
	assert_int_equal(user.hosts.len, 3);
	assert_string_equal(user.hosts.items[1], "b");
	assert_int_equal(SET("ssh_keys", "ssh-ed25519 A, x\n\nssh-rsa B"), PD_OK);
	assert_int_equal(user.ssh_keys.len, 2);
	assert_string_equal(user.ssh_keys.items[0], "ssh-ed25519 A, x");
	assert_int_equal(SET("profile", "city=K=\xc3\xb6ln, room=, x=1"), PD_OK);
	assert_string_equal(pairs_get(&user.profile, "city"), "K=\xc3\xb6ln");
	assert_string_equal(pairs_get(&user.profile, "room"), "");
	for (size_t i = 0; i < user_type.field_count; i++) {
		assert_int_equal(record_set_text(&user_type.fields[i], &user, ""), PD_OK);
		assert_true(record_absent(&user_type.fields[i], &user));
	}
	user_free(&user);
}

static void
bad_text_changes_nothing(void **state)
{
	static const struct {
		const char *field;
		const char *text;
	} rows[] = {
	    {"uid", "0"},
	    {"uid", "-1"},
	    {"uid", "2147483647"},
	    {"uid", "12x"},
	    {"uid", " 12"},
	    {"uid", "01"},
	    {"account_expires_at", "253402300800"},
	    {"email_verified", "maybe"},
	    {"email_verified", "YES"},
	    {"groups", "a,a"},
	    {"groups", "a,b\n"},
	    {"groups", "a, a"},
	    {"email_verified", "true "},
	    {"email_verified", "1"},
	    {"profile", "a=1,b"},
	    {"profile", "a=\x1b"},
	    {"profile", "a\x7f=1"},
	    {"hosts", "\xff"},
	    {"profile", "novalue"},
	    {"profile", "=v"},
	    {"profile", "a=1,a=2"},
	    {"status", "a23456789012345678901234567890123"},
	};
	union record record;
	union record before;

	(void)state;
	fill(&user_type, &record);
	assert_int_equal(record_copy(&user_type, &before, &record), PD_OK);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(
		    record_set_text(record_field(&user_type, rows[i].field), &record, rows[i].text),
		    PD_INVALID);
		assert_true(record_equal(&user_type, &record, &before));
	}
	record_free(&user_type, &record);
	record_free(&user_type, &before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bounds_of_every_row_are_exact),
	    cmocka_unit_test(required_fields_are_missed),
	    cmocka_unit_test(text_that_is_not_plain_is_corrupt),
	    cmocka_unit_test(collections_have_bounds),
	    cmocka_unit_test(halves_of_pairs_are_corrupt),
	    cmocka_unit_test(empty_texts_of_required_fields),
	    cmocka_unit_test(the_first_bad_row_is_named),
	    cmocka_unit_test(text_sets_fields_of_every_type),
	    cmocka_unit_test(bad_text_changes_nothing),
	};

	return cmocka_run_group_tests_name("record_check", tests, NULL, NULL);
}
