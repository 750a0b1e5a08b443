/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/trusted.h"

#define NOBODY ((uid_t)65534)

bool
trusted_uid(const struct conf *conf, struct local_names *names, uid_t uid)
{
	uid_t listed;
	size_t i;

	if (uid == NOBODY)
		return false;
	for (i = 0; i < conf->trusted_users.len; i++)
		if (local_names_user(names, conf->trusted_users.items[i], &listed) == PD_OK &&
		    listed == uid)
			return true;
	return false;
}

/* What keeps a name from being trusted, and what to do; NULL: nothing, or the log has it already.
 */
static const char *
find_fault(struct local_names *names, const char *name)
{
	uid_t uid;

	switch (local_names_user(names, name, &uid)) {
	case PD_OK:
		return uid == NOBODY ? "has the uid of everybody whom a namespace does not map; "
				       "run the program as a user of its own"
				     : NULL;
	case PD_NOT_FOUND:
		return "is not in the passwd file; add the user, or take the name out";
	case PD_CONFLICT:
	case PD_INVALID:
	case PD_CONFIG:
	case PD_UNAVAILABLE:
	case PD_UNCERTAIN:
	case PD_CORRUPT:
	case PD_NO_MEMORY:
	case PD_BUG:
		break;
	}
	return NULL;
}

void
trusted_warn(const struct conf *conf, const char *passwd_path, const struct log *log)
{
	const struct strlist *users = &conf->trusted_users;
	struct local_names *names = NULL;
	const char *fault;
	size_t i;

	if ((users->len == 0 && conf->web_user[0] == '\0') ||
	    local_names_open(passwd_path, LOCAL_NAMES_GROUP, log, &names) != PD_OK)
		return;
	fault = conf->web_user[0] == '\0' ? NULL : find_fault(names, conf->web_user);
	if (fault != NULL)
		log_line(log, LOG_LEVEL_WARNING, "[web] user: %s %s", conf->web_user, fault);
	for (i = 0; i < users->len; i++) {
		fault = find_fault(names, users->items[i]);
		if (fault != NULL)
			log_line(log, LOG_LEVEL_WARNING, "[service] trusted_users: %s %s",
			    users->items[i], fault);
	}
	local_names_free(names);
}
