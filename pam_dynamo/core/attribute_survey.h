/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a map makes of the items of a table, counted: for `pam-dynamo map check`. Pure. No value of
 * a secret is kept, of a password only the name of its hash's format.
 */
#ifndef ATTRIBUTE_SURVEY_H
#define ATTRIBUTE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/conf.h"
#include "core/json.h"
#include "core/policy.h"
#include "core/strlist.h"

#define ATTRIBUTE_SURVEY_ROWS 128
#define ATTRIBUTE_SURVEY_WORDS 32   /* different ones that are counted apart */
#define ATTRIBUTE_SURVEY_EXAMPLE 48 /* bytes of an example */

/* Words and how often each came. */
struct attribute_tally {
	struct strlist words;
	size_t counts[ATTRIBUTE_SURVEY_WORDS];
	size_t sum;
};

/* One attribute that the map names. */
struct attribute_survey_row {
	const char *attribute;
	const char *field; /* of the record; "username", "partition", "salt" for the others */
	bool secret;       /* then example is "" */
	struct attribute_tally types; /* "S", "N", ...; its sum is the items that have it */
	char example[ATTRIBUTE_SURVEY_EXAMPLE + 1];
};

struct attribute_survey {
	const struct conf *conf;
	const struct policy_context *context;
	struct attribute_map *map;
	struct attribute_survey_row rows[ATTRIBUTE_SURVEY_ROWS];
	size_t row_count;
	size_t items;
	size_t elsewhere;               /* of another partition, or without a name */
	struct attribute_tally others;  /* attributes that the map does not name */
	struct attribute_tally names;   /* outside the grammar */
	struct attribute_tally corrupt; /* "alice: attribute email: not of its type" */
	size_t understood;
	size_t with_uid;
	struct attribute_tally statuses;
	struct attribute_tally hashes;  /* format, "none", "not understood", "too expensive" */
	struct attribute_tally reasons; /* policy_reason_word of the account on this host */
	size_t may_log_in;              /* by password, here and now */
	size_t not_resolved; /* of these: the user database of a host does not show them */
	bool failed;         /* no memory: some of it was not counted */
};

/* conf and context are borrowed. PD_NO_MEMORY. Free always. */
enum pd_error attribute_survey_init(
    struct attribute_survey *survey, const struct conf *conf, const struct policy_context *context);
void attribute_survey_free(struct attribute_survey *survey);

/* One item as the table holds it. */
void attribute_survey_add(struct attribute_survey *survey, const struct json *item);

#endif
