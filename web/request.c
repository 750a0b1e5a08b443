/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/secret.h"
#include "web/text.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

struct source {
	const struct web_conf *conf;
	request_variable *variable;
	void *context;
	int fd;
};

static const char *
get(const struct source *source, const char *name)
{
	return source->variable(source->context, name);
}

static const char *
get_or_empty(const struct source *source, const char *name)
{
	const char *value = get(source, name);

	return value != NULL ? value : "";
}

static void
read_headers(const struct source *source, struct request *out)
{
	unsigned char id[(WEB_REQUEST_ID_SIZE - 1) / 2];

	out->cookie = get(source, "HTTP_COOKIE");
	out->origin = get(source, "HTTP_ORIGIN");
	out->fetch_site = get(source, "HTTP_SEC_FETCH_SITE");
	out->accept_language = get(source, "HTTP_ACCEPT_LANGUAGE");
	secret_random(id, sizeof(id));
	secret_to_hex(id, sizeof(id), out->id, sizeof(out->id));
}

/* What a session is shown as: "Firefox", never the header itself. */
static void
read_agent(const struct source *source, struct request *out)
{
	static const struct {
		const char *mark;
		const char *name;
	} agents[] = {
	    {"Edg/", "Edge"},
	    {"OPR/", "Opera"},
	    {"Firefox/", "Firefox"},
	    {"Chrom", "Chrome"},
	    {"Safari/", "Safari"},
	    {"curl/", "curl"},
	};
	const char *header = get_or_empty(source, "HTTP_USER_AGENT");
	const char *name = "other";

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		if (strstr(header, agents[i].mark) != NULL) {
			name = agents[i].name;
			break;
		}
	}
	(void)snprintf(out->agent, sizeof(out->agent), "%s", name);
}

static const char *
forwarded(const struct source *source)
{
	const char *header = source->conf->forwarded_header;

	if (header[0] == '\0')
		return NULL;
	return get(
	    source, strcmp(header, "X-Real-IP") == 0 ? "HTTP_X_REAL_IP" : "HTTP_X_FORWARDED_FOR");
}

/* Whose request this is, and whether nobody could listen. */
static int
read_connection(const struct source *source, struct request *out)
{
	const struct web_conf *conf = source->conf;
	struct address peer;
	struct address client;
	bool trusted;

	(void)snprintf(out->network, sizeof(out->network), "unknown");
	if (address_parse(get_or_empty(source, "REMOTE_ADDR"), &peer)) {
		trusted = address_in(&peer, conf->proxies, conf->proxy_count);
		client = address_client(&peer, forwarded(source), conf->proxies, conf->proxy_count);
		address_text(&client, out->network);
	} else {
		trusted = false;
	}
	out->secure = strcmp(get_or_empty(source, "HTTPS"), "on") == 0 ||
	    (trusted && strcmp(get_or_empty(source, "HTTP_X_FORWARDED_PROTO"), "https") == 0);
	return out->secure || conf->local ? 0 : 403;
}

static int
read_method(const struct source *source, struct request *out)
{
	static const char *const names[] = {
	    [REQUEST_GET] = "GET",
	    [REQUEST_HEAD] = "HEAD",
	    [REQUEST_POST] = "POST",
	};
	const char *method = get_or_empty(source, "REQUEST_METHOD");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(method, names[i]) == 0) {
			out->method = (enum request_method)i;
			return 0;
		}
	}
	return 405;
}

/* "; charset=utf-8" and nothing else. */
static bool
good_parameter(const char *text)
{
	static const char *const good[] = {"charset=utf-8", "charset=\"utf-8\""};

	text += strspn(text, " \t");
	if (*text == '\0')
		return true;
	if (*text++ != ';')
		return false;
	text += strspn(text, " \t");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		size_t len = strlen(good[i]);

		if (strncasecmp(text, good[i], len) == 0 &&
		    text[len + strspn(text + len, " \t")] == '\0')
			return true;
	}
	return false;
}

static bool
good_type(const char *type)
{
	size_t len = strlen(FORM_TYPE);

	return strlen(type) >= len && strncasecmp(type, FORM_TYPE, len) == 0 &&
	    good_parameter(type + len);
}

static bool
read_all(int fd, char *out, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, out + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

static int
read_body(const struct source *source, struct request *out)
{
	const char *length = get_or_empty(source, "CONTENT_LENGTH");
	uint64_t len = 0;

	if (out->method != REQUEST_POST)
		return 0;
	if (!good_type(get_or_empty(source, "CONTENT_TYPE")))
		return 415;
	if (length[0] == '\0')
		return 411;
	if (!text_number(length, REQUEST_BODY_MAX, &len))
		return 413;
	if (!read_all(source->fd, out->body, (size_t)len))
		return 400;
	out->body_len = (size_t)len;
	out->body[len] = '\0';
	return 0;
}

static int
read_target(const struct source *source, struct request *out)
{
	const char *path = get_or_empty(source, "PATH_INFO");
	const char *query = get_or_empty(source, "QUERY_STRING");

	if (strlen(path) >= sizeof(out->path))
		return 404;
	if (!text_good(path, strlen(path), false) || strlen(query) > REQUEST_QUERY_MAX)
		return 400;
	strcpy(out->path, path[0] == '\0' ? "/" : path);
	out->query_len = strlen(query);
	memcpy(out->query, query, out->query_len + 1);
	return 0;
}

int
request_read(const struct web_conf *conf, request_variable *variable, void *context, int fd,
    struct request *out)
{
	static int (*const steps[])(const struct source *, struct request *) = {
	    read_connection,
	    read_method,
	    read_body,
	    read_target,
	};
	struct source source = {conf, variable, context, fd};
	int status = 0;

	memset(out, 0, sizeof(*out));
	strcpy(out->path, "/");
	read_headers(&source, out);
	read_agent(&source, out);
	for (size_t i = 0; status == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		status = steps[i](&source, out);
	return status;
}

void
request_free(struct request *request)
{
	secret_wipe(request, sizeof(*request));
}
