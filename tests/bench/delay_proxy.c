/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TCP relay on loopback that holds every request back for a while and counts them: what one round
 * trip to a far server would cost. A request is a run of bytes from the client that begins with
 * "POST ".
 *
 *   delay_proxy TARGET_PORT DELAY_US [fixed]
 *
 * With "fixed" the request goes on at once and its reply is held back until DELAY_US after the
 * request: a server that takes the same time for everything, as long as the real one is faster.
 *
 * Prints "port N"; then answers each line on standard input with "connections N requests N", and
 * ends at end of input.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

static atomic_long connections, requests;
static uint16_t target_port;
static long delay_us;
static int fixed;

static struct sockaddr_in
loopback(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int
write_all(int fd, const char *data, ssize_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, data, (size_t)len);

		if (done <= 0)
			return -1;
		data += done;
		len -= done;
	}
	return 0;
}

static void
wait_until(int64_t due_ns)
{
	struct timespec due = {.tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000};

	if (delay_us > 0)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

/* Relays one chunk; *due_ns is when the request under way may go on or be answered. */
static int
relay(int from, int to, int is_request, int64_t *due_ns)
{
	char data[65536];
	ssize_t got = read(from, data, sizeof(data));
	int begins = got >= 5 && is_request && memcmp(data, "POST ", 5) == 0;

	if (got <= 0)
		return -1;
	if (begins) {
		atomic_fetch_add(&requests, 1);
		*due_ns = clock_ns() + delay_us * 1000;
	}
	if (fixed ? !is_request : begins)
		wait_until(*due_ns);
	return write_all(to, data, got);
}

static void *
serve(void *client_fd)
{
	struct sockaddr_in target = loopback(target_port);
	int client = (int)(intptr_t)client_fd, one = 1;
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd ends[2] = {
	    {.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
	int64_t due_ns = 0;

	if (connect(server, (struct sockaddr *)&target, sizeof(target)) != 0)
		goto out;
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while (poll(ends, 2, -1) > 0) {
		if (ends[0].revents != 0 && relay(client, server, 1, &due_ns) != 0)
			break;
		if (ends[1].revents != 0 && relay(server, client, 0, &due_ns) != 0)
			break;
	}
out:
	close(server);
	close(client);
	return NULL;
}

static void *
accept_all(void *listen_fd)
{
	for (;;) {
		int client = accept((int)(intptr_t)listen_fd, NULL, NULL);
		pthread_t thread;

		if (client < 0)
			return NULL;
		atomic_fetch_add(&connections, 1);
		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0)
			pthread_detach(thread);
		else
			close(client);
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in address = loopback(0);
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_t thread;
	char line[16];

	if (argc < 3 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
		fprintf(stderr, "usage: delay_proxy TARGET_PORT DELAY_US [fixed]\n");
		return 2;
	}
	target_port = (uint16_t)atoi(argv[1]);
	delay_us = atol(argv[2]);
	fixed = argc > 3 && strcmp(argv[3], "fixed") == 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("port %d\n", ntohs(address.sin_port));
	if (pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)fd) != 0)
		return 1;
	while (fgets(line, sizeof(line), stdin) != NULL)
		printf("connections %ld requests %ld\n", atomic_load(&connections),
		    atomic_load(&requests));
	return 0;
}
