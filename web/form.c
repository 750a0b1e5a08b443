/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/form.h"

#include <string.h>

#include "web/text.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Never longer than it was. False: % without two hex digits, or text that is none. */
static bool
decode(char *data, size_t len, size_t *out_len)
{
	size_t to = 0;

	for (size_t from = 0; from < len; from++) {
		char c = data[from];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = from + 2 < len ? hex(data[from + 1]) : -1;
			int low = high < 0 ? -1 : hex(data[from + 2]);

			if (low < 0)
				return false;
			c = (char)(high << 4 | low);
			from += 2;
		}
		data[to++] = c;
	}
	*out_len = to;
	return text_good(data, to, true);
}

/* One pair; the bytes behind name and value are `=` and `&`, or the end: free to hold NUL. */
static bool
add_pair(struct form *form, char *data, size_t len)
{
	char *equals = memchr(data, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - data);
	char *value = equals == NULL ? data + len : equals + 1;
	size_t value_len = (size_t)(data + len - value);

	if (form->count == FORM_PAIRS_MAX || !decode(data, name_len, &name_len) ||
	    !decode(value, value_len, &value_len))
		return false;
	value[value_len] = '\0';
	data[name_len] = '\0';
	form->pairs[form->count++] = (struct form_pair){data, value};
	return true;
}

bool
form_parse(struct form *out, char *data, size_t len)
{
	memset(out, 0, sizeof(*out));
	for (size_t at = 0; at < len;) {
		char *end = memchr(data + at, '&', len - at);
		size_t part = end == NULL ? len - at : (size_t)(end - (data + at));

		if (part > 0 && !add_pair(out, data + at, part)) {
			memset(out, 0, sizeof(*out));
			return false;
		}
		at += part + 1;
	}
	return true;
}

static bool
good_value(const struct field *field, const char *value)
{
	size_t len = strlen(value);

	return len <= 4 * (size_t)field->max &&
	    text_good(value, len, (field->flags & FIELD_LINES) != 0);
}

bool
form_check(const struct form *form, const struct field *fields)
{
	for (size_t i = 0; i < form->count; i++) {
		const struct field *field = field_find(fields, form->pairs[i].name);

		if (field == NULL)
			continue;
		if (!good_value(field, form->pairs[i].value))
			return false;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(form->pairs[j].name, field->name) == 0)
				return false;
		}
	}
	return true;
}

const char *
form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++) {
		if (strcmp(form->pairs[i].name, name) == 0)
			return form->pairs[i].value;
	}
	return "";
}
