/* SPDX-License-Identifier: BSD-2-Clause */
/* Items of tables that are not ours, by three maps: what is read keeps every rule of a record, or
 * the fault names an attribute; a survey never shows a secret. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribute_map.h"
#include "core/attribute_survey.h"

#define DYNAMODB "[store]\nengine=dynamodb\n[dynamodb]\nregion=x\n[attributes]\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

static void
try_map(const char *text, const struct json *item)
{
	static const struct policy_context context = {.now = 1795334400, .minimum_uid = 1000};
	struct attribute_survey *survey = calloc(1, sizeof(*survey));
	struct attribute_fault fault = {NULL, NULL};
	struct attribute_map map;
	struct conf conf;
	struct user user;

	must(survey != NULL &&
	    conf_parse("fuzz", text, strlen(text), NULL, NULL, 0, &conf) == PD_OK);
	attribute_map_init(&map, &conf);
	if (attribute_map_read(&map, item, &user, &fault) == PD_OK) {
		must(user_check(&user, NULL) == PD_OK);
		must(strcmp(user.username, attribute_map_name(&map, item)) == 0);
		user_free(&user);
	} else {
		must(fault.attribute != NULL && fault.text != NULL);
	}
	must(attribute_survey_init(survey, &conf, &context) == PD_OK);
	attribute_survey_add(survey, item);
	for (size_t i = 0; i < survey->row_count; i++)
		must(!survey->rows[i].secret || survey->rows[i].example[0] == '\0');
	attribute_survey_free(survey);
	free(survey);
	conf_free(&conf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *item;

	if (json_parse((const char *)data, size, &item) != PD_OK)
		return 0;
	try_map(DYNAMODB "profile=flask-boto3\ndefault_hosts=*\n", item);
	try_map(DYNAMODB "profile=pam-dynamo-realm\npartition_value=r\n", item);
	try_map(DYNAMODB "default_status=active\nstatus=!a b\nfull_name=c d\nprofile_fields=e f\n"
			 "password_salt=s\nschema=\nversion=\n",
	    item);
	json_free(item);
	return 0;
}
