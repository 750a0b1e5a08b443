/* SPDX-License-Identifier: BSD-2-Clause */
/* Items of other software's tables: every field under another name, every type whose meaning is
 * plain, and what is refused with the table's own word for it. */
#include "attribute_fixture.h"

#include "core/buf.h"

#define KEY "'id':{'S':'alice'}"

/* Every field has another name. */
#define ALL                                                                                        \
	"partition_key=id\nschema=f_schema\nversion=f_version\nstatus=f_status\nepoch=f_epoch\n"   \
	"password=f_password\npassword_changed_at=f_changed\npassword_must_change=f_must\n"        \
	"account_expires_at=f_expires\nfull_name=f_name\nemail=f_email\nemail_verified=f_ver\n"    \
	"uid=f_uid\ngid=f_gid\nhome=f_home\nshell=f_shell\ngroups=f_groups\nservices=f_services\n" \
	"hosts=f_hosts\nssh_keys=f_keys\nprofile_fields=f_profile\ncreated_at=f_created\n"         \
	"updated_at=f_updated"

#define REST "'f_schema':{'N':'1'},'f_version':{'N':'7'},'f_status':{'S':'active'}"

static const char full[] =
    "{" KEY ",'f_schema':{'N':'1'},'f_version':{'N':'7'},'f_status':{'S':'active'},"
    "'f_epoch':{'N':'3'},'f_password':{'S':'hash'},'f_changed':{'N':'11'},"
    "'f_must':{'BOOL':true},'f_expires':{'N':'12'},'f_name':{'S':'Alice'},"
    "'f_email':{'S':'a@b.example'},'f_ver':{'BOOL':true},'f_uid':{'N':'5000'},"
    "'f_gid':{'N':'5001'},'f_home':{'S':'/h'},'f_shell':{'S':'/s'},'f_groups':{'SS':['g']},"
    "'f_services':{'SS':['sshd']},'f_hosts':{'SS':['*']},'f_keys':{'L':[{'S':'k'}]},"
    "'f_profile':{'M':{'city':{'S':'Bonn'}}},'f_created':{'N':'13'},'f_updated':{'N':'14'}}";

static void
every_field_is_read_from_its_attribute(void **state)
{
	struct mapping *mapping = mapped(ALL);
	struct json *item = item_of(full);
	struct attribute_fault fault;
	struct user user;

	(void)state;
	assert_true(user_type.field_count <= ATTRIBUTE_MAP_FIELDS);
	assert_int_equal(attribute_map_read(&mapping->map, item, &user, &fault), PD_OK);
	for (size_t i = 0; i < user_type.field_count; i++)
		if (record_absent(&user_type.fields[i], &user))
			fail_msg("%s", user_type.fields[i].name);
	assert_string_equal(user.username, "alice");
	assert_int_equal(user.version, 7);
	assert_int_equal(user.uid, 5000);
	assert_int_equal(user.gid, 5001);
	assert_string_equal(user.password, "hash");
	assert_string_equal(user.home, "/h");
	assert_string_equal(user.shell, "/s");
	assert_int_equal(user.password_changed_at, 11);
	assert_int_equal(user.account_expires_at, 12);
	assert_int_equal(user.created_at, 13);
	assert_int_equal(user.updated_at, 14);
	assert_string_equal(user.groups.items[0], "g");
	assert_string_equal(user.services.items[0], "sshd");
	assert_string_equal(pairs_get(&user.profile, "city"), "Bonn");
	user_free(&user);
	json_free(item);
	unmapped(mapping);
}

/* Reads an item of KEY, REST and `more`; answers the value of a field as text, "!ATTRIBUTE" where
 * that made it corrupt. */
static const char *
value(const char *lines, const char *base, const char *more, const char *field_name)
{
	static char text[256];
	struct mapping *mapping = mapped(lines);
	const struct field *field = record_field(&user_type, field_name);
	struct attribute_fault fault = {"?", "?"};
	char json[1024];
	struct json *item;
	struct user user;
	enum pd_error error;

	(void)snprintf(json, sizeof(json), "{" KEY "%s%s%s%s}", base[0] != '\0' ? "," : "", base,
	    more[0] != '\0' ? "," : "", more);
	item = item_of(json);
	error = attribute_map_read(&mapping->map, item, &user, &fault);
	text[0] = '\0';
	if (error == PD_CORRUPT) {
		(void)snprintf(text, sizeof(text), "!%s", fault.attribute);
		assert_int_equal(user.schema, 0); /* empty */
		assert_null(user.username);
	} else {
		assert_int_equal(error, PD_OK);
		if (field->type == FIELD_STRING && *record_string(&user, field) != NULL)
			(void)snprintf(text, sizeof(text), "%s", *record_string(&user, field));
		if (field->type == FIELD_NUMBER)
			(void)snprintf(
			    text, sizeof(text), "%lld", (long long)*record_number(&user, field));
		if (field->type == FIELD_BOOL)
			(void)snprintf(
			    text, sizeof(text), "%s", *record_bool(&user, field) ? "yes" : "no");
		if (field->type == FIELD_SET || field->type == FIELD_LIST)
			for (size_t i = 0; i < record_list(&user, field)->len; i++)
				(void)strcat(strcat(text, i > 0 ? " " : ""),
				    record_list(&user, field)->items[i]);
		if (field->type == FIELD_MAP)
			for (size_t i = 0; i < user.profile.names.len; i++)
				(void)strcat(strcat(strcat(strcat(text, i > 0 ? " " : ""),
							user.profile.names.items[i]),
						 "="),
				    user.profile.values.items[i]);
		user_free(&user);
	}
	json_free(item);
	unmapped(mapping);
	return text;
}

static const struct {
	const char *field;
	const char *more;
	const char *expected;
} types[] = {
    {"uid", "'f_uid':{'S':'5000'}", "5000"},
    {"uid", "'f_uid':{'N':'5E+3'}", "5000"},
    {"uid", "'f_uid':{'N':'5000.5'}", "!f_uid"},
    {"uid", "'f_uid':{'S':'5c0ffee0-uuid'}", "!f_uid"},
    {"uid", "'f_uid':{'BOOL':true}", "!f_uid"},
    {"uid", "'f_uid':{'N':'65534'}", "!f_uid"},
    {"uid", "'f_uid':{'N':'2147483648'}", "!f_uid"},
    {"uid", "'f_uid':{'NULL':true}", "0"},
    {"groups", "'f_groups':{'L':[{'S':'a'},{'S':'b'}]}", "a b"},
    {"groups", "'f_groups':{'SS':['a','b']}", "a b"},
    {"groups", "'f_groups':{'S':'a'}", "!f_groups"},
    {"groups", "'f_groups':{'L':[{'N':'1'}]}", "!f_groups"},
    {"ssh_keys", "'f_keys':{'SS':['k']}", "k"},
    {"hosts", "'f_hosts':{'L':[]}", ""},
    {"password", "'f_password':{'B':'aGFzaA=='}", "hash"},
    {"password", "'f_password':{'N':'5'}", "!f_password"},
    {"password", "'f_password':{'S':''}", ""},
    {"password_must_change", "'f_must':{'N':'1'}", "yes"},
    {"password_must_change", "'f_must':{'N':'0'}", "no"},
    {"password_must_change", "'f_must':{'S':'True'}", "yes"},
    {"password_must_change", "'f_must':{'S':'no'}", "no"},
    {"password_must_change", "'f_must':{'S':''}", "no"},
    {"password_must_change", "'f_must':{'S':'maybe'}", "!f_must"},
    {"password_must_change", "'f_must':{'N':'2'}", "!f_must"},
    {"password_must_change", "'f_must':{'L':[]}", "!f_must"},
    {"account_expires_at", "'f_expires':{'S':'2026-11-22'}", "1795305600"},
    {"account_expires_at", "'f_expires':{'S':'1795305600'}", "1795305600"},
    {"account_expires_at", "'f_expires':{'N':'1795305600123'}", "1795305600"},
    {"account_expires_at", "'f_expires':{'N':'1795305600.5'}", "1795305600"},
    {"account_expires_at", "'f_expires':{'N':'1.7953056E+9'}", "1795305600"},
    {"account_expires_at", "'f_expires':{'NULL':true}", "0"},
    {"account_expires_at", "'f_expires':{'S':''}", "0"},
    {"account_expires_at", "'f_expires':{'N':'0'}", "0"},
    {"account_expires_at", "'f_expires':{'S':'1970-01-01'}", "1"},
    {"account_expires_at", "'f_expires':{'S':'1970-01-01T00:00:00Z'}", "1"},
    {"account_expires_at", "'f_expires':{'S':'soon'}", "!f_expires"},
    {"account_expires_at", "'f_expires':{'N':'-5'}", "!f_expires"},
    {"account_expires_at", "'f_expires':{'BOOL':true}", "!f_expires"},
    {"account_expires_at", "'f_expires':{'N':'99999999999999999'}", "!f_expires"},
    {"full_name", "'f_name':{'S':''}", ""},
    {"full_name", "'f_name':{'S':'A:B'}", "!f_name"},
    {"full_name", "'f_name':{'M':{}}", "!f_name"},
    {"full_name", "'f_name':{'X':'a'}", "!f_name"},
    {"home", "'f_home':{'S':'relative'}", "!f_home"},
    {"profile", "'f_profile':{'M':{'a':{'N':'1'},'b':{'BOOL':false},'c':{'L':[]}}}", "a=1 b=false"},
    {"profile", "'f_profile':{'M':{'password':{'S':'x'},'a':{'S':'y'}}}", "a=y"},
    {"profile", "'f_profile':{'S':'one'}", "f_profile=one"},
    {"profile", "'f_profile':{'L':[]}", "!f_profile"},
};

static void
types_that_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		const char *got = value(ALL, REST, types[i].more, types[i].field);

		if (strcmp(got, types[i].expected) != 0)
			fail_msg("%s: %s", types[i].more, got);
	}
}

/* A version is compared by the server, with its type. */
static void
versions_are_numbers(void **state)
{
	(void)state;
	assert_string_equal(value(ALL, "'f_schema':{'N':'1'},'f_status':{'S':'active'}",
				"'f_version':{'S':'7'}", "version"),
	    "!f_version");
	assert_string_equal(
	    value(ALL, "'f_schema':{'N':'1'},'f_status':{'S':'active'}", "", "version"),
	    "!f_version");
	assert_string_equal(
	    value(ALL, "'f_version':{'N':'1'},'f_status':{'S':'active'}", "", "version"),
	    "!f_schema");
}

#define NO_VERSION "partition_key=id\nschema=\nversion=\n"

static const struct {
	const char *lines; /* beside NO_VERSION */
	const char *more;
	const char *expected;
} statuses[] = {
    {"status=s", "'s':{'S':'active'}", "active"},
    {"status=s", "'s':{'S':'ACTIVE'}", "active"},
    {"status=s", "'s':{'S':'Enabled'}", "active"},
    {"status=s", "'s':{'S':'confirmed'}", "active"},
    {"status=s", "'s':{'S':'inactive'}", "disabled"},
    {"status=s", "'s':{'S':'Banned'}", "disabled"},
    {"status=s", "'s':{'S':'pending'}", "pending_email"},
    {"status=s", "'s':{'S':'pending_approval'}", "pending_approval"},
    {"status=s", "'s':{'S':'deleted'}", "closed"},
    {"status=s", "'s':{'BOOL':true}", "active"},
    {"status=s", "'s':{'BOOL':false}", "disabled"},
    {"status=s", "'s':{'N':'1'}", "active"},
    {"status=s", "'s':{'N':'0'}", "disabled"},
    {"status=s", "'s':{'S':'1'}", "active"},
    {"status=s", "'s':{'S':'F'}", "disabled"},
    {"status=s", "'s':{'N':'2'}", "!s"},
    {"status=s", "'s':{'S':'offline'}", "!s"},
    {"status=s", "'s':{'S':'active '}", "!s"},
    {"status=s", "'s':{'SS':['active']}", "!s"},
    {"status=s", "", "!s"},
    {"status=s", "'s':{'NULL':true}", "disabled"},
    {"status=s", "'s':{'S':''}", "disabled"},
    {"status=s\ndefault_status=active", "", "active"},
    {"status=s\ndefault_status=disabled", "", "disabled"},
    {"status=s\ndefault_status=active", "'s':{'S':''}", "disabled"},
    {"status=s\ndefault_status=active", "'s':{'NULL':true}", "disabled"},
    {"status=a b\ndefault_status=active", "'a':{'NULL':true},'b':{'BOOL':true}", "disabled"},
    {"status=!blocked\ndefault_status=disabled", "'blocked':{'NULL':true}", "active"},
    {"status=s\ndefault_status=active", "'s':{'S':'no'}", "disabled"},
    {"status=\ndefault_status=active", "'status':{'S':'disabled'}", "active"},
    {"status=!blocked", "'blocked':{'BOOL':true}", "disabled"},
    {"status=!blocked", "'blocked':{'BOOL':false}", "active"},
    {"status=!blocked", "'blocked':{'S':'no'}", "active"},
    {"status=!blocked", "'blocked':{'S':'blocked'}", "!blocked"},
    {"status=a b", "'a':{'BOOL':true},'b':{'S':'disabled'}", "disabled"},
    {"status=a b", "'a':{'S':'closed'},'b':{'BOOL':false}", "closed"},
    {"status=a b", "'b':{'S':'pending'},'a':{'BOOL':true}", "pending_email"},
    {"status=a b", "'a':{'S':'pending'},'b':{'S':'unapproved'}", "pending_approval"},
    {"status=a b", "'b':{'BOOL':true}", "active"},
    {"status=a b", "'a':{'BOOL':true},'b':{'S':'?'}", "!b"},
};

static void
words_and_booleans_that_are_a_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		char lines[256];
		const char *got;

		(void)snprintf(lines, sizeof(lines), NO_VERSION "%s", statuses[i].lines);
		got = value(lines, "", statuses[i].more, "status");
		if (strcmp(got, statuses[i].expected) != 0)
			fail_msg("%s, %s: %s", statuses[i].lines, statuses[i].more, got);
	}
}

#define ACTIVE NO_VERSION "status=\ndefault_status=active\n"

static const struct {
	const char *lines;
	const char *field;
	const char *more;
	const char *expected;
} shapes[] = {
    {"full_name=first last", "full_name", "'last':{'S':'Example'},'first':{'S':'Alice'}",
	"Alice Example"},
    {"full_name=first last", "full_name", "'last':{'S':'Example'}", "Example"},
    {"full_name=first last", "full_name", "'first':{'S':''},'last':{'NULL':true}", ""},
    {"full_name=first last", "full_name", "'first':{'S':'A'},'last':{'L':[]}", "!last"},
    {"full_name=first last", "full_name", "'first':{'S':'A:'}", "!first"},
    {"profile_fields=city phone", "profile", "'phone':{'N':'12'},'city':{'S':'Bonn'}",
	"city=Bonn phone=12"},
    {"profile_fields=city phone", "profile", "'phone':{'M':{'home':{'S':'1'}}}", "home=1"},
    {"profile_fields=city phone", "profile", "'phone':{'SS':['1']}", "!phone"},
    {"full_name=", "full_name", "'full_name':{'S':'Alice'}", ""},
    {"", "version", "'version':{'N':'9'}", "1"},
    {"", "schema", "'schema':{'N':'9'}", "1"},
    {"hosts=\ndefault_hosts=web* @db", "hosts", "'hosts':{'SS':['*']}", "web* @db"},
    {"hosts=", "hosts", "'hosts':{'SS':['*']}", ""},
};

static void
fields_of_several_attributes_and_of_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		char lines[256];
		const char *got;

		(void)snprintf(lines, sizeof(lines), ACTIVE "%s", shapes[i].lines);
		got = value(lines, "", shapes[i].more, shapes[i].field);
		if (strcmp(got, shapes[i].expected) != 0)
			fail_msg("%s, %s: %s", shapes[i].lines, shapes[i].more, got);
	}
}

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *more;
	const char *expected;
} salts[] = {
    {"'password':{'S':'" DIGEST "'},'salt':{'S':'abc'}", "{SHA3-256}abc$" DIGEST},
    {"'password':{'S':'" DIGEST "'}", DIGEST},
    {"'password':{'S':'" DIGEST "'},'salt':{'S':''}", DIGEST},
    {"'password':{'S':'" DIGEST "'},'salt':{'NULL':true}", DIGEST},
    {"'password':{'S':'" DIGEST "'},'salt':{'L':[]}", "!salt"},
    {"'password':{'S':'$argon2id$x'},'salt':{'S':'abc'}", "$argon2id$x"},
    {"'salt':{'S':'abc'}", ""},
};

static void
salts_of_their_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(salts); i++) {
		const char *got = value(ACTIVE "password_salt=salt", "", salts[i].more, "password");

		if (strcmp(got, salts[i].expected) != 0)
			fail_msg("%s: %s", salts[i].more, got);
	}
}

static const struct {
	const char *item;
	const char *expected; /* the name, or "!attribute" */
} keys[] = {
    {"{'realm':{'S':'r'},'user':{'S':'alice'}}", "alice"},
    {"{'realm':{'S':'other'},'user':{'S':'alice'}}", "!user"},
    {"{'user':{'S':'alice'}}", "!user"},
    {"{'realm':{'S':'r'}}", "!user"},
    {"{'realm':{'S':'r'},'user':{'N':'1'}}", "!user"},
    {"{'realm':{'S':'r'},'user':{'S':'Alice'}}", "!user"},
    {"{'realm':{'S':'r'},'user':{'S':'root'}}", "!user"},
    {"{'realm':{'S':'r'},'user':{'S':''}}", "!user"},
    {"{}", "!user"},
};

static void
the_key_is_of_this_partition(void **state)
{
	struct mapping *mapping = mapped("profile=pam-dynamo-realm\npartition_value=r");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct json *item = item_of(keys[i].item);
		struct attribute_fault fault = {"?", "?"};
		struct user user;
		enum pd_error error = attribute_map_read(&mapping->map, item, &user, &fault);

		if (keys[i].expected[0] == '!') {
			assert_int_equal(error, PD_CORRUPT);
			assert_string_equal(fault.attribute, keys[i].expected + 1);
		} else {
			assert_int_equal(error, PD_OK);
			assert_string_equal(user.username, keys[i].expected);
			user_free(&user);
		}
		json_free(item);
	}
	unmapped(mapping);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field_is_read_from_its_attribute),
	    cmocka_unit_test(types_that_are_understood),
	    cmocka_unit_test(versions_are_numbers),
	    cmocka_unit_test(words_and_booleans_that_are_a_status),
	    cmocka_unit_test(fields_of_several_attributes_and_of_none),
	    cmocka_unit_test(salts_of_their_own),
	    cmocka_unit_test(the_key_is_of_this_partition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
