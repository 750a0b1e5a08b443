/* SPDX-License-Identifier: BSD-2-Clause */
/* A small HTTP server on loopback that answers by a script and remembers what it was asked. */
#ifndef HTTP_DOUBLE_H
#define HTTP_DOUBLE_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#define HTTP_DOUBLE_STEPS 24
#define HTTP_DOUBLE_CONNS 16
#define HTTP_DOUBLE_REQUEST 65536

/*
 * The last step stands for all further requests. The texts are copied when the script is set: a
 * test may have given up, and left its function, while the server still answers.
 */
struct http_step {
	int status;          /* 0: close without a reply */
	const char *headers; /* lines with their ends; NULL: none */
	const char *body;
	int delay_ms;
	size_t promise; /* Content-Length says so many bytes more */
	bool close;     /* after the reply, unannounced */
};

/* A step as the server keeps it. */
struct http_double_reply {
	struct http_step step; /* without its texts */
	char *text;            /* the whole reply */
	size_t len;
};

struct http_double {
	int listener;
	unsigned port;
	int wake[2];
	pthread_t thread;
	pthread_mutex_t lock;
	struct http_double_reply replies[HTTP_DOUBLE_STEPS];
	size_t reply_count;
	unsigned requests;
	unsigned connections;
	char last[HTTP_DOUBLE_REQUEST]; /* head and body of the last request */
};

static bool
http_double_read(int fd, char *out)
{
	size_t len = 0, want = 0;
	char *end, *length;
	ssize_t n;

	while (want == 0 || len < want) {
		n = read(fd, out + len, HTTP_DOUBLE_REQUEST - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		out[len] = '\0';
		end = strstr(out, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strcasestr(out, "\r\nContent-Length:");
		want = (size_t)(end - out) + 4 +
		    (length == NULL ? 0 : strtoul(length + 17, NULL, 10));
	}
	return true;
}

static inline struct http_double_reply
http_double_reply_make(const struct http_step *step)
{
	struct http_double_reply reply = {.step = *step};
	const char *body = step->body == NULL ? "" : step->body;
	int n = asprintf(&reply.text, "HTTP/1.1 %d Status\r\nContent-Length: %zu\r\n%s\r\n%s",
	    step->status, strlen(body) + step->promise, step->headers == NULL ? "" : step->headers,
	    body);

	assert_true(n > 0);
	reply.len = (size_t)n;
	reply.step.headers = reply.step.body = NULL;
	return reply;
}

/* The reply to this request, to be freed; under the lock, as a new script frees the old one. */
static struct http_double_reply
http_double_next(struct http_double *server, const char *request)
{
	struct http_double_reply reply;

	pthread_mutex_lock(&server->lock);
	memcpy(server->last, request, sizeof(server->last));
	reply = server->replies[server->requests < server->reply_count ? server->requests
								       : server->reply_count - 1];
	server->requests++;
	reply.text = memcpy(malloc(reply.len), reply.text, reply.len);
	pthread_mutex_unlock(&server->lock);
	return reply;
}

static bool
http_double_answer(struct http_double *server, int fd)
{
	static char request[HTTP_DOUBLE_REQUEST];
	struct http_double_reply reply;
	bool sent = false;

	if (!http_double_read(fd, request))
		return false;
	reply = http_double_next(server, request);
	if (reply.step.delay_ms > 0)
		poll(NULL, 0, reply.step.delay_ms);
	if (reply.step.status != 0)
		sent = send(fd, reply.text, reply.len, MSG_NOSIGNAL) == (ssize_t)reply.len;
	free(reply.text);
	return sent && !reply.step.close;
}

static void *
http_double_run(void *ctx)
{
	struct http_double *server = ctx;
	struct pollfd fds[HTTP_DOUBLE_CONNS + 2] = {
	    {.fd = server->wake[0], .events = POLLIN}, {.fd = server->listener, .events = POLLIN}};
	nfds_t count = 2;

	for (;;) {
		poll(fds, count, -1);
		if (fds[0].revents != 0)
			break;
		for (nfds_t i = count - 1; i >= 2; i--)
			if (fds[i].revents != 0 && !http_double_answer(server, fds[i].fd)) {
				close(fds[i].fd);
				fds[i] = fds[--count];
			}
		if (fds[1].revents != 0 && count < COUNT_OF(fds)) {
			fds[count].fd = accept(server->listener, NULL, NULL);
			fds[count].events = POLLIN;
			fds[count++].revents = 0;
			pthread_mutex_lock(&server->lock);
			server->connections++;
			pthread_mutex_unlock(&server->lock);
		}
	}
	for (nfds_t i = 2; i < count; i++)
		close(fds[i].fd);
	return NULL;
}

/* A new script; the counters begin again. */
static inline void
http_double_script(struct http_double *server, const struct http_step *steps, size_t count)
{
	pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i < server->reply_count; i++)
		free(server->replies[i].text);
	for (size_t i = 0; i < count; i++)
		server->replies[i] = http_double_reply_make(&steps[i]);
	server->reply_count = count;
	server->requests = server->connections = 0;
	pthread_mutex_unlock(&server->lock);
}

static inline struct http_double *
http_double_start(void)
{
	struct http_double *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	assert_non_null(server);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->listener, 16), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pipe(server->wake), 0);
	pthread_mutex_init(&server->lock, NULL);
	http_double_script(server, &(struct http_step){.status = 200, .body = "{}"}, 1);
	assert_int_equal(pthread_create(&server->thread, NULL, http_double_run, server), 0);
	return server;
}

static inline void
http_double_stop(struct http_double *server)
{
	assert_int_equal(write(server->wake[1], "x", 1), 1);
	pthread_join(server->thread, NULL);
	close(server->wake[0]);
	close(server->wake[1]);
	close(server->listener);
	http_double_script(server, NULL, 0);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

static inline unsigned
http_double_requests(struct http_double *server)
{
	unsigned count;

	pthread_mutex_lock(&server->lock);
	count = server->requests;
	pthread_mutex_unlock(&server->lock);
	return count;
}

static inline bool
http_double_was_asked(struct http_double *server, const char *text)
{
	bool found;

	pthread_mutex_lock(&server->lock);
	found = strstr(server->last, text) != NULL;
	pthread_mutex_unlock(&server->lock);
	return found;
}

#define HTTP_DOUBLE_SCRIPT(server, ...)                                   \
	do {                                                              \
		const struct http_step script_[] = {__VA_ARGS__};         \
		http_double_script((server), script_, COUNT_OF(script_)); \
	} while (0)

#endif
