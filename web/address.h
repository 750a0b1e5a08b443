/* SPDX-License-Identifier: BSD-2-Clause */
/* Internet addresses as text, and whose they are. */
#ifndef WEB_ADDRESS_H
#define WEB_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/web.h"

struct address {
	int family; /* AF_INET, AF_INET6 */
	unsigned char bytes[16];
};

struct address_range {
	struct address base;
	unsigned bits;
};

/* Numeric, without port or scope; ::ffff:192.0.2.1 is 192.0.2.1. */
bool address_parse(const char *text, struct address *out);
/* "192.0.2.0/24", or one address. */
bool address_range_parse(const char *text, struct address_range *out);
bool address_in(const struct address *address, const struct address_range *ranges, size_t count);
void address_text(const struct address *address, char out[WEB_NETWORK_SIZE]);

/* The client behind trusted proxies: of the hops in `forwarded` ("client, proxy"; NULL: none) the
 * last that is not trusted, read from the end, or the peer itself if it is not. A hop that is no
 * address ends the walk at the one before. */
struct address address_client(const struct address *peer, const char *forwarded,
    const struct address_range *trusted, size_t trusted_count);

#endif
