/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/service.h"

#include <stdio.h>
#include <string.h>

static enum pd_error
open_limits(struct service *service)
{
	const struct rate_limit login = {SERVICE_LOGIN_BURST, SERVICE_LOGIN_PER_SECOND};
	const struct rate_limit logins = {SERVICE_LOGIN_ALL_BURST, SERVICE_LOGIN_ALL_PER_SECOND};
	const struct rate_limit trusted = {SERVICE_TRUSTED_BURST, SERVICE_TRUSTED_PER_SECOND};
	const struct rate_limit trusteds = {
	    SERVICE_TRUSTED_ALL_BURST, SERVICE_TRUSTED_ALL_PER_SECOND};
	const struct rate_limit userdb = {SERVICE_USERDB_BURST, SERVICE_USERDB_PER_SECOND};
	const struct rate_limit userdbs = {SERVICE_USERDB_ALL_BURST, SERVICE_USERDB_ALL_PER_SECOND};
	const struct rate_limit root = {SERVICE_ROOT_USERDB_BURST, SERVICE_ROOT_USERDB_PER_SECOND};
	enum pd_error error = rate_open(login, logins, &service->login_rate);

	if (error == PD_OK)
		error = rate_open(trusted, trusteds, &service->trusted_rate);
	if (error == PD_OK)
		error = rate_open(userdb, userdbs, &service->userdb_rate);
	if (error == PD_OK)
		error = rate_open(root, root, &service->root_userdb_rate);
	if (error == PD_OK)
		error = log_limit_open(&service->log_limit);
	return error;
}

/* What callers of the user database call it. */
static void
set_userdb_name(struct service *service, const char *path)
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(service->userdb_name, sizeof(service->userdb_name), "%s",
	    slash != NULL ? slash + 1 : path);
}

enum pd_error
service_init(struct service *service, const struct audit *audit, const struct log *log,
    struct login_guard *guard, struct generation *first)
{
	*service = (struct service){
	    .audit = audit, .log = *log, .local_log = *log, .guard = guard, .current = first};
	service->log.level = first->conf.log_level;
	set_userdb_name(service, first->conf.userdb_socket);
	if (open_limits(service) == PD_OK &&
	    local_names_open(LOCAL_NAMES_PASSWD, LOCAL_NAMES_GROUP, &service->local_log,
		&service->local_names) == PD_OK &&
	    ticket_open(&service->tickets) == PD_OK && userdb_cache_open(&service->cache) == PD_OK)
		return PD_OK;
	service_free(service);
	return PD_NO_MEMORY;
}

void
service_free(struct service *service)
{
	userdb_cache_free(service->cache);
	log_limit_free(service->log_limit);
	rate_free(service->root_userdb_rate);
	rate_free(service->userdb_rate);
	rate_free(service->trusted_rate);
	rate_free(service->login_rate);
	ticket_free(service->tickets);
	local_names_free(service->local_names);
	generation_drop(service->current);
	login_guard_close(service->guard);
	*service = (struct service){0};
}

/* What is bound or started once. */
static void
warn_restart(const struct service *service, const struct conf *old, const struct conf *new)
{
	const struct {
		const char *key;
		bool same;
	} keys[] = {
	    {"[service] socket", strcmp(old->socket, new->socket) == 0},
	    {"[service] userdb_socket", strcmp(old->userdb_socket, new->userdb_socket) == 0},
	    {"[service] workers", old->workers == new->workers},
	    {"[service] queue", old->queue == new->queue},
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!keys[i].same)
			log_line(&service->log, LOG_LEVEL_WARNING,
			    "%s changed: takes effect after a restart", keys[i].key);
}

enum pd_error
service_reload(struct service *service, const char *path, struct generation **old)
{
	struct generation *next = NULL;
	enum pd_error error;

	*old = NULL;
	error = generation_load(path, service->guard, &service->log, service->current, &next);
	if (error != PD_OK) {
		log_line(&service->log, LOG_LEVEL_ERROR,
		    "reload refused: %s; the old configuration stays in use", pd_error_text(error));
		return error;
	}
	warn_restart(service, &service->current->conf, &next->conf);
	next->number = service->current->number + 1;
	userdb_cache_renew(service->cache, next->number);
	*old = service->current;
	service->current = next;
	service->log.level = next->conf.log_level;
	log_line(&service->log, LOG_LEVEL_NOTICE, "configuration reloaded");
	return PD_OK;
}
