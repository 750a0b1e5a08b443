/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_name.h"

#include <stddef.h>
#include <string.h>

/* Spelled out: <ctype.h> follows the host's locale. */
#define FIRST "abcdefghijklmnopqrstuvwxyz_"
#define FURTHER FIRST "0123456789-"

bool
pam_name_ours(const char *name)
{
	size_t len;

	if (name == NULL || name[0] == '\0' || strchr(FIRST, name[0]) == NULL)
		return false;
	len = strspn(name, FURTHER);
	return name[len] == '\0' && len < PAM_NAME_SIZE && strcmp(name, "root") != 0;
}
