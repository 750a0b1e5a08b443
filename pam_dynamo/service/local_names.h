/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users and groups of the local passwd and group files, read directly: the service answers name
 * lookups itself and would wait for itself in NSS. A file is read again when inode, size or times
 * change; a missing file holds no names. Thread-safe.
 */
#ifndef LOCAL_NAMES_H
#define LOCAL_NAMES_H

#include <sys/types.h>

#include "core/log.h"
#include "core/pd_error.h"

#define LOCAL_NAMES_PASSWD "/etc/passwd"
#define LOCAL_NAMES_GROUP "/etc/group"

struct local_names;

/* Paths and log are borrowed. PD_NO_MEMORY. */
enum pd_error local_names_open(const char *passwd_path, const char *group_path,
    const struct log *log, struct local_names **out);
void local_names_free(struct local_names *names);

/* PD_OK: it is local; PD_NOT_FOUND: it is not. PD_CONFIG, PD_NO_MEMORY: the file cannot be read,
 * and nobody may be served: logged. The id may be NULL. */
enum pd_error local_names_user(struct local_names *names, const char *name, uid_t *uid);
enum pd_error local_names_group(struct local_names *names, const char *name, gid_t *gid);
enum pd_error local_names_uid(struct local_names *names, uid_t uid);
enum pd_error local_names_gid(struct local_names *names, gid_t gid);

#endif
