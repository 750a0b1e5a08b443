/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/profile.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nfc.h"
#include "core/utf8.h"

#define POINTS_MAX 500 /* of max_length */
#define VALUE_SIZE (4 * POINTS_MAX * NFC_EXPANSION + 1)
#define BLANKS " \t\r\n"
#define GIVEN "given_name"
#define FAMILY "family_name"

bool
profile_form_has(const struct conf *conf, const struct conf_field *field, enum profile_form form)
{
	return conf_field_shown(conf, field) &&
	    (form == PROFILE_REGISTER ? field->ask : field->editable);
}

/* In one line, without outer blanks; runs of line ends become one blank. */
static size_t
straighten(const char *text, bool lines, char out[VALUE_SIZE])
{
	const char *end;
	size_t len = 0;

	text += strspn(text, BLANKS);
	end = text + strlen(text);
	while (end > text && strchr(BLANKS, end[-1]) != NULL)
		end--;
	for (; text < end; text++) {
		bool line_end = lines && (*text == '\r' || *text == '\n');

		if (line_end && len > 0 && out[len - 1] == ' ')
			continue;
		out[len++] = line_end ? ' ' : *text;
	}
	out[len] = '\0';
	return len;
}

/* Texts that are too long for the form stay as they are: nothing is compared with them. */
static void
compose(char value[VALUE_SIZE], size_t len)
{
	char form[VALUE_SIZE];

	if (len > 0 && len <= NFC_TEXT_MAX && nfc_normalise(value, len, form, sizeof(form), &len))
		memcpy(value, form, len + 1);
}

/* A name that also stands in a line of passwd. */
static bool
is_name(const struct conf_field *field)
{
	return strcmp(field->name, GIVEN) == 0 || strcmp(field->name, FAMILY) == 0;
}

/* PD_INVALID: it does not match. */
static enum pd_error
match(const char *pattern, const char *value)
{
	char whole[512];
	regex_t regex;
	int len = snprintf(whole, sizeof(whole), CONF_PATTERN_WHOLE, pattern);
	int error;

	if (pattern[0] == '\0')
		return PD_OK;
	if (len < 0 || (size_t)len >= sizeof(whole))
		return PD_BUG;
	if (regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB) != 0)
		return PD_NO_MEMORY;
	error = regexec(&regex, value, 0, NULL, 0);
	regfree(&regex);
	if (error == REG_ESPACE)
		return PD_NO_MEMORY;
	return error == 0 ? PD_OK : PD_INVALID;
}

static enum pd_error
judge(const struct conf_field *field, const char *value, struct profile_fault *fault)
{
	char address[USER_EMAIL_MAX + 1];
	size_t points = 0;
	enum pd_error error = PD_OK;

	*fault = (struct profile_fault){.field = field->name};
	if (value[0] == '\0')
		fault->text = field->required ? "missing" : NULL;
	else if (!utf8_valid(value, strlen(value), &points) || !utf8_plain(value, strlen(value)))
		fault->text = "control";
	else if ((int64_t)points > field->max_length) {
		fault->text = "too-long";
		fault->bound = field->max_length;
	} else if (field->type == CONF_FIELD_EMAIL && !user_email_normalise(value, address))
		fault->text = "email";
	else if (is_name(field) && strchr(value, ':') != NULL)
		fault->text = "pattern";
	else
		error = match(field->pattern, value);
	if (error == PD_INVALID)
		fault->text = "pattern";
	return fault->text != NULL ? PD_INVALID : error;
}

static enum pd_error
read_field(const struct conf_field *field, const char *given, struct pairs *out,
    struct profile_fault *fault)
{
	char value[VALUE_SIZE];
	enum pd_error error;

	if (given == NULL)
		given = "";
	if (strlen(given) > 4 * POINTS_MAX) {
		*fault = (struct profile_fault){field->name, "too-long", field->max_length};
		return PD_INVALID;
	}
	compose(value, straighten(given, field->type == CONF_FIELD_TEXTAREA, value));
	error = judge(field, value, fault);
	if (error == PD_OK && value[0] != '\0' && !pairs_set(out, field->name, value))
		error = PD_NO_MEMORY;
	return error;
}

enum pd_error
profile_read(const struct conf *conf, enum profile_form form, const struct pairs *given,
    struct pairs *out, struct profile_fault *fault)
{
	enum pd_error error = PD_OK;

	*out = (struct pairs){0};
	for (size_t i = 0; error == PD_OK && i < conf->field_count; i++)
		if (profile_form_has(conf, &conf->fields[i], form))
			error = read_field(
			    &conf->fields[i], pairs_get(given, conf->fields[i].name), out, fault);
	if (error != PD_OK)
		pairs_free(out);
	return error;
}

static bool
in_form(const struct conf *conf, enum profile_form form, const char *name)
{
	for (size_t i = 0; i < conf->field_count; i++)
		if (strcmp(conf->fields[i].name, name) == 0)
			return profile_form_has(conf, &conf->fields[i], form);
	return false;
}

/* "Ada Lovelace"; PD_NOT_FOUND: the profile has neither name. */
static enum pd_error
join_name(const struct pairs *profile, char **out)
{
	const char *given = pairs_get(profile, GIVEN);
	const char *family = pairs_get(profile, FAMILY);

	if (given == NULL && family == NULL)
		return PD_NOT_FOUND;
	if (asprintf(out, "%s%s%s", given != NULL ? given : "",
		given != NULL && family != NULL ? " " : "", family != NULL ? family : "") < 0)
		return PD_NO_MEMORY;
	return PD_OK;
}

enum pd_error
profile_apply(
    const struct conf *conf, enum profile_form form, const struct pairs *values, struct user *user)
{
	struct pairs next = {0};
	char *name = NULL;
	bool named = in_form(conf, form, GIVEN) || in_form(conf, form, FAMILY);
	enum pd_error error = PD_OK;

	for (size_t i = 0; error == PD_OK && i < user->profile.names.len; i++)
		if (!in_form(conf, form, user->profile.names.items[i]) &&
		    !pairs_set(&next, user->profile.names.items[i], user->profile.values.items[i]))
			error = PD_NO_MEMORY;
	for (size_t i = 0; error == PD_OK && i < values->names.len; i++)
		if (!pairs_set(&next, values->names.items[i], values->values.items[i]))
			error = PD_NO_MEMORY;
	if (error == PD_OK && named)
		error = join_name(&next, &name);
	if (error == PD_OK || error == PD_NOT_FOUND) {
		pairs_free(&user->profile);
		user->profile = next;
		next = (struct pairs){0};
		if (error == PD_OK && named) {
			free(user->full_name);
			user->full_name = name;
			name = NULL;
		}
		error = PD_OK;
	}
	free(name);
	pairs_free(&next);
	return error;
}
