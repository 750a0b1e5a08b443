/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/web_conf.h"

#include <stdio.h>
#include <string.h>

#include "web/safe_file.h"
#include "web/text.h"

#include "ipc/protocol.h"

#define FILE_SIZE 16384
#define WEB_KEY_DEFAULT "/etc/pam-dynamo/web.key"
#define STATIC_DEFAULT "/pam-dynamo-static"
#ifndef PD_LOCALE_DIR
#define PD_LOCALE_DIR "/usr/share/locale"
#endif

typedef const char *judge(struct web_conf *conf, char *text); /* NULL: good */

static const char *
any_text(struct web_conf *conf, char *text)
{
	(void)conf;
	return text[0] != '\0' ? NULL : "empty";
}

static const char *
absolute_path(struct web_conf *conf, char *text)
{
	(void)conf;
	return text[0] == '/' ? NULL : "not an absolute path";
}

static const char *
url_path(struct web_conf *conf, char *text)
{
	size_t len = strlen(text);

	(void)conf;
	if (text[0] != '/' || text[len - 1] == '/')
		return "not a path that begins with a slash and ends without";
	if (strspn(text, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-") !=
	    len)
		return "has a character that a path of ours must not have";
	return NULL;
}

/* Letters of a host, a port and a path, nothing that could end a header or an attribute. */
static const char *
base_url(struct web_conf *conf, char *text)
{
	char *scheme_end = strstr(text, "://");
	char *path;

	if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0)
		return "begins with neither https:// nor http://";
	path = scheme_end + 3 + strcspn(scheme_end + 3, "/");
	if (path == scheme_end + 3 ||
	    strspn(scheme_end + 3, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") <
		(size_t)(path - scheme_end - 3))
		return "has no host in small letters, digits, dots and dashes";
	if (strcmp(path, "/") == 0)
		*path = '\0';
	if (*path != '\0' && url_path(conf, path) != NULL)
		return "has a path that does not begin with a slash or ends with one";
	memcpy(conf->base_path, path, strlen(path) + 1);
	memcpy(conf->origin, text, (size_t)(path - text));
	conf->origin[path - text] = '\0';
	conf->local = strncmp(text, "http://", 7) == 0;
	if (conf->local) {
		char *host = text + 7;
		size_t len = strcspn(host, ":/");

		if (!(len == 9 &&
			(memcmp(host, "localhost", 9) == 0 || memcmp(host, "127.0.0.1", 9) == 0)))
			return "http is for localhost and 127.0.0.1 alone; use https";
	}
	return NULL;
}

static const char *
web_url(struct web_conf *conf, char *text)
{
	(void)conf;
	return strncmp(text, "https://", 8) == 0 || text[0] == '/' ? NULL
								   : "not https:// or a path";
}

static const char *
header_name(struct web_conf *conf, char *text)
{
	(void)conf;
	return strcmp(text, "X-Forwarded-For") == 0 || strcmp(text, "X-Real-IP") == 0
	    ? NULL
	    : "write X-Forwarded-For or X-Real-IP";
}

static const char *
samesite(struct web_conf *conf, char *text)
{
	conf->lax = strcmp(text, "lax") == 0;
	return conf->lax || strcmp(text, "strict") == 0 ? NULL : "write strict or lax";
}

static const char *
proxies(struct web_conf *conf, char *text)
{
	char *word;

	while ((word = strsep(&text, " ,")) != NULL) {
		if (*word == '\0')
			continue;
		if (conf->proxy_count == WEB_CONF_PROXIES_MAX)
			return "more than 16 ranges";
		if (!address_range_parse(word, &conf->proxies[conf->proxy_count++]))
			return "not addresses or ranges such as 192.0.2.0/24";
	}
	return NULL;
}

#define TEXT(member) offsetof(struct web_conf, member)
#define NOWHERE SIZE_MAX

static const struct {
	const char *key;
	size_t offset;
	judge *judge;
	const char *standard; /* NULL: must be set; "": may be absent */
} keys[] = {
    {"base_url", TEXT(base_url), base_url, NULL},
    {"brand", TEXT(brand), any_text, "pam_dynamo"},
    {"socket", TEXT(socket), absolute_path, PROTOCOL_SOCKET_DEFAULT},
    {"key_file", TEXT(key_file), absolute_path, WEB_KEY_DEFAULT},
    {"static_path", TEXT(static_path), url_path, STATIC_DEFAULT},
    {"locale_dir", TEXT(locale_dir), absolute_path, PD_LOCALE_DIR},
    {"terms_url", TEXT(terms_url), web_url, ""},
    {"contact", TEXT(contact), any_text, ""},
    {"forwarded_header", TEXT(forwarded_header), header_name, ""},
    {"trusted_proxies", NOWHERE, proxies, ""},
    {"session_samesite", NOWHERE, samesite, ""},
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static const char *
set(struct web_conf *conf, size_t key, char *value)
{
	const char *wrong;

	if (strlen(value) >= WEB_CONF_TEXT_SIZE)
		return "too long";
	wrong = keys[key].judge(conf, value);
	if (wrong == NULL && keys[key].offset != NOWHERE)
		memcpy((char *)conf + keys[key].offset, value, strlen(value) + 1);
	return wrong;
}

static const char *
take_line(struct web_conf *conf, char *line, bool seen[KEY_COUNT], const char **key)
{
	char *value = strchr(line, '=');

	*key = line;
	if (!text_good(line, strlen(line), false))
		return "not text";
	if (value == NULL)
		return "not `key = value`";
	*value++ = '\0';
	text_trim(line);
	text_trim(value);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(keys[i].key, line) != 0)
			continue;
		if (seen[i])
			return "set twice";
		seen[i] = true;
		return set(conf, i, value);
	}
	return "no such key";
}

static bool
complete(const char *path, struct web_conf *conf, const bool seen[KEY_COUNT],
    char why[WEB_CONF_WHY_SIZE])
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (seen[i])
			continue;
		if (keys[i].standard == NULL) {
			(void)snprintf(
			    why, WEB_CONF_WHY_SIZE, "%s: %s: not set", path, keys[i].key);
			return false;
		}
		if (keys[i].offset != NOWHERE)
			memcpy((char *)conf + keys[i].offset, keys[i].standard,
			    strlen(keys[i].standard) + 1);
	}
	return true;
}

bool
web_conf_parse(const char *path, char *text, struct web_conf *out, char why[WEB_CONF_WHY_SIZE])
{
	bool seen[KEY_COUNT] = {false};
	char *rest = text;
	char *line;

	memset(out, 0, sizeof(*out));
	for (unsigned number = 1; (line = strsep(&rest, "\n")) != NULL; number++) {
		const char *key = "";
		const char *wrong;

		if (*line == '\0' || *line == '#')
			continue;
		wrong = take_line(out, line, seen, &key);
		if (wrong != NULL) {
			(void)snprintf(
			    why, WEB_CONF_WHY_SIZE, "%s:%u: %.64s: %s", path, number, key, wrong);
			return false;
		}
	}
	return complete(path, out, seen, why);
}

bool
web_conf_read(const char *path, struct web_conf *out, char why[WEB_CONF_WHY_SIZE])
{
	char text[FILE_SIZE];
	const char *wrong = NULL;

	if (safe_file_read(path, text, sizeof(text), &wrong))
		return web_conf_parse(path, text, out, why);
	(void)snprintf(why, WEB_CONF_WHY_SIZE, "%s: %s", path, wrong);
	return false;
}
