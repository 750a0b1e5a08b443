/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/field.h"

#include <string.h>

const struct field *
field_find(const struct field *fields, const char *name)
{
	for (const struct field *at = fields; at != NULL && at->name != NULL; at++) {
		if (strcmp(at->name, name) == 0)
			return at;
	}
	return NULL;
}
