/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lookups of one user in the user database, which answers from memory after the first.
 *
 *   bench_userdb SOCKET USER ROUNDS PAUSE_US
 *
 * In turn: on a connection of its own, as nss-systemd asks, and on one that is kept. Between two
 * lookups the program sleeps, so that nobody's caches are warmer than on a host that does other
 * things. Prints "FRESH_NS KEPT_NS" for each round.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"

#define MESSAGE_MAX 65536

struct question {
	struct sockaddr_un address;
	char text[512];
	size_t len; /* with its NUL */
	char expected[128];
};

static bool
prepare(struct question *question, const char *path, const char *user)
{
	const char *slash = strrchr(path, '/');
	int len;

	question->address.sun_family = AF_UNIX;
	if (slash == NULL || strlen(path) >= sizeof(question->address.sun_path))
		return false;
	strcpy(question->address.sun_path, path);
	len = snprintf(question->text, sizeof(question->text),
	    "{\"method\":\"io.systemd.UserDatabase.GetUserRecord\","
	    "\"parameters\":{\"userName\":\"%s\",\"service\":\"%s\"}}",
	    user, slash + 1);
	if (len < 0 || (size_t)len >= sizeof(question->text))
		return false;
	question->len = (size_t)len + 1;
	len = snprintf(question->expected, sizeof(question->expected), "\"userName\":\"%s\"", user);
	return len > 0 && (size_t)len < sizeof(question->expected);
}

static int
open_connection(const struct question *question)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&question->address, sizeof(question->address)) ==
		0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* One call and its whole reply. */
static bool
ask(int fd, const struct question *question)
{
	static char reply[MESSAGE_MAX];
	size_t len = 0;

	if (write(fd, question->text, question->len) != (ssize_t)question->len)
		return false;
	do {
		ssize_t got = read(fd, reply + len, sizeof(reply) - len);

		if (got <= 0)
			return false;
		len += (size_t)got;
	} while (reply[len - 1] != '\0' && len < sizeof(reply));
	return reply[len - 1] == '\0' && strstr(reply, question->expected) != NULL;
}

/* Nanoseconds, or -1. */
static int64_t
measure(const struct question *question, int kept)
{
	int64_t start = clock_ns();
	int fd = kept >= 0 ? kept : open_connection(question);
	bool good = fd >= 0 && ask(fd, question);

	if (kept < 0 && fd >= 0)
		close(fd);
	return good ? clock_ns() - start : -1;
}

int
main(int argc, char **argv)
{
	struct question question = {0};
	int kept;

	if (argc != 5 || !prepare(&question, argv[1], argv[2])) {
		fprintf(stderr, "usage: bench_userdb SOCKET USER ROUNDS PAUSE_US\n");
		return 2;
	}
	kept = open_connection(&question);
	for (long round = atol(argv[3]); round > 0; round--) {
		int64_t fresh_ns, kept_ns;

		usleep((useconds_t)atol(argv[4]));
		fresh_ns = measure(&question, -1);
		usleep((useconds_t)atol(argv[4]));
		kept_ns = measure(&question, kept);
		if (fresh_ns < 0 || kept_ns < 0) {
			fprintf(stderr, "bench_userdb: not answered\n");
			return 1;
		}
		printf("%lld %lld\n", (long long)fresh_ns, (long long)kept_ns);
	}
	return 0;
}
