/* SPDX-License-Identifier: BSD-2-Clause */
/* Encoded hashes as a stored record may hold them, under bounds so small that any of them is quick.
 * The input is the password, a zero byte, and the hash. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/password.h"
#include "core/secret.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!secret_init())
		abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct password_bound bound = {.memory_kib = 64, .passes = 2, .rounds = 1000};
	const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
	size_t len = end == NULL ? 0 : (size_t)(end - data);
	char *encoded = calloc(1, size + 1);

	if (encoded == NULL)
		return 0;
	if (end == NULL)
		memcpy(encoded, data, size);
	else
		memcpy(encoded, end + 1, size - len - 1);
	/* What verifies a password must not verify a longer one. */
	if (password_verify(encoded, &bound, (const char *)data, len) == PASSWORD_MATCH &&
	    password_verify(encoded, &bound, (const char *)data, len + 1) != PASSWORD_MISMATCH)
		abort();
	if (password_verify(encoded, &bound, (const char *)data, len) == PASSWORD_MATCH &&
	    password_needs_rehash(encoded, &(struct password_cost){8, 1}))
		abort();
	password_is_junk((const char *)data, size);
	free(encoded);
	return 0;
}
