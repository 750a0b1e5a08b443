/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/web/web_unit.h"

#include <unistd.h>

#include "web/language.h"
#include "web/request.h"
#include "web/secret.h"

#define TYPE "application/x-www-form-urlencoded"

struct variables {
	const char *method;
	const char *type;
	const char *length;
	const char *path;
	const char *query;
	const char *https;
	const char *body;
	int status;
};

static const struct variables standard = {"POST", TYPE, "5", "/signin", "", "on", "a=b&c", 0};

static const char *
variable(void *context, const char *name)
{
	const struct variables *from = context;
	const struct {
		const char *name;
		const char *value;
	} table[] = {
	    {"REQUEST_METHOD", from->method},
	    {"CONTENT_TYPE", from->type},
	    {"CONTENT_LENGTH", from->length},
	    {"PATH_INFO", from->path},
	    {"QUERY_STRING", from->query},
	    {"HTTPS", from->https},
	    {"REMOTE_ADDR", "192.0.2.1"},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		if (strcmp(table[i].name, name) == 0)
			return table[i].value;
	}
	return NULL;
}

static int
read_request(const struct variables *variables, struct request *out)
{
	static const struct web_conf conf;
	struct variables copy = *variables;
	int fds[2];
	int status;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], copy.body, strlen(copy.body)), (ssize_t)strlen(copy.body));
	close(fds[1]);
	status = request_read(&conf, variable, &copy, fds[0], out);
	close(fds[0]);
	return status;
}

static void
reads_a_good_one(void **state)
{
	struct request request;

	(void)state;
	assert_int_equal(read_request(&standard, &request), 0);
	assert_int_equal(request.method, REQUEST_POST);
	assert_string_equal(request.path, "/signin");
	assert_string_equal(request.body, "a=b&c");
	assert_int_equal(request.body_len, 5);
	assert_string_equal(request.network, "192.0.2.1");
	assert_int_equal(strlen(request.id), WEB_REQUEST_ID_SIZE - 1);
	request_free(&request);
	for (size_t i = 0; i < sizeof(request.body); i++)
		assert_int_equal(request.body[i], 0);
}

/* Each row breaks one thing and all that is judged after it. */
static void
refuses_in_order(void **state)
{
	static const struct variables cases[] = {
	    {"PUT", "x", "x", "\1", "", "off", "", 403},
	    {"PUT", "x", "x", "\1", "", NULL, "", 403},
	    {"PUT", "x", "x", "\1", "", "on", "", 405},
	    {"POST", "x", "x", "\1", "", "on", "", 415},
	    {"POST", TYPE, NULL, "\1", "", "on", "", 411},
	    {"POST", TYPE, "16385", "\1", "", "on", "", 413},
	    {"POST", TYPE, "-1", "\1", "", "on", "", 413},
	    {"POST", TYPE, "5", "\1", "", "on", "abcd", 400},
	    {"POST", TYPE, "5", "\1", "", "on", "abcde", 400},
	    {"GET", "x", "x", "/", "", "on", "", 0},
	    {"HEAD", NULL, NULL, NULL, NULL, "on", "", 0},
	    {"POST", TYPE, "0", "", "", "on", "", 0},
	};
	struct request request;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(read_request(&cases[i], &request), cases[i].status);
	assert_string_equal(request.path, "/");
}

static void
bounds_path_and_query(void **state)
{
	char path[REQUEST_PATH_SIZE + 1];
	char query[REQUEST_QUERY_MAX + 2];
	struct variables variables = standard;
	struct request request;

	(void)state;
	memset(path, '/', sizeof(path));
	memset(query, 'a', sizeof(query));
	path[REQUEST_PATH_SIZE - 1] = '\0';
	query[REQUEST_QUERY_MAX] = '\0';
	variables.path = path;
	variables.query = query;
	assert_int_equal(read_request(&variables, &request), 0);
	assert_int_equal(request.query_len, REQUEST_QUERY_MAX);
	query[REQUEST_QUERY_MAX] = 'a';
	query[REQUEST_QUERY_MAX + 1] = '\0';
	assert_int_equal(read_request(&variables, &request), 400);
	path[REQUEST_PATH_SIZE - 1] = '/';
	path[REQUEST_PATH_SIZE] = '\0';
	assert_int_equal(read_request(&variables, &request), 404);
}

static void
finds_the_client(void **state)
{
	static const struct {
		const char *peer;
		const char *forwarded;
		const char *client;
	} cases[] = {
	    {"10.0.0.1", NULL, "10.0.0.1"},
	    {"10.0.0.1", "", "10.0.0.1"},
	    {"10.0.0.1", "192.0.2.1", "192.0.2.1"},
	    {"10.0.0.1", "192.0.2.9,192.0.2.1", "192.0.2.1"},
	    {"10.0.0.1", "192.0.2.1, 10.1.2.3 , 10.0.0.2", "192.0.2.1"},
	    {"10.0.0.1", "10.1.2.3", "10.1.2.3"},
	    {"10.0.0.1", "192.0.2.1, x", "10.0.0.1"},
	    {"10.0.0.1", "192.0.2.1,", "10.0.0.1"},
	    {"10.0.0.1", "2001:db8::1", "2001:db8::1"},
	    {"::1", "192.0.2.1", "192.0.2.1"},
	    {"192.0.2.7", "192.0.2.1", "192.0.2.7"},
	    {"::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"},
	};
	struct address_range trusted[2];

	(void)state;
	assert_true(address_range_parse("10.0.0.0/8", &trusted[0]));
	assert_true(address_range_parse("::1", &trusted[1]));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address peer;
		struct address client;
		char text[WEB_NETWORK_SIZE];

		assert_true(address_parse(cases[i].peer, &peer));
		client = address_client(&peer, cases[i].forwarded, trusted, 2);
		address_text(&client, text);
		assert_string_equal(text, cases[i].client);
	}
}

static void
reads_ranges(void **state)
{
	static const struct {
		const char *range;
		const char *address;
		bool inside;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"0.0.0.0/0", "192.0.2.1", true},
	    {"::/0", "192.0.2.1", false},
	    {"2001:db8::/33", "2001:db8:7fff::1", true},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	};
	static const char *const bad[] = {
	    "", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "host"};
	struct address_range range;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address address;

		assert_true(address_range_parse(cases[i].range, &range));
		assert_true(address_parse(cases[i].address, &address));
		assert_int_equal(address_in(&address, &range, 1), cases[i].inside);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(address_range_parse(bad[i], &range));
}

static void
chooses_a_language(void **state)
{
	static const struct {
		const char *header;
		const char *code;
	} cases[] = {
	    {NULL, "en"},
	    {"", "en"},
	    {"de", "de"},
	    {"DE-at", "de"},
	    {"fr, de;q=0.5, en;q=0.4", "de"},
	    {"de;q=0.3, en;q=0.4", "en"},
	    {"de;q=0, fr", "en"},
	    {" de ; q=0.9 , en;q=0.8", "de"},
	    {"den", "en"},
	    {",,;q=,de;q", "de"},
	    {"*", "en"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(language_negotiate(cases[i].header)->code, cases[i].code);
	assert_null(language_find("xx"));
}

int
main(void)
{
	const struct CMUnitTest web_request[] = {
	    cmocka_unit_test(reads_a_good_one),
	    cmocka_unit_test(refuses_in_order),
	    cmocka_unit_test(bounds_path_and_query),
	    cmocka_unit_test(finds_the_client),
	    cmocka_unit_test(reads_ranges),
	    cmocka_unit_test(chooses_a_language),
	};

	return secret_init() ? cmocka_run_group_tests(web_request, NULL, NULL) : 1;
}
