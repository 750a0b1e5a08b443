/* SPDX-License-Identifier: BSD-2-Clause */
/* invite: invitations to the page; and reset-link. */
#include <stdlib.h>
#include <string.h>

#include "core/email.h"
#include "core/invitation.h"
#include "core/number.h"
#include "core/secret.h"
#include "core/waiting.h"
#include "utils/command.h"
#include "utils/duration.h"
#include "utils/output.h"

#define TTL_DEFAULT_S (72 * 3600)
#define TTL_MAX_S (365 * 86400LL)
#define ID_LEN 12 /* hex digits of the digest that people type */

/* The link, or the code alone where no page is configured. */
static enum exit_code
print_secret(const struct session *session, const char *path, const char *secret, int64_t until)
{
	const char *url = session->conf.mail_url;
	int len = (int)strlen(url);
	char when[OUTPUT_TIME_SIZE];

	while (len > 0 && url[len - 1] == '/')
		len--;
	output_time(until, when);
	if (session->json) {
		struct json *object = json_new_object();

		if (!json_put(object, "secret", json_new_string(secret)) ||
		    !json_put(object, "expires_at", json_new_int(until))) {
			json_free(object);
			object = NULL;
		}
		return session_print_json(object);
	}
	if (len > 0)
		(void)printf("%.*s%s%s\n", len, url, path, secret);
	else
		(void)printf("%s\n", secret);
	session_say(session, "It holds until %s and is not shown again.", when);
	return EXIT_CODE_OK;
}

static enum exit_code
fill(const struct session *session, struct invitation *out)
{
	const char *ttl = session_value(session, OPTION_TTL);
	const char *uses = session_value(session, OPTION_USES);
	const char *email = session_value(session, OPTION_EMAIL);
	const char *groups = session_value(session, OPTION_GROUPS);
	int64_t ttl_s = TTL_DEFAULT_S;

	out->uses = 1;
	if (ttl != NULL && !duration_parse(ttl, TTL_MAX_S, &ttl_s))
		return session_fail(EXIT_CODE_REFUSED,
		    "`%s` is no duration; give a number and s, m, h, d or w, a year at most", ttl);
	if (uses != NULL && !number_parse(uses, 1, INVITATION_USES_MAX, &out->uses))
		return session_fail(
		    EXIT_CODE_REFUSED, "--uses: give a number from 1 to %d", INVITATION_USES_MAX);
	if (email != NULL && !email_key(email, out->email))
		return session_fail(EXIT_CODE_REFUSED,
		    "`%s` is no mail address; give one as name@example.org", email);
	if (groups != NULL && !strlist_split(&out->groups, groups))
		return session_fail_error(PD_NO_MEMORY, "invite");
	for (size_t i = 0; i < out->groups.len; i++)
		if (!user_name_allowed(out->groups.items[i], CONF_NAMES_POSIX))
			return session_fail(EXIT_CODE_REFUSED,
			    "`%s` is no group name; give 1 to %d of a-z, 0-9, _ and -",
			    out->groups.items[i], USER_POSIX_NAME_MAX);
	out->expires_at = store_now(session->store) + ttl_s;
	return EXIT_CODE_OK;
}

static enum exit_code
create(struct session *session)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	struct invitation invitation = {0};
	char secret[ONE_TIME_SIZE] = "";
	enum exit_code code = fill(session, &invitation);
	enum pd_error error;

	if (code == EXIT_CODE_OK) {
		error = invitation_create(
		    session->store, &call, &invitation, store_now(session->store), secret);
		if (error == PD_CONFLICT)
			code = session_fail(EXIT_CODE_CONFLICT,
			    "%d invitations hold already; revoke some", WAITING_MAX);
		else
			code = session_fail_error(error, "invite");
	}
	if (code == EXIT_CODE_OK)
		code = print_secret(session, "/invite/", secret, invitation.expires_at);
	secret_wipe(secret, sizeof(secret));
	invitation_free(&invitation);
	return code;
}

/* NULL: no memory. */
static struct json *
as_json(const char *digest, const struct invitation *one)
{
	struct json *object = json_new_object();
	struct json *groups = json_new_array();
	bool good = true;

	for (size_t i = 0; i < one->groups.len; i++)
		good = good && json_append(groups, json_new_string(one->groups.items[i]));
	good = json_put(object, "groups", groups) && good;
	good = good && json_put(object, "id", json_new_string_len(digest, ID_LEN)) &&
	    json_put(object, "uses", json_new_int(one->uses)) &&
	    json_put(object, "used", json_new_int(one->used)) &&
	    json_put(object, "expires_at", json_new_int(one->expires_at)) &&
	    (one->email[0] == '\0' || json_put(object, "email", json_new_string(one->email)));
	if (good)
		return object;
	json_free(object);
	return NULL;
}

static enum exit_code
print_one(const struct session *session, const char *digest, const struct invitation *one,
    struct json *array)
{
	char when[OUTPUT_TIME_SIZE];

	if (session->json)
		return json_append(array, as_json(digest, one))
		    ? EXIT_CODE_OK
		    : session_fail_error(PD_NO_MEMORY, "invite");
	output_time(one->expires_at, when);
	(void)printf("%.*s %lld of %lld used, until %s", ID_LEN, digest, (long long)one->used,
	    (long long)one->uses, when);
	if (one->email[0] != '\0')
		(void)printf(", for %s", one->email);
	for (size_t i = 0; i < one->groups.len; i++)
		(void)printf("%s%s", i == 0 ? ", into " : " ", one->groups.items[i]);
	(void)printf("\n");
	return EXIT_CODE_OK;
}

static enum pd_error
get_list(struct session *session, struct state *out)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	enum pd_error error = store_get_state(
	    session->store, &call, WAITING_INVITATIONS, store_now(session->store), out);

	return error == PD_NOT_FOUND ? PD_OK : error;
}

static enum exit_code
list_invitations(struct session *session)
{
	struct json *array = session->json ? json_new_array() : NULL;
	int64_t now = store_now(session->store);
	struct state list = {0};
	enum exit_code code = session_fail_error(get_list(session, &list), "invite");

	for (size_t i = 0; i < list.entries.len && code == EXIT_CODE_OK; i++) {
		struct store_call call = session_call(SESSION_CALL_MS);
		char digest[WAITING_NAME_SIZE], id[STATE_ID_MAX + 1];
		struct invitation one = {0};
		struct state item = {0};
		int64_t until;
		enum pd_error error;

		if (!waiting_read(list.entries.items[i], digest, &until))
			continue;
		(void)snprintf(id, sizeof(id), "token#%s", digest);
		error = store_get_state(session->store, &call, id, now, &item);
		if (error == PD_OK)
			error = invitation_read(&item, &one);
		if (error == PD_OK && one.used < one.uses)
			code = print_one(session, digest, &one, array);
		else if (error != PD_OK && error != PD_NOT_FOUND)
			code = session_fail_error(error, "invite");
		invitation_free(&one);
		state_free(&item);
	}
	state_free(&list);
	if (session->json && code == EXIT_CODE_OK)
		return session_print_json(array);
	json_free(array);
	return code;
}

/* The digest that begins with the id. */
static enum exit_code
find(struct session *session, const char *id, char out[WAITING_NAME_SIZE])
{
	struct state list = {0};
	enum exit_code code = session_fail_error(get_list(session, &list), "invite");
	char digest[WAITING_NAME_SIZE];
	int64_t until;
	size_t found = 0;

	for (size_t i = 0; i < list.entries.len && code == EXIT_CODE_OK; i++) {
		if (strlen(id) < 8 || !waiting_read(list.entries.items[i], digest, &until) ||
		    strncmp(digest, id, strlen(id)) != 0)
			continue;
		memcpy(out, digest, WAITING_NAME_SIZE);
		found++;
	}
	state_free(&list);
	if (code == EXIT_CODE_OK && found != 1)
		code = session_fail(EXIT_CODE_NOT_FOUND,
		    "there is no such invitation; `pam-dynamo invite list` shows their ids");
	return code;
}

static enum exit_code
revoke(struct session *session)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	char digest[WAITING_NAME_SIZE] = "";
	enum exit_code code = find(session, session->words[1], digest);
	enum pd_error error;

	if (code != EXIT_CODE_OK)
		return code;
	error = invitation_revoke(session->store, &call, digest, store_now(session->store));
	if (error == PD_OK || error == PD_NOT_FOUND)
		session_say(session, "%.*s is revoked.", ID_LEN, digest);
	return error == PD_NOT_FOUND ? EXIT_CODE_OK : session_fail_error(error, "invite");
}

enum exit_code
command_invite(struct session *session)
{
	const uint64_t details = OPTION_BIT(OPTION_TTL) | OPTION_BIT(OPTION_USES) |
	    OPTION_BIT(OPTION_EMAIL) | OPTION_BIT(OPTION_GROUPS);
	const char *word = session->words[0];
	bool alone = (session->arguments->given & details) == 0;

	if (strcmp(word, "create") == 0 && session->word_count == 1)
		return create(session);
	if (strcmp(word, "list") == 0 && session->word_count == 1 && alone)
		return list_invitations(session);
	if (strcmp(word, "revoke") == 0 && session->word_count == 2 && alone)
		return revoke(session);
	return session_fail(EXIT_CODE_USAGE,
	    "there is `invite create`, `invite list` and `invite revoke ID`; options go with "
	    "create");
}

enum exit_code
command_reset_link(struct session *session)
{
	struct store_call call = session_call(SESSION_CALL_MS);
	const char *name = session_name(session);
	int64_t now = store_now(session->store);
	struct one_time token = {0};
	struct user user = {0};
	enum exit_code code;
	enum pd_error error;

	if (name == NULL)
		return EXIT_CODE_REFUSED;
	error = store_get_user(session->store, &call, name, &user);
	if (error == PD_OK && user_status_parse(user.status) != USER_STATUS_ACTIVE)
		code = session_fail(EXIT_CODE_CONFLICT,
		    "%s: is %s; a link would do nothing until the account is active", name,
		    user.status);
	else
		code = session_fail_error(error, name);
	if (code == EXIT_CODE_OK) {
		error = one_time_make(&token, ONE_TIME_RESET, name, NULL, now + ONE_TIME_RESET_S)
		    ? one_time_put(session->store, &call, &token, now)
		    : PD_BUG;
		code = session_fail_error(error, name);
	}
	if (code == EXIT_CODE_OK)
		code = print_secret(session, "/reset/confirm?t=", token.secret, token.expires_at);
	one_time_wipe(&token);
	user_free(&user);
	return code;
}
