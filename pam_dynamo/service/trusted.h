/* SPDX-License-Identifier: BSD-2-Clause */
/* Local users whose processes may ask about every name without being root: [service]
 * trusted_users. */
#ifndef TRUSTED_H
#define TRUSTED_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/conf.h"
#include "service/local_names.h"

/* The passwd file gives this uid to a name of the list, now. Not the uid of nobody, which the
 * kernel reports for everybody whom a namespace does not map, and nobody while the file cannot be
 * read. */
bool trusted_uid(const struct conf *conf, struct local_names *names, uid_t uid);

/* A warning for each name of the list, and for [web] user, that trusts nobody. Reads the file by
 * itself, for whoever has no local_names yet. */
void trusted_warn(const struct conf *conf, const char *passwd_path, const struct log *log);

#endif
