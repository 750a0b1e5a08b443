/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "web/outcome.h"
#include "web/pages.h"

const struct field profile_query[] = {
    {.name = "ok", .max = 16},
    {.name = NULL},
};

static const struct {
	const char *code;
	const char *text;
} done[] = {
    {"profile", MESSAGE("Your profile was saved.")},
    {"password", MESSAGE("Your password was changed. All other sessions are signed out.")},
    {"email",
	MESSAGE("We have sent a message to the new address. Open the link in it to confirm the "
		"change.")},
    {"verified", MESSAGE("Your email address is confirmed.")},
    {"sessions", MESSAGE("All other sessions are signed out.")},
    {"resent", MESSAGE("We have sent the message again.")},
};

static const struct {
	const char *word;
	const char *text;
} states[] = {
    {"active", MESSAGE("active")},
    {"pending_email", MESSAGE("waits for the confirmation of the email address")},
    {"pending_approval", MESSAGE("waits for an administrator's approval")},
    {"disabled", MESSAGE("disabled")},
    {"closed", MESSAGE("closed")},
};

static const char *
state_text(const char *word)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(states[i].word, word) == 0)
			return language_text(states[i].text);
	}
	return word;
}

static void
set_done(struct page *page)
{
	const char *code = form_get(&page->query, "ok");

	for (size_t i = 0; i < sizeof(done) / sizeof(done[0]); i++) {
		if (strcmp(done[i].code, code) == 0)
			page_set(page, "done", language_text(done[i].text));
	}
}

static void
write_rows(struct html *html, const void *argument)
{
	const struct page *page = argument;

	for (size_t i = 0; i < page->info.field_count; i++) {
		struct template_values values = {0};

		if (page->profile.values[i][0] == '\0')
			continue;
		template_set(&values, "label", language_text(page->info.fields[i].label));
		template_set(&values, "value", page->profile.values[i]);
		template_write(html, template_find("profile_row"), &values);
	}
}

static const char *
unless_zero(const char *number)
{
	return strcmp(number, "0") == 0 ? "" : number;
}

void
profile_show(struct page *page)
{
	const struct profile *profile = &page->profile;

	if (!page_load_profile(page))
		return;
	set_done(page);
	page_set(page, "user", page->user);
	page_set(page, "email", profile->email);
	page_set(page, "pending", profile->pending);
	page_set(page, "unverified", profile->email[0] != '\0' && !profile->verified ? "yes" : "");
	page_set(page, "state", state_text(profile->state));
	page_set(page, "hosts", profile->hosts);
	page_set(page, "last_time", profile->last_time);
	page_set(page, "last_network", profile->last_network);
	page_set(page, "failures", unless_zero(profile->failures));
	page_set(page, "sessions", unless_zero(profile->sessions));
	template_set_slot(&page->values, "rows", write_rows, page);
	page_set_token(page, "csrf_signout", "signout");
	page_set_token(page, "csrf_sessions", "sessions");
	page_set_token(page, "csrf_resend", "resend");
	page_show(page, MESSAGE("Your account"), "profile");
}
