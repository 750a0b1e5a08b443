/* SPDX-License-Identifier: BSD-2-Clause */
/* Grammars of names and mail addresses, and the keys of the items that keep them unique. */
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "core/user.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

bool
user_name_valid(const char *name)
{
	size_t len;

	if (name == NULL || strspn(name, LOWER "_") == 0)
		return false;
	len = strspn(name, LOWER DIGIT "_-");
	return name[len] == '\0' && len <= USER_NAME_MAX;
}

bool
user_name_allowed(const char *name)
{
	return user_name_valid(name) && strcmp(name, "root") != 0;
}

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

bool
user_email_normalise(const char *email, char out[USER_EMAIL_MAX + 1])
{
	/* RFC 5321 4.1.2 Dot-string of atext; 4.5.3.1.1: 64 bytes before the @. */
	static const char atext[] = LOWER UPPER DIGIT "!#$%&'*+-/=?^_`{|}~";
	const char *host;
	size_t len;

	out[0] = '\0';
	if (email == NULL || (len = strlen(email)) > USER_EMAIL_MAX)
		return false;
	host = strchr(email, '@');
	if (host == NULL || host - email > 64 ||
	    !parts_good(email, (size_t)(host - email), atext, 64, false))
		return false;
	host++;
	if (!parts_good(host, strlen(host), LOWER UPPER DIGIT "-", 63, true))
		return false;
	/* ASCII only: the locale must not change a key. */
	for (size_t i = 0; i <= len; i++) {
		const char *upper = email[i] != '\0' ? strchr(UPPER, email[i]) : NULL;

		out[i] = upper != NULL ? LOWER[upper - UPPER] : email[i];
	}
	return true;
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
