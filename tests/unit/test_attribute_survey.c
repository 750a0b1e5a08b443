/* SPDX-License-Identifier: BSD-2-Clause */
/* What is counted of items, and what is never kept. */
#include "attribute_fixture.h"

#include "core/attribute_survey.h"

#define LINES                                                                                 \
	"partition_key=id\nschema=\nversion=\nstatus=on\npassword=pw\npassword_salt=grain\n"  \
	"full_name=first last\nhosts=\ndefault_hosts=*\nuid=number\nprofile_fields=more\n"    \
	"password_changed_at=\npassword_must_change=\naccount_expires_at=\nemail_verified=\n" \
	"epoch=\ngid=\nhome=\nshell=\ngroups=\nservices=\nssh_keys=\ncreated_at=\nupdated_at="

static const struct policy_context context = {
    .host_short = "desk", .host_full = "desk", .now = 1795334400, .minimum_uid = 1000};

static struct attribute_survey *
surveyed(const struct mapping *mapping, const char *const items[])
{
	struct attribute_survey *survey = calloc(1, sizeof(*survey));

	assert_non_null(survey);
	assert_int_equal(attribute_survey_init(survey, &mapping->conf, &context), PD_OK);
	for (size_t i = 0; items[i] != NULL; i++) {
		struct json *item = item_of(items[i]);

		attribute_survey_add(survey, item);
		json_free(item);
	}
	assert_false(survey->failed);
	return survey;
}

static void
ended(struct attribute_survey *survey, struct mapping *mapping)
{
	attribute_survey_free(survey);
	attribute_survey_free(survey);
	free(survey);
	unmapped(mapping);
}

static const struct attribute_survey_row *
row(const struct attribute_survey *survey, const char *attribute)
{
	for (size_t i = 0; i < survey->row_count; i++)
		if (strcmp(survey->rows[i].attribute, attribute) == 0)
			return &survey->rows[i];
	fail_msg("%s", attribute);
	return NULL;
}

static size_t
counted(const struct attribute_tally *tally, const char *word)
{
	for (size_t i = 0; i < tally->words.len; i++)
		if (strcmp(tally->words.items[i], word) == 0)
			return tally->counts[i];
	return 0;
}

#define GOOD(name) \
	"{'id':{'S':'" name "'},'on':{'BOOL':true},'number':{'N':'5000'},'pw':{'S':'" DIGEST "'}"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *const some[] = {
    GOOD("alice") ",'first':{'S':'Alice'},'grain':{'S':'salt'},'more':{'M':{'a':{'S':'b'}}}}",
    "{'id':{'S':'bob'},'on':{'BOOL':true},'number':{'N':'1'},'first':{'NULL':true}}",
    GOOD("carol") ",'first':{'L':[]}}",
    GOOD("Dave") "}",
    "{'id':{'S':'erin'},'on':{'S':'banned'},'pw':{'S':'plain text'},'extra':{'N':'1'}}",
    "{'id':{'S':'frank'},'on':{'N':'1'},'number':{'N':'5001'},'extra':{'N':'1'}}",
    "{'id':{'N':'7'}}",
    NULL,
};

static void
everything_is_counted(void **state)
{
	struct mapping *mapping = mapped(LINES);
	struct attribute_survey *survey = surveyed(mapping, some);

	(void)state;
	assert_int_equal(survey->items, 7);
	assert_int_equal(survey->elsewhere, 1);
	assert_int_equal(survey->understood, 4);
	assert_int_equal(survey->with_uid, 3);
	assert_int_equal(survey->may_log_in, 1);
	assert_int_equal(counted(&survey->names, "Dave"), 1);
	assert_int_equal(counted(&survey->corrupt, "carol: attribute first: not of its type"), 1);
	assert_int_equal(counted(&survey->statuses, "active"), 3);
	assert_int_equal(counted(&survey->statuses, "disabled"), 1);
	assert_int_equal(counted(&survey->others, "extra"), 2);
	assert_int_equal(counted(&survey->hashes, "none"), 2);
	assert_int_equal(counted(&survey->hashes, "not understood"), 1);
	assert_int_equal(counted(&survey->reasons, "low-uid"), 1);
	assert_int_equal(counted(&survey->reasons, "disabled"), 1);
	assert_int_equal(counted(&survey->reasons, "good"), 2);
	assert_int_equal(row(survey, "id")->types.sum, 7);
	assert_int_equal(counted(&row(survey, "id")->types, "N"), 1);
	assert_int_equal(counted(&row(survey, "on")->types, "BOOL"), 4);
	assert_string_equal(row(survey, "first")->example, "Alice");
	assert_string_equal(row(survey, "on")->field, "status");
	ended(survey, mapping);
}

static void
secrets_are_not_kept(void **state)
{
	struct mapping *mapping = mapped(LINES);
	struct attribute_survey *survey = surveyed(mapping, (const char *const[]){some[0], NULL});

	(void)state;
	assert_true(row(survey, "pw")->secret);
	assert_true(row(survey, "grain")->secret);
	assert_string_equal(row(survey, "pw")->example, "");
	assert_string_equal(row(survey, "grain")->example, "");
	assert_string_equal(row(survey, "more")->example, "");
	assert_int_equal(row(survey, "grain")->types.sum, 1);
	ended(survey, mapping);
}

static void
many_words_are_counted_in_sum(void **state)
{
	struct mapping *mapping = mapped(LINES);
	struct attribute_survey *survey = surveyed(mapping, (const char *const[]){NULL});

	(void)state;
	for (size_t i = 0; i < ATTRIBUTE_SURVEY_WORDS * 2; i++) {
		char text[64];
		struct json *item;

		(void)snprintf(text, sizeof(text), "{'id':{'S':'Name%zu'}}", i);
		item = item_of(text);
		attribute_survey_add(survey, item);
		json_free(item);
	}
	assert_int_equal(survey->names.words.len, ATTRIBUTE_SURVEY_WORDS);
	assert_int_equal(survey->names.sum, ATTRIBUTE_SURVEY_WORDS * 2);
	ended(survey, mapping);
}

static void
items_that_keep_things_unique_are_no_users(void **state)
{
	static const char *const items[] = {
	    "{'username':{'S':'uid#5'},'owner':{'S':'alice'}}",
	    "{'username':{'S':'alice'},'schema':{'N':'1'},'version':{'N':'1'},'status':{'S':"
	    "'active'}}",
	    NULL,
	};
	struct mapping *mapping = mapped("");
	struct attribute_survey *survey = surveyed(mapping, items);

	(void)state;
	assert_int_equal(survey->items, 1);
	assert_int_equal(survey->understood, 1);
	assert_int_equal(survey->names.sum, 0);
	ended(survey, mapping);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_is_counted),
	    cmocka_unit_test(secrets_are_not_kept),
	    cmocka_unit_test(many_words_are_counted_in_sum),
	    cmocka_unit_test(items_that_keep_things_unique_are_no_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
