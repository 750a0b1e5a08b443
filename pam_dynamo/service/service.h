/* SPDX-License-Identifier: BSD-2-Clause */
/* What the requests of one process share beyond a reload: what bounds guesses, tickets, rates,
 * local names, the user database's cache, and the current generation. */
#ifndef SERVICE_H
#define SERVICE_H

#include "core/log.h"
#include "core/login_guard.h"
#include "core/pd_error.h"
#include "service/audit.h"
#include "service/generation.h"
#include "service/local_names.h"
#include "service/log_limit.h"
#include "service/rate.h"
#include "service/ticket.h"
#include "service/userdb_cache.h"

/* Of one unprivileged uid, and of all of them together. */
#define SERVICE_LOGIN_BURST 20 /* requests at once */
#define SERVICE_LOGIN_PER_SECOND 2
#define SERVICE_LOGIN_ALL_BURST 400
#define SERVICE_LOGIN_ALL_PER_SECOND 80
/* Of one of trusted_users, and of all of them: each login of a service asks twice. */
#define SERVICE_TRUSTED_BURST 1000
#define SERVICE_TRUSTED_PER_SECOND 200
#define SERVICE_TRUSTED_ALL_BURST 4000
#define SERVICE_TRUSTED_ALL_PER_SECOND 800
#define SERVICE_USERDB_BURST                                                \
	2048 /* lookups that ask the store: one `ls -l` of a crowded folder \
	      */
#define SERVICE_USERDB_PER_SECOND 64
#define SERVICE_USERDB_ALL_BURST 8192
#define SERVICE_USERDB_ALL_PER_SECOND 512
/* Of root, who asks for everybody where systemd-userdbd does. */
#define SERVICE_ROOT_USERDB_BURST 4096
#define SERVICE_ROOT_USERDB_PER_SECOND 512

#define SERVICE_NAME_SIZE 108 /* a file name of sun_path */

struct service {
	const struct audit *audit;
	struct log log;       /* the I/O thread's alone: at the current generation's level */
	struct log local_log; /* the workers': never changed */
	char userdb_name[SERVICE_NAME_SIZE]; /* of the socket that is bound */
	struct log_limit *log_limit;
	struct login_guard *guard;
	struct local_names *local_names;
	struct ticket_table *tickets;
	struct rate *login_rate;
	struct rate *trusted_rate;
	struct rate *userdb_rate;
	struct rate *root_userdb_rate;
	struct userdb_cache *cache;
	struct generation *current; /* the I/O thread's alone */
};

/* Takes over `guard` and `first`, which borrows it; audit and log's sink are borrowed.
 * PD_NO_MEMORY: both are freed. */
enum pd_error service_init(struct service *service, const struct audit *audit,
    const struct log *log, struct login_guard *guard, struct generation *first);
void service_free(struct service *service);

/* Loads path again. *old is then the caller's to drop. On an error it stays in use, the log says
 * why, and *old is NULL. */
enum pd_error service_reload(struct service *service, const char *path, struct generation **old);

#endif
