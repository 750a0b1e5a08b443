/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/rules.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "utils/key_file.h"

#define LOCAL_PASSWD "/etc/passwd"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";

/* The file itself and not NSS, which would ask the service about its own users. */
static bool
local_entry(const char *name, int64_t uid)
{
	FILE *file = fopen(LOCAL_PASSWD, "re");
	const struct passwd *entry;
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && (entry = fgetpwent(file)) != NULL)
		found = name != NULL ? strcmp(entry->pw_name, name) == 0
				     : (int64_t)entry->pw_uid == uid;
	(void)fclose(file);
	return found;
}

enum exit_code
rules_local_name(const struct session *session, const char *name)
{
	if (session->conf.local_names == CONF_LOCAL_ALLOW || !local_entry(name, 0))
		return EXIT_CODE_OK;
	return session_fail(EXIT_CODE_CONFLICT,
	    "`%s` is a local user in %s and would never be asked for in the directory; choose "
	    "another name, or set local_names = allow in [login]",
	    name, LOCAL_PASSWD);
}

static bool
made_of(const char *text, const char *more)
{
	char allowed[sizeof(letters) + sizeof(digits) + 16];

	(void)snprintf(allowed, sizeof(allowed), "%s%s%s", letters, digits, more);
	return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

static enum exit_code
check_list(const struct strlist *list, const char *what, const char *more, const char *example)
{
	size_t i;

	for (i = 0; i < list->len; i++) {
		if (!made_of(list->items[i], more))
			return session_fail(EXIT_CODE_REFUSED,
			    "`%s` is no %s; letters, digits and %s may stand there, as in %s",
			    list->items[i], what, more, example);
	}
	return EXIT_CODE_OK;
}

static enum exit_code
check_groups(const struct strlist *groups)
{
	size_t i;

	for (i = 0; i < groups->len; i++) {
		if (!user_name_allowed(groups->items[i], CONF_NAMES_POSIX))
			return session_fail(EXIT_CODE_REFUSED,
			    "`%s` is no group name; give 1 to %d of a-z, 0-9, _ and -, beginning "
			    "with a letter or _, and not root",
			    groups->items[i], USER_POSIX_NAME_MAX);
	}
	return EXIT_CODE_OK;
}

static enum exit_code
check_keys(const struct strlist *keys)
{
	const char *why = "";
	size_t i;

	for (i = 0; i < keys->len; i++) {
		if (!key_file_line_valid(keys->items[i], &why))
			return session_fail(EXIT_CODE_REFUSED, "SSH key %zu: %s", i + 1, why);
	}
	return EXIT_CODE_OK;
}

static enum exit_code
check_ids(const struct session *session, const struct user *before, const struct user *after)
{
	const struct conf *conf = &session->conf;
	int64_t min = conf->uid_min > conf->minimum_uid ? conf->uid_min : conf->minimum_uid;

	if (after->uid != 0 && after->uid != before->uid) {
		if (after->uid < min || after->uid > conf->uid_max)
			return session_fail(EXIT_CODE_REFUSED,
			    "uid %" PRId64 " is outside %" PRId64 " to %" PRId64
			    ", which hosts would not show; leave it away to have one drawn, or "
			    "change uid_min and uid_max in [users]",
			    after->uid, min, conf->uid_max);
		if (local_entry(NULL, after->uid))
			return session_fail(EXIT_CODE_CONFLICT,
			    "uid %" PRId64 " is held in %s; choose another", after->uid,
			    LOCAL_PASSWD);
	}
	if (after->gid != 0 && after->gid != before->gid && after->gid < conf->minimum_uid)
		return session_fail(EXIT_CODE_REFUSED,
		    "gid %" PRId64 " is a system group's; give %" PRId64 " or more", after->gid,
		    conf->minimum_uid);
	return EXIT_CODE_OK;
}

static enum exit_code
check_email(const struct user *before, const struct user *after)
{
	char normal[USER_EMAIL_MAX + 1];

	if (after->email == NULL ||
	    (before->email != NULL && strcmp(before->email, after->email) == 0))
		return EXIT_CODE_OK;
	if (!user_email_normalise(after->email, normal))
		return session_fail(EXIT_CODE_REFUSED,
		    "`%s` is no mail address; give one as name@example.org", after->email);
	return EXIT_CODE_OK;
}

enum exit_code
rules_user(const struct session *session, const struct user *before, const struct user *after)
{
	const struct field *bad = NULL;
	enum exit_code code;

	code = check_ids(session, before, after);
	if (code == EXIT_CODE_OK)
		code = check_email(before, after);
	if (code == EXIT_CODE_OK && !strlist_equal_set(&before->hosts, &after->hosts))
		code = check_list(&after->hosts, "host", "-._*?@[]:", "web1.example.org or web*");
	if (code == EXIT_CODE_OK && !strlist_equal_set(&before->services, &after->services))
		code = check_list(&after->services, "PAM service", "-._@*?[]", "sshd or pg*");
	if (code == EXIT_CODE_OK && !strlist_equal_set(&before->groups, &after->groups))
		code = check_groups(&after->groups);
	if (code == EXIT_CODE_OK && !strlist_equal(&before->ssh_keys, &after->ssh_keys))
		code = check_keys(&after->ssh_keys);
	if (code == EXIT_CODE_OK && user_check(after, &bad) != PD_OK)
		code = session_fail(EXIT_CODE_REFUSED, "%s: not acceptable; it is: %s",
		    bad == NULL ? "record" : bad->name, bad == NULL ? "-" : bad->help);
	return code;
}

static enum pd_error
fill_home(const char *pattern, struct user *user)
{
	const char *mark = strstr(pattern, "%u");
	struct buf home;
	enum pd_error error = PD_NO_MEMORY;

	buf_init(&home, 0);
	if (mark != NULL) {
		buf_add(&home, pattern, (size_t)(mark - pattern));
		buf_add_string(&home, user->username);
		buf_add_string(&home, mark + 2);
	} else {
		buf_add_string(&home, pattern);
	}
	if (!home.failed)
		user->home = strdup(buf_string(&home));
	if (user->home != NULL)
		error = PD_OK;
	buf_free(&home);
	return error;
}

bool
rules_draws_uid(const struct conf *conf, const struct user *user)
{
	/* In a table that is not ours nothing keeps a uid from being given twice. */
	return conf->names == CONF_NAMES_POSIX && user->hosts.len > 0 &&
	    !conf_attributes_mapped(conf);
}

enum pd_error
rules_complete(const struct conf *conf, struct user *user)
{
	if (!rules_draws_uid(conf, user))
		return PD_OK;
	if (user->shell == NULL) {
		user->shell = strdup(conf->shell);
		if (user->shell == NULL)
			return PD_NO_MEMORY;
	}
	if (user->home == NULL)
		return fill_home(conf->home, user);
	return PD_OK;
}
