/* SPDX-License-Identifier: BSD-2-Clause */
/* What a value in [attributes] may be, and what the profiles say. */
#include <string.h>

#include "core/conf_private.h"
#include "core/user.h"

#define SECTION "attributes"
#define KEY_VALUE_MAX 1024 /* bytes of a sort key; a partition key may have twice as many */

const char *
conf_rule_attribute(const char *value)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  "_-.:@/$";
	size_t len = strlen(value);

	if (len < 1 || len > 255 || strspn(value, set) != len)
		return "not an attribute's name; use 1 to 255 of a-z A-Z 0-9 _ - . : @ / $";
	return NULL;
}

const char *
conf_rule_attribute_or_empty(const char *value)
{
	return value[0] == '\0' ? NULL : conf_rule_attribute(value);
}

const char *
conf_rule_attribute_or_not(const char *value)
{
	return conf_rule_attribute(value + (value[0] == '!'));
}

const char *
conf_rule_key_value(const char *value)
{
	if (strlen(value) > KEY_VALUE_MAX)
		return "longer than 1024 bytes; no key of an item is";
	return NULL;
}

const char *
conf_rule_status(const char *value)
{
	if (value[0] != '\0' && user_status_parse(value) == USER_STATUS_INVALID)
		return "not a status; write active, disabled, pending_email, pending_approval or "
		       "closed, or leave it empty";
	return NULL;
}

const char *
conf_rule_place(const char *value)
{
	if (strlen(value) > 255)
		return "longer than 255 bytes; write host names, patterns, @groups or *";
	return NULL;
}

/* What a profile says of a key; NULL: what the key's default says. */
static const struct {
	const char *key;
	const char *flask_boto3;
	const char *pam_dynamo_realm;
} profiles[] = {
    {"partition_key", "username", "realm"},
    {"sort_key", "", "user"},
    {"password_salt", "", "salt"},
    {"default_status", "active", "active"},
    {"schema", "", ""},
    {"version", "", ""},
    {"status", "status is_active active enabled", ""},
    {"epoch", "", ""},
    {"password", "password", "password"},
    {"password_changed_at", "", ""},
    {"password_must_change", "", ""},
    {"account_expires_at", "", ""},
    {"full_name", "name", ""},
    {"email", "email", ""},
    {"email_verified", "", ""},
    {"uid", "", ""},
    {"gid", "", ""},
    {"home", "", ""},
    {"shell", "", ""},
    {"groups", "", ""},
    {"services", "", ""},
    {"hosts", "", ""},
    {"ssh_keys", "", ""},
    {"profile_fields", "", ""},
    {"created_at", "created_at", ""},
    {"updated_at", "", ""},
};

/* A sign-up table keyed by mail address has no other attribute for it. */
static const char *
flask_boto3(const struct conf *conf, size_t row)
{
	if (conf->names == CONF_NAMES_EMAIL && strcmp(profiles[row].key, "partition_key") == 0)
		return "email";
	if (conf->names == CONF_NAMES_EMAIL && strcmp(profiles[row].key, "email") == 0)
		return "";
	return profiles[row].flask_boto3;
}

static const char *
profile_text(const struct conf *conf, size_t row)
{
	switch (conf->attributes.profile) {
	case CONF_PROFILE_NONE:
		return NULL;
	case CONF_PROFILE_FLASK_BOTO3:
		return flask_boto3(conf, row);
	case CONF_PROFILE_PAM_DYNAMO_REALM:
		return profiles[row].pam_dynamo_realm;
	}
	return NULL;
}

/* A field that nobody spoke of, whose name is the key's: the key it is. */
static bool
is_the_key(const struct conf *conf, const char *key)
{
	const struct conf_attributes *map = &conf->attributes;
	const struct strlist *names = conf_attributes_of(conf, key);

	return names != NULL && names->len == 1 &&
	    (strcmp(names->items[0], map->partition_key) == 0 ||
		strcmp(names->items[0], map->sort_key) == 0);
}

enum pd_error
conf_attributes_fill(struct conf *conf, const unsigned *lines)
{
	char why[CONF_WHY_SIZE];

	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		const struct conf_key *key = conf_find(SECTION, profiles[i].key);
		const char *text = profile_text(conf, i);
		enum pd_error error;

		if (lines[key - conf_keys] != 0)
			continue;
		if (text == NULL && is_the_key(conf, key->name))
			text = "";
		if (text == NULL)
			continue;
		error = conf_set(key, text, false, conf, why);
		if (error != PD_OK)
			return error == PD_INVALID ? PD_BUG : error;
	}
	return PD_OK;
}
