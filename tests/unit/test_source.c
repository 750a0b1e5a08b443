/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/source.h"

static void
numeric_addresses_have_a_network(void **state)
{
	static const struct {
		const char *rhost;
		const char *network;
	} rows[] = {
	    {"192.0.2.7", "192.0.2.7"},
	    {"0.0.0.0", "0.0.0.0"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"::ffff:192.0.2.7", "192.0.2.7"},
	    {"::FFFF:c000:207", "192.0.2.7"},
	    {"0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7"},
	    {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
	    {"2001:DB8:1:2::", "2001:db8:1:2::/64"},
	    {"2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
	    {"2001:db8:1:3::6", "2001:db8:1:3::/64"},
	    {"2001:db8::1", "2001:db8::/64"},
	    {"fe80::1", "fe80::/64"},
	    {"::1", "::/64"},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::/64"},
	};
	char out[SOURCE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(source_network(rows[i].rhost, out));
		assert_string_equal(out, rows[i].network);
	}
}

static void
everything_else_has_none(void **state)
{
	static const char *const rows[] = {NULL, "", "client.example.org", "localhost", "192.0.2",
	    "192.0.2.7.", "192.0.2.256", "192.0.2.07", "192.0.2.7:22", "192.0.2.7 ", " 192.0.2.7",
	    "192.0.2.0/24", "0x7f000001", "3221225991", "[2001:db8::1]", "2001:db8::1%eth0",
	    "fe80::1%1", "2001:db8::/64", "2001:db8::1::2", "2001:db8:1:2:3:4:5", "::ffff:192.0.2",
	    "tty1", "%n%s", "192.0.2.7\n", "\xff", "net#192.0.2.7"};
	char out[SOURCE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		strcpy(out, "x");
		if (source_network(rows[i], out))
			fail_msg("%s: %s", rows[i] == NULL ? "NULL" : rows[i], out);
		assert_string_equal(out, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numeric_addresses_have_a_network),
	    cmocka_unit_test(everything_else_has_none),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
