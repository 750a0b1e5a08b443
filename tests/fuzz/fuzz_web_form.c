/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies and queries: what is taken is text, lies inside the input, and is short enough. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/form.h"
#include "web/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct field fields[] = {
    {.name = "a", .max = 8},
    {.name = "username", .max = 31},
    {.name = "reason", .max = 500, .flags = FIELD_LINES},
    {.name = NULL},
};

static void
require(bool good)
{
	if (!good)
		abort();
}

static void
look_at(const struct form *form, const char *data, size_t size, bool checked)
{
	size_t seen[3] = {0};

	require(form->count <= FORM_PAIRS_MAX);
	for (size_t i = 0; i < form->count; i++) {
		const struct form_pair *pair = &form->pairs[i];
		const struct field *field = field_find(fields, pair->name);
		size_t len = strlen(pair->value);

		require(pair->name >= data && pair->value + len <= data + size);
		require(text_good(pair->name, strlen(pair->name), true));
		require(text_good(pair->value, len, true));
		if (!checked || field == NULL)
			continue;
		require(len <= 4 * (size_t)field->max && seen[field - fields]++ == 0);
		require((field->flags & FIELD_LINES) != 0 || text_good(pair->value, len, false));
		require(form_get(form, field->name) == pair->value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	struct form form;

	require(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	if (form_parse(&form, copy, size))
		look_at(&form, copy, size, form_check(&form, fields));
	else
		require(form.count == 0);
	free(copy);
	return 0;
}
