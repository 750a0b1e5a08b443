/* SPDX-License-Identifier: BSD-2-Clause */
/* Forms of the page: what goes into a profile, and what never does. */
#include <stdio.h>
#include <stdlib.h>

#include "conf_unit.h"
#include "core/profile.h"

static const char fields[] = "[registration]\nmode = approval\n"
			     "[field phone]\nshow = yes\n"
			     "[field office]\nlabel = O\npattern = [A-Z][0-9]{3}\nask = no\n"
			     "[field contact]\nlabel = C\ntype = email\neditable = no\n";

struct given {
	const char *name;
	const char *value;
};

static struct pairs
make(const struct given *given, size_t count)
{
	struct pairs pairs = {0};

	for (size_t i = 0; i < count; i++)
		assert_true(pairs_set(&pairs, given[i].name, given[i].value));
	return pairs;
}

#define MAKE(...)                                 \
	make((const struct given[]){__VA_ARGS__}, \
	    sizeof((const struct given[]){__VA_ARGS__}) / sizeof(struct given))

static void
values_are_put_straight(void **state)
{
	struct conf conf = parse(fields);
	struct pairs given = MAKE({"given_name", "  Zoe\xcc\x88 "},
	    {"reason", "one\r\ntwo\n\nthree"}, {"phone", "+49 30 1234"}, {"organization", " "},
	    {"office", "A123"}, {"hosts", "*"}, {"status", "active"}, {"uid", "0"},
	    {"contact", "zoe@example.org"});
	struct profile_fault fault;
	struct pairs out;

	(void)state;
	assert_int_equal(profile_read(&conf, PROFILE_REGISTER, &given, &out, &fault), PD_OK);
	assert_string_equal(pairs_get(&out, "given_name"), "Zo\xc3\xab");
	assert_string_equal(pairs_get(&out, "reason"), "one two three");
	assert_string_equal(pairs_get(&out, "phone"), "+49 30 1234");
	assert_string_equal(pairs_get(&out, "contact"), "zoe@example.org");
	assert_int_equal(out.names.len, 4); /* nothing empty, no office, nothing of the record */
	pairs_free(&out);
	assert_int_equal(profile_read(&conf, PROFILE_EDIT, &given, &out, &fault), PD_OK);
	assert_string_equal(pairs_get(&out, "office"), "A123");
	assert_null(pairs_get(&out, "reason"));
	assert_null(pairs_get(&out, "contact"));
	assert_int_equal(out.names.len, 3);
	pairs_free(&out);
	pairs_free(&given);
	conf_free(&conf);
}

static void
faults_name_their_field(void **state)
{
	static const struct {
		const char *field;
		const char *value;
		const char *text;
	} rows[] = {
	    {"given_name", "", "missing"},
	    {"given_name", " \t ", "missing"},
	    {"given_name", "a:b", "pattern"},
	    {"family_name", "a:b", "pattern"},
	    {"given_name", "a\nb", "control"},
	    {"given_name", "a\x1b[0m", "control"},
	    {"given_name", "a\xff", "control"},
	    {"given_name",
		"a\xe2\x80\xae"
		"b",
		"control"},
	    {"phone", "12ab34", "pattern"},
	    {"phone", "123", "pattern"},
	    {"contact", "nobody", "email"},
	};
	struct conf conf = parse(fields);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pairs given = MAKE({"given_name", "Ada"}, {rows[i].field, rows[i].value});
		struct profile_fault fault = {0};
		struct pairs out;

		assert_int_equal(
		    profile_read(&conf, PROFILE_REGISTER, &given, &out, &fault), PD_INVALID);
		assert_string_equal(fault.field, rows[i].field);
		assert_string_equal(fault.text, rows[i].text);
		assert_int_equal(out.names.len, 0);
		pairs_free(&given);
	}
	conf_free(&conf);
}

static void
lengths_are_in_characters(void **state)
{
	struct conf conf = parse("[field given_name]\nmax_length = 3\n");
	struct pairs good = MAKE({"given_name", "\xc3\xa4\xc3\xb6\xc3\xbc"});
	struct pairs bad = MAKE({"given_name", "abcd"});
	struct profile_fault fault;
	struct pairs out;

	(void)state;
	assert_int_equal(profile_read(&conf, PROFILE_EDIT, &good, &out, &fault), PD_OK);
	pairs_free(&out);
	assert_int_equal(profile_read(&conf, PROFILE_EDIT, &bad, &out, &fault), PD_INVALID);
	assert_string_equal(fault.text, "too-long");
	assert_int_equal(fault.bound, 3);
	pairs_free(&good);
	pairs_free(&bad);
	conf_free(&conf);
}

static void
what_is_not_in_the_form_stays(void **state)
{
	struct conf conf = parse(fields);
	struct user user = {.full_name = strdup("Old Name")};
	struct pairs given = MAKE({"given_name", "Ada"}, {"family_name", "Lovelace"});
	struct profile_fault fault;
	struct pairs out;

	(void)state;
	assert_true(pairs_set(&user.profile, "reason", "because"));
	assert_true(pairs_set(&user.profile, "phone", "1234"));
	assert_true(pairs_set(&user.profile, "shoe", "42"));
	assert_int_equal(profile_read(&conf, PROFILE_EDIT, &given, &out, &fault), PD_OK);
	assert_int_equal(profile_apply(&conf, PROFILE_EDIT, &out, &user), PD_OK);
	assert_string_equal(pairs_get(&user.profile, "reason"), "because");
	assert_string_equal(pairs_get(&user.profile, "shoe"), "42");
	assert_null(pairs_get(&user.profile, "phone"));
	assert_string_equal(user.full_name, "Ada Lovelace");
	pairs_free(&out);
	pairs_free(&given);
	user_free(&user);
	conf_free(&conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_put_straight),
	    cmocka_unit_test(faults_name_their_field),
	    cmocka_unit_test(lengths_are_in_characters),
	    cmocka_unit_test(what_is_not_in_the_form_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
