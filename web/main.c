/* SPDX-License-Identifier: BSD-2-Clause */
/* pam-dynamo.cgi: one request, one answer, one process. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "web/event.h"
#include "web/page.h"
#include "web/route.h"

#include "ipc/client.h"

#define ALARM_S 20
#define ADDRESS_SPACE (256UL * 1024 * 1024)
#define DRAIN_MAX (64 * 1024)
#define DRAIN_MS 1000                       /* a server need not end the body with an end of file */
#define CONF_VARIABLE "PAM_DYNAMO_WEB_CONF" /* the web server's to set; no header becomes it */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

static void
limit(__rlimit_resource_t resource, rlim_t value)
{
	(void)setrlimit(resource, &(struct rlimit){value, value});
}

/* Before anything is read. */
static void
harden(void)
{
	umask(077);
	(void)unsetenv("HTTP_PROXY");
	while (open("/dev/null", O_RDWR) <= STDERR_FILENO)
		continue;
	close_range(STDERR_FILENO + 1, ~0U, 0);
	limit(RLIMIT_CORE, 0);
	(void)prctl(PR_SET_DUMPABLE, 0);
#if !SANITIZED
	limit(RLIMIT_AS, ADDRESS_SPACE);
#endif
	alarm(ALARM_S);
	openlog("pam-dynamo.cgi", LOG_PERROR, LOG_AUTHPRIV);
}

static const char *
variable(void *context, const char *name)
{
	(void)context;
	return getenv(name);
}

static void
fill_without_configuration(struct page *page)
{
	memset(&page->conf, 0, sizeof(page->conf));
	strcpy(page->conf.brand, "pam_dynamo");
	strcpy(page->conf.static_path, "/pam-dynamo-static");
	page->language = languages;
}

/* False: nothing can be decided; the log knows why. */
static bool
configure(struct page *page)
{
	const char *path = getenv(CONF_VARIABLE);
	char why[WEB_CONF_WHY_SIZE];
	const char *wrong = NULL;

	if (!web_conf_read(path != NULL ? path : WEB_CONF_DEFAULT, &page->conf, why)) {
		event_log(NULL, "config_error", why);
		return false;
	}
	if (!web_key_read(page->conf.key_file, &page->keys, &wrong)) {
		event_log(NULL, "config_error", page->conf.key_file);
		event_log(NULL, "config_error", wrong);
		return false;
	}
	return true;
}

/* A socket that is closed before its body is read takes the answer away with it: Apache's. */
static void
drain(int fd)
{
	char data[4096];
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < DRAIN_MAX && poll(&wait, 1, DRAIN_MS) > 0) {
		n = read(fd, data, sizeof(data));
		len += n > 0 ? (size_t)n : 0;
	}
	secret_wipe(data, sizeof(data));
}

static void
serve(struct page *page)
{
	int refusal;

	if (!configure(page)) {
		fill_without_configuration(page);
		page->response.retry_s = 30;
		page_say(page, 503, MESSAGE("Sorry"), MESSAGE("The service is not available."));
		return;
	}
	page->deadline_ms = client_clock_ms() + PAGE_WAIT_MS;
	refusal = request_read(&page->conf, variable, NULL, STDIN_FILENO, &page->request);
	if (refusal != 0)
		drain(STDIN_FILENO);
	route_run(page, refusal);
}

int
main(void)
{
	struct page *page;
	bool good = false;

	harden();
	page = secret_init() ? calloc(1, sizeof(*page)) : NULL;
	if (page == NULL) {
		struct response none = {.status = 500, .body = {.failed = true}};

		return response_write(&none, STDOUT_FILENO) ? 0 : 1;
	}
	serve(page);
	good = response_write(&page->response, STDOUT_FILENO);
	response_free(&page->response);
	secret_wipe(page, sizeof(*page));
	free(page);
	return good ? 0 : 1;
}
