/* SPDX-License-Identifier: BSD-2-Clause */
/* [field NAME], [web] and [registration]. */
#include <stdio.h>

#include "conf_unit.h"

static const struct conf_field *
find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->field_count; i++)
		if (strcmp(conf->fields[i].name, name) == 0)
			return &conf->fields[i];
	return NULL;
}

static void
fields_are_built_in(void **state)
{
	static const char *const names[] = {
	    "given_name", "family_name", "organization", "phone", "reason"};
	struct conf conf = parse("");

	(void)state;
	assert_int_equal(conf.field_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(conf.fields[i].name, names[i]);
		assert_int_equal(conf.fields[i].required, i == 0);
		assert_int_equal(conf.fields[i].editable, i < 4);
		assert_int_equal(conf_field_shown(&conf, &conf.fields[i]), i < 3);
		for (size_t j = 0; j < conf_field_key_count; j++) {
			const struct conf_key *key = &conf_field_keys[j];

			if (key->rule != NULL)
				assert_null(key->rule(
				    *(char *const *)(const void *)((const char *)&conf.fields[i] +
					key->offset)));
		}
	}
	assert_string_equal(conf.fields[0].label, "Given name");
	assert_int_equal(conf.fields[4].type, CONF_FIELD_TEXTAREA);
	assert_int_equal(conf.registration, CONF_REGISTRATION_OFF);
	assert_string_equal(conf.web_user, "");
	conf_free(&conf);
}

static void
a_reason_is_asked_where_somebody_reads_it(void **state)
{
	static const struct {
		const char *mode;
		bool shown;
	} rows[] = {{"off", false}, {"invite", false}, {"approval", true}, {"email", false},
	    {"open", false}, {"email+approval", true}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];
		struct conf conf;

		(void)snprintf(text, sizeof(text),
		    "[mail]\nspool = /s\nsender = a@example.org\n"
		    "url = https://example.org\n[registration]\nmode = %s\n",
		    rows[i].mode);
		conf = parse(text);
		assert_int_equal(conf_field_shown(&conf, find(&conf, "reason")), rows[i].shown);
		assert_string_equal(conf_registration_word(conf.registration), rows[i].mode);
		conf_free(&conf);
	}
}

static void
sections_add_and_change_fields(void **state)
{
	struct conf conf = parse("[field office]\nlabel = Office\nrequired = yes\nmax_length = 4\n"
				 "pattern = [A-Z][0-9]{3}\n[field phone]\nshow = yes\n"
				 "[field given_name]\nrequired = no\neditable = no\n"
				 "[web]\nuser = www-data\n[field office]\nask = no\n");
	const struct conf_field *office = find(&conf, "office");

	(void)state;
	assert_int_equal(conf.field_count, 6);
	assert_ptr_equal(office, &conf.fields[5]);
	assert_string_equal(office->label, "Office");
	assert_string_equal(office->pattern, "[A-Z][0-9]{3}");
	assert_true(office->required && office->editable && office->show && !office->ask);
	assert_int_equal(office->max_length, 4);
	assert_true(conf_field_shown(&conf, find(&conf, "phone")));
	assert_string_equal(find(&conf, "phone")->label, "Phone number");
	assert_false(find(&conf, "given_name")->required || find(&conf, "given_name")->editable);
	assert_string_equal(conf.web_user, "www-data");
	conf_free(&conf);
}

static void
what_is_no_field_is_refused(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} rows[] = {
	    {"[field]\n", "FILE:1: [field]: unknown section"},
	    {"[fields x]\n", "FILE:1: [fields x]: unknown section"},
	    {"[field ]\n", "FILE:1: [field ]: not a field's name"},
	    {"[field 1a]\n", "FILE:1: [field 1a]: not a field's name"},
	    {"[field Office]\n", "FILE:1: [field Office]: not a field's name"},
	    {"[field a b]\n", "FILE:1: [field a b]: not a field's name"},
	    {"[field csrf]\n", "FILE:1: [field csrf]: a name that the forms need"},
	    {"[field hosts]\n", "FILE:1: [field hosts]: a field of the record"},
	    {"[field password]\n", "FILE:1: [field password]: a field of the record"},
	    {"[field x]\nname = y\n", "FILE:2: [field x] name: unknown key"},
	    {"[field x]\nuser = y\n", "FILE:2: [field x] user: unknown key"},
	    {"[web]\nlabel = y\n", "FILE:2: [web] label: unknown key"},
	    {"[field x]\nrequired = yes\n", "FILE: [field x] label: missing"},
	    {"[field x]\nlabel = a\nlabel = b\n", "FILE:3: [field x] label: set in line 2"},
	    {"[field x]\nlabel = a\n[field x]\nlabel = b\n", "FILE:4: [field x] label: set in"},
	    {"[field x]\nlabel = a\nrequired = yes\nask = no\neditable = no\n",
		"FILE:3: [field x] required: yes for a field that nobody"},
	    {"[field x]\ntype = password\n", "FILE:2: [field x] type: unknown word"},
	    {"[field x]\nmax_length = 501\n", "FILE:2: [field x] max_length: not a number"},
	    {"[field x]\npattern = [a\n", "FILE:2: [field x] pattern: not an extended"},
	    {"[field x]\npattern = a)(b\n", "FILE:2: [field x] pattern: not an extended"},
	    {"[web]\nuser = root\n", "FILE:2: [web] user: the page must not run as root"},
	    {"[web]\nuser = a b\n", "FILE:2: [web] user: not a user name"},
	    {"[registration]\nmode = yes\n", "FILE:2: [registration] mode: unknown word"},
	    {"[registration]\nemail_domains = A.example\n",
		"FILE:2: [registration] email_domains: not a domain"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(rows[i].text, rows[i].expected);
}

static void
there_are_at_most_sixteen(void **state)
{
	char text[2048] = "";
	struct conf conf;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < CONF_FIELDS_MAX - 5; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "[field f%d]\nlabel = F\n", i);
	conf = parse(text);
	assert_int_equal(conf.field_count, CONF_FIELDS_MAX);
	conf_free(&conf);
	(void)snprintf(text + len, sizeof(text) - len, "[field more]\n");
	assert_refused(text, "FILE:23: [field more]: one field too many");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_are_built_in),
	    cmocka_unit_test(a_reason_is_asked_where_somebody_reads_it),
	    cmocka_unit_test(sections_add_and_change_fields),
	    cmocka_unit_test(what_is_no_field_is_refused),
	    cmocka_unit_test(there_are_at_most_sixteen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
