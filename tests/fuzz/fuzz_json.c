/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON texts: what is taken reads back as the same value, and every part of it can be looked at. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

static void look(const struct json *value);

static bool
look_at_member(void *ctx, const char *name, const struct json *value)
{
	must(json_get(ctx, name) == value);
	look(value);
	return true;
}

static void
look(const struct json *value)
{
	const char *text;
	int64_t number;
	size_t len = 0;
	bool truth;

	switch (json_type(value)) {
	case JSON_NULL:
		break;
	case JSON_BOOL:
		must(json_bool(value, &truth));
		break;
	case JSON_NUMBER:
		(void)json_int(value, &number);
		break;
	case JSON_STRING:
		text = json_string(value, &len);
		must(text != NULL && text[len] == '\0');
		must((json_string(value, NULL) != NULL) == (memchr(text, '\0', len) == NULL));
		break;
	case JSON_ARRAY:
		for (size_t i = 0; i < json_length(value); i++)
			look(json_at(value, i));
		break;
	case JSON_OBJECT:
		must(json_each(value, look_at_member, (void *)(uintptr_t)value));
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *json, *again;
	char *text, *text_again;

	if (json_parse((const char *)data, size, &json) != PD_OK) {
		must(json == NULL);
		return 0;
	}
	look(json);
	text = json_text(json, false);
	must(text != NULL);
	must(json_parse(text, strlen(text), &again) == PD_OK);
	text_again = json_text(again, false);
	must(text_again != NULL && strcmp(text, text_again) == 0);
	free(text);
	free(text_again);
	json_free(json);
	json_free(again);
	return 0;
}
