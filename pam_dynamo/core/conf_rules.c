/* SPDX-License-Identifier: BSD-2-Clause */
/* What a value of the configuration may be, and what two of them may be together. */
#include <arpa/inet.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "core/conf_private.h"
#include "core/number.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"
#define BAD_PATTERN "not an extended regular expression of at most 240 bytes; see regex(7)"

/* min to max characters, all out of `set`. */
static bool
made_of(const char *text, const char *set, size_t min, size_t max)
{
	size_t len = strlen(text);

	return len >= min && len <= max && strspn(text, set) == len;
}

const char *
conf_rule_path(const char *value)
{
	if (value[0] != '/' || strlen(value) > 1023)
		return "not an absolute path; write one that begins with /";
	return NULL;
}

const char *
conf_rule_path_or_empty(const char *value)
{
	return value[0] == '\0' ? NULL : conf_rule_path(value);
}

const char *
conf_rule_socket(const char *value)
{
	const char *wrong = conf_rule_path(value);

	if (wrong == NULL && strlen(value) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		wrong = "too long for a socket; write a path shorter than 108 bytes";
	return wrong;
}

const char *
conf_rule_socket_or_empty(const char *value)
{
	return value[0] == '\0' ? NULL : conf_rule_socket(value);
}

const char *
conf_rule_region(const char *value)
{
	if (!made_of(value, LOWER DIGIT "-", 0, 32))
		return "not a region; write a name such as eu-central-1";
	return NULL;
}

const char *
conf_rule_table(const char *value)
{
	/* Amazon DynamoDB developer guide, "Naming rules". */
	if (!made_of(value, LOWER UPPER DIGIT "_.-", 3, 255))
		return "not a table name; use 3 to 255 of a-z A-Z 0-9 _ . -";
	return NULL;
}

const char *
conf_rule_profile(const char *value)
{
	if (!made_of(value, LOWER UPPER DIGIT "_.@+-", 1, 128))
		return "not a profile name; use 1 to 128 of a-z A-Z 0-9 _ . @ + -";
	return NULL;
}

const char *
conf_rule_host(const char *value)
{
	if (!made_of(value, LOWER UPPER DIGIT ".-", 0, 253))
		return "not a host name; use a-z A-Z 0-9 . - or leave it empty";
	return NULL;
}

const char *
conf_rule_group(const char *value)
{
	if (!made_of(value, LOWER UPPER DIGIT "_.-", 1, 255))
		return "not a group name; use a-z A-Z 0-9 _ . -";
	return NULL;
}

const char *
conf_rule_user(const char *value)
{
	if (!made_of(value, LOWER UPPER DIGIT "_.-", 1, 31) || value[0] == '-')
		return "not a user name; write names of the local passwd file";
	return NULL;
}

const char *
conf_rule_web_user(const char *value)
{
	if (value[0] != '\0' && conf_rule_user(value) != NULL)
		return "not a user name; write one name of the local passwd file";
	if (strcmp(value, "root") == 0)
		return "the page must not run as root; give it a user of its own";
	return NULL;
}

const char *
conf_rule_domain(const char *value)
{
	if (!made_of(value, LOWER DIGIT ".-", 1, 253) || value[0] == '.' || value[0] == '-')
		return "not a domain; write it in lower case, international ones as xn--...";
	return NULL;
}

const char *
conf_rule_label(const char *value)
{
	if (strlen(value) > 128 || strchr(value, '\t') != NULL)
		return "not a label; write at most 128 bytes without tabs";
	return NULL;
}

const char conf_rule_no_memory[] = "no memory";

static const char *
judge_regex(const char *pattern)
{
	regex_t regex;
	int error = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);

	if (error == 0)
		regfree(&regex);
	if (error == REG_ESPACE)
		return conf_rule_no_memory;
	return error == 0 ? NULL : BAD_PATTERN;
}

/* Alone too: "a)(b" is whole only between brackets that are not its own. */
const char *
conf_rule_pattern(const char *value)
{
	char whole[CONF_WHY_SIZE];
	int len = snprintf(whole, sizeof(whole), CONF_PATTERN_WHOLE, value);
	const char *wrong;

	if (value[0] == '\0')
		return NULL;
	if (len < 0 || (size_t)len >= sizeof(whole) || strchr(value, '\t') != NULL)
		return BAD_PATTERN;
	wrong = judge_regex(value);
	return wrong == NULL ? judge_regex(whole) : wrong;
}

/* A plain address: it stands in a header and on sendmail's command line. */
const char *
conf_rule_sender(const char *value)
{
	const char *at = strchr(value, '@');

	if (value[0] == '\0')
		return NULL;
	if (at == NULL || value[0] == '-' || !made_of(at + 1, LOWER UPPER DIGIT ".-", 1, 190) ||
	    at == value || (size_t)(at - value) > 64 ||
	    strspn(value, LOWER UPPER DIGIT "._+-") != (size_t)(at - value))
		return "not a mail address; write one as accounts@example.org";
	return NULL;
}

const char *
conf_rule_shell(const char *value)
{
	if (conf_rule_path(value) != NULL || strlen(value) > 255 || strchr(value, ':') != NULL)
		return "not a path for a passwd line; write an absolute one without ':'";
	return NULL;
}

const char *
conf_rule_home(const char *value)
{
	const char *wrong = conf_rule_shell(value);

	for (const char *at = value; wrong == NULL && (at = strchr(at, '%')) != NULL; at += 2) {
		if (at[1] != 'u')
			return "unknown % in it; only %u, the name, is replaced";
	}
	return wrong;
}

struct url {
	bool https;
	char host[254];
	const char *path; /* from the first slash on, or "" */
};

/* The host in brackets or without, up to what follows it; NULL: malformed. */
static const char *
parse_host(const char *text, char host[254])
{
	bool brackets = text[0] == '[';
	struct in6_addr address;
	size_t len;

	text += brackets;
	len = strspn(text, brackets ? DIGIT "abcdefABCDEF:." : LOWER UPPER DIGIT ".-");
	if (len == 0 || len > 253 || (brackets && text[len] != ']'))
		return NULL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (brackets && inet_pton(AF_INET6, host, &address) != 1)
		return NULL;
	return text + len + brackets;
}

static bool
parse_url(const char *text, struct url *out)
{
	*out = (struct url){0};
	if (strncmp(text, "https://", 8) == 0)
		out->https = true;
	else if (strncmp(text, "http://", 7) != 0)
		return false;
	text = parse_host(text + (out->https ? 8 : 7), out->host);
	if (text == NULL)
		return false;
	if (*text == ':') {
		size_t len = strspn(++text, DIGIT);
		char port[6] = "";
		int64_t number;

		if (len >= sizeof(port))
			return false;
		memcpy(port, text, len);
		if (!number_parse(port, 1, 65535, &number))
			return false;
		text += len;
	}
	out->path = text;
	return *text == '\0' || *text == '/';
}

static bool
loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

const char *
conf_rule_endpoint(const char *value)
{
	struct url url;

	if (value[0] == '\0')
		return NULL;
	if (!parse_url(value, &url) ||
	    strcmp(url.path[0] == '/' ? url.path + 1 : url.path, "") != 0)
		return "not an endpoint; write https://HOST or https://HOST:PORT";
	if (!url.https && !loopback(url.host))
		return "http beyond this machine shows every record; write https://";
	return NULL;
}

const char *
conf_rule_url(const char *value)
{
	struct url url;

	if (!parse_url(value, &url) || strpbrk(url.path, " \"<>\\^`{|}#") != NULL)
		return "not a URL; write http:// or https://, host, and path";
	return NULL;
}

const char *
conf_rule_url_or_empty(const char *value)
{
	return value[0] == '\0' ? NULL : conf_rule_url(value);
}

/* One rule between keys: where it is reported, when it is broken, what to say. */
static bool
no_region(const struct conf *conf)
{
	return conf->engine == CONF_ENGINE_DYNAMODB && conf->region[0] == '\0';
}

static bool
same_table(const struct conf *conf)
{
	return strcmp(conf->users_table, conf->state_table) == 0;
}

static bool
same_socket(const struct conf *conf)
{
	return strcmp(conf->socket, conf->userdb_socket) == 0;
}

static bool
empty_range(const struct conf *conf)
{
	return conf->uid_min > conf->uid_max;
}

static bool
range_holds_nobody(const struct conf *conf)
{
	return conf->uid_min <= 65535 && conf->uid_max >= 65534;
}

static bool
memory_over_bound(const struct conf *conf)
{
	return conf->memory_kib > conf->max_memory_kib;
}

static bool
passes_over_bound(const struct conf *conf)
{
	return conf->passes > conf->max_passes;
}

static bool
mode_needs_mail(const struct conf *conf)
{
	return (conf->registration == CONF_REGISTRATION_EMAIL ||
		   conf->registration == CONF_REGISTRATION_EMAIL_APPROVAL) &&
	    conf->mail_spool[0] == '\0';
}

static bool
mail_without_sender(const struct conf *conf)
{
	return conf->mail_spool[0] != '\0' && conf->mail_sender[0] == '\0';
}

static bool
mail_without_url(const struct conf *conf)
{
	return conf->mail_spool[0] != '\0' && conf->mail_url[0] == '\0';
}

static bool
registers_elsewhere(const struct conf *conf)
{
	return conf->registration != CONF_REGISTRATION_OFF &&
	    (conf->names == CONF_NAMES_EMAIL || conf_attributes_mapped(conf));
}

static const struct {
	const char *section;
	const char *name;
	bool (*broken)(const struct conf *conf);
	const char *text;
} checks[] = {
    {"dynamodb", "region", no_region,
	"missing; engine = dynamodb needs the region that holds the tables"},
    {"dynamodb", "state_table", same_table,
	"equal to users_table; hosts write states, so give them a table of their own"},
    {"service", "userdb_socket", same_socket,
	"equal to socket; give each protocol its own path, or leave this one empty"},
    {"users", "uid_min", empty_range, "above uid_max; make the range hold at least one uid"},
    {"users", "uid_min", range_holds_nobody,
	"the range holds 65534 or 65535, which are nobody; choose one below or above"},
    {"password", "memory_kib", memory_over_bound,
	"above max_memory_kib; our own hashes would be refused, so raise that or lower this"},
    {"password", "passes", passes_over_bound,
	"above max_passes; our own hashes would be refused, so raise that or lower this"},
    {"registration", "mode", mode_needs_mail,
	"needs mail; set spool, sender and url in [mail], or choose another mode"},
    {"registration", "mode", registers_elsewhere,
	"not off; users of names = email and of tables that are not ours cannot register"},
    {"mail", "sender", mail_without_sender, "missing; spool needs an address that mails are from"},
    {"mail", "url", mail_without_url, "missing; mails hold links to the page"},
};

const char *
conf_check(const struct conf *conf, const struct conf_key **key)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].broken(conf))
			continue;
		*key = conf_find(checks[i].section, checks[i].name);
		return checks[i].text;
	}
	return NULL;
}
