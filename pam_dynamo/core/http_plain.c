/* SPDX-License-Identifier: BSD-2-Clause */
/* Which addresses may be spoken to without TLS. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/http.h"

static bool
plain_allowed_v4(enum http_plain plain, uint32_t address)
{
	if (address >> 24 == 127)
		return true;
	return plain == HTTP_PLAIN_METADATA &&
	    (address == 0xa9fea9feu || address == 0xa9feaa02u || address == 0xa9feaa17u);
}

static bool
plain_allowed_v6(enum http_plain plain, const struct in6_addr *address)
{
	static const struct in6_addr metadata[] = {
	    {.s6_addr = {0xfd, 0, 0x0e, 0xc2, [15] = 0x23}},
	    {.s6_addr = {0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54}},
	};

	if (IN6_IS_ADDR_LOOPBACK(address))
		return true;
	for (size_t i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++)
		if (plain == HTTP_PLAIN_METADATA && IN6_ARE_ADDR_EQUAL(address, &metadata[i]))
			return true;
	return false;
}

bool
http_plain_allowed(enum http_plain plain, const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (plain == HTTP_PLAIN_NEVER)
		return false;
	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return plain_allowed_v4(plain, ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		return plain_allowed_v6(plain, &v6.sin6_addr);
	}
	return false;
}
