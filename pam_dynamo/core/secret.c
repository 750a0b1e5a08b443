/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool
secret_init(void)
{
	return sodium_init() >= 0;
}

void
secret_wipe(void *data, size_t len)
{
	if (data != NULL && len > 0)
		sodium_memzero(data, len);
}

void
secret_free_string(char *text)
{
	if (text == NULL)
		return;
	secret_wipe(text, strlen(text));
	free(text);
}

bool
secret_equal(const void *a, const void *b, size_t len)
{
	return len == 0 || sodium_memcmp(a, b, len) == 0;
}

void
secret_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

uint32_t
secret_random_below(uint32_t bound)
{
	return randombytes_uniform(bound);
}

void
secret_random_id(char out[SECRET_ID_SIZE])
{
	unsigned char bytes[(SECRET_ID_SIZE - 1) / 2];

	secret_random(bytes, sizeof(bytes));
	sodium_bin2hex(out, SECRET_ID_SIZE, bytes, sizeof(bytes));
}
