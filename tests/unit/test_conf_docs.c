/* SPDX-License-Identifier: BSD-2-Clause */
/* The commented file and the man page against the table. Run from the top folder. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/conf.h"

#define CONF_FILE "conf/pam_dynamo.conf"
#define MAN_PAGE "conf/pam_dynamo.conf.5"

/* Calls fn with each line, without its newline. */
static void
each_line(const char *path, void (*fn)(void *ctx, char *line), void *ctx)
{
	FILE *file = fopen(path, "r");
	char line[512];

	if (file == NULL)
		fail_msg("%s cannot be read: run this from the top folder", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		fn(ctx, line);
	}
	assert_int_equal(fclose(file), 0);
}

/* "#key = value" without a blank after the # is a setting that is switched off. */
static void
uncomment(void *ctx, char *line)
{
	bool setting = line[0] == '#' && line[1] >= 'a' && line[1] <= 'z';

	buf_add_format(ctx, "%s\n", setting ? line + 1 : line);
}

static bool
same_value(const struct conf *a, const struct conf *b, const struct conf_key *key)
{
	const void *left = (const char *)a + key->offset;
	const void *right = (const char *)b + key->offset;

	switch (key->type) {
	case CONF_STRING:
		return strcmp(*(char *const *)left, *(char *const *)right) == 0;
	case CONF_NUMBER:
		return *(const int64_t *)left == *(const int64_t *)right;
	case CONF_BOOL:
		return *(const bool *)left == *(const bool *)right;
	case CONF_ENUM:
		return *(const int *)left == *(const int *)right;
	case CONF_LIST:
		return strlist_equal(left, right);
	}
	return false;
}

static void
keep(void *ctx, char *line)
{
	buf_add_format(ctx, "%s\n", line);
}

static void
assert_equals_defaults(void (*read_line)(void *ctx, char *line))
{
	struct conf defaults, conf;
	char reason[512];
	struct buf text;

	buf_init(&text, 0);
	each_line(CONF_FILE, read_line, &text);
	assert_int_equal(conf_init(&defaults), PD_OK);
	if (conf_parse(CONF_FILE, buf_string(&text), text.len, NULL, reason, sizeof(reason),
		&conf) != PD_OK)
		fail_msg("%s", reason);
	for (size_t i = 0; i < conf_key_count; i++) {
		if (!same_value(&defaults, &conf, &conf_keys[i]))
			fail_msg("[%s] %s differs", conf_keys[i].section, conf_keys[i].name);
	}
	conf_free(&conf);
	conf_free(&defaults);
	buf_free(&text);
}

static void
the_file_as_shipped_changes_nothing(void **state)
{
	(void)state;
	assert_equals_defaults(keep);
}

static void
the_file_uncommented_equals_the_defaults(void **state)
{
	(void)state;
	assert_equals_defaults(uncomment);
}

/* Looks for one row: the section first, then a line that sets or documents the key. */
struct search {
	const struct conf_key *key;
	const char *section_format;
	const char *key_format;
	const char *after; /* what may follow the key */
	bool inside;
	unsigned found;
};

static void
look(void *ctx, char *line)
{
	struct search *search = ctx;
	char wanted[128];

	if (strncmp(line, search->section_format, strcspn(search->section_format, "%")) == 0) {
		(void)snprintf(wanted, sizeof(wanted), "[%s]", search->key->section);
		search->inside = strstr(line, wanted) != NULL;
	}
	(void)snprintf(
	    wanted, sizeof(wanted), "%s%s%s", search->key_format, search->key->name, search->after);
	if (search->inside && strncmp(line, wanted, strlen(wanted)) == 0 &&
	    (search->after[0] != '\0' || line[strlen(wanted)] == '\0'))
		search->found++;
}

static void
every_key_stands_once_in_the_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_key_count; i++) {
		struct search search = {
		    .key = &conf_keys[i], .section_format = "[%", .key_format = "#", .after = " ="};

		each_line(CONF_FILE, look, &search);
		if (search.found != 1)
			fail_msg("[%s] %s stands %u times in %s", conf_keys[i].section,
			    conf_keys[i].name, search.found, CONF_FILE);
	}
}

static void
every_key_is_in_the_man_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_key_count; i++) {
		struct search search = {.key = &conf_keys[i],
		    .section_format = ".Ss [%",
		    .key_format = ".It Cm ",
		    .after = ""};

		each_line(MAN_PAGE, look, &search);
		if (search.found != 1)
			fail_msg("[%s] %s stands %u times in %s", conf_keys[i].section,
			    conf_keys[i].name, search.found, MAN_PAGE);
	}
}

static void
every_key_of_a_field_is_in_the_man_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_field_key_count; i++) {
		struct conf_key key = conf_field_keys[i];
		struct search search = {
		    .key = &key, .section_format = ".Ss [%", .key_format = ".It Cm ", .after = ""};

		key.section = "field NAME";
		each_line(MAN_PAGE, look, &search);
		if (search.found != 1)
			fail_msg("[field NAME] %s stands %u times in %s", key.name, search.found,
			    MAN_PAGE);
	}
}

/* What the man page says about one key. */
struct entry {
	const struct conf_key *key;
	struct buf text;
	bool inside_section;
	bool inside;
};

static void
collect(void *ctx, char *line)
{
	struct entry *entry = ctx;
	char section[64];
	char item[96];

	(void)snprintf(section, sizeof(section), ".Ss [%s]", entry->key->section);
	(void)snprintf(item, sizeof(item), ".It Cm %s", entry->key->name);
	if (strncmp(line, ".Ss", 3) == 0 || strncmp(line, ".Sh", 3) == 0) {
		entry->inside_section = strcmp(line, section) == 0;
		entry->inside = false;
	}
	if (strncmp(line, ".It Cm ", 7) == 0)
		entry->inside = entry->inside_section && strcmp(line, item) == 0;
	if (entry->inside)
		buf_add_format(&entry->text, "%s\n", line);
}

static void
the_man_page_tells_every_numbers_default(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_key_count; i++) {
		struct entry entry = {.key = &conf_keys[i]};
		char wanted[64];

		if (conf_keys[i].type != CONF_NUMBER)
			continue;
		buf_init(&entry.text, 0);
		each_line(MAN_PAGE, collect, &entry);
		(void)snprintf(wanted, sizeof(wanted), "Default: %s", conf_keys[i].text_default);
		if (strstr(buf_string(&entry.text), wanted) == NULL)
			fail_msg("no \"%s\" at %s", wanted, conf_keys[i].name);
		buf_free(&entry.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_file_as_shipped_changes_nothing),
	    cmocka_unit_test(the_file_uncommented_equals_the_defaults),
	    cmocka_unit_test(every_key_stands_once_in_the_file),
	    cmocka_unit_test(every_key_is_in_the_man_page),
	    cmocka_unit_test(every_key_of_a_field_is_in_the_man_page),
	    cmocka_unit_test(the_man_page_tells_every_numbers_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
