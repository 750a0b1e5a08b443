/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/response.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "web/secret.h"

#define HEADERS_SIZE 4096
#define HELPLESS "The page could not be made. Try again in a minute.\n"

static const char fixed[] =
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()\r\n"
    "X-Frame-Options: DENY\r\n"
    "X-Robots-Tag: noindex, nofollow\r\n"
    "Vary: Cookie, Accept-Language\r\n";

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
    {200, "OK"},
    {303, "See Other"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

struct writer {
	char *data;
	size_t len;
	size_t size;
	bool failed;
};

static void
put(struct writer *out, const char *text, size_t len)
{
	if (out->failed || out->size - out->len < len) {
		out->failed = true;
		return;
	}
	memcpy(out->data + out->len, text, len);
	out->len += len;
}

static void __attribute__((format(printf, 2, 3))) line(struct writer *out, const char *format, ...)
{
	char text[RESPONSE_LOCATION_SIZE + 64];
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (len < 0 || (size_t)len >= sizeof(text)) {
		out->failed = true;
		return;
	}
	put(out, text, (size_t)len);
	put(out, "\r\n", 2);
	secret_wipe(text, sizeof(text));
}

static const char *
phrase_of(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "Unknown";
}

static void
put_headers(struct writer *out, const struct response *response, const char *type, size_t len)
{
	line(out, "Status: %d %s", response->status, phrase_of(response->status));
	line(out, "Content-Type: %s; charset=utf-8", type);
	line(out, "Content-Length: %zu", len);
	put(out, fixed, sizeof(fixed) - 1);
	if (response->secure)
		line(out, "Strict-Transport-Security: max-age=31536000");
	if (response->location[0] != '\0')
		line(out, "Location: %s", response->location);
	if (response->allow != NULL)
		line(out, "Allow: %s", response->allow);
	if (response->retry_s != 0)
		line(out, "Retry-After: %u", (unsigned)response->retry_s);
	for (size_t i = 0; i < COOKIE_COUNT; i++) {
		if (response->cookies[i][0] != '\0')
			line(out, "%s", response->cookies[i]);
	}
	put(out, "\r\n", 2);
}

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Without memory of its own to allocate. */
static bool
write_helpless(const struct response *response, int fd)
{
	struct response plain = {
	    .status = 500, .head_only = response->head_only, .secure = response->secure};
	char data[HEADERS_SIZE];
	struct writer out = {.data = data, .size = sizeof(data)};

	put_headers(&out, &plain, "text/plain", sizeof(HELPLESS) - 1);
	if (!plain.head_only)
		put(&out, HELPLESS, sizeof(HELPLESS) - 1);
	return !out.failed && write_all(fd, data, out.len);
}

bool
response_write(const struct response *response, int fd)
{
	struct writer out = {.size = HEADERS_SIZE + response->body.len};
	bool good;

	out.data = response->body.failed ? NULL : malloc(out.size);
	if (out.data == NULL)
		return write_helpless(response, fd);
	put_headers(&out, response, "text/html", response->body.len);
	if (!response->head_only && response->body.len > 0)
		put(&out, response->body.data, response->body.len);
	good = out.failed ? write_helpless(response, fd) : write_all(fd, out.data, out.len);
	secret_wipe(out.data, out.size);
	free(out.data);
	return good;
}

void
response_cookie(struct response *response, enum cookie cookie, const char *value, bool strict)
{
	cookie_line(cookie, value, strict, response->cookies[cookie]);
}

void
response_free(struct response *response)
{
	html_free(&response->body);
	secret_wipe(response, sizeof(*response));
}
