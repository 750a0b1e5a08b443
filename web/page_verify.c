/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/outcome.h"
#include "web/pages.h"

const struct field verify_query[] = {
    {.name = "t", .max = 64},
    {.name = NULL},
};

const struct field verify_fields[] = {
    {.name = "t", .max = 64, .flags = FIELD_HIDDEN},
    {.name = "username",
	.label = MESSAGE("User name"),
	.autocomplete = "username",
	.max = 254,
	.flags = FIELD_READONLY | FIELD_PLAIN},
    {.name = "password",
	.label = MESSAGE("Password"),
	.hint = MESSAGE("The password of your account, as you chose it when you registered."),
	.missing = MESSAGE("Enter your password"),
	.autocomplete = "current-password",
	.max = 1024,
	.flags = FIELD_REQUIRED | FIELD_PASSWORD},
    {.name = NULL},
};

static const struct outcome outcomes[] = {
    {WEB_REFUSED, 403, "password", MESSAGE("The password is not correct.")},
    {.message = NULL},
};

static const char *
token(const struct page *page)
{
	return page->request.method == REQUEST_POST ? page_typed(page, "t")
						    : form_get(&page->query, "t");
}

/* Changes nothing: mail scanners and previews open links too. */
void
verify_show(struct page *page)
{
	struct frame_writer *writer = page_ask_begin(page, WEB_TOKEN_CHECK);

	frame_add_string(writer, WEB_TAG_KIND, "confirm");
	frame_add_string(writer, WEB_TAG_TOKEN, token(page));
	if (page->error_count == 0 || page->status == 422) {
		if (page_ask(page) != WEB_DONE) {
			outcome_show(page, NULL);
			return;
		}
		(void)frame_string(
		    &page->call.reply, PROTOCOL_TAG_USER, page->user, sizeof(page->user));
	}
	page_set_initial(page, "t", token(page));
	page_set_initial(page, "username", page->user);
	page_show(page, MESSAGE("Confirm your email address"), "verify");
}

void
verify_post(struct page *page)
{
	struct frame_writer *writer;

	if (!page_complete(page)) {
		verify_show(page);
		return;
	}
	writer = page_ask_begin(page, WEB_VERIFY);
	frame_add_string(writer, WEB_TAG_TOKEN, page_typed(page, "t"));
	frame_add_string(writer, PROTOCOL_TAG_PASSWORD, page_typed(page, "password"));
	frame_add_string(writer, WEB_TAG_AGENT, page->request.agent);
	if (page_ask(page) == WEB_DONE && page_take_session(page))
		page_redirect(page, "/profile?ok=verified");
	else
		outcome_show(page, outcomes);
}
