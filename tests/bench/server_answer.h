/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server's own answer: one HTTP request over a kept-alive connection, and the wait for the
 * whole reply, which must carry a Content-Length. What a login takes above this is ours.
 */
#ifndef SERVER_ANSWER_H
#define SERVER_ANSWER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int
server_connect(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* Bytes of the whole answer that begins at text; 0 while its header is not there yet. */
static inline size_t
server_answer_len(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *field = strcasestr(text, "content-length:");

	if (end == NULL || field == NULL || field > end)
		return 0;
	return (size_t)(end - text) + 4 + (size_t)atol(field + strlen("content-length:"));
}

static inline int
server_ask(int fd, const char *request, size_t len)
{
	static char answer[262144];
	size_t have = 0, need = 0;

	if (write(fd, request, len) != (ssize_t)len)
		return -1;
	while (need == 0 || have < need) {
		ssize_t got = read(fd, answer + have, sizeof(answer) - 1 - have);

		if (got <= 0)
			return -1;
		have += (size_t)got;
		answer[have] = '\0';
		need = server_answer_len(answer);
	}
	return strncmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : -1;
}

#endif
