/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "web/outcome.h"
#include "web/pages.h"

const struct field reset_fields[] = {
    {.name = "username",
	.label = MESSAGE("User name or email address"),
	.missing = MESSAGE("Enter your user name or email address"),
	.autocomplete = "username",
	.max = 254,
	.flags = FIELD_REQUIRED | FIELD_PLAIN},
    {.name = NULL},
};

const struct field reset_confirm_fields[] = {
    {.name = "t", .max = 64, .flags = FIELD_HIDDEN},
    {.name = "username",
	.label = MESSAGE("User name"),
	.autocomplete = "username",
	.max = 254,
	.flags = FIELD_READONLY | FIELD_PLAIN},
    {.name = NULL},
};

void
reset_show(struct page *page)
{
	page_show(page, MESSAGE("Reset your password"), "reset");
}

/* The same answer whether there is such a user or not. */
void
reset_post(struct page *page)
{
	if (!page_complete(page)) {
		reset_show(page);
		return;
	}
	if (strlen(page_typed(page, "username")) > PAGES_NAME_MAX) {
		page_redirect(page, "/reset/sent");
		return;
	}
	frame_add_string(page_ask_begin(page, WEB_RESET_REQUEST), PROTOCOL_TAG_USER,
	    page_typed(page, "username"));
	if (page_ask(page) == WEB_DONE)
		page_redirect(page, "/reset/sent");
	else
		outcome_show(page, NULL);
}

void
reset_sent_show(struct page *page)
{
	page_set(page, "done",
	    language_text(
		MESSAGE("If an account matches and has a verified address, we have sent a "
			"message. The link in it is valid for 30 minutes.")));
	page_show(page, MESSAGE("Reset your password"), "submitted");
}

bool
reset_confirm_prepare(struct page *page)
{
	if (!page_load_info(page))
		return false;
	pages_add_new_password(page, MESSAGE("New password"));
	return true;
}

void
reset_confirm_show(struct page *page)
{
	const char *token = page->request.method == REQUEST_POST ? page_typed(page, "t")
								 : form_get(&page->query, "t");

	if (page->request.method != REQUEST_POST || page->status == 422) {
		struct frame_writer *writer = page_ask_begin(page, WEB_TOKEN_CHECK);

		frame_add_string(writer, WEB_TAG_KIND, "reset");
		frame_add_string(writer, WEB_TAG_TOKEN, token);
		if (page_ask(page) != WEB_DONE) {
			outcome_show(page, NULL);
			return;
		}
		(void)frame_string(
		    &page->call.reply, PROTOCOL_TAG_USER, page->user, sizeof(page->user));
	}
	page_set_initial(page, "t", token);
	page_set_initial(page, "username", page->user);
	page_show(page, MESSAGE("Choose a new password"), "reset_confirm");
}

void
reset_confirm_post(struct page *page)
{
	struct frame_writer *writer;

	(void)page_complete(page);
	if (!pages_check_new_password(page)) {
		reset_confirm_show(page);
		return;
	}
	writer = page_ask_begin(page, WEB_RESET);
	frame_add_string(writer, WEB_TAG_TOKEN, page_typed(page, "t"));
	frame_add_string(writer, PROTOCOL_TAG_NEW_PASSWORD, page_typed(page, "password"));
	if (page_ask(page) == WEB_DONE)
		page_redirect(page, "/signin?ok=reset");
	else
		outcome_show(page, NULL);
}
