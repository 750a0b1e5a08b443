/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/aws_endpoint.h"

/* As botocore's endpoint rules resolve them. */
static const struct {
	const char *region;
	bool fips;
	bool dual;
	const char *url; /* NULL: there is none */
} known[] = {
    {"us-east-1", false, false, "https://dynamodb.us-east-1.amazonaws.com/"},
    {"us-east-1", false, true, "https://dynamodb.us-east-1.api.aws/"},
    {"us-east-1", true, false, "https://dynamodb-fips.us-east-1.amazonaws.com/"},
    {"us-east-1", true, true, "https://dynamodb-fips.us-east-1.api.aws/"},
    {"ap-southeast-5", false, false, "https://dynamodb.ap-southeast-5.amazonaws.com/"},
    {"cn-north-1", false, false, "https://dynamodb.cn-north-1.amazonaws.com.cn/"},
    {"cn-north-1", false, true, "https://dynamodb.cn-north-1.api.amazonwebservices.com.cn/"},
    {"cn-north-1", true, false, "https://dynamodb-fips.cn-north-1.amazonaws.com.cn/"},
    {"us-gov-west-1", false, false, "https://dynamodb.us-gov-west-1.amazonaws.com/"},
    {"us-gov-west-1", true, false, "https://dynamodb.us-gov-west-1.amazonaws.com/"},
    {"us-gov-west-1", true, true, "https://dynamodb-fips.us-gov-west-1.api.aws/"},
    {"us-iso-east-1", false, false, "https://dynamodb.us-iso-east-1.c2s.ic.gov/"},
    {"us-iso-east-1", true, false, "https://dynamodb-fips.us-iso-east-1.c2s.ic.gov/"},
    {"us-iso-east-1", false, true, NULL},
    {"us-isob-east-1", false, false, "https://dynamodb.us-isob-east-1.sc2s.sgov.gov/"},
    {"us-isob-east-1", false, true, NULL},
    {"", false, false, NULL},
    {"US-EAST-1", false, false, NULL},
    {"us-east-1.evil.example", false, false, NULL},
    {"-us", false, false, NULL},
    {"a/b", false, false, NULL},
};

static void
partitions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		struct aws_endpoint_options options = {.service = "dynamodb",
		    .region = known[i].region,
		    .fips = known[i].fips,
		    .dual_stack = known[i].dual};
		struct aws_endpoint endpoint;
		const char *why = NULL;
		enum pd_error error = aws_endpoint_make(&options, &endpoint, &why);

		assert_int_equal(error, known[i].url == NULL ? PD_CONFIG : PD_OK);
		assert_non_null(why);
		if (error != PD_OK)
			continue;
		assert_string_equal(endpoint.url, known[i].url);
		assert_true(endpoint.tls);
		assert_int_equal(endpoint.port, 443);
		assert_string_equal(endpoint.host, endpoint.host_header);
		assert_null(strchr(endpoint.host, '/'));
	}
}

static const struct {
	const char *text;
	const char *host; /* NULL: refused */
	const char *header;
	unsigned port;
} configured[] = {
    {"http://127.0.0.1:8000", "127.0.0.1", "127.0.0.1:8000", 8000},
    {"http://127.0.0.1:8000/", "127.0.0.1", "127.0.0.1:8000", 8000},
    {"http://localhost", "localhost", "localhost", 80},
    {"https://db.example.org", "db.example.org", "db.example.org", 443},
    {"https://db.example.org:443", "db.example.org", "db.example.org", 443},
    {"HTTPS://db.example.org:8443", "db.example.org", "db.example.org:8443", 8443},
    {"http://[::1]:8000", "::1", "[::1]:8000", 8000},
    {"https://[fd00::1]", "fd00::1", "[fd00::1]", 443},
    {"https://user@db.example.org", NULL, NULL, 0},
    {"https://user:pw@db.example.org", NULL, NULL, 0},
    {"https://db.example.org/path", NULL, NULL, 0},
    {"https://db.example.org?x=1", NULL, NULL, 0},
    {"https://db.example.org#x", NULL, NULL, 0},
    {"ftp://db.example.org", NULL, NULL, 0},
    {"db.example.org", NULL, NULL, 0},
    {"https://", NULL, NULL, 0},
    {"https://:80", NULL, NULL, 0},
    {"https://a:0", NULL, NULL, 0},
    {"https://a:65536", NULL, NULL, 0},
    {"https://a:8x", NULL, NULL, 0},
    {"https://a b", NULL, NULL, 0},
    {"https://[::1", NULL, NULL, 0},
    {"https://[::1]x", NULL, NULL, 0},
    {"https://[name]", NULL, NULL, 0},
};

static void
configured_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(configured); i++) {
		struct aws_endpoint_options options = {.service = "dynamodb",
		    .region = "us-east-1",
		    .configured = configured[i].text,
		    .fips = true};
		struct aws_endpoint endpoint;
		const char *why;
		enum pd_error error = aws_endpoint_make(&options, &endpoint, &why);

		if ((error == PD_OK) != (configured[i].host != NULL))
			fail_msg("%s: %d", configured[i].text, error);
		if (error != PD_OK)
			continue;
		assert_string_equal(endpoint.host, configured[i].host);
		assert_string_equal(endpoint.host_header, configured[i].header);
		assert_int_equal(endpoint.port, configured[i].port);
	}
}

static void
paths(void **state)
{
	struct aws_endpoint endpoint;
	const char *path;

	(void)state;
	assert_true(
	    aws_endpoint_parse("http://169.254.170.2/v2/credentials/x?a=b", &endpoint, &path));
	assert_string_equal(path, "/v2/credentials/x?a=b");
	assert_string_equal(endpoint.url, "http://169.254.170.2/");
	assert_false(aws_endpoint_parse("http://169.254.170.2/v2", &endpoint, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(partitions),
	    cmocka_unit_test(configured_addresses),
	    cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests_name("aws_endpoint", tests, NULL, NULL);
}
