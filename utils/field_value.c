/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/field_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "utils/session.h"

#define FIELD_NAME_MAX 63

static enum exit_code
refuse_field(const char *name)
{
	char list[SESSION_LINE_MAX / 2] = "";
	size_t used = 0;
	size_t i;

	for (i = 0; i < user_type.field_count; i++) {
		int len;

		if ((user_type.fields[i].flags & FIELD_EDITABLE) == 0)
			continue;
		len = snprintf(list + used, sizeof(list) - used, " %s", user_type.fields[i].name);
		if (len < 0 || (size_t)len >= sizeof(list) - used)
			break;
		used += (size_t)len;
	}
	return session_fail(
	    EXIT_CODE_USAGE, "there is no field `%s` to be set; these are:%s", name, list);
}

/* Unix seconds of a date in UTC, as text; false: not a date of these two forms. */
static bool
date_seconds(const char *text, char *out, size_t out_size)
{
	static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"};
	struct tm tm;
	struct tm given;
	const char *end;
	time_t when;
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(text, formats[i], &tm);
		if (end == NULL || *end != '\0')
			continue;
		given = tm;
		when = timegm(&tm); /* 31 February would become 3 March */
		if (when <= 0 || tm.tm_mday != given.tm_mday)
			return false;
		return snprintf(out, out_size, "%" PRId64, (int64_t)when) < (int)out_size;
	}
	return false;
}

enum exit_code
field_value_set_named(const char *name, const char *text, struct user *user)
{
	const struct field *field = record_field(&user_type, name);
	char seconds[24];
	enum pd_error error;

	if (field == NULL || (field->flags & FIELD_EDITABLE) == 0)
		return refuse_field(name);
	if ((field->flags & FIELD_TIME) && date_seconds(text, seconds, sizeof(seconds)))
		text = seconds;
	error = record_set_text(field, user, text);
	if (error == PD_OK)
		return EXIT_CODE_OK;
	if (error != PD_INVALID)
		return session_fail_error(error, name);
	if (field->flags & FIELD_TIME)
		return session_fail(EXIT_CODE_REFUSED,
		    "%s: `%s` is no time; give 2027-01-31, 2027-01-31T18:00:00Z or Unix seconds",
		    name, text);
	if (field->type == FIELD_NUMBER)
		return session_fail(EXIT_CODE_REFUSED,
		    "%s: `%s` is no number from %" PRId64 " to %" PRId64, name, text, field->min,
		    field->max);
	if (field->type == FIELD_BOOL)
		return session_fail(
		    EXIT_CODE_REFUSED, "%s: `%s` is neither yes nor no", name, text);
	return session_fail(EXIT_CODE_REFUSED,
	    "%s: not acceptable; at most %" PRId64 " bytes of UTF-8 without control characters: %s",
	    name, field->max, field->help);
}

enum exit_code
field_value_set(const char *word, struct user *user)
{
	const char *equals = strchr(word, '=');
	char name[FIELD_NAME_MAX + 1];
	size_t len = equals == NULL ? 0 : (size_t)(equals - word);

	if (len == 0 || len > FIELD_NAME_MAX)
		return session_fail(
		    EXIT_CODE_USAGE, "give fields as FIELD=VALUE, as in full_name='Alice Example'");
	memcpy(name, word, len);
	name[len] = '\0';
	if (strcmp(name, "password") == 0)
		return session_fail(EXIT_CODE_USAGE,
		    "a password is never an argument, because every process of this machine can "
		    "read it there; use `pam-dynamo passwd`");
	return field_value_set_named(name, equals + 1, user);
}
