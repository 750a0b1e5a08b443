/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/userdb_record.h"

#include <string.h>

#include "core/buf.h"
#include "core/policy.h"

int64_t
userdb_record_gid(const struct user *user)
{
	return user->gid != 0 ? user->gid : user->uid;
}

static bool
in_range(const struct conf *conf, int64_t id)
{
	return id > 0 && id >= conf->uid_min && id <= conf->uid_max;
}

static bool
granted(const struct generation *generation, const struct user *user)
{
	const struct policy_context context = {
	    .host_short = generation->host_short,
	    .host_full = generation->host,
	    .host_groups = &generation->conf.host_groups,
	};

	return policy_host_allowed(&user->hosts, &context);
}

/* PD_OK where the file does not hold it, PD_NOT_FOUND where it does: nothing of ours then. */
static enum pd_error
unless_local(enum pd_error found)
{
	if (found == PD_OK)
		return PD_NOT_FOUND;
	return found == PD_NOT_FOUND ? PD_OK : found;
}

/* An account that is out of use keeps its name and its ids: files and audit trails still show them.
 * Every login asks the record itself. */
static bool
keeps_name(enum user_status status)
{
	return status == USER_STATUS_ACTIVE || status == USER_STATUS_DISABLED ||
	    status == USER_STATUS_CLOSED;
}

enum pd_error
userdb_record_serves(
    const struct generation *generation, struct local_names *names, const struct user *user)
{
	const struct conf *conf = &generation->conf;
	int64_t gid = userdb_record_gid(user);
	enum pd_error error;

	if (!user_name_allowed(user->username, CONF_NAMES_POSIX) ||
	    !keeps_name(user_status_parse(user->status)) || !in_range(conf, user->uid) ||
	    user->uid < conf->minimum_uid || !in_range(conf, gid) || !granted(generation, user))
		return PD_NOT_FOUND;
	error = unless_local(local_names_user(names, user->username, NULL));
	if (error == PD_OK)
		error = unless_local(local_names_uid(names, (uid_t)user->uid));
	if (error == PD_OK)
		error = unless_local(local_names_gid(names, (gid_t)gid));
	return error;
}

enum pd_error
userdb_record_serves_group(struct local_names *names, const struct user *user)
{
	if (userdb_record_gid(user) != user->uid)
		return PD_NOT_FOUND;
	return unless_local(local_names_group(names, user->username, NULL));
}

/* The record's home, or the configured one with %u replaced by the name. */
static struct json *
home_of(const struct conf *conf, const struct user *user)
{
	struct json *home = NULL;
	const char *at, *rest = conf->home;
	struct buf text;

	if (user->home != NULL)
		return json_new_string(user->home);
	buf_init(&text, 4096);
	while ((at = strstr(rest, "%u")) != NULL) {
		buf_add(&text, rest, (size_t)(at - rest));
		buf_add_string(&text, user->username);
		rest = at + 2;
	}
	buf_add_string(&text, rest);
	if (!text.failed)
		home = json_new_string(buf_string(&text));
	buf_free(&text);
	return home;
}

static bool
put_keys(struct json *record, const struct user *user)
{
	struct json *privileged = json_new_object();
	struct json *keys = json_new_array();
	bool ok = privileged != NULL && keys != NULL;
	size_t i;

	for (i = 0; i < user->ssh_keys.len && ok; i++)
		ok = json_append(keys, json_new_string(user->ssh_keys.items[i]));
	if (!ok || !json_put(privileged, "sshAuthorizedKeys", keys)) {
		if (!ok)
			json_free(keys);
		json_free(privileged);
		return false;
	}
	return json_put(record, "privileged", privileged);
}

/* Consumes record; NULL where it could not be built. */
static struct json *
wrap(struct json *record, bool ok, bool incomplete)
{
	struct json *parameters = json_new_object();

	if (!ok || parameters == NULL) {
		json_free(record);
		json_free(parameters);
		return NULL;
	}
	if (!json_put(parameters, "record", record) ||
	    !json_put(parameters, "incomplete", json_new_bool(incomplete))) {
		json_free(parameters);
		return NULL;
	}
	return parameters;
}

struct json *
userdb_record_user(const struct conf *conf, const struct user *user, bool for_root)
{
	const char *name = user->full_name != NULL ? user->full_name : user->username;
	const char *shell = user->shell != NULL ? user->shell : conf->shell;
	struct json *record = json_new_object();
	bool keys = user->ssh_keys.len > 0 && user_status_parse(user->status) == USER_STATUS_ACTIVE;
	bool ok;

	ok = record != NULL && json_put(record, "userName", json_new_string(user->username)) &&
	    json_put(record, "realName", json_new_string(name)) &&
	    json_put(record, "uid", json_new_int(user->uid)) &&
	    json_put(record, "gid", json_new_int(userdb_record_gid(user))) &&
	    json_put(record, "homeDirectory", home_of(conf, user)) &&
	    json_put(record, "shell", json_new_string(shell)) &&
	    json_put(record, "disposition", json_new_string("regular")) &&
	    json_put(record, "service", json_new_string(USERDB_SERVICE));
	if (ok && keys && for_root)
		ok = put_keys(record, user);
	return wrap(record, ok, keys && !for_root);
}

struct json *
userdb_record_group(const struct user *user)
{
	struct json *record = json_new_object();
	bool ok;

	ok = record != NULL && json_put(record, "groupName", json_new_string(user->username)) &&
	    json_put(record, "gid", json_new_int(user->uid)) &&
	    json_put(record, "disposition", json_new_string("regular")) &&
	    json_put(record, "service", json_new_string(USERDB_SERVICE));
	return wrap(record, ok, false);
}

struct json *
userdb_record_membership(const char *user, const char *group)
{
	struct json *parameters = json_new_object();

	if (parameters != NULL && json_put(parameters, "userName", json_new_string(user)) &&
	    json_put(parameters, "groupName", json_new_string(group)))
		return parameters;
	json_free(parameters);
	return NULL;
}
