/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/aws_credentials.h"
#include "core/aws_environment.h"
#include "core/aws_metadata.h"
#include "core/aws_profile.h"
#include "core/clock.h"
#include "core/secret.h"
#include "http_double.h"

#define KEYS(id) "aws_access_key_id = " id "\naws_secret_access_key = s+/\n"

static struct conf conf;
static struct http_double *server;
static char folder[] = "/tmp/test_credentials.XXXXXX";

static const char *
in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
put_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
set(char **field, const char *text)
{
	free(*field);
	*field = strdup(text);
}

static int
set_up(void **state)
{
	(void)state;
	assert_true(secret_init());
	assert_non_null(mkdtemp(folder));
	server = http_double_start();
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const files[] = {"credentials", "config", "home/.aws/credentials",
	    "home/.aws/config", "home/.aws", "home", "token", "link"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++)
		(void)remove(in_folder(files[i]));
	rmdir(folder);
	http_double_stop(server);
	return 0;
}

static const char *const variables[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HOME",
    "AWS_EC2_METADATA_DISABLED"};

static int
each_set_up(void **state)
{
	char url[64];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(variables); i++)
		unsetenv(variables[i]);
	assert_int_equal(conf_init(&conf), PD_OK);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", server->port);
	set(&conf.imds_endpoint, url);
	set(&conf.credentials_file, in_folder("credentials"));
	set(&conf.profile_file, in_folder("config"));
	remove(in_folder("credentials"));
	remove(in_folder("config"));
	return 0;
}

static int
each_tear_down(void **state)
{
	(void)state;
	conf_free(&conf);
	return 0;
}

static struct aws_credentials_cache *
opened(enum conf_credentials choice, enum store_caller caller)
{
	struct aws_source_context context = {.conf = &conf, .caller = caller};
	struct aws_credentials_cache *cache = NULL;

	conf.credentials = choice;
	assert_int_equal(aws_credentials_open(&context, &cache), PD_OK);
	return cache;
}

/* One get, and whose keys came: "" for none. */
static enum pd_error
get(struct aws_credentials_cache *cache, int64_t now, char id[64])
{
	struct aws_credentials keys;
	enum pd_error error = aws_credentials_get(cache, now, clock_monotonic_ms() + 3000, &keys);

	snprintf(id, 64, "%s", error == PD_OK ? keys.access_key : "");
	aws_credentials_free(&keys);
	return error;
}

static void
expect(enum conf_credentials choice, enum store_caller caller, enum pd_error wanted, const char *id,
    const char *source)
{
	struct aws_credentials_cache *cache = opened(choice, caller);
	char got[64];

	assert_int_equal(get(cache, clock_now_s(), got), wanted);
	assert_string_equal(got, id);
	if (source != NULL)
		assert_string_equal(aws_credentials_source(cache), source);
	aws_credentials_close(cache);
}

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

static const char *
reply_keys(const char *id, int64_t life_s)
{
	static char text[4][512];
	static unsigned turn;
	char *out = text[turn++ % 4];
	time_t end = (time_t)(clock_now_s() + life_s);
	char stamp[32];
	struct tm tm;

	gmtime_r(&end, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(out, sizeof(text[0]),
	    "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
	    "\"Expiration\":\"%s\",\"Code\":\"Success\"}",
	    id, stamp);
	return out;
}

static void
use_container(void)
{
	char url[96];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/v2/keys?x=1", server->port);
	set(&conf.container_endpoint, url);
}

static void
containers(void **state)
{
	(void)state;
	use_container();
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = reply_keys("ROLE", 3600)});
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_OK, "ROLE", "container");
	assert_true(http_double_was_asked(server, "GET /v2/keys?x=1 HTTP/1.1\r\n"));
	assert_false(http_double_was_asked(server, "Authorization"));
	put_file("token", "eks-token\n", 0644);
	set(&conf.container_token_file, in_folder("token"));
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_OK, "ROLE", "container");
	assert_true(http_double_was_asked(server, "\r\nAuthorization: eks-token\r\n"));
	/* As Kubernetes mounts it: a link, which may lead nowhere that others can write. */
	assert_int_equal(symlink("token", in_folder("link")), 0);
	set(&conf.container_token_file, in_folder("link"));
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_OK, "ROLE", "container");
	put_file("token", "eks-token\n", 0666);
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
	set(&conf.container_token_file, folder);
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
	set(&conf.container_token_file, "");
	HTTP_DOUBLE_SCRIPT(server, {.status = 500, .body = ""});
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_UNAVAILABLE, "", NULL);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "<html>"});
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_UNAVAILABLE, "", NULL);
	set(&conf.container_endpoint, "http://192.0.2.1/keys");
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_UNAVAILABLE, "", NULL);
}

static void
instances(void **state)
{
	const char *keys = reply_keys("IMDS", 3600);

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "tok"}, {.status = 200, .body = "role"},
	    {.status = 200, .body = keys});
	expect(CONF_CREDENTIALS_IMDS, STORE_CALLER_SERVICE, PD_OK, "IMDS", "imds");
	assert_int_equal(server->requests, 3);
	assert_int_equal(server->connections, 1);
	assert_true(http_double_was_asked(
	    server, "GET /latest/meta-data/iam/security-credentials/role HTTP/1.1\r\n"));
	assert_true(http_double_was_asked(server, "X-aws-ec2-metadata-token: tok\r\n"));
	/* No version 1: without a token nothing more is asked. */
	HTTP_DOUBLE_SCRIPT(server, {.status = 405, .body = ""});
	expect(CONF_CREDENTIALS_IMDS, STORE_CALLER_SERVICE, PD_UNAVAILABLE, "", NULL);
	assert_int_equal(server->requests, 1);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "tok"}, {.status = 404, .body = ""});
	expect(CONF_CREDENTIALS_IMDS, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
}

/* Kept, refreshed ahead of expiry, served while a refresh fails, refused once they are over. */
static void
refreshing(void **state)
{
	struct aws_credentials_cache *cache;
	int64_t now = clock_now_s();
	char id[64];

	(void)state;
	use_container();
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = reply_keys("ONE", 3600)},
	    {.status = 500, .body = ""}, {.status = 200, .body = reply_keys("TWO", 7200)},
	    {.status = 500, .body = ""});
	cache = opened(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE);
	assert_int_equal(get(cache, now, id), PD_OK);
	assert_int_equal(get(cache, now + 3600 - AWS_CREDENTIALS_AHEAD_S - 120, id), PD_OK);
	assert_string_equal(id, "ONE");
	assert_int_equal(server->requests, 1);
	assert_int_equal(get(cache, now + 3600 - AWS_CREDENTIALS_AHEAD_S + 1, id), PD_OK);
	assert_string_equal(id, "ONE"); /* the refresh failed */
	assert_int_equal(server->requests, 2);
	assert_int_equal(get(cache, now + 3600 - AWS_CREDENTIALS_AHEAD_S + 2, id), PD_OK);
	assert_int_equal(server->requests, 2); /* not again at once */
	assert_int_equal(get(cache, now + 3600 - 200, id), PD_OK);
	assert_string_equal(id, "TWO");
	assert_int_equal(get(cache, now + 7201, id), PD_UNAVAILABLE);
	assert_int_equal(server->requests, 4);
	assert_int_equal(get(cache, now + 7201, id), PD_UNAVAILABLE); /* known: not asked again */
	assert_int_equal(server->requests, 4);
	aws_credentials_close(cache);
}

static void
refused_keys(void **state)
{
	struct aws_credentials_cache *cache;
	int64_t now = clock_now_s(), ms = clock_monotonic_ms();
	char id[64];

	(void)state;
	put_file("credentials", KEYS("OLD"), 0600);
	cache = opened(CONF_CREDENTIALS_FILE, STORE_CALLER_SERVICE);
	assert_int_equal(get(cache, now, id), PD_OK);
	put_file("credentials", KEYS("NEW"), 0600);
	assert_int_equal(get(cache, now, id), PD_OK);
	assert_string_equal(id, "OLD");
	assert_true(aws_credentials_refused(cache, "OLD", ms));
	assert_true(
	    aws_credentials_refused(cache, "OLD", ms)); /* another thread, before the fetch */
	assert_int_equal(get(cache, now, id), PD_OK);
	assert_string_equal(id, "NEW");
	assert_true(
	    aws_credentials_refused(cache, "OLD", ms)); /* a latecomer: new ones are there */
	assert_false(aws_credentials_refused(cache, "NEW", ms));
	assert_true(aws_credentials_refused(cache, "NEW", ms + AWS_CREDENTIALS_RETRY_S * 1000));
	aws_credentials_close(cache);
}

/* By a clock that is a day ahead every key has expired; the server is who can tell. */
static void
fresh_keys_are_tried(void **state)
{
	struct aws_credentials_cache *cache;
	int64_t now = clock_now_s(), day = 86400;
	char id[64];

	(void)state;
	use_container();
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = reply_keys("ONE", 3600)},
	    {.status = 200, .body = reply_keys("TWO", 3600)});
	cache = opened(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE);
	assert_int_equal(get(cache, now + day, id), PD_OK);
	assert_int_equal(get(cache, now + day + 1, id), PD_OK);
	assert_int_equal(http_double_requests(server), 1);
	/* The clock was learned: the keys are good for what they say, and no longer. */
	assert_int_equal(get(cache, now + 3000, id), PD_OK);
	assert_int_equal(http_double_requests(server), 1);
	assert_string_equal(id, "ONE");
	aws_credentials_close(cache);
}

/* Who has little time left fails for himself. */
static void
a_call_in_a_hurry(void **state)
{
	struct aws_credentials_cache *cache;
	struct aws_credentials keys;
	char id[64];

	(void)state;
	use_container();
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 200, .body = reply_keys("ONE", 3600), .delay_ms = 120});
	cache = opened(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE);
	assert_int_equal(
	    aws_credentials_get(cache, clock_now_s(), clock_monotonic_ms() + 60, &keys),
	    PD_UNAVAILABLE);
	assert_int_equal(get(cache, clock_now_s(), id), PD_OK);
	assert_string_equal(id, "ONE");
	aws_credentials_close(cache);
}

/* The token of the metadata service is kept, and replaced when it is refused. */
static void
sessions(void **state)
{
	struct aws_credentials_cache *cache;
	int64_t now = clock_now_s();
	char id[64];

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "tok"}, {.status = 200, .body = "role"},
	    {.status = 200, .body = reply_keys("ONE", 600)}, {.status = 200, .body = "role"},
	    {.status = 200, .body = reply_keys("TWO", 3600)}, {.status = 401, .body = ""},
	    {.status = 200, .body = "tok2"}, {.status = 200, .body = "role"},
	    {.status = 200, .body = reply_keys("THREE", 7200)});
	cache = opened(CONF_CREDENTIALS_IMDS, STORE_CALLER_SERVICE);
	assert_int_equal(get(cache, now, id), PD_OK);
	assert_int_equal(http_double_requests(server), 3);
	assert_int_equal(get(cache, now + 599, id), PD_OK);
	assert_string_equal(id, "TWO");
	assert_int_equal(http_double_requests(server), 5);
	assert_int_equal(get(cache, now + 3599, id), PD_OK);
	assert_string_equal(id, "THREE");
	assert_int_equal(http_double_requests(server), 9);
	assert_true(http_double_was_asked(server, "X-aws-ec2-metadata-token: tok2\r\n"));
	aws_credentials_close(cache);
}

static const struct {
	const char *text;
	enum pd_error error;
} replies[] = {
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\"}", PD_OK},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Expiration\":\"2026-01-01T00:00:00.5Z\"}",
	PD_OK},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Code\":\"Failed\"}", PD_CORRUPT},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Expiration\":\"soon\"}", PD_CORRUPT},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":1}", PD_CORRUPT},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Token\":\"a b\"}", PD_CORRUPT},
    {"{\"AccessKeyId\":\"A\\r\\nX: y\",\"SecretAccessKey\":\"b\"}", PD_CORRUPT},
    {"{\"AccessKeyId\":\"A/B\",\"SecretAccessKey\":\"b\"}", PD_CORRUPT},
    {"{\"SecretAccessKey\":\"b\"}", PD_CORRUPT},
    {"[]", PD_CORRUPT},
    {"", PD_CORRUPT},
};

static void
endpoint_replies(void **state)
{
	int64_t t;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct aws_credentials keys;
		enum pd_error error = aws_metadata_parse(
		    replies[i].text, strlen(replies[i].text), &keys);

		if (error != replies[i].error)
			fail_msg("%s: %d", replies[i].text, error);
		aws_credentials_free(&keys);
	}
	assert_true(aws_metadata_time("2026-11-22T10:00:00Z", &t));
	assert_int_equal(t, 1795341600);
	assert_false(aws_metadata_time("2026-11-22T10:00:00", &t));
	assert_false(aws_metadata_time("2026-11-22T10:00:00+01:00", &t));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(profile_texts),
	    CASE(files),
	    CASE(the_environment_is_the_commands),
	    CASE(profiles_of_the_user),
	    CASE(containers),
	    CASE(instances),
	    CASE(refreshing),
	    CASE(refused_keys),
	    CASE(fresh_keys_are_tried),
	    CASE(a_call_in_a_hurry),
	    CASE(sessions),
	    CASE(endpoint_replies),
	};

	return cmocka_run_group_tests_name("aws_credentials", tests, set_up, tear_down);
}
