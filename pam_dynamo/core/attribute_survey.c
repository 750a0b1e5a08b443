/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/attribute_survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribute_map.h"
#include "core/password.h"

static const char *const type_words[] = {
    [ITEM_INVALID] = "?",
    [ITEM_S] = "S",
    [ITEM_N] = "N",
    [ITEM_B] = "B",
    [ITEM_BOOL] = "BOOL",
    [ITEM_NULL] = "NULL",
    [ITEM_M] = "M",
    [ITEM_L] = "L",
    [ITEM_SS] = "SS",
    [ITEM_NS] = "NS",
    [ITEM_BS] = "BS",
};

/* False: no memory. What is beyond the words that are kept counts in the sum alone. */
static bool
count(struct attribute_tally *tally, const char *word)
{
	tally->sum++;
	for (size_t i = 0; i < tally->words.len; i++)
		if (strcmp(tally->words.items[i], word) == 0) {
			tally->counts[i]++;
			return true;
		}
	if (tally->words.len == ATTRIBUTE_SURVEY_WORDS)
		return true;
	if (!strlist_add(&tally->words, word))
		return false;
	tally->counts[tally->words.len - 1] = 1;
	return true;
}

static void
add_row(struct attribute_survey *survey, const char *attribute, const char *field, bool secret)
{
	if (attribute != NULL && attribute[0] != '\0' && survey->row_count < ATTRIBUTE_SURVEY_ROWS)
		survey->rows[survey->row_count++] = (struct attribute_survey_row){
		    .attribute = attribute + (attribute[0] == '!'),
		    .field = field,
		    .secret = secret || conf_attribute_is_secret(attribute)};
}

enum pd_error
attribute_survey_init(
    struct attribute_survey *survey, const struct conf *conf, const struct policy_context *context)
{
	memset(survey, 0, sizeof(*survey));
	survey->conf = conf;
	survey->context = context;
	survey->map = calloc(1, sizeof(*survey->map));
	if (survey->map == NULL)
		return PD_NO_MEMORY;
	attribute_map_init(survey->map, conf);
	add_row(survey, survey->map->partition, "partition", false);
	add_row(survey, survey->map->key, "username", false);
	for (size_t i = 1; i < user_type.field_count; i++) {
		const struct field *field = &user_type.fields[i];
		const struct strlist *names = survey->map->names[i];

		for (size_t j = 0; j < names->len; j++)
			add_row(survey, names->items[j], field->name,
			    (field->flags & FIELD_SECRET) != 0);
	}
	add_row(survey, conf->attributes.password_salt, "salt", true);
	return PD_OK;
}

void
attribute_survey_free(struct attribute_survey *survey)
{
	struct attribute_tally *const tallies[] = {&survey->others, &survey->names,
	    &survey->corrupt, &survey->statuses, &survey->hashes, &survey->reasons};

	for (size_t i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++)
		strlist_free(&tallies[i]->words);
	for (size_t i = 0; i < survey->row_count; i++)
		strlist_free(&survey->rows[i].types.words);
	free(survey->map);
	memset(survey, 0, sizeof(*survey));
}

/* A short text of a plain value, or the first elements of a list; "" for maps and bytes. */
static void
show(const struct json *value, char out[ATTRIBUTE_SURVEY_EXAMPLE + 1])
{
	const struct json *inner;
	enum item_type type = item_type(value, &inner);
	const char *text = json_string(inner, NULL);
	bool flag = false;

	if (type == ITEM_BOOL && json_bool(inner, &flag))
		text = flag ? "true" : "false";
	else if (type == ITEM_SS || type == ITEM_NS)
		text = json_string(json_at(inner, 0), NULL);
	else if (type == ITEM_L && item_type(json_at(inner, 0), &inner) == ITEM_S)
		text = json_string(inner, NULL);
	else if (type != ITEM_S && type != ITEM_N)
		text = NULL;
	(void)snprintf(out, ATTRIBUTE_SURVEY_EXAMPLE + 1, "%s", text != NULL ? text : "");
}

static bool
count_attribute(void *ctx, const char *name, const struct json *value)
{
	struct attribute_survey *survey = ctx;

	for (size_t i = 0; i < survey->row_count; i++) {
		struct attribute_survey_row *row = &survey->rows[i];

		if (strcmp(row->attribute, name) != 0)
			continue;
		survey->failed |= !count(&row->types, type_words[item_type(value, NULL)]);
		if (!row->secret && row->example[0] == '\0')
			show(value, row->example);
		return true;
	}
	survey->failed |= !count(&survey->others, name);
	return true;
}

/* The word for a password, and whether somebody can log in by it. */
static const char *
judge_password(const struct conf *conf, const char *password, bool *good)
{
	const struct password_bound bound = {.memory_kib = (uint32_t)conf->max_memory_kib,
	    .passes = (uint32_t)conf->max_passes,
	    .rounds = (uint32_t)conf->max_rounds};
	const char *name = password != NULL ? password_format_name(password) : NULL;

	*good = false;
	if (password == NULL)
		return "none";
	if (name == NULL)
		return "not understood";
	if (password_check(password, &bound) != PASSWORD_MATCH)
		return "too expensive";
	*good = true;
	return name;
}

static bool
id_in_range(const struct conf *conf, int64_t id)
{
	return id >= conf->uid_min && id <= conf->uid_max;
}

/* Whether a host whose users are those of the directory shows the name to its programs. */
static bool
is_resolved(const struct conf *conf, const struct user *user)
{
	if (conf->names == CONF_NAMES_EMAIL || conf->local_names == CONF_LOCAL_ALLOW)
		return true; /* nobody looks for them there */
	return id_in_range(conf, user->uid) && user->uid >= conf->minimum_uid &&
	    id_in_range(conf, user->gid != 0 ? user->gid : user->uid);
}

static void
count_user(struct attribute_survey *survey, const struct user *user)
{
	struct policy_answer answer = policy_account(user, NULL, survey->context);
	bool good = false;
	const char *hash = judge_password(survey->conf, user->password, &good);

	survey->understood++;
	survey->with_uid += user->uid != 0;
	survey->failed |= !count(&survey->statuses, user->status);
	survey->failed |= !count(&survey->hashes, hash);
	survey->failed |= !count(&survey->reasons, policy_reason_word(answer.reason));
	if (!good || answer.verdict != VERDICT_SUCCESS)
		return;
	survey->may_log_in++;
	survey->not_resolved += !is_resolved(survey->conf, user);
}

static void
count_corrupt(
    struct attribute_survey *survey, const char *name, const struct attribute_fault *fault)
{
	char line[USER_NAME_SIZE + 320];

	(void)snprintf(
	    line, sizeof(line), "%s: attribute %s: %s", name, fault->attribute, fault->text);
	survey->failed |= !count(&survey->corrupt, line);
}

void
attribute_survey_add(struct attribute_survey *survey, const struct json *item)
{
	struct attribute_fault fault = {"?", ""};
	const char *name = attribute_map_name(survey->map, item);
	struct user user = {0};
	enum pd_error error;

	/* The items that keep things unique are no users. */
	if (name != NULL && !survey->map->mapped && strchr(name, '#') != NULL)
		return;
	survey->items++;
	(void)json_each(item, count_attribute, survey);
	if (name == NULL) {
		survey->elsewhere++;
		return;
	}
	if (!user_name_allowed(name, survey->conf->names)) {
		survey->failed |= !count(&survey->names, name);
		return;
	}
	error = attribute_map_read(survey->map, item, &user, &fault);
	if (error == PD_OK)
		count_user(survey, &user);
	else if (error == PD_CORRUPT)
		count_corrupt(survey, name, &fault);
	else
		survey->failed = true;
	user_free(&user);
}
