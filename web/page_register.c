/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "web/event.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/route.h"

#define PAIRS_SIZE REQUEST_BODY_MAX

static const struct field username = {.name = "username",
    .label = MESSAGE("User name"),
    .hint = MESSAGE("3 to 31 characters: small letters a to z, digits, - and _. It cannot be "
		    "changed later."),
    .missing = MESSAGE("Enter a user name"),
    .autocomplete = "username",
    .pattern = "[a-z][a-z0-9_\\-]{2,30}",
    .min = 3,
    .max = 31,
    .flags = FIELD_REQUIRED | FIELD_PLAIN};
static const struct field email = {.name = "email",
    .label = MESSAGE("Email address"),
    .missing = MESSAGE("Enter your email address"),
    .type = "email",
    .autocomplete = "email",
    .inputmode = "email",
    .max = 254,
    .flags = FIELD_PLAIN};
static const struct field invitation = {.name = "invite",
    .label = MESSAGE("Invitation code"),
    .missing = MESSAGE("Enter the invitation code that you were sent"),
    .autocomplete = "off",
    .max = 64,
    .flags = FIELD_REQUIRED | FIELD_PLAIN};
static const struct field terms = {.name = "terms",
    .label = MESSAGE("I accept the terms of use"),
    .missing = MESSAGE("Accept the terms of use to go on"),
    .max = 8,
    .flags = FIELD_REQUIRED | FIELD_CHECKBOX};
static const struct field honeypot = {
    .name = "website", .label = MESSAGE("Leave this empty"), .max = 256, .flags = FIELD_HONEYPOT};

static const struct outcome outcomes[] = {
    {WEB_LATER, 429, NULL,
	MESSAGE("Too many registrations came from your network. Try again in {wait}.")},
    {WEB_FULL, 503, NULL, MESSAGE("We cannot take more registrations now.")},
    {.message = NULL},
};

enum mode { MODE_UNKNOWN, MODE_OFF, MODE_INVITE, MODE_OTHER };

static enum mode
mode_of(const struct info *info)
{
	static const struct {
		const char *word;
		enum mode mode;
	} modes[] = {
	    {"off", MODE_OFF},
	    {"invite", MODE_INVITE},
	    {"approval", MODE_OTHER},
	    {"email", MODE_OTHER},
	    {"open", MODE_OTHER},
	    {"email+approval", MODE_OTHER},
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].word, info->mode) == 0)
			return modes[i].mode;
	}
	return MODE_UNKNOWN;
}

static bool
is_name(const struct field *field)
{
	return strcmp(field->name, "given_name") == 0 || strcmp(field->name, "family_name") == 0;
}

static void
add_own_fields(struct page *page, bool names)
{
	for (size_t i = 0; i < page->info.field_count; i++) {
		const struct field *field = &page->info.fields[i];

		if ((page->info.uses[i] & INFO_REGISTER) != 0 && is_name(field) == names)
			page_add_field(page, field);
	}
}

static void
add_fields(struct page *page)
{
	struct field address = email;
	struct field code = invitation;

	if (info_by_mail(&page->info))
		address.flags |= FIELD_REQUIRED;
	if (route_rest(page)[0] != '\0') {
		code.flags |= FIELD_HIDDEN;
		page_set_initial(page, code.name, route_rest(page));
	}
	page_add_field(page, &username);
	add_own_fields(page, true);
	page_add_field(page, &address);
	add_own_fields(page, false);
	if (mode_of(&page->info) == MODE_INVITE || page_typed(page, code.name)[0] != '\0')
		page_add_field(page, &code);
	pages_add_new_password(page, MESSAGE("Password"));
	if (page->conf.terms_url[0] != '\0')
		page_add_field(page, &terms);
	page_add_field(page, &honeypot);
}

bool
register_prepare(struct page *page)
{
	if (!page_load_info(page))
		return false;
	switch (page->info_guessed ? MODE_OTHER : mode_of(&page->info)) {
	case MODE_UNKNOWN:
		page_say(page, 503, MESSAGE("Register"),
		    MESSAGE("The service is not available. Nothing was saved."));
		return false;
	case MODE_OFF:
		page_say(page, 403, MESSAGE("Register"), MESSAGE("Registration is closed."));
		return false;
	case MODE_INVITE:
	case MODE_OTHER:
		break;
	}
	add_fields(page);
	return true;
}

void
register_show(struct page *page)
{
	page_set(page, "action", "/register");
	page_show(page, MESSAGE("Register"), "register");
}

static void
add_pairs(struct page *page, struct frame_writer *writer)
{
	unsigned char pairs[PAIRS_SIZE];
	size_t len = 0;

	for (size_t i = 0; i < page->info.field_count; i++) {
		const char *name = page->info.fields[i].name;

		if ((page->info.uses[i] & INFO_REGISTER) != 0 && page_typed(page, name)[0] != '\0')
			service_call_pair(pairs, sizeof(pairs), &len, name, page_typed(page, name));
	}
	frame_add(writer, WEB_TAG_PAIRS, pairs, len);
	secret_wipe(pairs, sizeof(pairs));
}

static bool
check(struct page *page, char address[PAGES_ADDRESS_SIZE])
{
	const char *typed = page_typed(page, email.name);

	address[0] = '\0';
	(void)page_complete(page);
	if (typed[0] != '\0' && !pages_read_address(typed, address))
		page_error(
		    page, email.name, MESSAGE("Enter an email address like name@example.org"));
	return pages_check_new_password(page);
}

void
register_post(struct page *page)
{
	char address[PAGES_ADDRESS_SIZE];
	struct frame_writer *writer;

	if (page_typed(page, honeypot.name)[0] != '\0') {
		event_log(&page->request, "register_rejected", "honeypot");
		page_redirect(page, "/register/submitted");
		return;
	}
	if (!check(page, address)) {
		register_show(page);
		return;
	}
	writer = page_ask_begin(page, WEB_REGISTER);
	frame_add_string(writer, PROTOCOL_TAG_USER, page_typed(page, username.name));
	frame_add_string(writer, PROTOCOL_TAG_PASSWORD, page_typed(page, "password"));
	add_pairs(page, writer);
	if (address[0] != '\0')
		frame_add_string(writer, WEB_TAG_EMAIL, address);
	if (page_typed(page, invitation.name)[0] != '\0' &&
	    field_find(page->fields, invitation.name) != NULL)
		frame_add_string(writer, WEB_TAG_TOKEN, page_typed(page, invitation.name));
	if (page_ask(page) == WEB_DONE)
		page_redirect(page, "/register/submitted");
	else
		outcome_show(page, outcomes);
}
