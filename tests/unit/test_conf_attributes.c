/* SPDX-License-Identifier: BSD-2-Clause */
/* [attributes]: profiles, and maps that are refused with the line to look at. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "conf_unit.h"
#include "core/buf.h"
#include "core/user.h"

#define DYNAMODB "[store]\nengine=dynamodb\n[dynamodb]\nregion=x\n" /* four lines */
#define MAP DYNAMODB "[attributes]\n"

/* The attributes of a field, "a b". */
static const char *
names(const struct conf *conf, const char *field)
{
	static char text[256];
	const struct strlist *list = conf_attributes_of(conf, field);

	text[0] = '\0';
	assert_non_null(list);
	for (size_t i = 0; i < list->len; i++)
		strcat(strcat(text, i > 0 ? " " : ""), list->items[i]);
	return text;
}

static void
without_a_map_every_field_has_its_own_name(void **state)
{
	struct conf conf = parse(DYNAMODB);

	(void)state;
	assert_false(conf_attributes_mapped(&conf));
	assert_string_equal(conf.attributes.partition_key, "username");
	assert_null(conf_attributes_of(&conf, "username"));
	assert_null(conf_attributes_of(&conf, "default_hosts"));
	assert_null(conf_attributes_of(&conf, "nothing"));
	for (size_t i = 1; i < user_type.field_count; i++)
		assert_string_equal(
		    names(&conf, user_type.fields[i].name), user_type.fields[i].name);
	conf_free(&conf);
}

static void
each_field_takes_another_name_or_none(void **state)
{
	(void)state;
	for (size_t i = 1; i < user_type.field_count; i++) {
		const char *field = user_type.fields[i].name;
		const char *key = strcmp(field, "profile") == 0 ? "profile_fields" : field;
		struct conf conf;
		char text[256];

		(void)snprintf(text, sizeof(text), MAP "%s = Other.x\ndefault_status=active", key);
		conf = parse(text);
		assert_true(conf_attributes_mapped(&conf));
		assert_string_equal(names(&conf, field), "Other.x");
		conf_free(&conf);
		(void)snprintf(text, sizeof(text), MAP "%s =\ndefault_status=active", key);
		conf = parse(text);
		assert_true(conf_attributes_mapped(&conf));
		assert_string_equal(names(&conf, field), "");
		conf_free(&conf);
	}
}

static void
every_key_alone_makes_a_map(void **state)
{
	static const char *const lines[] = {"partition_key = id", "password_salt = s",
	    "sort_key = user\npartition_value = r", "default_status = active",
	    "profile = flask-boto3", "hosts =\ndefault_hosts = *", "full_name = first last"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct conf conf;
		char text[256];

		(void)snprintf(text, sizeof(text), MAP "%s", lines[i]);
		conf = parse(text);
		if (!conf_attributes_mapped(&conf))
			fail_msg("%s", lines[i]);
		conf_free(&conf);
	}
}

static void
profile_of_a_sign_up_page(void **state)
{
	struct conf conf = parse(MAP "profile = flask-boto3\n");

	(void)state;
	assert_int_equal(conf.attributes.profile, CONF_PROFILE_FLASK_BOTO3);
	assert_string_equal(conf.attributes.partition_key, "username");
	assert_string_equal(conf.attributes.sort_key, "");
	assert_string_equal(conf.attributes.default_status, "active");
	assert_int_equal(conf.attributes.default_hosts.len, 0);
	assert_false(conf.attributes.writable);
	assert_string_equal(names(&conf, "password"), "password");
	assert_string_equal(names(&conf, "status"), "status is_active active enabled");
	assert_string_equal(names(&conf, "full_name"), "name");
	assert_string_equal(names(&conf, "email"), "email");
	assert_string_equal(names(&conf, "uid"), "");
	assert_string_equal(names(&conf, "hosts"), "");
	conf_free(&conf);
	conf = parse(MAP "profile = flask-boto3\npassword = password_hash\nuid = uid\n"
			 "[users]\nnames = email\n");
	assert_string_equal(conf.attributes.partition_key, "email");
	assert_string_equal(names(&conf, "email"), "");
	assert_string_equal(names(&conf, "password"), "password_hash");
	assert_string_equal(names(&conf, "uid"), "uid");
	conf_free(&conf);
}

static void
a_field_that_is_the_key_is_no_other(void **state)
{
	struct conf conf = parse(MAP "partition_key = email\n");

	(void)state;
	assert_string_equal(names(&conf, "email"), "");
	assert_string_equal(names(&conf, "full_name"), "full_name");
	conf_free(&conf);
	assert_refused(MAP "partition_key = email\nemail = email\n",
	    "FILE:7: [attributes] email: email is the key of the table already;");
}

static void
profile_of_a_realm(void **state)
{
	struct conf conf = parse(MAP "partition_value = example.org\nprofile = pam-dynamo-realm\n");

	(void)state;
	assert_string_equal(conf.attributes.partition_key, "realm");
	assert_string_equal(conf.attributes.partition_value, "example.org");
	assert_string_equal(conf.attributes.sort_key, "user");
	assert_string_equal(conf.attributes.password_salt, "salt");
	assert_string_equal(names(&conf, "password"), "password");
	assert_string_equal(names(&conf, "full_name"), "");
	conf_free(&conf);
}

/* Whatever a table has beyond the names of a profile must be said. */
static void
a_profile_settles_every_field(void **state)
{
	static const char *const kept[] = {
	    "password", "status", "full_name", "email", "created_at"};
	struct conf conf = parse(MAP "profile = flask-boto3\n");

	(void)state;
	for (size_t i = 1; i < user_type.field_count; i++) {
		bool expected = false;

		for (size_t j = 0; j < COUNT_OF(kept); j++)
			expected = expected || strcmp(kept[j], user_type.fields[i].name) == 0;
		assert_int_equal(names(&conf, user_type.fields[i].name)[0] != '\0', expected);
	}
	conf_free(&conf);
}

/* The lines that the man page shows for a profile. */
static void
read_man_page(const char *profile, struct buf *out)
{
	FILE *file = fopen("conf/pam_dynamo.conf.5", "r");
	bool section = false, inside = false;
	char line[512], title[64];

	if (file == NULL)
		fail_msg("run this from the top folder");
	(void)snprintf(title, sizeof(title), ".Ss %s\n", profile);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, ".Ss", 3) == 0 || strncmp(line, ".Sh", 3) == 0)
			section = strcmp(line, title) == 0;
		if (strncmp(line, ".Ed", 3) == 0)
			inside = false;
		if (section && inside)
			buf_add_string(out, line);
		if (strncmp(line, ".Bd", 3) == 0)
			inside = true;
	}
	assert_int_equal(fclose(file), 0);
	assert_true(out->len > 0);
}

/* Written out as the man page shows it, every other field empty, a profile is the same map. */
static void
assert_as_in_the_man_page(const char *profile, const char *more)
{
	struct conf written, named;
	char line[64];
	struct buf text;

	buf_init(&text, 0);
	buf_add_string(&text, MAP);
	buf_add_string(&text, more);
	read_man_page(profile, &text);
	for (size_t i = 1; i < user_type.field_count; i++) {
		const char *field = user_type.fields[i].name;
		const char *key = strcmp(field, "profile") == 0 ? "profile_fields" : field;

		(void)snprintf(line, sizeof(line), "\n%s =", key);
		if (strstr(buf_string(&text), line) == NULL)
			buf_add_format(&text, "%s =\n", key);
	}
	written = parse(buf_string(&text));
	buf_reset(&text);
	buf_add_format(&text, MAP "%sprofile = %s\n", more, profile);
	named = parse(buf_string(&text));
	for (size_t i = 1; i < user_type.field_count; i++)
		if (!strlist_equal(conf_attributes_of(&written, user_type.fields[i].name),
			conf_attributes_of(&named, user_type.fields[i].name)))
			fail_msg("%s: %s", profile, user_type.fields[i].name);
	assert_string_equal(written.attributes.partition_key, named.attributes.partition_key);
	assert_string_equal(written.attributes.sort_key, named.attributes.sort_key);
	assert_string_equal(written.attributes.password_salt, named.attributes.password_salt);
	assert_string_equal(written.attributes.default_status, named.attributes.default_status);
	conf_free(&written);
	conf_free(&named);
	buf_free(&text);
}

static void
the_man_page_shows_the_profiles_in_full(void **state)
{
	(void)state;
	assert_as_in_the_man_page("flask-boto3", "");
	assert_as_in_the_man_page("pam-dynamo-realm", "partition_value = r\n");
}

static const struct {
	const char *lines;
	const char *expected;
} refused[] = {
    {"full_name = email\n",
	"FILE:6: [attributes] full_name: email is named twice, by full_name and email; give each"},
    {"gid = number\nuid = number\n",
	"FILE:6: [attributes] gid: number is named twice, by uid and gid; give each"},
    {"full_name = first first\n", "FILE:6: [attributes] full_name: first is named twice"},
    {"status = active !active\n", "FILE:6: [attributes] status: active is named twice"},
    {"profile = flask-boto3\nhome = name\n",
	"FILE:7: [attributes] home: name is named twice, by full_name and home;"},
    {"full_name = password\n",
	"FILE:6: [attributes] full_name: would show the secret that password holds for password;"},
    {"password = pw\nemail = pw\n", "FILE:7: [attributes] email: would show the secret that pw"},
    {"email = pw\npassword = pw\n", "FILE:6: [attributes] email: would show the secret that pw"},
    {"password = email\n", "FILE:6: [attributes] password: would show the secret that email"},
    {"password_salt = s\nshell = s\n",
	"FILE:7: [attributes] shell: would show the secret that s holds for password_salt;"},
    {"profile_fields = city password\n", "FILE:6: [attributes] profile_fields: would show the"},
    {"password =\nprofile_fields = city Password\n",
	"FILE:7: [attributes] profile_fields: would show Password, which holds a secret by"},
    {"password = h\nfull_name = pwd_hash\n",
	"FILE:7: [attributes] full_name: would show pwd_hash, which holds a secret by its name;"},
    {"ssh_keys = private_keys\n", "FILE:6: [attributes] ssh_keys: would show private_keys,"},
    {"full_name = username\n",
	"FILE:6: [attributes] full_name: username is the key of the table already;"},
    {"password = username\n", "FILE:6: [attributes] password: username is the key of the table"},
    {"sort_key = user\npartition_value = r\nemail = user\n",
	"FILE:8: [attributes] email: user is the key"},
    {"partition_key = k\nsort_key = k\npartition_value = r\n", "FILE:7: [attributes] sort_key: k"},
    {"password_salt = password\n", "FILE:6: [attributes] password_salt: password is named twice"},
    {"uid = a b\n", "FILE:6: [attributes] uid: more than one attribute; name one, or none"},
    {"password = a b\n", "FILE:6: [attributes] password: more than one attribute;"},
    {"username = name\n", "FILE:6: [attributes] username: unknown key;"},
    {"displayName = x\n", "FILE:6: [attributes] displayName: unknown key;"},
    {"full_name = a#b\n", "FILE:6: [attributes] full_name: not an attribute's name;"},
    {"full_name = !active\n", "FILE:6: [attributes] full_name: not an attribute's name;"},
    {"status = !\n", "FILE:6: [attributes] status: not an attribute's name;"},
    {"partition_key =\n", "FILE:6: [attributes] partition_key: not an attribute's name;"},
    {"profile = flask\n", "FILE:6: [attributes] profile: unknown word; write one of none,"},
    {"writable = perhaps\n", "FILE:6: [attributes] writable: neither yes nor no;"},
    {"writable = yes\n", "FILE:6: [attributes] writable: there is no map,"},
    {"default_status = on\n", "FILE:6: [attributes] default_status: not a status;"},
    {"status =\n", "FILE: [attributes] default_status: missing; without an attribute"},
    {"default_hosts = *\n", "FILE:6: [attributes] default_hosts: beside hosts,"},
    {"sort_key = user\n", "FILE: [attributes] partition_value: missing; with sort_key"},
    {"profile = pam-dynamo-realm\n", "FILE: [attributes] partition_value: missing;"},
    {"partition_value = r\n", "FILE:6: [attributes] partition_value: a partition without"},
    {"password_changed_at =\n[password]\nmax_age_days = 90\n",
	"FILE:6: [attributes] password_changed_at: missing, so that with max_age_days every"},
    {"profile = flask-boto3\n[password]\nmax_age_days = 90\n",
	"FILE: [attributes] password_changed_at: missing, so that"},
    {"password =\npassword_salt = s\n", "FILE:7: [attributes] password_salt: a salt without"},
};

static void
maps_that_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		char text[256];

		(void)snprintf(text, sizeof(text), MAP "%s", refused[i].lines);
		assert_refused(text, refused[i].expected);
	}
	assert_refused("[attributes]\nfull_name = displayName\n",
	    "FILE: [attributes] profile: maps attributes of a table in DynamoDB, but [store] "
	    "engine is another;");
}

static void
lengths_are_bounded(void **state)
{
	char text[2048];
	struct buf value;
	struct conf conf;

	(void)state;
	buf_init(&value, 0);
	for (size_t i = 0; i < 180; i++)
		buf_add_char(&value, 'a');
	(void)snprintf(text, sizeof(text), MAP "full_name = %s\n", buf_string(&value));
	conf = parse(text);
	assert_string_equal(names(&conf, "full_name"), buf_string(&value));
	conf_free(&conf);
	buf_free(&value);
}

static void
names_of_secrets(void **state)
{
	static const char *const secret[] = {"password", "Password", "passwd", "PWD", "pw_hash",
	    "client_secret", "salt", "reset_token", "privateKey_private_key", "privateKey",
	    "apiKey", "x_api_key", "access_key_id", "accessKey", "totp_seed", "recoveryCodes"};
	static const char *const open[] = {"name", "full_name", "email", "phone", "pass", "key"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(secret); i++)
		if (!conf_attribute_is_secret(secret[i]))
			fail_msg("%s", secret[i]);
	for (size_t i = 0; i < COUNT_OF(open); i++)
		if (conf_attribute_is_secret(open[i]))
			fail_msg("%s", open[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_map_every_field_has_its_own_name),
	    cmocka_unit_test(each_field_takes_another_name_or_none),
	    cmocka_unit_test(every_key_alone_makes_a_map),
	    cmocka_unit_test(profile_of_a_sign_up_page),
	    cmocka_unit_test(a_field_that_is_the_key_is_no_other),
	    cmocka_unit_test(profile_of_a_realm),
	    cmocka_unit_test(a_profile_settles_every_field),
	    cmocka_unit_test(the_man_page_shows_the_profiles_in_full),
	    cmocka_unit_test(maps_that_are_refused),
	    cmocka_unit_test(lengths_are_bounded),
	    cmocka_unit_test(names_of_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
