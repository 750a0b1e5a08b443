/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/userdb.h"

#include <string.h>

#include "core/clock.h"
#include "service/crowd.h"
#include "service/service.h"
#include "service/userdb_interface.h"
#include "service/userdb_lookup.h"
#include "service/userdb_record.h"
#include "service/varlink.h"

#define NO_RECORD USERDB_INTERFACE ".NoRecordFound"
#define BAD_SERVICE USERDB_INTERFACE ".BadService"
#define NOT_AVAILABLE USERDB_INTERFACE ".ServiceNotAvailable"
#define CONFLICTING USERDB_INTERFACE ".ConflictingRecordFound"
#define NO_ENUMERATION USERDB_INTERFACE ".EnumerationNotSupported"
#define INVALID_PARAMETER "org.varlink.service.InvalidParameter"
#define METHOD_NOT_FOUND "org.varlink.service.MethodNotFound"
#define INTERFACE_NOT_FOUND "org.varlink.service.InterfaceNotFound"

struct method {
	const char *name;
	void (*handle)(struct varlink *varlink);
};

/* What a lookup asks for. */
struct query {
	const char *user;  /* NULL: any */
	const char *group; /* NULL: any */
	int64_t id;
	bool by_id;
};

/* The text parameter, NULL where absent or null; false: the error is sent. */
static bool
read_text(struct varlink *varlink, const char *name, const char **out)
{
	const struct json *value = json_get(varlink->parameters, name);

	*out = NULL;
	if (json_type(value) == JSON_NULL)
		return true;
	*out = json_string(value, NULL);
	if (*out == NULL)
		varlink_error(varlink, INVALID_PARAMETER, "parameter", name);
	return *out != NULL;
}

static bool
read_id(struct varlink *varlink, const char *name, struct query *query)
{
	const struct json *value = json_get(varlink->parameters, name);

	query->by_id = json_type(value) != JSON_NULL;
	if (!query->by_id)
		return true;
	if (json_int(value, &query->id) && query->id >= 0 && query->id <= UINT32_MAX)
		return true;
	varlink_error(varlink, INVALID_PARAMETER, "parameter", name);
	return false;
}

/* The caller names the service it believes to talk to: the file name of the socket it came by,
 * which a reload does not move. */
static bool
check_service(struct varlink *varlink)
{
	const char *service;

	if (!read_text(varlink, "service", &service))
		return false;
	if (service != NULL && strcmp(service, varlink->call->service->userdb_name) == 0)
		return true;
	varlink_error(varlink, BAD_SERVICE, NULL, NULL);
	return false;
}

static const char *
error_name(enum pd_error error)
{
	return error == PD_NOT_FOUND ? NO_RECORD : NOT_AVAILABLE;
}

/* Both a name and an id were asked for, and they are two users'. */
static bool
conflicts(const struct query *query, const struct user *user)
{
	return query->by_id && query->id != user->uid;
}

static enum pd_error
look_up(
    const struct varlink *varlink, const char *name, const struct query *query, struct user *out)
{
	if (name != NULL)
		return userdb_lookup_name(varlink->call, name, out);
	return userdb_lookup_uid(varlink->call, query->id, out);
}

static bool
add_user(void *ctx, const struct user *user)
{
	struct varlink_stream *stream = ctx;
	const struct call *call = stream->varlink->call;

	varlink_stream_add(
	    stream, userdb_record_user(&call->generation->conf, user, call->peer.uid == 0));
	return varlink_stream_goes_on(stream);
}

static bool
add_group(void *ctx, const struct user *user)
{
	struct varlink_stream *stream = ctx;

	if (userdb_record_serves_group(stream->varlink->call->service->local_names, user) == PD_OK)
		varlink_stream_add(stream, userdb_record_group(user));
	return varlink_stream_goes_on(stream);
}

/* Everybody, where the configuration allows it. */
static void
enumerate(struct varlink *varlink, userdb_lookup_fn *add)
{
	struct varlink_stream stream = {.varlink = varlink};
	enum pd_error error;

	if (!varlink->call->generation->conf.enumerate) {
		varlink_error(varlink, NO_ENUMERATION, NULL, NULL);
		return;
	}
	error = userdb_lookup_each(varlink->call, add, &stream);
	if (error == PD_OK)
		varlink_stream_end(&stream, NO_RECORD);
	else
		varlink_stream_fail(&stream, error_name(error));
}

static void
get_user_record(struct varlink *varlink)
{
	struct query query = {0};
	struct user user;
	enum pd_error error;
	const struct call *call = varlink->call;

	if (!read_text(varlink, "userName", &query.user) || !read_id(varlink, "uid", &query))
		return;
	if (query.user == NULL && !query.by_id) {
		enumerate(varlink, add_user);
		return;
	}
	error = look_up(varlink, query.user, &query, &user);
	if (error != PD_OK)
		varlink_error(varlink, error_name(error), NULL, NULL);
	else if (conflicts(&query, &user))
		varlink_error(varlink, CONFLICTING, NULL, NULL);
	else
		varlink_reply(varlink,
		    userdb_record_user(&call->generation->conf, &user, call->peer.uid == 0), false);
	user_free(&user);
}

/* A user's private group; its gid is the uid. */
static void
get_group_record(struct varlink *varlink)
{
	struct query query = {0};
	struct user user;
	enum pd_error error;

	if (!read_text(varlink, "groupName", &query.group) || !read_id(varlink, "gid", &query))
		return;
	if (query.group == NULL && !query.by_id) {
		enumerate(varlink, add_group);
		return;
	}
	error = look_up(varlink, query.group, &query, &user);
	if (error == PD_OK)
		error = userdb_record_serves_group(varlink->call->service->local_names, &user);
	if (error != PD_OK)
		varlink_error(varlink, error_name(error), NULL, NULL);
	else if (conflicts(&query, &user))
		varlink_error(varlink, CONFLICTING, NULL, NULL);
	else
		varlink_reply(varlink, userdb_record_group(&user), false);
	user_free(&user);
}

struct membership {
	struct varlink_stream stream;
	const char *group; /* NULL: every one */
};

/* Groups that the configuration lets through and that are there: a membership has no gid of its
 * own. Root's, whatever its name, is never one of them. */
static bool
add_memberships(void *ctx, const struct user *user)
{
	struct membership *membership = ctx;
	const struct call *call = membership->stream.varlink->call;
	gid_t gid = 0;
	size_t i;

	for (i = 0; i < user->groups.len; i++) {
		const char *group = user->groups.items[i];

		if ((membership->group != NULL && strcmp(membership->group, group) != 0) ||
		    !strlist_has(&call->generation->conf.groups, group) ||
		    local_names_group(call->service->local_names, group, &gid) != PD_OK || gid == 0)
			continue;
		varlink_stream_add(
		    &membership->stream, userdb_record_membership(user->username, group));
	}
	return varlink_stream_goes_on(&membership->stream);
}

/* All members of a group, or of every group: only where everybody may be listed. Elsewhere there
 * are none to show: systemd's clients take EnumerationNotSupported here for the end of everybody's
 * answers, also of the local files'. */
static void
get_members(struct varlink *varlink, const char *group)
{
	const struct conf *conf = &varlink->call->generation->conf;
	struct membership membership = {.stream.varlink = varlink, .group = group};
	enum pd_error error;

	if (!conf->enumerate || (group != NULL && !strlist_has(&conf->groups, group))) {
		varlink_error(varlink, NO_RECORD, NULL, NULL);
		return;
	}
	error = userdb_lookup_each(varlink->call, add_memberships, &membership);
	if (error == PD_OK)
		varlink_stream_end(&membership.stream, NO_RECORD);
	else
		varlink_stream_fail(&membership.stream, error_name(error));
}

static void
get_memberships(struct varlink *varlink)
{
	struct query query = {0};
	struct membership membership = {.stream.varlink = varlink};
	struct user user;
	enum pd_error error;

	if (!read_text(varlink, "userName", &query.user) ||
	    !read_text(varlink, "groupName", &query.group))
		return;
	if (query.user == NULL) {
		get_members(varlink, query.group);
		return;
	}
	membership.group = query.group;
	error = userdb_lookup_name(varlink->call, query.user, &user);
	if (error == PD_OK) {
		(void)add_memberships(&membership, &user);
		varlink_stream_end(&membership.stream, NO_RECORD);
	} else {
		varlink_error(varlink, error_name(error), NULL, NULL);
	}
	user_free(&user);
}

static void
get_info(struct varlink *varlink)
{
	struct json *info = json_new_object();
	struct json *interfaces = json_new_array();
	bool ok = info != NULL && interfaces != NULL &&
	    json_append(interfaces, json_new_string("org.varlink.service")) &&
	    json_append(interfaces, json_new_string(USERDB_INTERFACE)) &&
	    json_put(info, "vendor", json_new_string("pam_dynamo")) &&
	    json_put(info, "product", json_new_string("pam-dynamod")) &&
	    json_put(info, "version", json_new_string(PD_VERSION)) &&
	    json_put(info, "url", json_new_string(""));

	if (ok)
		ok = json_put(info, "interfaces", interfaces);
	else
		json_free(interfaces);
	if (!ok) {
		json_free(info);
		info = NULL;
	}
	varlink_reply(varlink, info, false);
}

static void
get_interface_description(struct varlink *varlink)
{
	const char *interface, *description;
	struct json *parameters;

	if (!read_text(varlink, "interface", &interface))
		return;
	if (interface == NULL) {
		varlink_error(varlink, INVALID_PARAMETER, "parameter", "interface");
		return;
	}
	description = userdb_interface_description(interface);
	if (description == NULL) {
		varlink_error(varlink, INTERFACE_NOT_FOUND, "interface", interface);
		return;
	}
	parameters = json_new_object();
	if (!json_put(parameters, "description", json_new_string(description))) {
		json_free(parameters);
		parameters = NULL;
	}
	varlink_reply(varlink, parameters, false);
}

static const struct method methods[] = {
    {USERDB_INTERFACE ".GetUserRecord", get_user_record},
    {USERDB_INTERFACE ".GetGroupRecord", get_group_record},
    {USERDB_INTERFACE ".GetMemberships", get_memberships},
    {"org.varlink.service.GetInfo", get_info},
    {"org.varlink.service.GetInterfaceDescription", get_interface_description},
};

static void
answer(struct varlink *varlink)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, varlink->method) != 0)
			continue;
		if (strncmp(varlink->method, USERDB_INTERFACE, strlen(USERDB_INTERFACE)) != 0 ||
		    check_service(varlink))
			methods[i].handle(varlink);
		return;
	}
	varlink_error(varlink, METHOD_NOT_FOUND, "method", varlink->method);
}

static void
note_malformed(const struct call *call)
{
	if (log_limit_pass(call->service->log_limit, LOG_LIMIT_MALFORMED, call->peer.uid,
		clock_monotonic_ms()))
		log_line(&call->generation->log, LOG_LEVEL_WARNING,
		    "malformed user database call from process %ld of uid %lu",
		    (long)call->peer.pid, (unsigned long)call->peer.uid);
}

static bool
handle(struct call *call)
{
	struct varlink varlink;
	bool good = varlink_read(call, &varlink);

	if (good)
		answer(&varlink);
	else
		note_malformed(call);
	good = good && !varlink.gone;
	varlink_free(&varlink);
	return good;
}

static void
refuse(struct call *call, enum call_refusal why)
{
	static const char *const texts[] = {
	    [CALL_REFUSED_BUSY] = "too many requests",
	    [CALL_REFUSED_LATE] = "no worker came in time",
	    [CALL_REFUSED_CROWD] = "too many connections",
	};
	struct varlink varlink = {.call = call};

	if (why == CALL_REFUSED_MALFORMED) {
		note_malformed(call);
		return;
	}
	varlink_error(&varlink, NOT_AVAILABLE, NULL, NULL);
	if (log_limit_pass(
		call->service->log_limit, LOG_LIMIT_LOOKUP, call->peer.uid, clock_monotonic_ms()))
		log_line(&call->generation->log, LOG_LEVEL_WARNING,
		    "user database: %s: process %ld of uid %lu was turned away", texts[why],
		    (long)call->peer.pid, (unsigned long)call->peer.uid);
}

const struct call_protocol userdb_protocol = {
    .name = "userdb",
    .max = VARLINK_REQUEST_MAX,
    .root_rank = QUEUE_LOOKUP,
    .per_uid = CROWD_LOOKUPS_PER_UID,
    .per_trusted = CROWD_LOOKUPS_PER_UID,
    .others = CROWD_LOOKUPS,
    .needed = varlink_needed,
    .handle = handle,
    .refuse = refuse,
};
