/* SPDX-License-Identifier: BSD-2-Clause */
/* The texts of org.varlink.service.GetInterfaceDescription. */
#ifndef USERDB_INTERFACE_H
#define USERDB_INTERFACE_H

const char *userdb_interface_description(const char *interface); /* NULL: not one of ours */

#endif
