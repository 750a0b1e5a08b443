/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#define PREFIX_BYTES 8 /* of an IPv6 network, 64 bits */

static bool
write_v4(const void *address, char out[SOURCE_SIZE])
{
	return inet_ntop(AF_INET, address, out, SOURCE_SIZE) != NULL;
}

static bool
write_v6(struct in6_addr *address, char out[SOURCE_SIZE])
{
	static const char suffix[] = "/64";
	size_t len;

	memset(address->s6_addr + PREFIX_BYTES, 0, sizeof(address->s6_addr) - PREFIX_BYTES);
	if (inet_ntop(AF_INET6, address, out, SOURCE_SIZE - sizeof(suffix)) == NULL)
		return false;
	len = strlen(out);
	memcpy(out + len, suffix, sizeof(suffix));
	return true;
}

bool
source_network(const char *rhost, char out[SOURCE_SIZE])
{
	struct in_addr v4;
	struct in6_addr v6;

	out[0] = '\0';
	if (rhost == NULL)
		return false;
	if (inet_pton(AF_INET, rhost, &v4) == 1)
		return write_v4(&v4, out);
	if (inet_pton(AF_INET6, rhost, &v6) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&v6))
		return write_v4(v6.s6_addr + 12, out);
	return write_v6(&v6, out);
}
