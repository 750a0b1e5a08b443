/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/info.h"

#include <string.h>

#include "web/text.h"

#define FIELD_MAX 16384 /* code points, more than a body has */

static const struct {
	const char *word; /* of the row's flags */
	unsigned flag;
	unsigned use;
} flags[] = {
    {"required", FIELD_REQUIRED, 0},
    {"editable", 0, INFO_EDIT},
    {"register", 0, INFO_REGISTER},
};

static const struct {
	const char *word; /* of the row's type */
	const char *type; /* of <input> */
	unsigned flag;
} types[] = {
    {"text", "text", 0},
    {"email", "email", FIELD_PLAIN},
    {"tel", "tel", 0},
    {"textarea", "text", FIELD_LINES},
};

/* What browsers know to fill in. */
static const struct {
	const char *name;
	const char *autocomplete;
} known[] = {
    {"given_name", "given-name"},
    {"family_name", "family-name"},
    {"organization", "organization"},
    {"phone", "tel"},
};

static void
read_flags(char *text, struct field *field, unsigned *use)
{
	char *word;

	while ((word = strsep(&text, ",")) != NULL) {
		for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
			if (strcmp(flags[i].word, word) == 0) {
				field->flags |= flags[i].flag;
				*use |= flags[i].use;
			}
		}
	}
}

static bool
read_type(const char *word, struct field *field)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].word, word) == 0) {
			field->type = types[i].type;
			field->flags |= types[i].flag;
			return true;
		}
	}
	return false;
}

static const char *
autocomplete(const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name) == 0)
			return known[i].autocomplete;
	}
	return "off";
}

static bool
read_row(char *row, struct info *out)
{
	enum { NAME, LABEL, TYPE, FLAGS, MAX, COLUMNS };
	struct field *field;
	char *columns[COLUMNS];
	uint64_t max;

	if (out->field_count == WEB_FIELDS_MAX)
		return false;
	field = &out->fields[out->field_count];
	for (size_t i = 0; i < COLUMNS; i++) {
		columns[i] = strsep(&row, "\t");
		if (columns[i] == NULL)
			return false;
	}
	*field = (struct field){.name = columns[NAME], .label = columns[LABEL]};
	field->autocomplete = autocomplete(field->name);
	field->flags = FIELD_DATA;
	read_flags(columns[FLAGS], field, &out->uses[out->field_count]);
	if (field->name[0] == '\0' || !read_type(columns[TYPE], field) ||
	    !text_number(columns[MAX], FIELD_MAX, &max))
		return false;
	field->max = (unsigned)max;
	out->field_count++;
	return true;
}

bool
info_read(const struct frame *reply, struct info *out)
{
	char *rest = out->text;
	char *row;

	memset(out, 0, sizeof(*out));
	out->min_length = INFO_MIN_LENGTH;
	(void)frame_u32(reply, WEB_TAG_NUMBER, &out->min_length);
	if (!frame_string(reply, WEB_TAG_MODE, out->mode, sizeof(out->mode)) ||
	    (frame_find(reply, WEB_TAG_FIELDS) != NULL &&
		!frame_string(reply, WEB_TAG_FIELDS, out->text, sizeof(out->text))))
		return false;
	while ((row = strsep(&rest, "\n")) != NULL) {
		if (*row != '\0' && !read_row(row, out))
			return false;
	}
	out->loaded = true;
	return true;
}

bool
info_by_mail(const struct info *info)
{
	return strncmp(info->mode, "email", 5) == 0;
}
