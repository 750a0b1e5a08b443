/* SPDX-License-Identifier: BSD-2-Clause */
/* A map from the text of [attributes], and items from JSON in which ' stands for ". */
#ifndef ATTRIBUTE_FIXTURE_H
#define ATTRIBUTE_FIXTURE_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribute_map.h"

struct mapping {
	struct conf conf;
	struct attribute_map map;
};

static inline struct mapping *
mapped(const char *lines)
{
	struct mapping *mapping = calloc(1, sizeof(*mapping));
	char text[1024], reason[512];

	assert_non_null(mapping);
	(void)snprintf(text, sizeof(text),
	    "[store]\nengine=dynamodb\n[dynamodb]\nregion=x\n[attributes]\n%s\n", lines);
	if (conf_parse("FILE", text, strlen(text), NULL, reason, sizeof(reason), &mapping->conf) !=
	    PD_OK)
		fail_msg("%s", reason);
	attribute_map_init(&mapping->map, &mapping->conf);
	return mapping;
}

static inline void
unmapped(struct mapping *mapping)
{
	conf_free(&mapping->conf);
	free(mapping);
}

static inline struct json *
item_of(const char *text)
{
	struct json *item = NULL;
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	if (json_parse(copy, strlen(copy), &item) != PD_OK)
		fail_msg("%s", copy);
	free(copy);
	return item;
}

#endif
