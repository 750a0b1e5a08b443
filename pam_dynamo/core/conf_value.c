/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of the configuration: from text into the struct, by the table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/conf_private.h"
#include "core/number.h"

/* What is at offset of key: the type in the row says how to read it. */
static void *
member(void *record, const struct conf_key *key)
{
	return (char *)record + key->offset;
}

static enum pd_error
set_string(const struct conf_key *key, const char *text, char **value, char *why)
{
	const char *wrong = key->rule != NULL ? key->rule(text) : NULL;
	char *copy;

	if (wrong == conf_rule_no_memory)
		return PD_NO_MEMORY;
	if (wrong != NULL) {
		(void)snprintf(why, CONF_WHY_SIZE, "%s", wrong);
		return PD_INVALID;
	}
	copy = strdup(text);
	if (copy == NULL)
		return PD_NO_MEMORY;
	free(*value);
	*value = copy;
	return PD_OK;
}

static enum pd_error
set_number(const struct conf_key *key, const char *text, int64_t *value, char *why)
{
	if (number_parse(text, key->min, key->max, value))
		return PD_OK;
	(void)snprintf(why, CONF_WHY_SIZE, "not a number in bounds; write one from %lld to %lld",
	    (long long)key->min, (long long)key->max);
	return PD_INVALID;
}

static enum pd_error
set_bool(const char *text, bool *value, char *why)
{
	static const struct conf_word words[] = {{"yes", true}, {"true", true}, {"on", true},
	    {"no", false}, {"false", false}, {"off", false}, {NULL, 0}};

	for (size_t i = 0; words[i].word != NULL; i++) {
		if (strcmp(text, words[i].word) == 0) {
			*value = words[i].value != 0;
			return PD_OK;
		}
	}
	(void)snprintf(why, CONF_WHY_SIZE, "neither yes nor no; write one of them");
	return PD_INVALID;
}

/* Enumerations of the configuration are stored as the compiler stores them: as unsigned int. */
static enum pd_error
set_enum(const struct conf_key *key, const char *text, void *value, char *why)
{
	size_t used = 0;

	for (size_t i = 0; key->words[i].word != NULL; i++) {
		if (strcmp(text, key->words[i].word) == 0) {
			unsigned int number = (unsigned int)key->words[i].value;

			memcpy(value, &number, sizeof(number));
			return PD_OK;
		}
	}
	used = (size_t)snprintf(why, CONF_WHY_SIZE, "unknown word; write one of");
	for (size_t i = 0; key->words[i].word != NULL && used < CONF_WHY_SIZE; i++)
		used += (size_t)snprintf(why + used, CONF_WHY_SIZE - used, "%s %s",
		    i > 0 ? "," : "", key->words[i].word);
	return PD_INVALID;
}

_Static_assert(sizeof(enum conf_engine) == sizeof(unsigned int), "enums are unsigned int");
_Static_assert(sizeof(enum conf_local_names) == sizeof(unsigned int), "enums are unsigned int");
_Static_assert(sizeof(enum conf_names) == sizeof(unsigned int), "enums are unsigned int");
_Static_assert(sizeof(enum conf_profile) == sizeof(unsigned int), "enums are unsigned int");
_Static_assert(sizeof(enum conf_credentials) == sizeof(unsigned int), "enums are unsigned int");
_Static_assert(sizeof(enum conf_registration) == sizeof(unsigned int), "enums are unsigned int");
_Static_assert(sizeof(enum conf_field_type) == sizeof(unsigned int), "enums are unsigned int");
_Static_assert(sizeof(enum log_level) == sizeof(unsigned int), "enums are unsigned int");

static enum pd_error
set_list(const struct conf_key *key, const char *text, bool more, struct strlist *value, char *why)
{
	struct strlist list = {0};
	enum pd_error error = PD_NO_MEMORY;

	if (more && !strlist_copy(&list, value))
		goto out;
	if (!strlist_split(&list, text))
		goto out;
	for (size_t i = 0; i < list.len; i++) {
		const char *wrong = key->rule != NULL ? key->rule(list.items[i]) : NULL;

		if (wrong == NULL)
			continue;
		(void)snprintf(why, CONF_WHY_SIZE, "%s", wrong);
		error = PD_INVALID;
		goto out;
	}
	strlist_free(value);
	*value = list;
	list = (struct strlist){0};
	error = PD_OK;
out:
	strlist_free(&list);
	return error;
}

enum pd_error
conf_set(
    const struct conf_key *key, const char *text, bool more, void *record, char why[CONF_WHY_SIZE])
{
	why[0] = '\0';
	switch (key->type) {
	case CONF_STRING:
		return set_string(key, text, member(record, key), why);
	case CONF_NUMBER:
		return set_number(key, text, member(record, key), why);
	case CONF_BOOL:
		return set_bool(text, member(record, key), why);
	case CONF_ENUM:
		return set_enum(key, text, member(record, key), why);
	case CONF_LIST:
		return set_list(key, text, more, member(record, key), why);
	}
	return PD_BUG;
}

enum pd_error
conf_set_defaults(const struct conf_key *keys, size_t count, void *record)
{
	char why[CONF_WHY_SIZE];

	for (size_t i = 0; i < count; i++) {
		enum pd_error error = conf_set(&keys[i], keys[i].text_default, false, record, why);

		if (error != PD_OK)
			return error == PD_INVALID ? PD_BUG : error;
	}
	return PD_OK;
}

void
conf_free_values(const struct conf_key *keys, size_t count, void *record)
{
	for (size_t i = 0; i < count; i++) {
		void *value = member(record, &keys[i]);

		if (keys[i].type == CONF_STRING)
			free(*(char **)value);
		if (keys[i].type == CONF_LIST)
			strlist_free(value);
	}
}

enum pd_error
conf_init(struct conf *out)
{
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	error = conf_set_defaults(conf_keys, conf_key_count, out);
	if (error == PD_OK)
		error = conf_fields_init(out);
	if (error != PD_OK)
		conf_free(out);
	return error;
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	conf_fields_free(conf);
	conf_free_values(conf_keys, conf_key_count, conf);
	memset(conf, 0, sizeof(*conf));
}
