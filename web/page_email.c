/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/outcome.h"
#include "web/pages.h"

const struct field email_fields[] = {
    {.name = "email",
	.label = MESSAGE("New email address"),
	.missing = MESSAGE("Enter your new email address"),
	.type = "email",
	.autocomplete = "email",
	.inputmode = "email",
	.max = 254,
	.flags = FIELD_REQUIRED | FIELD_PLAIN},
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

void
email_show(struct page *page)
{
	page_set(page, "user", page->user);
	page_show(page, MESSAGE("Change your email address"), "email");
}

void
email_post(struct page *page)
{
	char address[PAGES_ADDRESS_SIZE];
	struct frame_writer *writer;

	if (page_complete(page) && !pages_read_address(page_typed(page, "email"), address))
		page_error(page, "email", MESSAGE("Enter an email address like name@example.org"));
	if (page->error_count > 0) {
		email_show(page);
		return;
	}
	writer = page_ask_begin(page, WEB_EMAIL);
	page_add_session(page, writer);
	frame_add_string(writer, PROTOCOL_TAG_PASSWORD, page_typed(page, "current"));
	frame_add_string(writer, WEB_TAG_EMAIL, address);
	if (page_ask(page) == WEB_DONE)
		page_redirect(page, "/profile?ok=email");
	else
		outcome_show(page, outcomes);
}

void
resend_post(struct page *page)
{
	page_add_session(page, page_ask_begin(page, WEB_RESEND));
	if (page_ask(page) == WEB_DONE)
		page_redirect(page, "/profile?ok=resent");
	else
		outcome_show(page, NULL);
}
