/* SPDX-License-Identifier: BSD-2-Clause */
/* Cookie headers: a value that is taken is in its alphabet, and goes back as one header line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *copy = malloc(size + 1);
	char line[COOKIE_LINE_SIZE];
	struct cookies cookies;

	require(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	cookie_read(copy, &cookies);
	for (enum cookie at = COOKIE_SESSION; at < COOKIE_COUNT; at++) {
		const char *value = cookies.value[at];

		require(strlen(value) < COOKIE_VALUE_SIZE);
		require(strspn(value, alphabet) == strlen(value));
		cookie_line(at, copy, true, line);
		require(strlen(line) < sizeof(line) && strpbrk(line, "\r\n") == NULL);
	}
	free(copy);
	return 0;
}
