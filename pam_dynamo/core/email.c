/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/email.h"

#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"
#define LOCAL_MAX 64 /* bytes before the @, RFC 5321 4.5.3.1.1 */
#define LABEL_MAX 63 /* bytes between two dots, RFC 1035 2.3.4 */

/* Dot-separated parts of 1 to max characters out of `set`, none of which begins or ends with '-'
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

/* ASCII only: the locale must not change a key. */
static void
lower(char *text)
{
	for (; *text != '\0'; text++) {
		const char *upper = strchr(UPPER, *text);

		if (upper != NULL)
			*text = LOWER[upper - UPPER];
	}
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* A domain in lower case with A-labels. */
static bool
domain_ascii(const char *domain, char out[EMAIL_SIZE])
{
	char *found = NULL;
	int len = -1;

	if (is_ascii(domain)) {
		len = snprintf(out, EMAIL_SIZE, "%s", domain);
	} else if (idn2_to_ascii_8z(domain, &found,
		       IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES) ==
	    IDN2_OK) {
		len = snprintf(out, EMAIL_SIZE, "%s", found);
		idn2_free(found);
	}
	if (len <= 0 || len >= EMAIL_SIZE)
		return false;
	lower(out);
	return parts_good(out, (size_t)len, LOWER DIGIT "-", LABEL_MAX, true);
}

bool
email_ascii(const char *email, char out[EMAIL_SIZE])
{
	/* RFC 5321 4.1.2: Dot-string of atext. */
	static const char atext[] = LOWER UPPER DIGIT "!#$%&'*+-/=?^_`{|}~";
	char domain[EMAIL_SIZE];
	const char *at;
	int len;

	out[0] = '\0';
	if (email == NULL || strlen(email) > EMAIL_MAX || (at = strchr(email, '@')) == NULL ||
	    at - email > LOCAL_MAX ||
	    !parts_good(email, (size_t)(at - email), atext, LOCAL_MAX, false) ||
	    !domain_ascii(at + 1, domain))
		return false;
	len = snprintf(out, EMAIL_SIZE, "%.*s@%s", (int)(at - email), email, domain);
	if (len > 0 && len < EMAIL_SIZE)
		return true;
	out[0] = '\0';
	return false;
}

bool
email_key(const char *email, char out[EMAIL_SIZE])
{
	if (!email_ascii(email, out))
		return false;
	lower(out);
	return true;
}

bool
email_registrable(const char *email, bool local_domains, const struct strlist *domains)
{
	char key[EMAIL_SIZE];
	const char *domain;

	if (!email_key(email, key) || key[0] == '-')
		return false;
	domain = strchr(key, '@') + 1;
	if (!local_domains && strchr(domain, '.') == NULL)
		return false;
	return domains->len == 0 || strlist_has(domains, domain);
}
