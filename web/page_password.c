/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "web/outcome.h"
#include "web/pages.h"

const struct field password_fields[] = {
    {.name = "current",
	.label = MESSAGE("Current password"),
	.missing = MESSAGE("Enter your current password"),
	.autocomplete = "current-password",
	.max = 1024,
	.flags = FIELD_REQUIRED | FIELD_PASSWORD},
    {.name = NULL},
};

static const struct outcome outcomes[] = {
    {WEB_REFUSED, 422, "current", MESSAGE("The current password is not correct")},
    {.message = NULL},
};

bool
password_prepare(struct page *page)
{
	if (!page_load_info(page))
		return false;
	pages_add_new_password(page, MESSAGE("New password"));
	return true;
}

void
password_show(struct page *page)
{
	page_set(page, "user", page->user);
	page_show(page, MESSAGE("Change your password"), "password");
}

static void
check(struct page *page)
{
	const char *current = page_typed(page, "current");

	(void)page_complete(page);
	(void)pages_check_new_password(page);
	if (current[0] != '\0' && strcmp(current, page_typed(page, "password")) == 0)
		page_error(page, "password",
		    MESSAGE("The new password must be different from the current one"));
}

void
password_post(struct page *page)
{
	struct frame_writer *writer;

	check(page);
	if (page->error_count > 0) {
		password_show(page);
		return;
	}
	writer = page_ask_begin(page, WEB_PASSWORD);
	page_add_session(page, writer);
	frame_add_string(writer, PROTOCOL_TAG_PASSWORD, page_typed(page, "current"));
	frame_add_string(writer, PROTOCOL_TAG_NEW_PASSWORD, page_typed(page, "password"));
	if (page_ask(page) == WEB_DONE && page_take_session(page))
		page_redirect(page, "/profile?ok=password");
	else
		outcome_show(page, outcomes);
}
