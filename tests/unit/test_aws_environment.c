/* SPDX-License-Identifier: BSD-2-Clause */
#include "aws_fixture.h"
#include "core/aws_environment.h"

/* Every variable, by the name that AWS gave it. */
static const struct {
	enum aws_variable variable;
	const char *name;
} names[] = {
    {AWS_VARIABLE_ACCESS_KEY_ID, "AWS_ACCESS_KEY_ID"},
    {AWS_VARIABLE_SECRET_ACCESS_KEY, "AWS_SECRET_ACCESS_KEY"},
    {AWS_VARIABLE_SESSION_TOKEN, "AWS_SESSION_TOKEN"},
    {AWS_VARIABLE_PROFILE, "AWS_PROFILE"},
    {AWS_VARIABLE_CREDENTIALS_FILE, "AWS_SHARED_CREDENTIALS_FILE"},
    {AWS_VARIABLE_CONFIG_FILE, "AWS_CONFIG_FILE"},
    {AWS_VARIABLE_REGION, "AWS_REGION"},
    {AWS_VARIABLE_DEFAULT_REGION, "AWS_DEFAULT_REGION"},
    {AWS_VARIABLE_CONTAINER_RELATIVE_URI, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"},
    {AWS_VARIABLE_CONTAINER_FULL_URI, "AWS_CONTAINER_CREDENTIALS_FULL_URI"},
    {AWS_VARIABLE_CONTAINER_TOKEN, "AWS_CONTAINER_AUTHORIZATION_TOKEN"},
    {AWS_VARIABLE_CONTAINER_TOKEN_FILE, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"},
    {AWS_VARIABLE_EC2_DISABLED, "AWS_EC2_METADATA_DISABLED"},
    {AWS_VARIABLE_HOME, "HOME"},
};

static void
every_variable(void **state)
{
	(void)state;
	assert_int_equal(COUNT_OF(names), AWS_VARIABLE_HOME + 1);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		enum aws_variable variable = names[i].variable;

		assert_null(aws_environment_get(STORE_CALLER_COMMAND, variable));
		setenv(names[i].name, "", 1);
		assert_null(aws_environment_get(STORE_CALLER_COMMAND, variable));
		setenv(names[i].name, names[i].name, 1);
		assert_string_equal(
		    aws_environment_get(STORE_CALLER_COMMAND, variable), names[i].name);
		assert_null(aws_environment_get(STORE_CALLER_SERVICE, variable));
		for (size_t j = 0; j < COUNT_OF(names); j++)
			if (j != i)
				assert_null(
				    aws_environment_get(STORE_CALLER_COMMAND, names[j].variable));
		unsetenv(names[i].name);
	}
}

/* Both halves or none; the half that is missing is named, and no value is. */
static void
pairs_of_keys(void **state)
{
	static const struct {
		const char *id, *key, *token;
		enum pd_error error;
		const char *line;
	} rows[] = {
	    {NULL, NULL, NULL, PD_NOT_FOUND, ""},
	    {"", "", "", PD_NOT_FOUND, ""},
	    {NULL, NULL, "tok", PD_NOT_FOUND, ""},
	    {"KEYID", NULL, NULL, PD_CONFIG,
		"credentials: AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: set both or "
		"none\n"},
	    {"", "s+/", NULL, PD_CONFIG,
		"credentials: AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID: set both or "
		"none\n"},
	    {"KEYID", "s+/", NULL, PD_OK, ""},
	    {"KEYID", "s+/", "", PD_OK, ""},
	    {"KEYID", "s+/", "tok", PD_OK, ""},
	};
	static const struct aws_credentials none;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct aws_source_context context = context_of(STORE_CALLER_COMMAND);
		struct aws_credentials keys;
		const char *const values[] = {rows[i].id, rows[i].key, rows[i].token};

		told[0] = '\0';
		for (size_t j = 0; j < COUNT_OF(values); j++)
			if (values[j] == NULL)
				unsetenv(variables[j]);
			else
				setenv(variables[j], values[j], 1);
		memset(&keys, 0x55, sizeof(keys));
		assert_int_equal(aws_environment_fetch(&context, 0, &keys), rows[i].error);
		assert_string_equal(told, rows[i].line);
		if (rows[i].error != PD_OK) {
			assert_memory_equal(&keys, &none, sizeof(keys));
			continue;
		}
		assert_string_equal(keys.access_key, "KEYID");
		assert_string_equal(keys.secret_key, "s+/");
		if (rows[i].token == NULL || rows[i].token[0] == '\0')
			assert_null(keys.session_token);
		else
			assert_string_equal(keys.session_token, rows[i].token);
		assert_int_equal(keys.expires_at, 0);
		aws_credentials_free(&keys);
	}
}

static void
the_environment_is_the_commands(void **state)
{
	struct aws_source_context context = {.conf = &conf, .caller = STORE_CALLER_SERVICE};
	struct aws_credentials_cache *cache;

	(void)state;
	put_file("credentials", KEYS("FILE"), 0600);
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_COMMAND, PD_CONFIG, "", NULL); /* half a pair */
	setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_COMMAND, PD_OK, "ENV", "environment");
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_SERVICE, PD_OK, "FILE", "file");
	for (int i = 0; i <= AWS_VARIABLE_HOME; i++)
		assert_null(aws_environment_get(STORE_CALLER_SERVICE, (enum aws_variable)i));
	conf.credentials = CONF_CREDENTIALS_ENVIRONMENT;
	assert_int_equal(aws_credentials_open(&context, &cache), PD_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(every_variable),
	    CASE(pairs_of_keys),
	    CASE(the_environment_is_the_commands),
	};

	return cmocka_run_group_tests_name("aws_environment", tests, set_up, tear_down);
}
