/* SPDX-License-Identifier: BSD-2-Clause */
/* [field NAME]: the fields of the page's forms, those that are built in and those of the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/conf_private.h"
#include "core/user.h"

#define SECTION "field"
#define PREFIX SECTION " "
#define REASON "reason" /* asked where an administrator reads it */

static const struct conf_word type_words[] = {
    {"text", CONF_FIELD_TEXT},
    {"email", CONF_FIELD_EMAIL},
    {"tel", CONF_FIELD_TEL},
    {"textarea", CONF_FIELD_TEXTAREA},
    {NULL, 0},
};

#define KEY(key) .section = SECTION, .name = #key, .offset = offsetof(struct conf_field, key)
#define BOOL(key, text) KEY(key), .type = CONF_BOOL, .text_default = (text)

const struct conf_key conf_field_keys[] = {
    {KEY(label), .type = CONF_STRING, .text_default = "", .rule = conf_rule_label,
	.help = "what the form calls it"},
    {KEY(type), .type = CONF_ENUM, .text_default = "text", .words = type_words,
	.help = "text, email, tel or textarea"},
    {BOOL(show, "yes"), .help = "whether there is such a field at all"},
    {BOOL(required, "no"), .help = "whether it must be filled in"},
    {BOOL(editable, "yes"), .help = "whether its owner may change it"},
    {BOOL(ask, "yes"), .help = "whether the registration form has it"},
    {KEY(max_length), .type = CONF_NUMBER, .text_default = "64", .min = 1, .max = 500,
	.help = "characters of a value"},
    {KEY(pattern), .type = CONF_STRING, .text_default = "", .rule = conf_rule_pattern,
	.help = "extended regular expression that a value must match; empty: none"},
};
const size_t conf_field_key_count = sizeof(conf_field_keys) / sizeof(conf_field_keys[0]);

/* What the forms have without a line in the file. */
static const struct {
	const char *name;
	const char *settings[6][2];
} built_in[] = {
    {"given_name", {{"label", "Given name"}, {"required", "yes"}}},
    {"family_name", {{"label", "Family name"}}},
    {"organization", {{"label", "Organization"}}},
    {"phone",
	{{"label", "Phone number"}, {"type", "tel"}, {"show", "no"}, {"max_length", "32"},
	    {"pattern", "\\+?[0-9 ()./-]{4,32}"}}},
    {REASON,
	{{"label", "Why do you need an account?"}, {"type", "textarea"}, {"editable", "no"},
	    {"max_length", "500"}}},
};

/* What forms of the page call their own inputs; a record's fields are names that no form has. */
static const char *const taken[] = {"csrf", "current", "invite", "lang", "name", "password2",
    "status", "t", "terms", "token", "website"};

const struct conf_key *
conf_field_key(const char *name)
{
	for (size_t i = 0; i < conf_field_key_count; i++)
		if (strcmp(conf_field_keys[i].name, name) == 0)
			return &conf_field_keys[i];
	return NULL;
}

static const char *
judge_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > CONF_FIELD_NAME_MAX || name[0] < 'a' || name[0] > 'z' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != len)
		return "not a field's name; write [field NAME] with 1 to 32 of a-z 0-9 _, a "
		       "letter first";
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(taken[i], name) == 0)
			return "a name that the forms need themselves; choose another one";
	if (record_field(&user_type, name) != NULL)
		return "a field of the record itself, which no form may set; choose another one";
	return NULL;
}

static void
free_field(struct conf_field *field)
{
	conf_free_values(conf_field_keys, conf_field_key_count, field);
	free(field->name);
	memset(field, 0, sizeof(*field));
}

static enum pd_error
add_field(struct conf *conf, const char *name)
{
	struct conf_field *field = &conf->fields[conf->field_count];
	enum pd_error error = conf_set_defaults(conf_field_keys, conf_field_key_count, field);

	if (error == PD_OK && (field->name = strdup(name)) == NULL)
		error = PD_NO_MEMORY;
	if (error != PD_OK) {
		free_field(field);
		return error;
	}
	conf->field_count++;
	return PD_OK;
}

enum pd_error
conf_field_open(struct conf *conf, const char *section, size_t *place, char why[CONF_WHY_SIZE])
{
	const char *name = section + strlen(PREFIX);
	const char *wrong;

	if (strncmp(section, PREFIX, strlen(PREFIX)) != 0)
		return PD_NOT_FOUND;
	for (*place = 0; *place < conf->field_count; (*place)++)
		if (strcmp(conf->fields[*place].name, name) == 0)
			return PD_OK;
	wrong = judge_name(name);
	if (wrong == NULL && conf->field_count == CONF_FIELDS_MAX)
		wrong = "one field too many; at most 16, the built-in ones included";
	if (wrong == NULL)
		return add_field(conf, name);
	(void)snprintf(why, CONF_WHY_SIZE, "%s", wrong);
	return PD_INVALID;
}

/* Without the rule: what is built in follows it, as a test says, and the file need not be slower to
 * read by a regular expression. */
static enum pd_error
set_built_in(struct conf_field *field, const char *const settings[6][2])
{
	char why[CONF_WHY_SIZE];
	enum pd_error error = PD_OK;

	for (size_t i = 0; error == PD_OK && i < 6 && settings[i][0] != NULL; i++) {
		struct conf_key key = *conf_field_key(settings[i][0]);

		key.rule = NULL;
		error = conf_set(&key, settings[i][1], false, field, why);
	}
	return error == PD_INVALID ? PD_BUG : error;
}

enum pd_error
conf_fields_init(struct conf *conf)
{
	enum pd_error error = PD_OK;

	for (size_t i = 0; error == PD_OK && i < sizeof(built_in) / sizeof(built_in[0]); i++) {
		error = add_field(conf, built_in[i].name);
		if (error == PD_OK)
			error = set_built_in(&conf->fields[i], built_in[i].settings);
	}
	return error;
}

void
conf_fields_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->field_count; i++)
		free_field(&conf->fields[i]);
	conf->field_count = 0;
}

const char *
conf_fields_check(const struct conf *conf, size_t *place, const struct conf_key **key)
{
	for (*place = 0; *place < conf->field_count; (*place)++) {
		const struct conf_field *field = &conf->fields[*place];

		*key = conf_field_key("label");
		if (field->show && field->label[0] == '\0')
			return "missing; say what the form calls the field";
		*key = conf_field_key("required");
		if (field->required && !field->ask && !field->editable)
			return "yes for a field that nobody is asked for; set ask or editable";
	}
	return NULL;
}

bool
conf_field_shown(const struct conf *conf, const struct conf_field *field)
{
	bool read = conf->registration == CONF_REGISTRATION_APPROVAL ||
	    conf->registration == CONF_REGISTRATION_EMAIL_APPROVAL;

	return field->show && (read || strcmp(field->name, REASON) != 0);
}
