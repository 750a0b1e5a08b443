/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/outcome.h"

#include <stdio.h>
#include <string.h>

#include "web/event.h"
#include "web/route.h"

#define RETRY_STANDARD_S 30

static const struct outcome table[WEB_RESULT_COUNT] = {
    [WEB_REFUSED] = {WEB_REFUSED, 403, NULL, MESSAGE("You cannot do this.")},
    [WEB_DONE] = {WEB_DONE, 503, NULL, MESSAGE("The service is not available.")},
    [WEB_INVALID] = {WEB_INVALID, 422, NULL, MESSAGE("Check what you entered.")},
    [WEB_TAKEN] = {WEB_TAKEN, 422, "username",
	MESSAGE("This user name is not available. Choose another one")},
    [WEB_LATER] = {WEB_LATER, 429, NULL, MESSAGE("Too many attempts. Wait {wait} and try again.")},
    [WEB_FULL] = {WEB_FULL, 503, NULL,
	MESSAGE("The service has too much to do now. Try again later.")},
    [WEB_SHUT] = {WEB_SHUT, 403, NULL, MESSAGE("Registration is closed.")},
    [WEB_GONE] = {WEB_GONE, 410, NULL,
	MESSAGE("This link is not valid any more. Sign in or register again.")},
    [WEB_NO_SESSION] = {WEB_NO_SESSION, 303, NULL, MESSAGE("Sign in again.")},
    [WEB_CONFLICT] = {WEB_CONFLICT, 409, NULL,
	MESSAGE("Your profile was changed in another window. Check the values and save again.")},
    [WEB_UNAVAILABLE] = {WEB_UNAVAILABLE, 503, NULL,
	MESSAGE("The service is not available. Nothing was saved.")},
    [WEB_FAULT] = {WEB_FAULT, 503, NULL,
	MESSAGE("The service is not available. Nothing was saved.")},
};

/* Of core/password_rules.h and the record's rules; "" as field: any. */
static const struct {
	const char *id;
	const char *field;
	const char *message;
} invalid[] = {
    {"too-short", "password", MESSAGE("Enter a password of {number} characters or more")},
    {"too-long", "password", MESSAGE("Enter a password of 128 characters or fewer")},
    {"not-text", "password", MESSAGE("This password is not valid text")},
    {"control", "password", MESSAGE("This password has a control character in it")},
    {"blocklist", "",
	MESSAGE("This password is on a list of commonly used passwords. Choose a "
		"different one")},
    {"own-word", "",
	MESSAGE("This password is made of a name or address that belongs to you or "
		"this service. Choose a different one")},
    {"too-easy", "",
	MESSAGE("This password is too easy to guess: it repeats or follows a "
		"pattern. Try three or four unrelated words")},
    {"same", "", MESSAGE("The new password must be different from the current one")},
    {"too-short", "", MESSAGE("Enter more characters")},
    {"too-long", "", MESSAGE("Enter {number} characters or fewer")},
    {"missing", "", MESSAGE("Fill in this field")},
    {"pattern", "", MESSAGE("Enter this in the form that is asked for")},
    {"domain", "", MESSAGE("Addresses of this domain cannot register here")},
    {"control", "", MESSAGE("A character in this field is not allowed")},
    {"name", "",
	MESSAGE("Use 3 to 31 of the letters a to z, digits, - and _; begin with a letter "
		"and end with a letter or digit")},
    {"email", "", MESSAGE("Enter an email address like name@example.org")},
    {"address", "", MESSAGE("Enter an email address like name@example.org")},
    {"invite", "", MESSAGE("This invitation code is not valid")},
    {"elsewhere", "",
	MESSAGE("Your account is kept by another program. Change it where it was made")},
    {"no-mail", "", MESSAGE("This site sends no mail. Ask the contact that the help page names")},
};

const char *
outcome_invalid_text(const char *id, const char *field)
{
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		if (strcmp(invalid[i].id, id) == 0 &&
		    (invalid[i].field[0] == '\0' || strcmp(invalid[i].field, field) == 0))
			return invalid[i].message;
	}
	return MESSAGE("This value cannot be used");
}

static const struct outcome *
choose(enum web_result result, const struct outcome *own)
{
	for (; own != NULL && own->message != NULL; own++) {
		if (own->result == result)
			return own;
	}
	return &table[result];
}

static void
add_invalid(struct page *page)
{
	const struct frame *reply = &page->call.reply;
	char field[WEB_FIELD_NAME_SIZE];
	char id[64];
	uint32_t number = 0;
	const struct field *known;

	(void)frame_string(reply, WEB_TAG_FIELD, field, sizeof(field));
	(void)frame_string(reply, WEB_TAG_TEXT, id, sizeof(id));
	(void)frame_u32(reply, WEB_TAG_NUMBER, &number);
	known = field_find(page->fields, field);
	if (number == 0)
		number = strcmp(id, "too-short") == 0 ? page->info.min_length
		    : known != NULL                   ? known->max
						      : 0;
	page_set_number(page->number, number);
	page_error(page, known == NULL ? NULL : known->name, outcome_invalid_text(id, field));
}

static void
set_retry(struct page *page, const struct outcome *outcome)
{
	uint32_t retry = page->call.retry_s;
	uint32_t minutes;

	if (outcome->status != 429 && outcome->status != 503)
		return;
	page->response.retry_s = retry != 0 ? retry : RETRY_STANDARD_S;
	minutes = (page->response.retry_s + 59) / 60;
	(void)snprintf(page->wait, sizeof(page->wait), "%u %.32s", (unsigned)minutes,
	    language_plural("minute", "minutes", minutes));
}

void
outcome_show(struct page *page, const struct outcome *own)
{
	enum web_result result = page->call.result;
	const struct outcome *outcome = choose(result, own);

	if (result == WEB_NO_SESSION) {
		page_forget_session(page);
		page_redirect(page, "/signin");
		return;
	}
	if (result == WEB_UNAVAILABLE || result == WEB_FAULT || result == WEB_DONE)
		event_log(&page->request, "backend_error",
		    result == WEB_UNAVAILABLE ? "unavailable" : "fault");
	set_retry(page, outcome);
	if (page->request.method == REQUEST_POST && page->route->show != NULL &&
	    !page->shown_again && result != WEB_GONE && result != WEB_SHUT) {
		page->shown_again = true;
		if (result == WEB_INVALID && outcome == &table[WEB_INVALID])
			add_invalid(page);
		else
			page_error(page, outcome->field, outcome->message);
		page->status = outcome->status;
		page->route->show(page);
		return;
	}
	page_say(page, outcome->status, MESSAGE("Sorry"), outcome->message);
}
