/* SPDX-License-Identifier: BSD-2-Clause */
/* What several forms share. */
#include "web/pages.h"

#include <string.h>

#include "web/text.h"

static const struct field new_password[] = {
    {.name = "password",
	.hint = MESSAGE(
	    "At least {minimum} characters. Any characters and spaces are allowed; a few "
	    "unrelated words make a good password."),
	.missing = MESSAGE("Enter a password"),
	.autocomplete = "new-password",
	.max = PAGES_PASSWORD_MAX,
	.flags = FIELD_REQUIRED | FIELD_PASSWORD | FIELD_NEW_PASSWORD},
    {.name = "password2",
	.label = MESSAGE("Repeat the password"),
	.missing = MESSAGE("Repeat the password"),
	.autocomplete = "new-password",
	.max = PAGES_PASSWORD_MAX,
	.flags = FIELD_REQUIRED | FIELD_PASSWORD},
};

void
pages_add_new_password(struct page *page, const char *label)
{
	page_set_number(page->minimum, page->info.min_length);
	page_set(page, "minimum", page->minimum);
	for (size_t i = 0; i < sizeof(new_password) / sizeof(new_password[0]); i++) {
		struct field field = new_password[i];

		field.min = page->info.min_length;
		if (field.label == NULL)
			field.label = label;
		page_add_field(page, &field);
	}
}

bool
pages_check_new_password(struct page *page)
{
	const char *first = page_typed(page, "password");
	const char *second = page_typed(page, "password2");

	if (first[0] != '\0' && second[0] != '\0' && strcmp(first, second) != 0)
		page_error(page, "password2", MESSAGE("The two passwords do not match"));
	return page->error_count == 0;
}

bool
pages_read_address(const char *typed, char out[PAGES_ADDRESS_SIZE])
{
	const char *at;

	out[0] = '\0';
	if (strlen(typed) >= PAGES_ADDRESS_SIZE)
		return false;
	strcpy(out, typed);
	text_trim(out);
	at = strchr(out, '@');
	return at != NULL && at != out && at[1] != '\0' && strchr(at + 1, '@') == NULL;
}
