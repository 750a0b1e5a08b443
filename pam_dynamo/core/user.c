/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/user.h"

#include <stdio.h>
#include <string.h>

#include "core/digest.h"

#define TIME_MAX 253402300799      /* the last second of the year 9999 */
#define COUNT_MAX 9007199254740991 /* 2^53 - 1: survives programs that read numbers as double */

#define FIELD(member) .name = #member, .offset = offsetof(struct user, member)
#define STRING(member, bytes) FIELD(member), .type = FIELD_STRING, .max = (bytes)
#define NUMBER(member, low, high) FIELD(member), .type = FIELD_NUMBER, .min = (low), .max = (high)
#define TIME(member) NUMBER(member, 1, TIME_MAX)
#define BOOL(member) FIELD(member), .type = FIELD_BOOL
#define MANY(member, kind, bytes, items) \
	FIELD(member), .type = (kind), .max = (bytes), .max_items = (items)

static const struct field fields[] = {
    {STRING(username, USER_NAME_MAX), .flags = FIELD_KEY | FIELD_REQUIRED,
	.help = "login name, the partition key"},
    {NUMBER(schema, 1, USER_SCHEMA), .flags = FIELD_REQUIRED,
	.help = "version of this record format"},
    {NUMBER(version, 1, COUNT_MAX), .flags = FIELD_REQUIRED | FIELD_VERSION,
	.help = "raised by one with each write"},
    {STRING(status, 32), .flags = FIELD_REQUIRED | FIELD_EDITABLE,
	.help = "pending_email, pending_approval, active, disabled or closed"},
    {NUMBER(epoch, 0, COUNT_MAX),
	.help = "raised by password change, reset and disable: ends sessions"},
    {STRING(password, USER_HASH_MAX), .flags = FIELD_SECRET, .help = "encoded password hash"},
    {TIME(password_changed_at), .flags = FIELD_TIME, .help = "last change of the password"},
    {BOOL(password_must_change), .flags = FIELD_EDITABLE,
	.help = "the next login asks for a new password"},
    {TIME(account_expires_at), .flags = FIELD_TIME | FIELD_EDITABLE,
	.help = "no login from this time on"},
    {STRING(full_name, 255), .flags = FIELD_EDITABLE, .help = "full name"},
    {STRING(email, USER_EMAIL_MAX), .flags = FIELD_EDITABLE, .help = "mail address, unique"},
    {BOOL(email_verified), .flags = FIELD_EDITABLE, .help = "the address was confirmed"},
    {NUMBER(uid, 1, USER_ID_MAX), .flags = FIELD_EDITABLE,
	.help = "numeric user id, unique; absent: a web account"},
    {NUMBER(gid, 1, USER_ID_MAX), .flags = FIELD_EDITABLE,
	.help = "numeric group id; absent: the uid"},
    {STRING(home, 1023), .flags = FIELD_EDITABLE, .help = "home directory"},
    {STRING(shell, 255), .flags = FIELD_EDITABLE, .help = "login shell"},
    {MANY(groups, FIELD_SET, 255, 128), .flags = FIELD_EDITABLE, .help = "names of groups"},
    {MANY(services, FIELD_SET, 255, 128), .flags = FIELD_EDITABLE | FIELD_LIMIT,
	.help = "PAM services the account may use; absent: all"},
    {MANY(hosts, FIELD_SET, 255, 1024), .flags = FIELD_EDITABLE,
	.help = "hosts, patterns or @groups where the account may log in; absent: nowhere"},
    {MANY(ssh_keys, FIELD_LIST, USER_KEY_MAX, 64), .flags = FIELD_EDITABLE,
	.help = "SSH public keys, one per line"},
    {MANY(profile, FIELD_MAP, 4096, 64), .flags = FIELD_EDITABLE,
	.help = "further fields of the registration form"},
    {TIME(created_at), .flags = FIELD_TIME, .help = "creation of the record"},
    {TIME(updated_at), .flags = FIELD_TIME, .help = "last write of the record"},
};

const struct record_type user_type = {
    .name = "user",
    .fields = fields,
    .field_count = sizeof(fields) / sizeof(fields[0]),
    .size = sizeof(struct user),
};

void
user_free(struct user *user)
{
	record_free(&user_type, user);
}

enum pd_error
user_copy(struct user *out, const struct user *from)
{
	return record_copy(&user_type, out, from);
}

static bool
name_good(const struct user *user)
{
	return user_name_allowed(user->username, CONF_NAMES_POSIX) ||
	    user_name_allowed(user->username, CONF_NAMES_EMAIL);
}

static bool
status_good(const struct user *user)
{
	return user_status_parse(user->status) != USER_STATUS_INVALID;
}

/* A field of a passwd line: ':' would begin the next one. */
static bool
passwd_good(const char *text)
{
	return text == NULL || strchr(text, ':') == NULL;
}

static bool
full_name_good(const struct user *user)
{
	return passwd_good(user->full_name);
}

static bool
path_good(const char *path)
{
	return path == NULL || (path[0] == '/' && passwd_good(path));
}

static bool
home_good(const struct user *user)
{
	return path_good(user->home);
}

static bool
shell_good(const struct user *user)
{
	return path_good(user->shell);
}

/* 65534 is nobody; 65535 is -1 of 16 bits, which means "leave as it is" (user.conf of systemd). */
static bool
id_good(int64_t id)
{
	return id != 65534 && id != 65535;
}

static bool
uid_good(const struct user *user)
{
	return id_good(user->uid);
}

static bool
gid_good(const struct user *user)
{
	return id_good(user->gid);
}

static const struct {
	const char *field;
	bool (*good)(const struct user *user);
} rules[] = {
    {"username", name_good},
    {"status", status_good},
    {"full_name", full_name_good},
    {"home", home_good},
    {"shell", shell_good},
    {"uid", uid_good},
    {"gid", gid_good},
};

enum pd_error
user_check(const struct user *user, const struct field **bad)
{
	enum pd_error error = record_check(&user_type, user, bad);

	for (size_t i = 0; error == PD_OK && i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].good(user))
			continue;
		if (bad != NULL)
			*bad = record_field(&user_type, rules[i].field);
		error = PD_CORRUPT;
	}
	return error;
}

static const char *const status_words[] = {
    [USER_STATUS_PENDING_EMAIL] = "pending_email",
    [USER_STATUS_PENDING_APPROVAL] = "pending_approval",
    [USER_STATUS_ACTIVE] = "active",
    [USER_STATUS_DISABLED] = "disabled",
    [USER_STATUS_CLOSED] = "closed",
};

#define STATUS_COUNT (sizeof(status_words) / sizeof(status_words[0]))

enum user_status
user_status_parse(const char *word)
{
	for (size_t i = 1; word != NULL && i < STATUS_COUNT; i++) {
		if (strcmp(word, status_words[i]) == 0)
			return (enum user_status)i;
	}
	return USER_STATUS_INVALID;
}

const char *
user_status_word(enum user_status status)
{
	if (status == USER_STATUS_INVALID || (size_t)status >= STATUS_COUNT)
		return "invalid";
	return status_words[status];
}
