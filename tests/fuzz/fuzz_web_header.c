/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole request from the client's headers, NUL between them: method, type, length, path, query,
 * Accept-Language, X-Forwarded-For, User-Agent, Origin. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "web/csrf.h"
#include "web/language.h"
#include "web/request.h"
#include "web/secret.h"
#include "web/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "REQUEST_METHOD",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_USER_AGENT",
    "HTTP_ORIGIN",
};
#define COUNT (sizeof(names) / sizeof(names[0]))

static void
require(bool good)
{
	if (!good)
		abort();
}

static const char *
variable(void *context, const char *name)
{
	const char **values = context;

	if (strcmp(name, "HTTPS") == 0)
		return "on";
	if (strcmp(name, "REMOTE_ADDR") == 0)
		return "10.0.0.1";
	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(names[i], name) == 0)
			return values[i];
	}
	return NULL;
}

static void
look_at(const struct request *request, int status)
{
	require(status == 0 || status == 400 || status == 404 || status == 405 || status == 411 ||
	    status == 413 || status == 415);
	require(text_good(request->path, strlen(request->path), false));
	require(strpbrk(request->network, "\r\n\"\\ ") == NULL && request->network[0] != '\0');
	require(strpbrk(request->agent, "\r\n\"\\ ") == NULL && request->agent[0] != '\0');
	require(language_negotiate(request->accept_language) != NULL);
	if (csrf_origin_good(request->origin, NULL, "https://x.example"))
		require(strcmp(request->origin, "https://x.example") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct request request;
	struct web_conf conf = {.forwarded_header = "X-Forwarded-For", .proxy_count = 1};
	const char *values[COUNT] = {NULL};
	char *copy = malloc(size + 1);
	char *at = copy;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int status;

	require(copy != NULL && fd >= 0 && address_range_parse("10.0.0.0/8", &conf.proxies[0]));
	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	for (size_t i = 0; i < COUNT && at <= copy + size; i++) {
		values[i] = at;
		at += strlen(at) + 1;
	}
	status = request_read(&conf, variable, values, fd, &request);
	look_at(&request, status);
	close(fd);
	free(copy);
	return 0;
}
