/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user database: io.systemd.UserDatabase over Varlink, so that nss-systemd resolves the users
 * of the directory. Only those whom userdb_record.h lets through. NoRecordFound is said where the
 * directory said so or was not to be asked, never on an error.
 * https://systemd.io/USER_GROUP_API/
 */
#ifndef USERDB_H
#define USERDB_H

#include "service/call.h"

#define USERDB_INTERFACE "io.systemd.UserDatabase"

extern const struct call_protocol userdb_protocol;

#endif
