/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys, and what may be written where. */
#include "attribute_fixture.h"

#define NO_VERSION "partition_key=id\nschema=\nversion=\nwritable=yes\n"

static char *
text_of(struct json *json)
{
	char *text = json_text(json, false);

	assert_non_null(text);
	json_free(json);
	for (char *c = text; *c != '\0'; c++)
		if (*c == '"')
			*c = '\'';
	return text;
}

static void
assert_key(const char *lines, const char *expected)
{
	struct mapping *mapping = mapped(lines);
	char *text = text_of(attribute_map_key(&mapping->map, "alice"));

	assert_string_equal(text, expected);
	free(text);
	unmapped(mapping);
}

static void
keys(void **state)
{
	(void)state;
	assert_key("", "{'username':{'S':'alice'}}");
	assert_key("partition_key=email", "{'email':{'S':'alice'}}");
	assert_key("partition_key=realm\nsort_key=user\npartition_value=example.org",
	    "{'realm':{'S':'example.org'},'user':{'S':'alice'}}");
	assert_key("profile=pam-dynamo-realm\npartition_value=r",
	    "{'realm':{'S':'r'},'user':{'S':'alice'}}");
}

static void
our_own_table_is_not_mapped(void **state)
{
	struct mapping *mapping = mapped("");

	(void)state;
	assert_false(mapping->map.mapped);
	assert_null(mapping->map.partition);
	for (size_t i = 0; i < user_type.field_count; i++)
		assert_true(attribute_map_has(&mapping->map, &user_type.fields[i]));
	unmapped(mapping);
	mapping = mapped("profile=flask-boto3");
	assert_true(mapping->map.mapped);
	assert_true(attribute_map_has(&mapping->map, &user_type.fields[0]));
	assert_true(attribute_map_has(&mapping->map, record_field(&user_type, "password")));
	assert_false(attribute_map_has(&mapping->map, record_field(&user_type, "epoch")));
	unmapped(mapping);
}

static struct user
alice(void)
{
	struct user user = {.username = strdup("alice"),
	    .status = strdup("active"),
	    .password = strdup("old"),
	    .full_name = strdup("Alice"),
	    .schema = 1,
	    .version = 4};

	return user;
}

/* What becomes of alice when a field is set: the refusal's first words, or the update and its
 * condition. */
static const char *
written(const char *lines, const char *field_name, const char *text)
{
	static char out[1024];
	struct mapping *mapping = mapped(lines);
	const struct field *field = record_field(&user_type, field_name);
	struct user before = alice(), after = alice();
	struct item_expression expression;
	const struct field *bad = NULL;
	const char *refused;

	assert_int_equal(record_set_text(field, &after, text), PD_OK);
	after.version = before.version + 1;
	refused = attribute_map_refuses(&mapping->map, &before, &after, &bad);
	if (refused != NULL) {
		(void)snprintf(out, sizeof(out), "%s: %.15s", bad->name, refused);
	} else {
		char *names, *values;

		item_expression_init(&expression);
		attribute_map_update(&mapping->map, &expression, &before, &after);
		buf_add_string(&expression.text, " IF ");
		attribute_map_condition(&mapping->map, &expression, &before);
		assert_false(expression.failed);
		names = text_of(json_copy(expression.names));
		values = text_of(json_copy(expression.values));
		(void)snprintf(
		    out, sizeof(out), "%s %s %s", buf_string(&expression.text), names, values);
		free(names);
		free(values);
		item_expression_free(&expression);
	}
	user_free(&before);
	user_free(&after);
	unmapped(mapping);
	return out;
}

#define ON_OLD                                         \
	" IF (#n1=:v1 OR #n2=:v2) {'#n0':'pw','#n1':'" \
	"pw','#n2':'pw'} {':v0':{'S':'new'},':v1':{'S':'old'},':v2':{'B':'b2xk'}}"

static const struct {
	const char *lines;
	const char *field;
	const char *text;
	const char *expected;
} changes[] = {
    {NO_VERSION "password=pw", "password", "new", "SET #n0=:v0" ON_OLD},
    /* where the table has a version, that is raised and compared */
    {"partition_key=id\nversion=rev\npassword=pw\nwritable=yes", "password", "new",
	"SET #n0=:v0,#n1=:v1 IF #n2=:v2 {'#n0':'rev','#n1':'pw','#n2':'rev'} "
	"{':v0':{'N':'5'},':v1':{'S':'new'},':v2':{'N':'4'}}"},
    {NO_VERSION "password=\nfull_name=name", "full_name", "A",
	"SET #n0=:v0 IF attribute_exists(#n1) {'#n0':'name','#n1':'id'} {':v0':{'S':'A'}}"},
    {NO_VERSION "password=\nfull_name=name", "full_name", "",
	"REMOVE #n0 IF attribute_exists(#n1) {'#n0':'name','#n1':'id'} {}"},
    {NO_VERSION, "email", "a@b.example", "email: kept unique by "},
    {NO_VERSION "uid=number", "uid", "5000", "uid: kept unique by "},
    {NO_VERSION "hosts=", "hosts", "web", "hosts: not in the tabl"},
    {NO_VERSION "password=", "password", "new", "password: not in the tabl"},
    {NO_VERSION "full_name=first last", "full_name", "A", "full_name: made of several"},
    {NO_VERSION, "status", "disabled", "status: changed by the "},
    {"partition_key=id\nwritable=yes\nstatus=!blocked", "status", "disabled",
	"status: changed by the "},
    {"partition_key=id\nwritable=yes\nstatus=a b", "status", "disabled", "status: changed by the "},
    {"partition_key=id\nwritable=yes\nstatus=word", "status", "disabled",
	"SET #n0=:v0,#n1=:v1 IF #n2=:v2 {'#n0':'version','#n1':'word','#n2':'version'} "
	"{':v0':{'N':'5'},':v1':{'S':'disabled'},':v2':{'N':'4'}}"},
    /* what only tells of the write may have no place */
    {NO_VERSION "password=pw\nepoch=\nupdated_at=", "updated_at", "5",
	" IF (#n0=:v0 OR #n1=:v1) {'#n0':'pw','#n1':'pw'} "
	"{':v0':{'S':'old'},':v1':{'B':'b2xk'}}"},
};

static void
what_is_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		const char *got = written(changes[i].lines, changes[i].field, changes[i].text);

		if (strcmp(got, changes[i].expected) != 0)
			fail_msg("%zu:\n%s\n%s", i, changes[i].expected, got);
	}
}

/* The condition names what the table holds, whatever the record was made of. */
static const struct {
	const char *lines;
	const char *password;
	const char *expected;
} conditions[] = {
    {"password_salt=salt", "{SHA3-256}ab$c$0123", "(#n0=:v0 OR #n1=:v1) {':v0':{'S':'0123'}"},
    {"password_salt=salt", "0123", "(#n0=:v0 OR #n1=:v1) {':v0':{'S':'0123'}"},
    {"password_salt=salt", "$argon2id$x", "(#n0=:v0 OR #n1=:v1) {':v0':{'S':'$argon2id$x'}"},
    {"", "{SHA3-256}ab$0123", "(#n0=:v0 OR #n1=:v1) {':v0':{'S':'{SHA3-256}ab$0123'}"},
    {"", NULL, "attribute_not_exists(#n0) {}"},
};

static void
conditions_on_the_old_hash(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(conditions); i++) {
		char lines[256], got[512];
		struct item_expression expression;
		struct mapping *mapping;
		struct user user = alice();
		char *values;

		(void)snprintf(lines, sizeof(lines), NO_VERSION "%s", conditions[i].lines);
		mapping = mapped(lines);
		free(user.password);
		user.password = conditions[i].password != NULL ? strdup(conditions[i].password)
							       : NULL;
		item_expression_init(&expression);
		attribute_map_condition(&mapping->map, &expression, &user);
		values = text_of(json_copy(expression.values));
		(void)snprintf(got, sizeof(got), "%s %s", buf_string(&expression.text), values);
		if (strncmp(got, conditions[i].expected, strlen(conditions[i].expected)) != 0)
			fail_msg("%zu: %s", i, got);
		free(values);
		item_expression_free(&expression);
		user_free(&user);
		unmapped(mapping);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys),
	    cmocka_unit_test(our_own_table_is_not_mapped),
	    cmocka_unit_test(what_is_written),
	    cmocka_unit_test(conditions_on_the_old_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
