/* SPDX-License-Identifier: BSD-2-Clause */
/* show and list. */
#include <stdlib.h>
#include <string.h>

#include "utils/account.h"
#include "utils/command.h"
#include "utils/output.h"

#define LIST_PAGE 100 /* users of one request */

enum exit_code
command_show(struct session *session)
{
	const char *name = session_name(session);
	struct account account;
	enum exit_code code;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	code = account_get(session, name, &account);
	if (code == EXIT_CODE_OK)
		code = account_note_owners(session, &account);
	if (code == EXIT_CODE_OK)
		code = account_print(session, &account);
	account_free(&account);
	return code;
}

struct listing {
	const struct session *session;
	const char *status; /* NULL: every one */
	size_t printed;
	size_t corrupt;
};

static enum exit_code
print_user(struct listing *listing, const struct user *user)
{
	struct output_account view = {.user = user};
	struct json *object;
	char *text;

	if (listing->status != NULL && strcmp(listing->status, user->status) != 0)
		return EXIT_CODE_OK;
	if (!listing->session->json) {
		output_list_line(stdout, user);
		listing->printed++;
		return EXIT_CODE_OK;
	}
	object = output_account_json(&view);
	text = object == NULL ? NULL : json_text(object, false);
	json_free(object);
	if (text == NULL)
		return session_fail_error(PD_NO_MEMORY, "list");
	(void)printf("%s\n  %s", listing->printed == 0 ? "" : ",", text);
	free(text);
	listing->printed++;
	return EXIT_CODE_OK;
}

static enum exit_code
print_pages(struct session *session, struct listing *listing)
{
	enum exit_code code = EXIT_CODE_OK;
	struct store_page page;
	char *cursor = NULL;
	enum pd_error error;
	size_t i;

	do {
		struct store_call call = session_call(SESSION_CALL_MS);

		error = store_list_users(session->store, &call, cursor, LIST_PAGE, &page);
		free(cursor);
		cursor = NULL;
		if (error != PD_OK)
			return session_fail_error(error, "list");
		for (i = 0; i < page.len && code == EXIT_CODE_OK; i++)
			code = print_user(listing, &page.users[i]);
		listing->corrupt += page.corrupt;
		cursor = page.next;
		page.next = NULL;
		store_page_free(&page);
	} while (cursor != NULL && code == EXIT_CODE_OK && ferror(stdout) == 0);
	free(cursor);
	return code;
}

enum exit_code
command_list(struct session *session)
{
	struct listing listing = {.session = session};
	enum exit_code code;

	listing.status = session_value(session, OPTION_STATUS);
	if (listing.status != NULL && user_status_parse(listing.status) == USER_STATUS_INVALID)
		return session_fail(EXIT_CODE_REFUSED,
		    "`%s` is no status; give pending_email, pending_approval, active, disabled or "
		    "closed",
		    listing.status);
	if (session->json)
		(void)fputc('[', stdout);
	else if (!session->quiet)
		output_list_head(stdout);
	code = print_pages(session, &listing);
	if (code != EXIT_CODE_OK)
		return code; /* a cut list stays open, so that nobody takes it for a whole one */
	if (session->json)
		(void)fputs(listing.printed == 0 ? "]\n" : "\n]\n", stdout);
	if (listing.corrupt > 0)
		return session_fail(EXIT_CODE_CORRUPT,
		    "%zu records break their format and were left out; the lines above name them",
		    listing.corrupt);
	return EXIT_CODE_OK;
}
