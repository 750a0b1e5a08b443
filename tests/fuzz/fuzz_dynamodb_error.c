/* SPDX-License-Identifier: BSD-2-Clause */
/* Error replies: whatever comes, name and message stay inside their bounds and without controls. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/dynamodb_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dynamodb_result result = {.status = 400};

	dynamodb_error_parse((const char *)data, size, &result);
	must(memchr(result.name, '\0', sizeof(result.name)) != NULL);
	must(memchr(result.message, '\0', sizeof(result.message)) != NULL);
	for (const char *p = result.name; *p != '\0'; p++)
		must(*p > ' ' && *p <= '~');
	for (const char *p = result.message; *p != '\0'; p++)
		must((unsigned char)*p >= ' ' && *p != 0x7f);
	must(dynamodb_error_find(result.name, result.status) != NULL);
	must(dynamodb_error_find(result.name, 500)->error != PD_OK);
	dynamodb_result_free(&result);
	return 0;
}
