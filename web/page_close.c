/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/outcome.h"
#include "web/pages.h"

const struct field close_fields[] = {
    {.name = "current",
	.label = MESSAGE("Current password"),
	.missing = MESSAGE("Enter your current password"),
	.autocomplete = "current-password",
	.max = 1024,
	.flags = FIELD_REQUIRED | FIELD_PASSWORD},
    {.name = "sure",
	.label = MESSAGE("Close my account. I know that it cannot be opened again."),
	.missing = MESSAGE("Tick the box to close your account"),
	.max = 8,
	.flags = FIELD_REQUIRED | FIELD_CHECKBOX},
    {.name = NULL},
};

static const struct outcome outcomes[] = {
    {WEB_REFUSED, 422, "current", MESSAGE("The current password is not correct")},
    {.message = NULL},
};

void
close_show(struct page *page)
{
	page_set(page, "user", page->user);
	page_show(page, MESSAGE("Close your account"), "close");
}

void
close_post(struct page *page)
{
	struct frame_writer *writer;

	if (!page_complete(page)) {
		close_show(page);
		return;
	}
	writer = page_ask_begin(page, WEB_CLOSE);
	page_add_session(page, writer);
	frame_add_string(writer, PROTOCOL_TAG_PASSWORD, page_typed(page, "current"));
	if (page_ask(page) != WEB_DONE) {
		outcome_show(page, outcomes);
		return;
	}
	page_forget_session(page);
	page_redirect(page, "/signin?ok=closed");
}
