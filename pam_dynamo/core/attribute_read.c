/* SPDX-License-Identifier: BSD-2-Clause */
/* Items of other software's tables into records: more is understood than of our own. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/attribute_map.h"
#include "core/buf.h"
#include "core/password.h"
#include "core/secret.h"
#include "core/time_text.h"

/* Text of a string, number or boolean, borrowed; NULL: another type. "" for NULL. */
static const char *
scalar_text(const struct json *value)
{
	const struct json *inner;
	bool flag;

	switch (item_type(value, &inner)) {
	case ITEM_S:
	case ITEM_N:
		return json_string(inner, NULL);
	case ITEM_BOOL:
		return json_bool(inner, &flag) && flag ? "true" : "false";
	case ITEM_NULL:
		return "";
	case ITEM_INVALID:
	case ITEM_B:
	case ITEM_M:
	case ITEM_L:
	case ITEM_SS:
	case ITEM_NS:
	case ITEM_BS:
		break;
	}
	return NULL;
}

static bool
is_one_of(const char *word, const char *const words[])
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (strcasecmp(word, words[i]) == 0)
			return true;
	return false;
}

static const char *const yes_words[] = {"true", "yes", "t", "y", "1", NULL};
static const char *const no_words[] = {"false", "no", "f", "n", "0", NULL};

static const struct {
	enum user_status status;
	const char *const words[8];
} status_rows[] = {
    /* The strictest last. */
    {USER_STATUS_ACTIVE, {"active", "enabled", "approved", "confirmed", "verified", NULL}},
    {USER_STATUS_PENDING_EMAIL, {"pending_email", "pending", "unconfirmed", "unverified", NULL}},
    {USER_STATUS_PENDING_APPROVAL, {"pending_approval", "unapproved", NULL}},
    {USER_STATUS_DISABLED,
	{"disabled", "inactive", "blocked", "banned", "locked", "suspended", NULL}},
    {USER_STATUS_CLOSED, {"closed", "deleted", NULL}},
};

#define STATUS_ROWS (sizeof(status_rows) / sizeof(status_rows[0]))

/* The row that a value means; STATUS_ROWS: none. inverted: a boolean that says the contrary. What
 * is there and says nothing is a no, as it is to the software that wrote it, and no missing one. */
static size_t
status_row(const char *text, bool inverted)
{
	bool yes = is_one_of(text, yes_words);

	if (yes || text[0] == '\0' || is_one_of(text, no_words))
		return yes != inverted ? 0 : 3;
	for (size_t i = 0; !inverted && i < STATUS_ROWS; i++)
		if (is_one_of(text, status_rows[i].words))
			return i;
	return STATUS_ROWS;
}

/* One attribute under way. */
struct reading {
	const struct attribute_map *map;
	const struct json *item;
	const struct field *field;
	struct user *user;
	const char *attribute; /* the one looked at, for the fault */
};

static const struct strlist *
names_of(const struct reading *reading)
{
	return reading->map->names[reading->field - user_type.fields];
}

/* The attribute's value; NULL: absent. Notes that it was looked at. */
static const struct json *
value_at(struct reading *reading, size_t i)
{
	const char *name = names_of(reading)->items[i];

	reading->attribute = name + (name[0] == '!');
	return json_get(reading->item, reading->attribute);
}

static enum pd_error
read_status(struct reading *reading)
{
	const char *fallback = reading->map->conf->attributes.default_status;
	size_t strictest = 0, seen = 0;

	for (size_t i = 0; i < names_of(reading)->len; i++) {
		const struct json *value = value_at(reading, i);
		const char *text = scalar_text(value);
		size_t row;

		if (value == NULL)
			continue;
		row = text != NULL ? status_row(text, names_of(reading)->items[i][0] == '!')
				   : STATUS_ROWS;
		if (row == STATUS_ROWS)
			return PD_CORRUPT;
		strictest = row > strictest ? row : strictest;
		seen++;
	}
	if (seen > 0)
		fallback = user_status_word(status_rows[strictest].status);
	if (fallback[0] == '\0')
		return PD_OK; /* missing: user_check says so */
	reading->user->status = strdup(fallback);
	return reading->user->status != NULL ? PD_OK : PD_NO_MEMORY;
}

static enum pd_error
read_joined(struct reading *reading)
{
	enum pd_error error = PD_OK;
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = 0; error == PD_OK && i < names_of(reading)->len; i++) {
		const struct json *value = value_at(reading, i);
		const char *part = value != NULL ? scalar_text(value) : "";

		if (part == NULL)
			error = PD_CORRUPT;
		else if (part[0] != '\0')
			buf_add_format(&text, "%s%s", text.len > 0 ? " " : "", part);
	}
	if (error == PD_OK && text.failed)
		error = PD_NO_MEMORY;
	if (error == PD_OK && text.len > 0) {
		reading->user->full_name = strdup(buf_string(&text));
		error = reading->user->full_name != NULL ? PD_OK : PD_NO_MEMORY;
	}
	buf_free(&text);
	return error;
}

struct members {
	struct pairs *pairs;
	bool failed;
};

/* What is no plain value, and what holds a secret by its name, is left out. */
static bool
take_member(void *ctx, const char *name, const struct json *value)
{
	struct members *members = ctx;
	const char *text = scalar_text(value);

	if (text != NULL && text[0] != '\0' && !conf_attribute_is_secret(name))
		members->failed = !pairs_set(members->pairs, name, text);
	return !members->failed;
}

static enum pd_error
read_profile(struct reading *reading)
{
	struct members members = {&reading->user->profile, false};

	for (size_t i = 0; i < names_of(reading)->len; i++) {
		const struct json *value = value_at(reading, i), *inner;

		if (value == NULL)
			continue;
		if (item_type(value, &inner) == ITEM_M)
			(void)json_each(inner, take_member, &members);
		else if (scalar_text(value) == NULL)
			return PD_CORRUPT;
		else
			(void)take_member(&members, reading->attribute, value);
		if (members.failed)
			return PD_NO_MEMORY;
	}
	return PD_OK;
}

static enum pd_error
read_time(struct reading *reading, const struct json *value)
{
	int64_t *out = record_number(reading->user, reading->field);
	const char *text = scalar_text(value);
	int64_t number;

	if (text == NULL || item_type(value, NULL) == ITEM_BOOL)
		return PD_CORRUPT;
	if (text[0] == '\0')
		return PD_OK;
	if (item_number(text, &number) && number >= 0)
		*out = time_text_seconds(number);
	else if (!time_text_epoch(text, out)) {
		if (!time_text_parse(text, out))
			return PD_CORRUPT;
		if (*out == 0) /* a date is one, also the first; the number 0 is none */
			*out = 1;
	}
	return PD_OK;
}

static enum pd_error
read_bool(struct reading *reading, const struct json *value)
{
	const char *text = scalar_text(value);

	if (text == NULL)
		return PD_CORRUPT;
	if (text[0] != '\0' && !is_one_of(text, yes_words) && !is_one_of(text, no_words))
		return PD_CORRUPT;
	*record_bool(reading->user, reading->field) = is_one_of(text, yes_words);
	return PD_OK;
}

/* A hash whose salt stands in an attribute of its own. */
static enum pd_error
add_salt(struct reading *reading)
{
	const char *attribute = reading->map->conf->attributes.password_salt;
	const struct json *value = attribute[0] != '\0' ? json_get(reading->item, attribute) : NULL;
	char **password = &reading->user->password;
	char salted[PASSWORD_HASH_SIZE] = {0};
	const char *salt = value != NULL ? scalar_text(value) : "";
	enum pd_error error = PD_OK;
	char *copy = NULL;

	if (salt == NULL) {
		reading->attribute = attribute;
		return PD_CORRUPT;
	}
	/* Beside a hash of another kind the salt means nothing. */
	if (salt[0] != '\0' && *password != NULL && password_from_sha3(salt, *password, salted)) {
		copy = strdup(salted);
		error = copy != NULL ? PD_OK : PD_NO_MEMORY;
		secret_free_string(*password);
		*password = copy;
	}
	secret_wipe(salted, sizeof(salted));
	return error;
}

static enum pd_error
read_field(struct reading *reading)
{
	const struct field *field = reading->field;
	const struct json *value;
	enum pd_error error;

	if (strcmp(field->name, "status") == 0)
		return read_status(reading);
	if (strcmp(field->name, "profile") == 0)
		return read_profile(reading);
	if (names_of(reading)->len > 1)
		return read_joined(reading);
	value = names_of(reading)->len > 0 ? value_at(reading, 0) : NULL;
	if (value == NULL)
		return PD_OK;
	if ((field->flags & FIELD_TIME) != 0)
		return read_time(reading, value);
	if (field->type == FIELD_BOOL)
		return read_bool(reading, value);
	error = item_read_field(field, value, reading->user);
	if (error == PD_OK && (field->flags & FIELD_SECRET) != 0)
		error = add_salt(reading);
	return error;
}

/* What every record of a table that has no such attribute is. */
static enum pd_error
fill_in(const struct attribute_map *map, struct user *user)
{
	const struct conf_attributes *attributes = &map->conf->attributes;

	if (attributes->schema.len == 0)
		user->schema = USER_SCHEMA;
	if (attributes->version.len == 0)
		user->version = 1;
	if (attributes->default_hosts.len > 0 &&
	    !strlist_copy(&user->hosts, &attributes->default_hosts))
		return PD_NO_MEMORY;
	return PD_OK;
}

static enum pd_error
check(const struct attribute_map *map, const struct user *user, struct attribute_fault *fault)
{
	const struct field *bad = NULL;
	const struct strlist *names;

	if (user_check(user, &bad) == PD_OK)
		return PD_OK;
	names = bad != NULL ? map->names[bad - user_type.fields] : NULL;
	fault->attribute = names == NULL ? map->key : names->len > 0 ? names->items[0] : bad->name;
	fault->text = bad != NULL && record_absent(bad, user) ? "missing" : "breaks its rule";
	return PD_CORRUPT;
}

static enum pd_error
read_key(const struct attribute_map *map, const struct json *item, struct user *user,
    struct attribute_fault *fault)
{
	const char *name = attribute_map_name(map, item);

	if (name == NULL) {
		*fault = (struct attribute_fault){map->key, "no string, or of another partition"};
		return PD_CORRUPT;
	}
	user->username = strdup(name);
	return user->username != NULL ? PD_OK : PD_NO_MEMORY;
}

enum pd_error
attribute_map_read(const struct attribute_map *map, const struct json *item, struct user *out,
    struct attribute_fault *fault)
{
	struct reading reading = {.map = map, .item = item, .user = out};
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	error = read_key(map, item, out, fault);
	for (size_t i = 1; error == PD_OK && i < user_type.field_count; i++) {
		reading.field = &user_type.fields[i];
		error = read_field(&reading);
		if (error == PD_CORRUPT)
			*fault = (struct attribute_fault){reading.attribute, "not of its type"};
	}
	if (error == PD_OK)
		error = fill_in(map, out);
	if (error == PD_OK)
		error = check(map, out, fault);
	if (error != PD_OK)
		user_free(out);
	return error;
}
