/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/http.h"

#include <curl/curl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/secret.h"

#define HEADER_LINE_MAX 8448 /* bytes of a header line that we send: a name, 8192 of token */

struct http {
	CURL *easy;
	struct http_options options;
	char error[CURL_ERROR_SIZE];
	/* Of the exchange under way. */
	struct http_reply *reply;
	unsigned sent; /* times the request was about to be sent */
	bool resend;
	bool refused; /* the address may not be spoken to without TLS */
	bool is_plain;
};

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_result; /* written once, under global_once */

/* libcurl's allocator: session tokens and items pass through its buffers, so that all are wiped. */
static void
wiping_free(void *data)
{
	secret_wipe(data, malloc_usable_size(data));
	free(data);
}

static void *
wiping_realloc(void *old, size_t size)
{
	size_t old_size = malloc_usable_size(old);
	void *data = malloc(size);

	if (data == NULL || old == NULL)
		return data;
	memcpy(data, old, old_size < size ? old_size : size);
	wiping_free(old);
	return data;
}

static void
global_init(void)
{
	global_result = curl_global_init_mem(
	    CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup, calloc);
}

bool
http_global_init(void)
{
	return pthread_once(&global_once, global_init) == 0 && global_result == CURLE_OK;
}

static curl_socket_t
on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http *http = ctx;

	(void)purpose;
	if (http->is_plain && !http_plain_allowed(http->options.plain, &address->addr)) {
		http->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Called on a connection that is ready, before the request goes out: again when a kept-alive
 * connection turned out to be dead, which for a write would hide that it may have been done. */
static int
on_send(void *ctx, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct http *http = ctx;

	(void)remote_ip;
	(void)local_ip;
	(void)remote_port;
	(void)local_port;
	http->sent++;
	if (http->sent == 1 || http->resend)
		return CURL_PREREQFUNC_OK;
	http->reply->stale = true;
	return CURL_PREREQFUNC_ABORT;
}

static size_t
on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct http *http = ctx;

	buf_add(&http->reply->body, data, size * count);
	return http->reply->body.failed ? 0 : size * count;
}

/* The reply headers that matter; the first of a name counts. */
static const struct wanted {
	const char *name;
	size_t offset;
	size_t size;
} wanted[] = {
    {"date", offsetof(struct http_reply, date), HTTP_DATE_SIZE},
    {"x-amzn-requestid", offsetof(struct http_reply, request_id), HTTP_ID_SIZE},
    {"x-amz-crc32", offsetof(struct http_reply, crc32), HTTP_CRC_SIZE},
};

static void
take_header(struct http_reply *reply, const char *data, size_t len)
{
	const char *colon = memchr(data, ':', len), *end = data + len, *value;
	size_t name_len, value_len;
	char *out;

	if (colon == NULL)
		return;
	name_len = (size_t)(colon - data);
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t'); value++)
		;
	while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
		end--;
	value_len = (size_t)(end - value);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		out = (char *)reply + wanted[i].offset;
		if (strlen(wanted[i].name) != name_len ||
		    strncasecmp(data, wanted[i].name, name_len) != 0 ||
		    value_len >= wanted[i].size || *out != '\0')
			continue;
		memcpy(out, value, value_len);
		out[value_len] = '\0';
	}
}

static size_t
on_header(char *data, size_t size, size_t count, void *ctx)
{
	struct http *http = ctx;

	http->reply->answered = true;
	take_header(http->reply, data, size * count);
	return size * count;
}

/* What holds for every request of the handle. A refused option is a libcurl that cannot keep our
 * promises: the handle is then not used. */
static bool
set_options(struct http *http)
{
	CURL *c = http->easy;
	bool ok = true;

#define SET(option, value) ok = ok && curl_easy_setopt(c, option, value) == CURLE_OK
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROTOCOLS_STR,
	    http->options.plain == HTTP_PLAIN_NEVER ? "https" : "http,https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CAINFO, NULL);
	SET(CURLOPT_CAPATH, http->options.ca_path);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_TCP_NODELAY, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_DNS_CACHE_TIMEOUT, -1L);
	SET(CURLOPT_USERAGENT, "pam-dynamo/" PD_VERSION);
	SET(CURLOPT_ERRORBUFFER, http->error);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, http);
	SET(CURLOPT_PREREQFUNCTION, on_send);
	SET(CURLOPT_PREREQDATA, http);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, http);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, http);
#undef SET
	return ok;
}

enum pd_error
http_open(const struct http_options *options, struct http **out)
{
	struct http *http = NULL;

	*out = NULL;
	if (!http_global_init() || (http = calloc(1, sizeof(*http))) == NULL)
		return PD_NO_MEMORY;
	http->options = *options;
	http->easy = curl_easy_init();
	if (http->easy == NULL || !set_options(http)) {
		http_close(http);
		return PD_NO_MEMORY;
	}
	*out = http;
	return PD_OK;
}

void
http_close(struct http *http)
{
	if (http == NULL)
		return;
	if (http->easy != NULL)
		curl_easy_cleanup(http->easy);
	free(http);
}

void
http_reply_free(struct http_reply *reply)
{
	buf_free(&reply->body);
}

bool
http_date_parse(const char *date, int64_t *out)
{
	time_t t = date[0] == '\0' ? -1 : curl_getdate(date, NULL);

	if (t < 0)
		return false;
	*out = (int64_t)t;
	return true;
}

/* Header lists hold session tokens. */
static void
free_list(struct curl_slist *list)
{
	for (struct curl_slist *node = list; node != NULL; node = node->next)
		secret_wipe(node->data, strlen(node->data));
	curl_slist_free_all(list);
}

static bool
append(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer == NULL)
		return false;
	*list = longer;
	return true;
}

static bool
make_headers(const struct http_request *request, struct curl_slist **list)
{
	/* What libcurl would add unasked. */
	static const char *const removed[] = {"Expect:", "Accept:", "Content-Type:"};
	char line[HEADER_LINE_MAX];
	bool ok = true;

	for (size_t i = 0; ok && i < request->header_count; i++) {
		int n = snprintf(line, sizeof(line), "%s: %s", request->headers[i].name,
		    request->headers[i].value);
		ok = n > 0 && (size_t)n < sizeof(line) && append(list, line);
	}
	for (size_t i = 0; ok && i < sizeof(removed) / sizeof(removed[0]); i++) {
		bool given = false;

		for (size_t j = 0; j < request->header_count; j++)
			given |= strncasecmp(request->headers[j].name, removed[i],
				     strlen(removed[i]) - 1) == 0;
		ok = given || append(list, removed[i]);
	}
	secret_wipe(line, sizeof(line));
	return ok;
}

/* Hands the addresses of the host to libcurl, so that it never asks DNS itself. */
static enum pd_error
give_addresses(struct http *http, const struct http_request *request, int64_t deadline,
    struct curl_slist **list)
{
	char addresses[RESOLVE_TEXT_SIZE], line[RESOLVE_TEXT_SIZE + 300];
	enum pd_error error;
	int n;

	curl_easy_setopt(http->easy, CURLOPT_RESOLVE, NULL);
	if (resolve_literal(request->host))
		return PD_OK;
	if (http->options.resolver == NULL)
		return PD_UNAVAILABLE;
	error = resolver_get(http->options.resolver, request->host, deadline, addresses);
	if (error != PD_OK)
		return error;
	n = snprintf(line, sizeof(line), "%s:%u:%s", request->host, request->port, addresses);
	if (n < 0 || (size_t)n >= sizeof(line) || !append(list, line))
		return PD_NO_MEMORY;
	return curl_easy_setopt(http->easy, CURLOPT_RESOLVE, *list) == CURLE_OK ? PD_OK
										: PD_NO_MEMORY;
}

static bool
set_method(CURL *c, const struct http_request *request)
{
	if (strcmp(request->method, "GET") == 0)
		return curl_easy_setopt(c, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
		    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, NULL) == CURLE_OK;
	return curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDS, request->body_len > 0 ? request->body : "") ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
}

static enum pd_error
outcome(struct http *http, CURLcode code)
{
	struct http_reply *reply = http->reply;
	const char *text = http->error[0] != '\0' ? http->error : curl_easy_strerror(code);

	if (code == CURLE_OK) {
		curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &reply->status);
		return PD_OK;
	}
	if (http->refused)
		text = "plain http is only allowed to loopback and credential addresses";
	else if (reply->body.failed)
		text = "the reply is larger than allowed";
	else if (reply->stale)
		text = "the kept connection had been closed";
	if (snprintf(reply->error, sizeof(reply->error), "%s", text) < 0)
		reply->error[0] = '\0';
	reply->timed_out = code == CURLE_OPERATION_TIMEDOUT;
	if (http->sent > 0)
		return PD_UNCERTAIN;
	return code == CURLE_OUT_OF_MEMORY ? PD_NO_MEMORY : PD_UNAVAILABLE;
}

enum pd_error
http_exchange(struct http *http, const struct http_request *request, struct http_reply *reply)
{
	struct curl_slist *headers = NULL, *addresses = NULL;
	int64_t deadline = clock_monotonic_ms() + request->timeout_ms;
	enum pd_error error = PD_NO_MEMORY;
	CURL *c = http->easy;

	memset(reply, 0, sizeof(*reply));
	buf_init(&reply->body, request->reply_max);
	http->reply = reply;
	http->sent = 0;
	http->resend = request->resend;
	http->refused = false;
	http->is_plain = strncasecmp(request->url, "https:", 6) != 0;
	http->error[0] = '\0';
	error = give_addresses(http, request, deadline, &addresses);
	if (error != PD_OK) {
		if (snprintf(
			reply->error, sizeof(reply->error), "cannot resolve %s", request->host) < 0)
			reply->error[0] = '\0';
		goto out;
	}
	error = PD_NO_MEMORY;
	if (!make_headers(request, &headers) || !set_method(c, request) ||
	    curl_easy_setopt(c, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms) !=
		CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)clock_left_ms(deadline) + 1) != CURLE_OK)
		goto out;
	error = outcome(http, curl_easy_perform(c));
	if (error == PD_UNAVAILABLE && addresses != NULL)
		resolver_doubt(http->options.resolver, request->host);
out:
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(c, CURLOPT_RESOLVE, NULL);
	free_list(headers);
	curl_slist_free_all(addresses);
	http->reply = NULL;
	return error;
}
