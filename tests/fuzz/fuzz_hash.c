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

static const struct password_bound bound = {.memory_kib = 64, .passes = 2, .rounds = 2048};

static void
judge(const char *encoded, const char *password, size_t len)
{
	enum password_match judged = password_check(encoded, &bound);
	enum password_match match = password_verify(encoded, &bound, password, len);

	/* What a check lets pass, the libraries compute; under such bounds memory is never short.
	 */
	if (judged == PASSWORD_MATCH ? match != PASSWORD_MATCH && match != PASSWORD_MISMATCH
				     : match != judged)
		abort();
	if ((password_format_name(encoded) == NULL) != (judged == PASSWORD_MALFORMED))
		abort();
	/* What verifies a password must not verify a longer one. */
	if (match == PASSWORD_MATCH &&
	    password_verify(encoded, &bound, password, len + 1) != PASSWORD_MISMATCH)
		abort();
	if (match == PASSWORD_MATCH && strncmp(encoded, "$argon2id$v=19$", 15) == 0 &&
	    password_needs_rehash(encoded, &(struct password_cost){8, 1}))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
	size_t len = end == NULL ? 0 : (size_t)(end - data);
	char *encoded = calloc(1, size + 1);

	if (encoded == NULL)
		return 0;
	if (end == NULL)
		memcpy(encoded, data, size);
	else
		memcpy(encoded, end + 1, size - len - 1);
	judge(encoded, (const char *)data, len);
	password_is_junk((const char *)data, size);
	free(encoded);
	return 0;
}
