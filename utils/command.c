/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/command.h"

#include <string.h>

#define BIT(name) OPTION_BIT(OPTION_##name)

const struct command command_rows[] = {
    {
	.name = "add",
	.words = "NAME",
	.summary = "add a user",
	.help = "Adds an active user. With --hosts the account may log in there and gets a uid, "
		"a home\ndirectory and a shell; without, it is a web account. The password is "
		"asked for twice,\nor read with --password-stdin.",
	.options = BIT(HOSTS) | BIT(FULL_NAME) | BIT(EMAIL) | BIT(UID) | BIT(GID) | BIT(HOME) |
	    BIT(SHELL) | BIT(GROUPS) | BIT(SERVICES) | BIT(KEY) | BIT(NO_PASSWORD) |
	    BIT(PASSWORD_STDIN) | BIT(MUST_CHANGE),
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_add,
    },
    {
	.name = "check",
	.words = "",
	.summary = "look whether everything is in order",
	.help = "Looks at the configuration, the credentials, the clock, the store and its "
		"permissions,\nthe service and the name service of this machine. Each line is "
		"ok, warning or bad, and\na bad one says what to do.",
	.need = SESSION_NEEDS_NOTHING,
	.run = command_check,
    },
    {
	.name = "delete",
	.words = "NAME",
	.summary = "delete a user for good",
	.help = "Deletes the record after a question on the terminal; without a terminal --yes "
		"is\nneeded. The uid is never given to anybody else.",
	.options = BIT(YES),
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_delete,
    },
    {
	.name = "disable",
	.words = "NAME",
	.summary = "take the account out of use",
	.help = "Sets the status to disabled: no login, by password or by key, on any host or "
		"page,\nuntil `enable`. Sessions of the page end.",
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_disable,
    },
    {
	.name = "enable",
	.words = "NAME",
	.summary = "put the account into use",
	.help = "Sets the status to active, also for an account that waits for approval.",
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_enable,
    },
    {
	.name = "grant",
	.words = "NAME HOST...",
	.summary = "let the user log in at hosts, or no more",
	.help = "Adds host names, patterns such as web*, @groups of [host] or * to the places "
		"where\nthe user may log in, and draws a uid for a user who has none. With "
		"--remove takes\nthem away.",
	.options = BIT(REMOVE),
	.words_min = 2,
	.words_max = ARGUMENTS_WORDS_MAX,
	.need = SESSION_NEEDS_STORE,
	.run = command_grant,
    },
    {
	.name = "help",
	.words = "[COMMAND]",
	.summary = "explain a command",
	.help = "Explains a command, or lists all of them. With --json prints the commands, "
		"options and\nexit codes for programs.",
	.words_max = 1,
	.need = SESSION_NEEDS_NOTHING,
	.run = command_help,
    },
    {
	.name = "init",
	.words = "",
	.summary = "create the store",
	.help = "Creates what is missing: the tables in DynamoDB, or the SQLite file. What "
		"exists is\nkept.",
	.need = SESSION_NEEDS_STORE,
	.run = command_init,
    },
    {
	.name = "invite",
	.words = "create|list|revoke [ID]",
	.summary = "invite people to the self-service page",
	.help = "create makes an invitation and prints its link once: for one account and three "
		"days, or\nas --uses and --ttl say, for one address with --email, into "
		"--groups. list shows those\nthat still hold, and revoke ends the one that "
		"list shows by this id.",
	.options = BIT(TTL) | BIT(USES) | BIT(EMAIL) | BIT(GROUPS),
	.words_min = 1,
	.words_max = 2,
	.need = SESSION_NEEDS_STORE,
	.run = command_invite,
    },
    {
	.name = "list",
	.words = "",
	.summary = "list the users",
	.help = "Prints one line for each user, page by page. With --json one array of records.",
	.options = BIT(STATUS),
	.need = SESSION_NEEDS_STORE,
	.run = command_list,
    },
    {
	.name = "lock",
	.words = "NAME",
	.summary = "refuse logins for some time",
	.help = "Sets the lock that too many failures set: logins are refused for the given "
		"time, or\nuntil `unlock`. The status of the account stays as it is.",
	.options = BIT(FOR),
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_lock,
    },
    {
	.name = "login-test",
	.words = "NAME",
	.summary = "try a login through the service",
	.help = "Asks the service on this machine as a PAM host does: the password, then the "
		"account.\nPrints verdict, reason and times; done only if both are success. "
		"Reasons and request\nids are told to root alone.",
	.options = BIT(SERVICE) | BIT(ACCOUNT_ONLY) | BIT(PASSWORD_STDIN),
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_CONF,
	.run = command_login_test,
    },
    {
	.name = "mail-send",
	.words = "",
	.summary = "hand waiting mails to sendmail",
	.help = "Hands each mail of [mail] spool to sendmail and removes it. One that sendmail "
		"refuses\nstays for the next run, three days at most.",
	.need = SESSION_NEEDS_CONF,
	.run = command_mail_send,
    },
    {
	.name = "map",
	.words = "check",
	.summary = "say what is understood of a table that is not ours",
	.help = "Reads some items of the users table and says what [attributes] makes of them: "
		"which\nfields, types and hashes they have, whose names or values cannot be "
		"used, and how many\ncould log in on this host. Nothing is changed, and no "
		"password is shown.",
	.options = BIT(LIMIT),
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_map,
    },
    {
	.name = "passwd",
	.words = "NAME",
	.summary = "give the user a new password",
	.help = "Asks for the new password twice, or reads it with --password-stdin. Sessions "
		"of the\npage end. A lock by failures stays; `unlock` ends it.",
	.options = BIT(PASSWORD_STDIN) | BIT(MUST_CHANGE),
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_passwd,
    },
    {
	.name = "pending",
	.words = "list|approve|reject [NAME]",
	.summary = "decide who becomes a user of the page",
	.help = "list shows who has registered and waits. approve makes the account active, "
		"reject deletes\nit. An approved account is one of the page alone; `grant` "
		"lets it log in.",
	.words_min = 1,
	.words_max = 2,
	.need = SESSION_NEEDS_STORE,
	.run = command_pending,
    },
    {
	.name = "reset-link",
	.words = "NAME",
	.summary = "make a link to set a new password",
	.help = "Prints a link that holds for 30 minutes and is used up by the new password. "
		"Give it to\nnobody but the user. Older links are void.",
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_reset_link,
    },
    {
	.name = "set",
	.words = "NAME FIELD=VALUE...",
	.summary = "change fields of a user",
	.help = "Changes fields of the record, all or none; an empty value takes the field "
		"away. Lists\nare given with commas, SSH keys with newlines, times as "
		"2027-01-31, booleans as yes\nor no.",
	.words_min = 2,
	.words_max = ARGUMENTS_WORDS_MAX,
	.need = SESSION_NEEDS_STORE,
	.run = command_set,
    },
    {
	.name = "show",
	.words = "NAME",
	.summary = "show a user",
	.help = "Prints the record with failures, lock and last login. Times are in UTC; with "
		"--json\nthey are Unix seconds. The password's hash is never shown.",
	.words_min = 1,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_show,
    },
    {
	.name = "unlock",
	.words = "[NAME]",
	.summary = "end a lock and forget failures",
	.help = "Removes the lock and the counted failures of a user or, with --source, of a "
		"network: an\nIPv4 address or the /64 of an IPv6 address.",
	.options = BIT(SOURCE),
	.words_min = 0,
	.words_max = 1,
	.need = SESSION_NEEDS_STORE,
	.run = command_unlock,
    },
};
const size_t command_row_count = sizeof(command_rows) / sizeof(command_rows[0]);

const struct command *
command_find(const char *name)
{
	size_t i;

	for (i = 0; i < command_row_count; i++) {
		if (strcmp(command_rows[i].name, name) == 0)
			return &command_rows[i];
	}
	return NULL;
}
