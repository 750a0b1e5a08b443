/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "web/text.h"

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool
address_parse(const char *text, struct address *out)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, out->bytes) == 1) {
		out->family = AF_INET;
		return true;
	}
	if (inet_pton(AF_INET6, text, out->bytes) != 1)
		return false;
	out->family = AF_INET6;
	if (memcmp(out->bytes, mapped, sizeof(mapped)) == 0) {
		memmove(out->bytes, out->bytes + sizeof(mapped), 4);
		memset(out->bytes + 4, 0, 12);
		out->family = AF_INET;
	}
	return true;
}

bool
address_range_parse(const char *text, struct address_range *out)
{
	char base[WEB_NETWORK_SIZE];
	size_t len = strcspn(text, "/");
	uint64_t bits;

	if (len >= sizeof(base))
		return false;
	memcpy(base, text, len);
	base[len] = '\0';
	if (!address_parse(base, &out->base))
		return false;
	bits = out->base.family == AF_INET ? 32 : 128;
	if (text[len] == '/' && !text_number(text + len + 1, bits, &bits))
		return false;
	out->bits = (unsigned)bits;
	return true;
}

static bool
in_range(const struct address *address, const struct address_range *range)
{
	unsigned whole = range->bits / 8;
	unsigned rest = range->bits % 8;

	if (address->family != range->base.family ||
	    memcmp(address->bytes, range->base.bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    (address->bytes[whole] >> (8 - rest)) == (range->base.bytes[whole] >> (8 - rest));
}

bool
address_in(const struct address *address, const struct address_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (in_range(address, &ranges[i]))
			return true;
	}
	return false;
}

void
address_text(const struct address *address, char out[WEB_NETWORK_SIZE])
{
	if (inet_ntop(address->family, address->bytes, out, WEB_NETWORK_SIZE) == NULL)
		out[0] = '\0';
}

struct address
address_client(const struct address *peer, const char *forwarded,
    const struct address_range *trusted, size_t trusted_count)
{
	struct address client = *peer;
	size_t end = forwarded == NULL ? 0 : strlen(forwarded);

	while (end > 0 && address_in(&client, trusted, trusted_count)) {
		char hop[WEB_NETWORK_SIZE];
		struct address next;
		size_t start = end;
		size_t len;

		while (start > 0 && forwarded[start - 1] != ',')
			start--;
		len = end - start;
		if (len >= sizeof(hop))
			break;
		memcpy(hop, forwarded + start, len);
		hop[len] = '\0';
		text_trim(hop);
		if (!address_parse(hop, &next))
			break;
		client = next;
		end = start > 0 ? start - 1 : 0;
	}
	return client;
}
