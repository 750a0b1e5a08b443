/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <time.h>

#include "aws_fixture.h"
#include "core/aws_metadata.h"

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
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Code\":\"Success\",\"Token\":\"t\"}",
	PD_OK},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Code\":1}", PD_CORRUPT},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Code\":null}", PD_OK},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Token\":null}", PD_OK},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}", PD_CORRUPT},
    {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\"} x", PD_CORRUPT},
    {"{\"AccessKeyId\":\"A\\u0000\",\"SecretAccessKey\":\"b\"}", PD_CORRUPT},
    {"[]", PD_CORRUPT},
    {"", PD_CORRUPT},
};

static void
endpoint_replies(void **state)
{
	static const struct aws_credentials none;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct aws_credentials keys;
		enum pd_error error = aws_metadata_parse(
		    replies[i].text, strlen(replies[i].text), &keys);

		if (error != replies[i].error)
			fail_msg("%s: %d", replies[i].text, error);
		if (error != PD_OK)
			assert_memory_equal(&keys, &none, sizeof(keys));
		aws_credentials_free(&keys);
	}
}

static const struct {
	const char *text;
	bool good;
	int64_t time;
} times[] = {
    {"2026-11-22T10:00:00Z", true, 1795341600},
    {"2026-11-22T10:00:00+00:00", true, 1795341600},
    {"2026-11-22T10:00:00.Z", true, 1795341600},
    {"2026-11-22T10:00:00.123456789Z", true, 1795341600},
    {"1970-01-01T00:00:01Z", true, 1},
    {"2028-02-29T00:00:00Z", true, 1835395200},
    {"1970-01-01T00:00:00Z", false, 0},
    {"1969-12-31T23:59:59Z", false, 0},
    {"2026-11-22T10:00:00", false, 0},
    {"2026-11-22T10:00:00+01:00", false, 0},
    {"2026-11-22T10:00:00-00:00", false, 0},
    {"2026-11-22T10:00:00Zx", false, 0},
    {"2026-11-22T10:00:00z", false, 0},
    {"2026-11-22 10:00:00Z", false, 0},
    {"2026-13-22T10:00:00Z", false, 0},
    {"2026-11-22T10:00Z", false, 0},
    {"1795341600", false, 0},
    {"", false, 0},
};

static void
times_of_expiry(void **state)
{
	(void)state;
	setenv("TZ", "America/New_York", 1); /* Z is not here */
	tzset();
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		int64_t time = 77;

		if (aws_metadata_time(times[i].text, &time) != times[i].good ||
		    time != (times[i].good ? times[i].time : 77))
			fail_msg("%s: %ld", times[i].text, (long)time);
	}
	unsetenv("TZ");
	tzset();
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

/* The one line of a token's file, at its bounds. */
static void
token_files(void **state)
{
	static char longest[AWS_METADATA_TOKEN_SIZE];
	const struct {
		const char *text;
		enum pd_error error;
	} rows[] = {
	    {"tok", PD_OK}, {"tok\r\nnext", PD_OK}, {"", PD_CONFIG}, {"\ntok\n", PD_CONFIG},
	    {longest, PD_OK}, {longest, PD_CONFIG}, /* one byte more */
	};

	(void)state;
	use_container();
	set(&conf.container_token_file, in_folder("token"));
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = reply_keys("ROLE", 3600)});
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct aws_source_context context = context_of(STORE_CALLER_SERVICE);
		struct aws_credentials keys;

		memset(longest, 'k', sizeof(longest));
		longest[AWS_METADATA_TOKEN_SIZE - (i == COUNT_OF(rows) - 1 ? 1 : 2)] = '\0';
		put_file("token", rows[i].text, 0600);
		assert_int_equal(
		    aws_metadata_fetch_container(&context, clock_monotonic_ms() + 3000, &keys),
		    rows[i].error);
		aws_credentials_free(&keys);
	}
	assert_non_null(strstr(told, "/token: no token in it"));
	assert_null(strstr(told, "kkk"));
	remove(in_folder("token"));
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
}

/* What ECS and EKS put into the environment is the command's; what is configured goes first. */
static void
containers_of_the_environment(void **state)
{
	char url[96];

	(void)state;
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_COMMAND, PD_CONFIG, "", NULL);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/env", server->port);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "env-token", 1);
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = reply_keys("ROLE", 3600)});
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_COMMAND, PD_OK, "ROLE", "container");
	assert_true(http_double_was_asked(server, "GET /env HTTP/1.1\r\n"));
	assert_true(http_double_was_asked(server, "\r\nAuthorization: env-token\r\n"));
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE, PD_CONFIG, "", NULL);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nX-Other: b", 1);
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_COMMAND, PD_CONFIG, "", NULL);
	put_file("token", "file-token", 0600);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", in_folder("token"), 1);
	use_container();
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_COMMAND, PD_OK, "ROLE", "container");
	assert_true(http_double_was_asked(server, "GET /v2/keys?x=1 HTTP/1.1\r\n"));
	assert_true(http_double_was_asked(server, "\r\nAuthorization: file-token\r\n"));
	set(&conf.container_endpoint, "ftp://127.0.0.1/");
	told[0] = '\0';
	expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_COMMAND, PD_CONFIG, "", NULL);
	assert_non_null(strstr(told, "container endpoint: not an address: ftp://127.0.0.1/"));
}

/* All requests of a fetch share one budget, however much time the call itself has. */
static void
the_budget_holds(void **state)
{
	struct aws_source_context context = context_of(STORE_CALLER_SERVICE);
	int64_t begun = clock_monotonic_ms();
	struct aws_credentials keys;

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "tok", .delay_ms = 700},
	    {.status = 200, .body = "role", .delay_ms = 700});
	assert_int_equal(aws_metadata_fetch_imds(&context, begun + 60000, &keys), PD_UNAVAILABLE);
	assert_in_range(clock_monotonic_ms() - begun, AWS_METADATA_BUDGET_MS - 100,
	    AWS_METADATA_BUDGET_MS + 800);
	assert_string_equal(context.session->token, "tok"); /* it came in time, and is kept */
	poll(NULL, 0, 400);                                 /* until the server has had both */
}

static void
replies_are_bounded(void **state)
{
	static const char keys[] = "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\"}";
	static char body[AWS_METADATA_REPLY_MAX + 2];

	(void)state;
	use_container();
	for (int more = 0; more < 2; more++) {
		memset(body, ' ', sizeof(body));
		memcpy(body, keys, strlen(keys));
		body[AWS_METADATA_REPLY_MAX + more] = '\0';
		HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = body});
		expect(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE,
		    more == 0 ? PD_OK : PD_UNAVAILABLE, more == 0 ? "A" : "", NULL);
	}
}

/* A token and a role stand in the next request, so that nothing but a word is taken. */
static void
lines_of_the_metadata_service(void **state)
{
	static const struct {
		const char *token, *role;
		enum pd_error error;
		unsigned requests;
	} rows[] = {
	    {"tok\nmore", "role\nmore", PD_OK, 3},
	    {"", "role", PD_UNAVAILABLE, 1},
	    {"a b", "role", PD_UNAVAILABLE, 1},
	    {"\x7f", "role", PD_UNAVAILABLE, 1},
	    {"tok", "", PD_CONFIG, 2},
	    {"tok", "a b", PD_CONFIG, 2},
	    {"tok", "r\xc3\xb6le", PD_CONFIG, 2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = rows[i].token},
		    {.status = 200, .body = rows[i].role},
		    {.status = 200, .body = reply_keys("IMDS", 3600)});
		expect(CONF_CREDENTIALS_IMDS, STORE_CALLER_SERVICE, rows[i].error,
		    rows[i].error == PD_OK ? "IMDS" : "", NULL);
		assert_int_equal(http_double_requests(server), rows[i].requests);
	}
}

/* The command can be told to leave the metadata service alone, the service by its file only. */
static void
the_metadata_service_turned_off(void **state)
{
	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "tok"}, {.status = 200, .body = "role"},
	    {.status = 200, .body = reply_keys("IMDS", 3600)});
	setenv("AWS_EC2_METADATA_DISABLED", "True", 1);
	expect(CONF_CREDENTIALS_IMDS, STORE_CALLER_COMMAND, PD_CONFIG, "", NULL);
	assert_int_equal(http_double_requests(server), 0);
	expect(CONF_CREDENTIALS_IMDS, STORE_CALLER_SERVICE, PD_OK, "IMDS", "imds");
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "tok"}, {.status = 200, .body = "role"},
	    {.status = 200, .body = reply_keys("IMDS", 3600)});
	setenv("AWS_EC2_METADATA_DISABLED", "false", 1);
	expect(CONF_CREDENTIALS_IMDS, STORE_CALLER_COMMAND, PD_OK, "IMDS", "imds");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(endpoint_replies),
	    CASE(times_of_expiry),
	    CASE(containers),
	    CASE(token_files),
	    CASE(containers_of_the_environment),
	    CASE(the_budget_holds),
	    CASE(replies_are_bounded),
	    CASE(lines_of_the_metadata_service),
	    CASE(the_metadata_service_turned_off),
	    CASE(instances),
	    CASE(sessions),
	};

	return cmocka_run_group_tests_name("aws_metadata", tests, set_up, tear_down);
}
