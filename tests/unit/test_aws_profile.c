/* SPDX-License-Identifier: BSD-2-Clause */
#include "aws_fixture.h"
#include "core/aws_profile.h"

static const struct {
	const char *text;
	const char *section;
	bool config;
	enum pd_error error;
	const char *id;
	unsigned line;
} profiles[] = {
    {KEYS("A"), NULL, false, PD_OK, "A", 0},
    {"# c\n; c\n\n" KEYS("A"), NULL, false, PD_OK, "A", 0},
    {"[default]\r\naws_access_key_id=A\r\naws_secret_access_key=b=c\r\n", NULL, false, PD_OK, "A",
	0},
    {"[other]\n" KEYS("B") "[default]\n" KEYS("A"), NULL, false, PD_OK, "A", 0},
    {"[other]\n" KEYS("B") "[default]\n" KEYS("A"), "other", false, PD_OK, "B", 0},
    {"[profile other]\n" KEYS("B") "region = x\ns3 =\n  max = 1\n  odd\n", "other", true, PD_OK,
	"B", 0},
    {"[default]\n" KEYS("A"), "default", true, PD_OK, "A", 0},
    {"[other]\n" KEYS("B"), "other", true, PD_NOT_FOUND, "", 0},
    {"[profile other]\n" KEYS("B"), "other", false, PD_NOT_FOUND, "", 0},
    {"[default]\nregion = x\n", "default", false, PD_NOT_FOUND, "", 0},
    {"", NULL, false, PD_NOT_FOUND, "", 0},
    {"aws_access_key_id = A\n", NULL, false, PD_CORRUPT, "", 0},
    {KEYS("A") "aws_access_key_id = B\n", NULL, false, PD_CORRUPT, "", 3},
    {"\nwhat\n", NULL, false, PD_CORRUPT, "", 2},
    {"[default\n", NULL, false, PD_CORRUPT, "", 1},
    {"aws_access_key_id =\n", NULL, false, PD_CORRUPT, "", 1},
    {"aws_secret_access_key = A\n", NULL, false, PD_CORRUPT, "", 0},
    {"aws_session_token = t\n", NULL, false, PD_NOT_FOUND, "", 0},
    {KEYS("A") "aws_session_token = t\naws_session_token = u\n", NULL, false, PD_CORRUPT, "", 4},
    {KEYS("A") "[other]\nregion\n", NULL, false, PD_CORRUPT, "", 4},
    {"[other]\n" KEYS("B") "aws_access_key_id = C\n[default]\n" KEYS("A"), NULL, false, PD_OK, "A",
	0},
    {KEYS("A") "[other]\n" KEYS("B"), "other", false, PD_OK, "B", 0},
    {KEYS("A"), "default", false, PD_NOT_FOUND, "", 0},
    {"[profile default]\n" KEYS("A"), "default", true, PD_OK, "A", 0},
    {"[profile\tother]\n" KEYS("B"), "other", true, PD_OK, "B", 0},
    {"[profileother]\n" KEYS("B"), "other", true, PD_NOT_FOUND, "", 0},
    {"[ other ]\n" KEYS("B"), "other", false, PD_OK, "B", 0},
    {"[Other]\n" KEYS("B"), "other", false, PD_NOT_FOUND, "", 0},
    {"\t aws_access_key_id\t=\tA \naws_secret_access_key=s", NULL, false, PD_OK, "A", 0},
    {"[]\n" KEYS("A"), NULL, false, PD_NOT_FOUND, "", 0},
    {"[", NULL, false, PD_CORRUPT, "", 1},
    {" [default]\n", NULL, false, PD_CORRUPT, "", 1},
    {"s3 =\n  aws_access_key_id = N\n" KEYS("A"), NULL, false, PD_OK, "A", 0},
    {"= x\n", NULL, false, PD_CORRUPT, "", 1},
};

static void
profile_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(profiles); i++) {
		struct aws_credentials keys;
		unsigned line = 99;
		enum pd_error error = aws_profile_parse(profiles[i].text, strlen(profiles[i].text),
		    profiles[i].section, profiles[i].config, &keys, &line);

		if (error != profiles[i].error || line != profiles[i].line)
			fail_msg("%zu: %d, line %u", i, error, line);
		if (error == PD_OK)
			assert_string_equal(keys.access_key, profiles[i].id);
		aws_credentials_free(&keys);
	}
}

/* A NUL is no way to end a value early, and every beginning of a file is read inside its bytes (the
 * address sanitizer sees to that). */
static void
bytes_of_files(void **state)
{
	static const char nul[] = "aws_access_key_id = A\0B\naws_secret_access_key = s\n";
	static const char text[] = "[profile a]\n# x\nr =\n  s = 1\n" KEYS("A") "[default]\n x = y";
	struct aws_credentials keys;
	unsigned line = 0;

	(void)state;
	assert_int_equal(
	    aws_profile_parse(nul, sizeof(nul) - 1, NULL, false, &keys, &line), PD_CORRUPT);
	assert_int_equal(line, 1);
	assert_null(keys.access_key);
	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len + (len == 0));

		memcpy(copy, text, len);
		(void)aws_profile_parse(copy, len, "a", true, &keys, &line);
		aws_credentials_free(&keys);
		free(copy);
	}
}

/* Where the file says what it should not, the log says which line, and repeats none of it. */
static void
what_the_log_says(void **state)
{
	struct aws_source_context context = context_of(STORE_CALLER_SERVICE);
	struct aws_credentials keys;

	(void)state;
	put_file("credentials",
	    "# ours\naws_access_key_id = HIDDEN\naws_secret_access_key HIDDEN\n", 0600);
	assert_int_equal(aws_profile_fetch_file(&context, 0, &keys), PD_CONFIG);
	assert_null(keys.access_key);
	assert_non_null(strstr(told, "/credentials:3: expected aws_access_key_id = "));
	assert_null(strstr(told, "HIDDEN"));
	remove(in_folder("credentials"));
	assert_int_equal(aws_profile_fetch_file(&context, 0, &keys), PD_NOT_FOUND);
	set(&conf.credentials_file, in_folder("credentials/below"));
	put_file("credentials", "", 0600);
	assert_int_equal(aws_profile_fetch_file(&context, 0, &keys), PD_NOT_FOUND);
}

/* Up to the bound, and not one byte more. */
static void
files_are_bounded(void **state)
{
	char *text = malloc(AWS_PROFILE_FILE_MAX + 2);
	struct aws_source_context context = context_of(STORE_CALLER_SERVICE);
	size_t len = strlen(KEYS("A"));
	struct aws_credentials keys;

	(void)state;
	for (int more = 0; more < 2; more++) {
		enum pd_error wanted = more == 0 ? PD_OK : PD_CONFIG;

		memset(text, '\n', AWS_PROFILE_FILE_MAX + 1);
		memcpy(text, KEYS("A"), len);
		text[AWS_PROFILE_FILE_MAX + more] = '\0';
		put_file("credentials", text, 0600);
		assert_int_equal(aws_profile_fetch_file(&context, 0, &keys), wanted);
		aws_credentials_free(&keys);
	}
	assert_non_null(strstr(told, "larger than 256 KiB"));
	free(text);
}

/* A file that is there and cannot be judged is never passed over for the next. */
static void
private_files(void **state)
{
	struct aws_source_context context = context_of(STORE_CALLER_SERVICE);
	struct aws_credentials keys;

	(void)state;
	put_file("config", KEYS("A"), 0600);
	assert_int_equal(symlink("config", in_folder("link")), 0);
	set(&conf.credentials_file, in_folder("link"));
	assert_int_equal(aws_profile_fetch_file(&context, 0, &keys), PD_CONFIG);
	set(&conf.credentials_file, folder);
	assert_int_equal(aws_profile_fetch_file(&context, 0, &keys), PD_CONFIG);
	put_file("config", "[default]\n" KEYS("A"), 0604);
	assert_int_equal(aws_profile_fetch(&context, 0, &keys), PD_CONFIG);
	put_file("config", "[default]\n" KEYS("A"), 0600);
	assert_int_equal(aws_profile_fetch(&context, 0, &keys), PD_OK);
	aws_credentials_free(&keys);
}

static void
files(void **state)
{
	(void)state;
	expect(CONF_CREDENTIALS_FILE, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
	put_file("credentials", KEYS("FILE") "aws_session_token = t\n", 0600);
	expect(CONF_CREDENTIALS_FILE, STORE_CALLER_SERVICE, PD_OK, "FILE", "file");
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_SERVICE, PD_OK, "FILE", "file");
	put_file("credentials", KEYS("FILE"), 0644);
	expect(CONF_CREDENTIALS_FILE, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
	put_file("credentials", KEYS("with blank"), 0600);
	expect(CONF_CREDENTIALS_FILE, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
	put_file("config", "[profile web]\n" KEYS("WEB") "[default]\n" KEYS("DEF"), 0600);
	expect(CONF_CREDENTIALS_PROFILE, STORE_CALLER_SERVICE, PD_OK, "DEF", "profile");
	set(&conf.profile, "web");
	expect(CONF_CREDENTIALS_PROFILE, STORE_CALLER_SERVICE, PD_OK, "WEB", "profile");
	set(&conf.profile, "none");
	expect(CONF_CREDENTIALS_PROFILE, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
}

static void
profiles_of_the_user(void **state)
{
	(void)state;
	mkdir(in_folder("home"), 0700);
	mkdir(in_folder("home/.aws"), 0700);
	put_file("home/.aws/credentials", "[default]\n" KEYS("HOME") "[web]\n" KEYS("WEB"), 0600);
	put_file("home/.aws/config", "[profile late]\n" KEYS("LATE"), 0644);
	setenv("HOME", in_folder("home"), 1);
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_COMMAND, PD_OK, "HOME", "profile");
	setenv("AWS_PROFILE", "web", 1);
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_COMMAND, PD_OK, "WEB", "profile");
	setenv("AWS_PROFILE", "late", 1);
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_COMMAND, PD_OK, "LATE", "profile");
	setenv("AWS_PROFILE", "none", 1);
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_COMMAND, PD_CONFIG, "", NULL);
	put_file("config", "[web]\n" KEYS("OTHER"), 0600);
	setenv("AWS_SHARED_CREDENTIALS_FILE", in_folder("config"), 1);
	setenv("AWS_PROFILE", "web", 1);
	expect(CONF_CREDENTIALS_AUTO, STORE_CALLER_COMMAND, PD_OK, "OTHER", "profile");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(profile_texts),
	    CASE(bytes_of_files),
	    CASE(what_the_log_says),
	    CASE(files_are_bounded),
	    CASE(private_files),
	    CASE(files),
	    CASE(profiles_of_the_user),
	};

	return cmocka_run_group_tests_name("aws_profile", tests, set_up, tear_down);
}
