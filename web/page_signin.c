/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "web/outcome.h"
#include "web/pages.h"

const struct field signin_fields[] = {
    {.name = "username",
	.label = MESSAGE("User name"),
	.missing = MESSAGE("Enter your user name"),
	.autocomplete = "username",
	.max = 254,
	.flags = FIELD_REQUIRED | FIELD_PLAIN},
    {.name = "password",
	.label = MESSAGE("Password"),
	.missing = MESSAGE("Enter your password"),
	.autocomplete = "current-password",
	.max = 1024,
	.flags = FIELD_REQUIRED | FIELD_PASSWORD},
    {.name = NULL},
};

static const struct outcome outcomes[] = {
    {WEB_REFUSED, 403, NULL, MESSAGE("The user name or password is not correct.")},
    {WEB_LATER, 429, NULL, MESSAGE("Too many sign-in attempts. Wait {wait} and try again.")},
    {.message = NULL},
};

void
home_show(struct page *page)
{
	page_redirect(page, page->session_hash[0] != '\0' ? "/profile" : "/signin");
}

void
signin_show(struct page *page)
{
	if (strcmp(form_get(&page->query, "ok"), "reset") == 0)
		page_set(page, "done",
		    language_text(MESSAGE("Your password was changed. Sign in with it.")));
	else if (strcmp(form_get(&page->query, "ok"), "signedout") == 0)
		page_set(page, "done", language_text(MESSAGE("You are signed out.")));
	else if (strcmp(form_get(&page->query, "ok"), "closed") == 0)
		page_set(page, "done", language_text(MESSAGE("Your account is closed.")));
	page_show(page, MESSAGE("Sign in"), "signin");
}

void
signin_post(struct page *page)
{
	struct frame_writer *writer;

	if (!page_complete(page)) {
		signin_show(page);
		return;
	}
	if (strlen(page_typed(page, "username")) > PAGES_NAME_MAX) {
		page->call.result = WEB_REFUSED;
		outcome_show(page, outcomes);
		return;
	}
	writer = page_ask_begin(page, WEB_SIGN_IN);
	frame_add_string(writer, PROTOCOL_TAG_USER, page_typed(page, "username"));
	frame_add_string(writer, PROTOCOL_TAG_PASSWORD, page_typed(page, "password"));
	frame_add_string(writer, WEB_TAG_AGENT, page->request.agent);
	if (page_ask(page) == WEB_DONE && page_take_session(page))
		page_redirect(page, "/profile");
	else
		outcome_show(page, outcomes);
}
