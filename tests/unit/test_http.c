/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/http.h"
#include "http_double.h"

static struct http_double *server;
static char url[64];

static const struct sigv4_header headers[] = {
    {"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}};

static struct http_request
post(const char *body)
{
	return (struct http_request){.method = "POST",
	    .url = url,
	    .host = "127.0.0.1",
	    .port = server->port,
	    .headers = headers,
	    .header_count = COUNT_OF(headers),
	    .body = body,
	    .body_len = strlen(body),
	    .connect_timeout_ms = 1000,
	    .timeout_ms = 2000,
	    .reply_max = 1000};
}

static struct http *
opened(enum http_plain plain)
{
	struct http_options options = {.ca_path = "/etc/ssl/certs", .plain = plain};
	struct http *http = NULL;

	assert_int_equal(http_open(&options, &http), PD_OK);
	return http;
}

static int
set_up(void **state)
{
	(void)state;
	/* What must not count. */
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	server = http_double_start();
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", server->port);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	http_double_stop(server);
	return 0;
}

static void
one_kept_connection(void **state)
{
	struct http *http = opened(HTTP_PLAIN_LOOPBACK);
	struct http_request request = post("{\"a\":1}");
	struct http_reply reply;

	(void)state;
	HTTP_DOUBLE_SCRIPT(server,
	    {.status = 200,
		.body = "{\"b\":2}",
		.headers = "Date: Sun, 22 Nov 2026 10:00:00 GMT\r\nx-amzn-RequestId: ID1\r\n"
			   "X-Amz-Crc32: 123\r\n"});
	for (int i = 0; i < 3; i++) {
		assert_int_equal(http_exchange(http, &request, &reply), PD_OK);
		assert_int_equal(reply.status, 200);
		assert_string_equal(buf_string(&reply.body), "{\"b\":2}");
		assert_string_equal(reply.request_id, "ID1");
		assert_string_equal(reply.crc32, "123");
		assert_string_equal(reply.date, "Sun, 22 Nov 2026 10:00:00 GMT");
		http_reply_free(&reply);
	}
	assert_int_equal(server->requests, 3);
	assert_int_equal(server->connections, 1);
	assert_true(http_double_was_asked(server, "POST / HTTP/1.1\r\n"));
	assert_true(http_double_was_asked(server, "\r\nHost: example.amazonaws.com\r\n"));
	assert_true(http_double_was_asked(server, "\r\nX-Amz-Date: 20150830T123600Z\r\n"));
	assert_true(http_double_was_asked(server, "\r\n\r\n{\"a\":1}"));
	assert_false(http_double_was_asked(server, "Expect:"));
	assert_false(http_double_was_asked(server, "Accept"));
	assert_false(http_double_was_asked(server, "Content-Type:"));
	http_close(http);
}

static void
any_status_is_a_reply(void **state)
{
	struct http *http = opened(HTTP_PLAIN_LOOPBACK);
	struct http_request request = post("");
	struct http_reply reply;

	(void)state;
	request.method = "PUT";
	HTTP_DOUBLE_SCRIPT(server, {.status = 500, .body = "oh"},
	    {.status = 302, .body = "", .headers = "Location: http://127.0.0.1:1/\r\n"});
	assert_int_equal(http_exchange(http, &request, &reply), PD_OK);
	assert_int_equal(reply.status, 500);
	http_reply_free(&reply);
	assert_true(http_double_was_asked(server, "PUT / HTTP/1.1\r\n"));
	request.method = "GET";
	assert_int_equal(http_exchange(http, &request, &reply), PD_OK);
	assert_int_equal(reply.status, 302);
	http_reply_free(&reply);
	assert_true(http_double_was_asked(server, "GET / HTTP/1.1\r\n"));
	http_close(http);
}

/* Sent and not answered is another thing than not sent. */
static void
fates(void **state)
{
	struct http *http = opened(HTTP_PLAIN_LOOPBACK);
	struct http_request request = post("x"), nowhere = post("x");
	struct http_reply reply;
	char closed[64];

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 0},
	    {.status = 200, .body = "ab", .promise = 5, .close = true},
	    {.status = 200, .body = "late", .delay_ms = 600});
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNCERTAIN);
	assert_string_not_equal(reply.error, "");
	assert_false(reply.answered || reply.timed_out || reply.stale);
	http_reply_free(&reply);
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNCERTAIN);
	assert_true(reply.answered);
	http_reply_free(&reply);
	request.timeout_ms = 200;
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNCERTAIN);
	assert_true(reply.timed_out && !reply.answered);
	http_reply_free(&reply);
	snprintf(closed, sizeof(closed), "http://127.0.0.1:1/");
	nowhere.url = closed;
	nowhere.port = 1;
	assert_int_equal(http_exchange(http, &nowhere, &reply), PD_UNAVAILABLE);
	assert_string_not_equal(reply.error, "");
	http_reply_free(&reply);
	http_close(http);
}

static void
replies_are_bounded(void **state)
{
	struct http *http = opened(HTTP_PLAIN_LOOPBACK);
	struct http_request request = post("x");
	struct http_reply reply;

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "0123456789"});
	request.reply_max = 9;
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNCERTAIN);
	assert_string_equal(reply.error, "the reply is larger than allowed");
	http_reply_free(&reply);
	request.reply_max = 100;
	assert_int_equal(http_exchange(http, &request, &reply), PD_OK);
	http_reply_free(&reply);
	http_close(http);
}

static void
plain_http_needs_leave(void **state)
{
	struct http *http = opened(HTTP_PLAIN_NEVER);
	struct http_request request = post("x");
	struct http_reply reply;

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNAVAILABLE);
	http_reply_free(&reply);
	http_close(http);
	/* By name as well: the address counts. 192.0.2.1 is nobody's (RFC 5737). */
	http = opened(HTTP_PLAIN_METADATA);
	request.url = "http://192.0.2.1/";
	request.host = "192.0.2.1";
	request.port = 80;
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNAVAILABLE);
	assert_non_null(strstr(reply.error, "plain http"));
	http_reply_free(&reply);
	http_close(http);
	assert_int_equal(server->requests, 0);
}

/* Without a resolver a name is never looked up. */
static void
names_need_a_resolver(void **state)
{
	struct http *http = opened(HTTP_PLAIN_LOOPBACK);
	struct http_request request = post("x");
	struct http_reply reply;

	(void)state;
	request.host = "localhost";
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNAVAILABLE);
	assert_string_equal(reply.error, "cannot resolve localhost");
	http_reply_free(&reply);
	http_close(http);
}

static void
names_go_through_the_resolver(void **state)
{
	struct http_options options = {.ca_path = "/etc/ssl/certs", .plain = HTTP_PLAIN_LOOPBACK};
	struct http_request request = post("x");
	struct http_reply reply;
	struct http *http;
	char named[64];

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(resolver_open(NULL, &options.resolver), PD_OK);
	assert_int_equal(http_open(&options, &http), PD_OK);
	snprintf(named, sizeof(named), "http://localhost:%u/", server->port);
	request.url = named;
	request.host = "localhost";
	assert_int_equal(http_exchange(http, &request, &reply), PD_OK);
	http_reply_free(&reply);
	http_close(http);
	resolver_close(options.resolver);
}

static const char *lives_at; /* where a name leads that moves */

static int
moving_get(
    const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	(void)host;
	return getaddrinfo(lives_at, service, hints, out);
}

/* An address at which nobody answers is not believed for a minute. */
static void
names_that_move(void **state)
{
	static const struct resolve_lookup lookup = {moving_get, freeaddrinfo, 0};
	struct http_options options = {.ca_path = "/etc/ssl/certs", .plain = HTTP_PLAIN_LOOPBACK};
	struct http_request request = post("x");
	struct http_reply reply;
	struct http *http;
	char named[64];

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = "{}"});
	assert_int_equal(resolver_open(&lookup, &options.resolver), PD_OK);
	assert_int_equal(http_open(&options, &http), PD_OK);
	snprintf(named, sizeof(named), "http://db.example:%u/", server->port);
	request.url = named;
	request.host = "db.example";
	lives_at = "127.0.0.9";
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNAVAILABLE);
	http_reply_free(&reply);
	lives_at = "127.0.0.1";
	poll(NULL, 0, RESOLVE_DOUBT_MS + 20);
	assert_int_equal(http_exchange(http, &request, &reply), PD_OK);
	http_reply_free(&reply);
	http_close(http);
	resolver_close(options.resolver);
}

static void
dates(void **state)
{
	int64_t t = 5;

	(void)state;
	assert_true(http_date_parse("Sun, 22 Nov 2026 10:00:00 GMT", &t));
	assert_int_equal(t, 1795341600);
	assert_false(http_date_parse("", &t));
	assert_false(http_date_parse("yesterday's", &t));
	assert_int_equal(t, 1795341600);
}

/* No proxy, no certificate of ours: the handshake must fail, not fall back. */
static void
tls_is_verified(void **state)
{
	struct http *http = opened(HTTP_PLAIN_LOOPBACK);
	struct http_request request = post("x");
	struct http_reply reply;
	char secure[64];

	(void)state;
	HTTP_DOUBLE_SCRIPT(server, {.status = 0});
	snprintf(secure, sizeof(secure), "https://127.0.0.1:%u/", server->port);
	request.url = secure;
	request.timeout_ms = 300;
	assert_int_equal(http_exchange(http, &request, &reply), PD_UNAVAILABLE);
	http_reply_free(&reply);
	http_close(http);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_kept_connection),
	    cmocka_unit_test(any_status_is_a_reply),
	    cmocka_unit_test(fates),
	    cmocka_unit_test(replies_are_bounded),
	    cmocka_unit_test(plain_http_needs_leave),
	    cmocka_unit_test(names_need_a_resolver),
	    cmocka_unit_test(names_go_through_the_resolver),
	    cmocka_unit_test(names_that_move),
	    cmocka_unit_test(dates),
	    cmocka_unit_test(tls_is_verified),
	};

	return cmocka_run_group_tests_name("http", tests, set_up, tear_down);
}
