/* SPDX-License-Identifier: BSD-2-Clause */
/* Which attribute is which field, keys, and writing; attribute_read.c reads. */
#include "core/attribute_map.h"

#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/secret.h"

void
attribute_map_init(struct attribute_map *map, const struct conf *conf)
{
	const struct conf_attributes *attributes = &conf->attributes;

	*map = (struct attribute_map){.conf = conf, .mapped = conf_attributes_mapped(conf)};
	map->key = attributes->partition_key;
	if (attributes->sort_key[0] != '\0') {
		map->key = attributes->sort_key;
		map->partition = attributes->partition_key;
	}
	for (size_t i = 0; i < user_type.field_count && i < ATTRIBUTE_MAP_FIELDS; i++)
		map->names[i] = conf_attributes_of(conf, user_type.fields[i].name);
}

static const struct strlist *
names_of(const struct attribute_map *map, const struct field *field)
{
	return map->names[field - user_type.fields];
}

bool
attribute_map_has(const struct attribute_map *map, const struct field *field)
{
	const struct strlist *names = names_of(map, field);

	return !map->mapped || names == NULL || names->len > 0;
}

struct json *
attribute_map_key(const struct attribute_map *map, const char *name)
{
	struct json *key = json_new_object();
	bool ok = key != NULL;

	if (ok && map->partition != NULL)
		ok = json_put(
		    key, map->partition, item_new_string(map->conf->attributes.partition_value));
	if (ok)
		ok = json_put(key, map->key, item_new_string(name));
	if (ok)
		return key;
	json_free(key);
	return NULL;
}

static const char *
string_of(const struct json *item, const char *attribute)
{
	const struct json *inner;

	if (item_type(json_get(item, attribute), &inner) != ITEM_S)
		return NULL;
	return json_string(inner, NULL);
}

const char *
attribute_map_name(const struct attribute_map *map, const struct json *item)
{
	const char *realm = map->partition != NULL ? string_of(item, map->partition) : NULL;

	if (map->partition != NULL &&
	    (realm == NULL || strcmp(realm, map->conf->attributes.partition_value) != 0))
		return NULL;
	return string_of(item, map->key);
}

/* Fields that only tell of the write itself: where the table has no place for them, they are not
 * kept. */
static bool
is_bookkeeping(const struct field *field)
{
	return (field->flags & FIELD_EDITABLE) == 0 && (field->flags & FIELD_SECRET) == 0;
}

static bool
is_named(const struct field *field, const char *name)
{
	return strcmp(field->name, name) == 0;
}

/* A word is only put where a word was: into a table that keeps our versions. */
static bool
status_writable(const struct attribute_map *map)
{
	const struct conf_attributes *attributes = &map->conf->attributes;

	return attributes->version.len == 1 && attributes->status.len == 1 &&
	    attributes->status.items[0][0] != '!';
}

static const char *
refuses_field(const struct attribute_map *map, const struct field *field)
{
	if (is_named(field, "uid") || is_named(field, "email"))
		return "kept unique by the software that keeps the table, which alone can change "
		       "it";
	if (!attribute_map_has(map, field))
		return is_bookkeeping(field) ? NULL : "not in the table; [attributes] names none";
	if (is_named(field, "status") && !status_writable(map))
		return "changed by the software that keeps the table; `pam-dynamo lock` keeps a "
		       "user out";
	if (names_of(map, field)->len > 1)
		return "made of several attributes, which are only read";
	return NULL;
}

const char *
attribute_map_refuses(const struct attribute_map *map, const struct user *before,
    const struct user *after, const struct field **field)
{
	for (size_t i = 1; i < user_type.field_count; i++) {
		const char *text;

		*field = &user_type.fields[i];
		if (record_field_equal(*field, before, after))
			continue;
		text = refuses_field(map, *field);
		if (text != NULL)
			return text;
	}
	return NULL;
}

void
attribute_map_update(const struct attribute_map *map, struct item_expression *expression,
    const struct user *before, const struct user *after)
{
	struct field fields[ATTRIBUTE_MAP_FIELDS];
	struct record_type type = {
	    .name = user_type.name, .fields = fields, .size = user_type.size};

	for (size_t i = 1; i < user_type.field_count; i++) {
		const struct field *field = &user_type.fields[i];

		if (names_of(map, field)->len != 1)
			continue;
		fields[type.field_count] = *field;
		fields[type.field_count++].name = names_of(map, field)->items[0];
	}
	item_expression_update(expression, &type, before, after);
}

/* The hash as it stands in the table: a salt of its own attribute is not part of it. */
static const char *
stored_hash(const struct attribute_map *map, const char *password)
{
	const char *end = strrchr(password, '$');
	bool salted = map->conf->attributes.password_salt[0] != '\0' &&
	    strncmp(password, "{SHA3-256}", 10) == 0;

	return salted && end != NULL ? end + 1 : password;
}

/* The old password, which others may have written as bytes. */
static void
password_condition(struct item_expression *expression, const char *attribute, const char *hash)
{
	item_expression_add(expression, "(#=:", attribute, item_new_string(hash));
	item_expression_add(expression, " OR #=:)", attribute, item_new_binary(hash));
}

void
attribute_map_condition(
    const struct attribute_map *map, struct item_expression *expression, const struct user *before)
{
	const struct conf_attributes *attributes = &map->conf->attributes;

	if (attributes->version.len == 1)
		item_expression_add(expression, "#=:", attributes->version.items[0],
		    item_new_number(before->version));
	else if (attributes->password.len == 0)
		item_expression_add(expression, "attribute_exists(#)", map->key, NULL);
	else if (before->password == NULL)
		item_expression_add(
		    expression, "attribute_not_exists(#)", attributes->password.items[0], NULL);
	else
		password_condition(
		    expression, attributes->password.items[0], stored_hash(map, before->password));
}
