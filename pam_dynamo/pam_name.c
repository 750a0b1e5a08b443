/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_name.h"

#include <stddef.h>
#include <string.h>

/* Spelled out: <ctype.h> follows the host's locale. */
#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

#define POSIX_MAX 31
#define LOCAL_MAX 64 /* before the @ */
#define LABEL_MAX 63 /* between two dots */

static bool
posix_good(const char *name)
{
	size_t len = strspn(name, LETTERS "_");

	if (len == 0)
		return false;
	len = strspn(name, LETTERS DIGITS "_-");
	return name[len] == '\0' && len <= POSIX_MAX && strcmp(name, "root") != 0;
}

/* Reads parts of `set` with dots between them, each of 1 to max bytes; inner_dash: '-' neither
 * begins nor ends one. How many; 0: something is wrong. *end is what follows. */
static size_t
read_parts(const char *text, const char *set, size_t max, bool inner_dash, const char **end)
{
	for (size_t parts = 1;; parts++) {
		size_t len = strspn(text, set);

		if (len == 0 || len > max)
			return 0;
		if (inner_dash && (text[0] == '-' || text[len - 1] == '-'))
			return 0;
		*end = text + len;
		if (**end != '.')
			return parts;
		text = *end + 1;
	}
}

static bool
address_good(const char *name)
{
	const char *end = name;

	if (name[0] == '-' || strnlen(name, PAM_NAME_SIZE) >= PAM_NAME_SIZE)
		return false;
	if (read_parts(name, LETTERS DIGITS "!$%&*+-=?^_{|}~", LOCAL_MAX, false, &end) == 0 ||
	    *end != '@' || end - name > LOCAL_MAX)
		return false;
	return read_parts(end + 1, LETTERS DIGITS "-", LABEL_MAX, true, &end) >= 2 && *end == '\0';
}

bool
pam_name_ours(const char *name)
{
	return name != NULL && (posix_good(name) || address_good(name));
}
