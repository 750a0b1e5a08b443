/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/userdb_interface.h"

#include <stddef.h>
#include <string.h>

static const char user_database[] =
    "interface io.systemd.UserDatabase\n"
    "\n"
    "method GetUserRecord(uid: ?int, userName: ?string, service: string) -> "
    "(record: object, incomplete: bool)\n"
    "\n"
    "method GetGroupRecord(gid: ?int, groupName: ?string, service: string) -> "
    "(record: object, incomplete: bool)\n"
    "\n"
    "method GetMemberships(userName: ?string, groupName: ?string, service: string) -> "
    "(userName: string, groupName: string)\n"
    "\n"
    "error NoRecordFound()\n"
    "error BadService()\n"
    "error ServiceNotAvailable()\n"
    "error ConflictingRecordFound()\n"
    "error EnumerationNotSupported()\n";

static const char service[] =
    "interface org.varlink.service\n"
    "\n"
    "method GetInfo() -> (vendor: string, product: string, version: string, url: string, "
    "interfaces: []string)\n"
    "\n"
    "method GetInterfaceDescription(interface: string) -> (description: string)\n"
    "\n"
    "error InterfaceNotFound(interface: string)\n"
    "error MethodNotFound(method: string)\n"
    "error MethodNotImplemented(method: string)\n"
    "error InvalidParameter(parameter: string)\n"
    "error ExpectedMore()\n";

static const struct {
	const char *name;
	const char *description;
} interfaces[] = {
    {"io.systemd.UserDatabase", user_database},
    {"org.varlink.service", service},
};

const char *
userdb_interface_description(const char *interface)
{
	size_t i;

	for (i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
		if (strcmp(interfaces[i].name, interface) == 0)
			return interfaces[i].description;
	return NULL;
}
