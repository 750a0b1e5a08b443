/* SPDX-License-Identifier: BSD-2-Clause */
/* [attributes]: what a map of names may be. */
#include <stdio.h>
#include <string.h>

#include "core/conf_private.h"
#include "core/user.h"

#define SECTION "attributes"
#define USES_MAX 128 /* attributes that one map may name */

static bool
is_map(const struct conf_key *key)
{
	return strcmp(key->section, SECTION) == 0 && key->type == CONF_LIST &&
	    strcmp(key->name, "default_hosts") != 0;
}

static const struct strlist *
names_of(const struct conf *conf, const struct conf_key *key)
{
	return (const void *)((const char *)conf + key->offset);
}

const struct strlist *
conf_attributes_of(const struct conf *conf, const char *field)
{
	const struct conf_key *key = conf_find(
	    SECTION, strcmp(field, "profile") == 0 ? "profile_fields" : field);

	return key == NULL || !is_map(key) ? NULL : names_of(conf, key);
}

bool
conf_attribute_is_secret(const char *attribute)
{
	static const char *const words[] = {"passw", "passphrase", "pwd", "hash", "secret", "salt",
	    "token", "credential", "private_key", "privatekey", "api_key", "apikey", "access_key",
	    "accesskey", "totp", "recovery"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(attribute, words[i]) != NULL)
			return true;
	return false;
}

/* One mention of an attribute. */
struct use {
	const struct conf_key *key;
	const char *name; /* without a '!' before it */
};

struct uses {
	struct use rows[USES_MAX];
	size_t len;
};

static void
add_use(struct uses *uses, const struct conf_key *key, const char *name)
{
	if (name[0] != '\0' && uses->len < USES_MAX)
		uses->rows[uses->len++] = (struct use){key, name + (name[0] == '!')};
}

static void
collect(const struct conf *conf, struct uses *out)
{
	const struct conf_attributes *map = &conf->attributes;

	out->len = 0;
	add_use(out, conf_find(SECTION, "partition_key"), map->partition_key);
	add_use(out, conf_find(SECTION, "sort_key"), map->sort_key);
	add_use(out, conf_find(SECTION, "password_salt"), map->password_salt);
	for (size_t i = 0; i < conf_key_count; i++)
		if (is_map(&conf_keys[i]))
			for (size_t j = 0; j < names_of(conf, &conf_keys[i])->len; j++)
				add_use(
				    out, &conf_keys[i], names_of(conf, &conf_keys[i])->items[j]);
}

/* A field whose text is shown: whoever may see the account sees it. */
static bool
is_shown(const struct conf_key *key)
{
	const struct field *field = record_field(
	    &user_type, strcmp(key->name, "profile_fields") == 0 ? "profile" : key->name);

	return is_map(key) && field != NULL && (field->flags & FIELD_SECRET) == 0 &&
	    field->type != FIELD_NUMBER && field->type != FIELD_BOOL;
}

static bool
is_key(const struct conf_key *key)
{
	return strcmp(key->name, "partition_key") == 0 || strcmp(key->name, "sort_key") == 0;
}

static bool
is_secret(const struct conf_key *key)
{
	return strcmp(key->name, "password") == 0 || strcmp(key->name, "password_salt") == 0;
}

static void
explain_twice(const struct use *a, const struct use *b, char *why)
{
	if ((is_secret(a->key) && is_shown(b->key)) || (is_secret(b->key) && is_shown(a->key)))
		(void)snprintf(why, CONF_WHY_SIZE,
		    "would show the secret that %s holds for %s; name another attribute, or none",
		    a->name, is_secret(a->key) ? a->key->name : b->key->name);
	else if (is_key(a->key) || is_key(b->key))
		(void)snprintf(why, CONF_WHY_SIZE,
		    "%s is the key of the table already; name another attribute, or none", a->name);
	else
		(void)snprintf(why, CONF_WHY_SIZE,
		    "%s is named twice, by %s and %s; give each its own attribute", a->name,
		    a->key->name, b->key->name);
}

/* Whose line the administrator is sent to: one that the file has. */
static const struct conf_key *
place(const struct use *a, const struct use *b, const unsigned *lines)
{
	bool blame_b = lines[b->key - conf_keys] != 0 || lines[a->key - conf_keys] == 0;

	if (blame_b && is_secret(b->key) && lines[a->key - conf_keys] != 0)
		blame_b = false;
	return blame_b ? b->key : a->key;
}

static bool
names_differ(const struct uses *uses, const unsigned *lines, const struct conf_key **key, char *why)
{
	for (size_t i = 1; i < uses->len; i++)
		for (size_t j = 0; j < i; j++) {
			const struct use *a = &uses->rows[j], *b = &uses->rows[i];

			if (strcmp(a->name, b->name) != 0)
				continue;
			*key = place(a, b, lines);
			explain_twice(a, b, why);
			return false;
		}
	return true;
}

static bool
secrets_hidden(const struct uses *uses, const struct conf_key **key, char *why)
{
	for (size_t i = 0; i < uses->len; i++) {
		if (!is_shown(uses->rows[i].key) || !conf_attribute_is_secret(uses->rows[i].name))
			continue;
		*key = uses->rows[i].key;
		(void)snprintf(why, CONF_WHY_SIZE,
		    "would show %s, which holds a secret by its name; name another attribute, or "
		    "none",
		    uses->rows[i].name);
		return false;
	}
	return true;
}

/* How many attributes a field may have. */
static bool
counts_fit(const struct conf *conf, const struct conf_key **key, char *why)
{
	static const char *const several[] = {"status", "full_name", "profile_fields"};

	for (size_t i = 0; i < conf_key_count; i++) {
		bool may = false;

		for (size_t j = 0; j < sizeof(several) / sizeof(several[0]); j++)
			may = may || strcmp(conf_keys[i].name, several[j]) == 0;
		if (!is_map(&conf_keys[i]) || may || names_of(conf, &conf_keys[i])->len <= 1)
			continue;
		*key = &conf_keys[i];
		(void)snprintf(why, CONF_WHY_SIZE, "more than one attribute; name one, or none");
		return false;
	}
	return true;
}

bool
conf_attributes_mapped(const struct conf *conf)
{
	const struct conf_attributes *map = &conf->attributes;

	if (map->profile != CONF_PROFILE_NONE || map->sort_key[0] != '\0' ||
	    strcmp(map->partition_key, "username") != 0 || map->password_salt[0] != '\0' ||
	    map->default_status[0] != '\0' || map->default_hosts.len > 0)
		return true;
	for (size_t i = 0; i < conf_key_count; i++) {
		const struct strlist *names = names_of(conf, &conf_keys[i]);

		if (is_map(&conf_keys[i]) &&
		    (names->len != 1 || strcmp(names->items[0], conf_keys[i].text_default) != 0))
			return true;
	}
	return false;
}

bool
conf_users_writable(const struct conf *conf)
{
	return conf->attributes.writable || !conf_attributes_mapped(conf);
}

/* One rule more: where it is reported, when it is broken, what to say. */
static bool
without_table(const struct conf *conf)
{
	return conf->engine != CONF_ENGINE_DYNAMODB && conf_attributes_mapped(conf);
}

static bool
without_realm(const struct conf *conf)
{
	return conf->attributes.sort_key[0] != '\0' && conf->attributes.partition_value[0] == '\0';
}

static bool
without_sort_key(const struct conf *conf)
{
	return conf->attributes.sort_key[0] == '\0' && conf->attributes.partition_value[0] != '\0';
}

static bool
hosts_twice(const struct conf *conf)
{
	return conf->attributes.hosts.len > 0 && conf->attributes.default_hosts.len > 0;
}

static bool
writable_for_nothing(const struct conf *conf)
{
	return conf->attributes.writable && !conf_attributes_mapped(conf);
}

static bool
no_status(const struct conf *conf)
{
	return conf->attributes.status.len == 0 && conf->attributes.default_status[0] == '\0';
}

static bool
ages_unknown(const struct conf *conf)
{
	return conf->max_age_days > 0 && conf->attributes.password_changed_at.len == 0;
}

static bool
salt_alone(const struct conf *conf)
{
	return conf->attributes.password_salt[0] != '\0' && conf->attributes.password.len == 0;
}

static const struct {
	const char *name;
	bool (*broken)(const struct conf *conf);
	const char *text;
} checks[] = {
    {"profile", without_table,
	"maps attributes of a table in DynamoDB, but [store] engine is another; set engine = "
	"dynamodb, or remove the section"},
    {"partition_value", without_realm,
	"missing; with sort_key write the partition, or realm, whose users log in"},
    {"partition_value", without_sort_key,
	"a partition without sort_key; name the sort key that holds the names, or remove this"},
    {"default_hosts", hosts_twice,
	"beside hosts, which the table has; an account without it may log in nowhere, so remove "
	"one of them"},
    {"writable", writable_for_nothing,
	"there is no map, and our own table is always written; remove it"},
    {"default_status", no_status,
	"missing; without an attribute for status say here what every record is: active"},
    {"password_changed_at", ages_unknown,
	"missing, so that with max_age_days every password is too old; name the attribute, or set "
	"max_age_days = 0"},
    {"password_salt", salt_alone,
	"a salt without password; name the attribute with the hash, or remove this"},
};

bool
conf_attributes_check(const struct conf *conf, const unsigned *lines, const struct conf_key **key,
    char why[CONF_WHY_SIZE])
{
	struct uses uses;

	collect(conf, &uses);
	if (!names_differ(&uses, lines, key, why) || !secrets_hidden(&uses, key, why) ||
	    !counts_fit(conf, key, why))
		return false;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].broken(conf))
			continue;
		*key = conf_find(SECTION, checks[i].name);
		(void)snprintf(why, CONF_WHY_SIZE, "%s", checks[i].text);
		return false;
	}
	return true;
}
