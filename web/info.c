/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/info.h"

#include <string.h>

#include "web/language.h"
#include "web/text.h"

#define FIELD_MAX 16384 /* code points, more than a body has */
#define INFO_GUESS_MAX 500

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

/* Fields that the service has unless it is told otherwise, and what browsers fill in. */
static const struct {
	const char *name;
	const char *autocomplete;
	const char *label;
} known[] = {
    {"given_name", "given-name", MESSAGE("Given name")},
    {"family_name", "family-name", MESSAGE("Family name")},
    {"organization", "organization", MESSAGE("Organization")},
    {"phone", "tel", MESSAGE("Phone number")},
    {"reason", "off", MESSAGE("Why do you need an account?")},
};

/* Fields of the page's own forms. */
static const char *const own[] = {"csrf", "username", "email", "password", "password2", "current",
    "terms", "website", "invite", "version", "sure", "t"};

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

static bool
is_guessed(const struct info *info, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strcmp(own[i], name) == 0)
			return false;
	}
	for (size_t i = 0; i < info->field_count; i++) {
		if (strcmp(info->fields[i].name, name) == 0)
			return false;
	}
	return len > 0 && len < WEB_FIELD_NAME_SIZE && strspn(name, letters) == len;
}

static const char *
guess_label(const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name) == 0)
			return known[i].label;
	}
	return name;
}

void
info_guess(const struct form *form, struct info *out)
{
	memset(out, 0, sizeof(*out));
	out->min_length = INFO_MIN_LENGTH;
	out->loaded = true;
	for (size_t i = 0; i < form->count && out->field_count < WEB_FIELDS_MAX; i++) {
		const char *name = form->pairs[i].name;

		if (!is_guessed(out, name))
			continue;
		out->uses[out->field_count] = INFO_REGISTER | INFO_EDIT;
		out->fields[out->field_count++] = (struct field){.name = name,
		    .label = guess_label(name),
		    .autocomplete = autocomplete(name),
		    .max = INFO_GUESS_MAX,
		    .flags = FIELD_DATA | FIELD_LINES};
	}
}
