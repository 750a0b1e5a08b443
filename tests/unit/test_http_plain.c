/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule on addresses; that the client asks it before it speaks is test_http.c's part. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/http.h"

static const struct {
	const char *address;
	enum http_plain least;
} addresses[] = {
    {"127.0.0.1", HTTP_PLAIN_LOOPBACK},
    {"127.255.255.254", HTTP_PLAIN_LOOPBACK},
    {"::1", HTTP_PLAIN_LOOPBACK},
    {"169.254.169.254", HTTP_PLAIN_METADATA},
    {"169.254.170.2", HTTP_PLAIN_METADATA},
    {"169.254.170.23", HTTP_PLAIN_METADATA},
    {"fd00:ec2::23", HTTP_PLAIN_METADATA},
    {"fd00:ec2::254", HTTP_PLAIN_METADATA},
    {"127.0.0.0", HTTP_PLAIN_LOOPBACK},
    {"126.255.255.255", HTTP_PLAIN_METADATA + 1},
    {"169.254.169.255", HTTP_PLAIN_METADATA + 1},
    {"169.254.170.1", HTTP_PLAIN_METADATA + 1},
    {"169.254.170.22", HTTP_PLAIN_METADATA + 1},
    {"169.254.170.24", HTTP_PLAIN_METADATA + 1},
    {"254.169.254.169", HTTP_PLAIN_METADATA + 1},
    {"192.168.0.1", HTTP_PLAIN_METADATA + 1},
    {"224.0.0.1", HTTP_PLAIN_METADATA + 1},
    {"255.255.255.255", HTTP_PLAIN_METADATA + 1},
    {"fd00:ec2::22", HTTP_PLAIN_METADATA + 1},
    {"fd00:ec2::255", HTTP_PLAIN_METADATA + 1},
    {"fd00:ec2:1::23", HTTP_PLAIN_METADATA + 1},
    {"fd01:ec2::254", HTTP_PLAIN_METADATA + 1},
    {"::2", HTTP_PLAIN_METADATA + 1},
    {"1::1", HTTP_PLAIN_METADATA + 1},
    {"fe80::1", HTTP_PLAIN_METADATA + 1},
    {"::ffff:127.0.0.1", HTTP_PLAIN_METADATA + 1},
    {"::ffff:169.254.169.254", HTTP_PLAIN_METADATA + 1},
    {"169.254.170.3", HTTP_PLAIN_METADATA + 1},
    {"169.254.169.253", HTTP_PLAIN_METADATA + 1},
    {"fd00:ec2::24", HTTP_PLAIN_METADATA + 1},
    {"10.0.0.1", HTTP_PLAIN_METADATA + 1},
    {"128.0.0.1", HTTP_PLAIN_METADATA + 1},
    {"0.0.0.0", HTTP_PLAIN_METADATA + 1},
    {"::", HTTP_PLAIN_METADATA + 1},
    {"::ffff:10.0.0.1", HTTP_PLAIN_METADATA + 1},
};

static void
addresses_for_plain_http(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(addresses); i++)
		for (int plain = HTTP_PLAIN_NEVER; plain <= HTTP_PLAIN_METADATA; plain++) {
			struct sockaddr_in v4 = {.sin_family = AF_INET};
			struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
			bool is_v4 = inet_pton(AF_INET, addresses[i].address, &v4.sin_addr) == 1;
			const struct sockaddr *address = is_v4 ? (struct sockaddr *)&v4
							       : (struct sockaddr *)&v6;

			if (!is_v4)
				assert_int_equal(
				    inet_pton(AF_INET6, addresses[i].address, &v6.sin6_addr), 1);
			if (http_plain_allowed((enum http_plain)plain, address) !=
			    (plain >= (int)addresses[i].least))
				fail_msg("%s %d", addresses[i].address, plain);
		}
}

/* What is neither IPv4 nor IPv6 is spoken to with TLS alone, were its bytes those of loopback. */
static void
other_families_never(void **state)
{
	static const sa_family_t families[] = {AF_UNSPEC, AF_UNIX, AF_NETLINK, AF_PACKET};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(families); i++)
		for (int plain = HTTP_PLAIN_NEVER; plain <= HTTP_PLAIN_METADATA; plain++) {
			struct sockaddr_in v4 = {.sin_family = families[i]};

			v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
			assert_false(http_plain_allowed(
			    (enum http_plain)plain, (const struct sockaddr *)&v4));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_for_plain_http),
	    cmocka_unit_test(other_families_never),
	};

	return cmocka_run_group_tests_name("http_plain", tests, NULL, NULL);
}
