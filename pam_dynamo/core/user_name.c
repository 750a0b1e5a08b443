/* SPDX-License-Identifier: BSD-2-Clause */
/* Grammars of names and mail addresses, and the keys of the items that keep them unique. */
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "core/email.h"
#include "core/user.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"
#define LOCAL_MAX 64 /* bytes before the @, RFC 5321 4.5.3.1.1 */
#define LABEL_MAX 63 /* bytes between two dots, RFC 1035 2.3.4 */

/* Dot-separated parts of 1..max characters out of `set`, none of which begins or ends with '-'
 * where `host`; len bytes in all. */
static bool
parts_good(const char *text, size_t len, const char *set, size_t max, bool host)
{
	const char *end = text + len;

	for (;;) {
		size_t n = strspn(text, set);

		if (n > (size_t)(end - text))
			n = (size_t)(end - text);
		if (n == 0 || n > max || (host && (text[0] == '-' || text[n - 1] == '-')))
			return false;
		text += n;
		if (text == end)
			return true;
		if (*text++ != '.')
			return false;
	}
}

static bool
posix_good(const char *name)
{
	size_t len;

	if (strspn(name, LOWER "_") == 0)
		return false;
	len = strspn(name, LOWER DIGIT "_-");
	return name[len] == '\0' && len <= USER_POSIX_NAME_MAX;
}

static bool
address_good(const char *name)
{
	static const char local[] = LOWER DIGIT "!$%&*+-=?^_{|}~";
	const char *host = strchr(name, '@');

	if (host == NULL || host - name > LOCAL_MAX || name[0] == '-' ||
	    strlen(name) > USER_NAME_MAX ||
	    !parts_good(name, (size_t)(host - name), local, LOCAL_MAX, false))
		return false;
	host++;
	return strchr(host, '.') != NULL &&
	    parts_good(host, strlen(host), LOWER DIGIT "-", LABEL_MAX, true);
}

bool
user_name_valid(const char *name, enum conf_names names)
{
	if (name == NULL)
		return false;
	switch (names) {
	case CONF_NAMES_POSIX:
		return posix_good(name);
	case CONF_NAMES_EMAIL:
		return address_good(name);
	}
	return false;
}

bool
user_name_allowed(const char *name, enum conf_names names)
{
	return user_name_valid(name, names) && strcmp(name, "root") != 0;
}

bool
user_email_normalise(const char *email, char out[USER_EMAIL_MAX + 1])
{
	return email_key(email, out);
}

bool
user_uid_key(int64_t uid, char out[USER_AUX_KEY_SIZE])
{
	int len;

	out[0] = '\0';
	if (uid < 1 || uid > USER_ID_MAX)
		return false;
	len = snprintf(out, USER_AUX_KEY_SIZE, "uid#%lld", (long long)uid);
	return len > 0 && len < USER_AUX_KEY_SIZE;
}

bool
user_email_key(const char *email, char out[USER_AUX_KEY_SIZE])
{
	char address[USER_EMAIL_MAX + 1];
	char hex[DIGEST_SHA256_HEX_SIZE];
	int len;

	out[0] = '\0';
	if (!user_email_normalise(email, address) ||
	    !digest_sha256_hex(address, strlen(address), hex))
		return false;
	len = snprintf(out, USER_AUX_KEY_SIZE, "email#%s", hex);
	return len > 0 && len < USER_AUX_KEY_SIZE;
}
