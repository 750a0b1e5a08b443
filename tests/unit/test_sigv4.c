/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three stages on cases whose values another signer (botocore) made. With arguments it is a
 * tool: `test_sigv4 sign` reads requests as lines of tab-separated fields from standard input -
 * date in Unix seconds, key id, secret key, region, service, method, path, query, body as hex,
 * keep_path 0 or 1, then name and value of each header - and writes one Authorization value a line;
 * `test_sigv4 canonical` writes the canonical request of each as hex.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sigv4.h"

#define FIELDS_MAX 64
#define FIELDS_FIXED 10

/* Made by botocore 1.29.27. */
#define BODY_HASH "f28af92fc15f446717e10364e12f5128ef4611dfaeb8469b0ca93776dd9d3f5a"
#define CANONICAL_HASH "a0b2770ba5d4c13c3f65efd4dfd413919346473201208e8ed05f4b48db52d17b"
#define SIGNATURE "34d57dc4956829afbbe79a32430533f92e4715b170215ba27e65cf82c45a10f9"

static const struct sigv4_scope example = {.access_key = "AKIDEXAMPLE",
    .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    .region = "us-east-1",
    .service = "dynamodb",
    .now = 1440938160};

static const struct sigv4_header headers[] = {
    {"X-Amz-Target", "DynamoDB_20120810.GetItem"},
    {"Host", "dynamodb.us-east-1.amazonaws.com"},
    {"X-Amz-Date", "20150830T123600Z"},
    {"Content-Type", "application/x-amz-json-1.0"},
};

static const struct sigv4_request request = {.method = "POST",
    .path = "/",
    .headers = headers,
    .header_count = COUNT_OF(headers),
    .body = "{\"TableName\":\"t\"}",
    .body_len = 17};

static void
dates(void **state)
{
	char date[SIGV4_DATE_SIZE];

	(void)state;
	assert_true(sigv4_date(1440938160, date));
	assert_string_equal(date, "20150830T123600Z");
	assert_true(sigv4_date(0, date));
	assert_string_equal(date, "19700101T000000Z");
	assert_false(sigv4_date(INT64_C(400000000000), date));
	assert_false(sigv4_date(INT64_MAX, date));
}

static void
stages(void **state)
{
	struct buf canonical, names, text, authorization;
	char signature[SIGV4_SIGNATURE_SIZE];

	(void)state;
	buf_init(&canonical, 0);
	buf_init(&names, 0);
	buf_init(&text, 0);
	buf_init(&authorization, 0);
	assert_true(sigv4_canonical(&request, &canonical, &names));
	assert_string_equal(buf_string(&canonical),
	    "POST\n/\n\ncontent-type:application/x-amz-json-1.0\n"
	    "host:dynamodb.us-east-1.amazonaws.com\nx-amz-date:20150830T123600Z\n"
	    "x-amz-target:DynamoDB_20120810.GetItem\n\n"
	    "content-type;host;x-amz-date;x-amz-target\n" BODY_HASH);
	assert_string_equal(buf_string(&names), "content-type;host;x-amz-date;x-amz-target");
	assert_true(sigv4_string_to_sign(&example, &canonical, &text));
	assert_string_equal(buf_string(&text),
	    "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/dynamodb/"
	    "aws4_request\n" CANONICAL_HASH);
	assert_true(sigv4_signature(&example, &text, signature));
	assert_string_equal(signature, SIGNATURE);
	assert_true(sigv4_sign(&request, &example, &authorization));
	assert_string_equal(buf_string(&authorization),
	    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/dynamodb/aws4_request, "
	    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" SIGNATURE);
	buf_free(&canonical);
	buf_free(&names);
	buf_free(&text);
	buf_free(&authorization);
}

/* Paths and queries as the official suite spells them. */
static const struct {
	const char *path;
	const char *query;
	const char *canonical; /* path and query lines */
	bool keep;
} spellings[] = {
    {"", NULL, "/\n", false},
    {"/", "", "/\n", false},
    {"/..", NULL, "/\n", false},
    {"/a/..", NULL, "/\n", false},
    {"/a/../..", NULL, "/\n", false},
    {"//", NULL, "/\n", false},
    {"//a//", NULL, "/a/\n", false},
    {"//a//", NULL, "//a//\n", true},
    {"/./a", NULL, "/a\n", false},
    {"/a/.", NULL, "/a\n", false},
    {"/a/./b/../c", NULL, "/a/c\n", false},
    {"/a b", NULL, "/a%20b\n", false},
    {"/a%20b", NULL, "/a%2520b\n", false},
    {"/\xe1\x88\xb4", NULL, "/%E1%88%B4\n", false},
    {"/-._~09AZaz", NULL, "/-._~09AZaz\n", false},
    {"/", "b=1&a=2", "/\na=2&b=1", false},
    {"/", "a=2&a=1", "/\na=1&a=2", false},
    {"/", "a", "/\na=", false},
    {"/", "a-b=1&a=2", "/\na=2&a-b=1", false},
    {"/", "a=%7e%2F%zz", "/\na=~%2F%25zz", false},
    {"/", "&&a=1&", "/\na=1", false},
};

static void
paths_and_queries(void **state)
{
	struct sigv4_request one = request;
	struct buf canonical, names;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(spellings); i++) {
		char wanted[128];

		one.path = spellings[i].path;
		one.query = spellings[i].query;
		one.keep_path = spellings[i].keep;
		snprintf(wanted, sizeof(wanted), "POST\n%s\ncontent-type:", spellings[i].canonical);
		buf_init(&canonical, 0);
		buf_init(&names, 0);
		assert_true(sigv4_canonical(&one, &canonical, &names));
		if (strncmp(buf_string(&canonical), wanted, strlen(wanted)) != 0)
			fail_msg("%s ? %s: %s", one.path, one.query, buf_string(&canonical));
		buf_free(&canonical);
		buf_free(&names);
	}
}

static void
header_values(void **state)
{
	static const struct sigv4_header odd[] = {
	    {"My-Header", "  a   b\tc  "}, {"Host", "h"}, {"my-header", "d"}, {"A", ""}};
	struct sigv4_request one = {
	    .method = "GET", .path = "/", .headers = odd, .header_count = COUNT_OF(odd)};
	struct buf canonical, names;

	(void)state;
	buf_init(&canonical, 0);
	buf_init(&names, 0);
	assert_true(sigv4_canonical(&one, &canonical, &names));
	assert_non_null(strstr(
	    buf_string(&canonical), "\na:\nhost:h\nmy-header:a b c,d\n\na;host;my-header\n"));
	buf_free(&canonical);
	buf_free(&names);
}

static void
limits(void **state)
{
	static struct sigv4_header many[SIGV4_HEADERS_MAX + 1];
	struct sigv4_request one = request;
	char query[SIGV4_QUERY_MAX * 2 + 8] = "", key[300];
	struct sigv4_scope scope = example;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = (struct sigv4_header){"a", "b"};
	buf_init(&out, 0);
	one.headers = many;
	one.header_count = COUNT_OF(many);
	assert_false(sigv4_sign(&one, &scope, &out));
	one.header_count--;
	assert_true(sigv4_sign(&one, &scope, &out));
	for (size_t i = 0; i < SIGV4_QUERY_MAX; i++)
		strcat(query, "a&");
	one.query = query;
	assert_true(sigv4_sign(&one, &scope, &out));
	strcat(query, "a");
	assert_false(sigv4_sign(&one, &scope, &out));
	one.query = NULL;
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	scope.secret_key = key;
	assert_false(sigv4_sign(&one, &scope, &out));
	buf_free(&out);
}

static size_t
unhex(char *text)
{
	size_t len = strlen(text) / 2;

	for (size_t i = 0; i < len; i++) {
		char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};

		text[i] = (char)strtoul(pair, NULL, 16);
	}
	return len;
}

static int
tool_line(char *line, bool canonical)
{
	struct sigv4_header list[FIELDS_MAX / 2];
	char *fields[FIELDS_MAX];
	struct buf out, names;
	size_t count = 0;
	bool ok;

	for (char *p = line; p != NULL && count < FIELDS_MAX; count++)
		fields[count] = strsep(&p, "\t");
	if (count < FIELDS_FIXED)
		return 1;
	struct sigv4_scope scope = {
	    fields[1], fields[2], fields[3], fields[4], strtoll(fields[0], NULL, 10)};
	struct sigv4_request one = {.method = fields[5],
	    .path = fields[6],
	    .query = fields[7],
	    .headers = list,
	    .body = fields[8],
	    .body_len = unhex(fields[8]),
	    .keep_path = fields[9][0] == '1'};
	for (size_t i = FIELDS_FIXED; i + 1 < count; i += 2)
		list[one.header_count++] = (struct sigv4_header){fields[i], fields[i + 1]};
	buf_init(&out, 0);
	buf_init(&names, 0);
	ok = canonical ? sigv4_canonical(&one, &out, &names) : sigv4_sign(&one, &scope, &out);
	if (!canonical)
		puts(buf_string(&out));
	for (size_t i = 0; canonical && i < out.len; i++)
		printf("%02x%s", (unsigned char)out.data[i], i + 1 == out.len ? "\n" : "");
	buf_free(&out);
	buf_free(&names);
	return ok ? 0 : 1;
}

static int
tool(bool canonical)
{
	char *line = NULL;
	size_t size = 0;
	int bad = 0;

	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		bad |= tool_line(line, canonical);
	}
	free(line);
	return bad;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dates),
	    cmocka_unit_test(stages),
	    cmocka_unit_test(paths_and_queries),
	    cmocka_unit_test(header_values),
	    cmocka_unit_test(limits),
	};

	if (argc > 1)
		return tool(strcmp(argv[1], "canonical") == 0);
	return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
