/* SPDX-License-Identifier: BSD-2-Clause */
/* Items: what is read as a record is written and read back as the same record. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/item.h"
#include "core/state.h"
#include "core/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

static bool
walk(void *ctx, const char *name, const struct json *value)
{
	const char *text = json_string(value, NULL);
	int64_t number;

	(void)ctx;
	(void)name;
	(void)item_valid(value);
	(void)item_type(value, NULL);
	if (text != NULL)
		(void)item_number(text, &number);
	json_each(value, walk, NULL);
	return true;
}

static void
there_and_back(const struct record_type *type, const struct json *item)
{
	union {
		struct user user;
		struct state state;
	} one, two;
	const struct field *bad = NULL;
	struct json *written;

	if (item_read(type, item, &one, &bad) != PD_OK) {
		must(bad != NULL);
		return;
	}
	(void)record_check(type, &one, &bad);
	written = item_write(type, &one);
	must(written != NULL);
	must(item_read(type, written, &two, &bad) == PD_OK);
	must(record_equal(type, &one, &two));
	json_free(written);
	record_free(type, &one);
	record_free(type, &two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *item;

	if (json_parse((const char *)data, size, &item) != PD_OK)
		return 0;
	json_each(item, walk, NULL);
	there_and_back(&user_type, item);
	there_and_back(&state_type, item);
	json_free(item);
	return 0;
}
