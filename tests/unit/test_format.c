/* SPDX-License-Identifier: BSD-2-Clause */
/* pam_dynamo/core/FORMAT.md against the two field tables. Run from the top folder. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "core/user.h"

#define FORMAT "pam_dynamo/core/FORMAT.md"

static const char *
type_word(const struct field *field)
{
	switch (field->type) {
	case FIELD_STRING:
		return "string";
	case FIELD_NUMBER:
		return (field->flags & FIELD_TIME) != 0 ? "time" : "number";
	case FIELD_BOOL:
		return "boolean";
	case FIELD_SET:
		return "set";
	case FIELD_LIST:
		return "list";
	case FIELD_MAP:
		return "map";
	}
	return "";
}

/* The row of a field in the table under `heading`; "" if there is none. */
static void
find_row(const char *heading, const struct field *field, char row[512])
{
	FILE *file = fopen(FORMAT, "r");
	bool inside = false;
	char wanted[64];

	if (file == NULL)
		fail_msg("%s cannot be read: run this from the top folder", FORMAT);
	(void)snprintf(wanted, sizeof(wanted), "| `%s` |", field->name);
	while (fgets(row, 512, file) != NULL) {
		if (strncmp(row, "## ", 3) == 0)
			inside = strncmp(row + 3, heading, strlen(heading)) == 0;
		if (inside && strncmp(row, wanted, strlen(wanted)) == 0)
			break;
		row[0] = '\0';
	}
	assert_int_equal(fclose(file), 0);
}

/* Name, type and necessity in the row's columns; bounds of texts and elements somewhere in it. */
static void
check_row(const char *heading, const struct field *field)
{
	bool needed = (field->flags & FIELD_REQUIRED) != 0;
	char wanted[128];
	char row[512];

	find_row(heading, field, row);
	(void)snprintf(wanted, sizeof(wanted), "| `%s` | %s |%s|", field->name, type_word(field),
	    needed ? " yes " : " ");
	if (strncmp(row, wanted, strlen(wanted)) != 0)
		fail_msg("%s: no row that begins with %s", heading, wanted);
	if (field->max_items > 0) {
		(void)snprintf(wanted, sizeof(wanted), "%zu ", field->max_items);
		if (strstr(row, wanted) == NULL)
			fail_msg("%s: %s does not say %s", heading, field->name, wanted);
	}
	if ((field->type == FIELD_STRING && (field->flags & FIELD_REQUIRED) == 0) ||
	    field->type == FIELD_LIST || field->type == FIELD_MAP) {
		(void)snprintf(wanted, sizeof(wanted), "%lld bytes", (long long)field->max);
		if (strstr(row, wanted) == NULL)
			fail_msg("%s: %s does not say %s", heading, field->name, wanted);
	}
}

static void
every_user_attribute_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < user_type.field_count; i++)
		check_row("Users", &user_type.fields[i]);
}

static void
every_state_attribute_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < state_type.field_count; i++)
		check_row("State", &state_type.fields[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_user_attribute_is_described),
	    cmocka_unit_test(every_state_attribute_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
