/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/service_double.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS_MAX 8
#define DRIP_MS 20

struct request {
	size_t len;
	unsigned char bytes[DOUBLE_BYTES_MAX];
};

/* Shared with the child. */
struct board {
	atomic_size_t request_count;
	struct request requests[REQUESTS_MAX];
	size_t step_count;
	struct double_step steps[DOUBLE_STEPS_MAX];
};

struct service_double {
	pid_t pid;
	char dir[64];
	char path[96];
	struct board *board;
};

static void
require(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

static void
note_request(struct board *board, int fd)
{
	size_t n = atomic_load(&board->request_count);
	struct request *request = &board->requests[n < REQUESTS_MAX ? n : REQUESTS_MAX - 1];
	size_t needed = 0;

	request->len = 0;
	while (needed == 0 || request->len < needed) {
		ssize_t got = recv(
		    fd, request->bytes + request->len, DOUBLE_BYTES_MAX - request->len, 0);

		if (got <= 0)
			return;
		request->len += (size_t)got;
		needed = frame_needed(request->bytes, request->len);
		if (needed == FRAME_BAD_LENGTH)
			break;
	}
	atomic_store(&board->request_count, n + 1);
}

static void
wait_for_end(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) > 0)
		continue;
}

static void
drip(int fd, const struct double_step *step)
{
	for (size_t i = 0;; i++) {
		unsigned char byte = i < step->len ? step->bytes[i] : 0;

		if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
			return;
		nanosleep(&(struct timespec){.tv_nsec = DRIP_MS * 1000000L}, NULL);
	}
}

static void
take_step(struct board *board, const struct double_step *step, int fd)
{
	if (step->shape == DOUBLE_CLOSE)
		return;
	if (step->shape != DOUBLE_REPLY_EARLY)
		note_request(board, fd);
	if (step->shape == DOUBLE_DRIP) {
		drip(fd, step);
		return;
	}
	if (step->len > 0)
		(void)!send(fd, step->bytes, step->len, MSG_NOSIGNAL);
	if (step->shape == DOUBLE_SILENT)
		wait_for_end(fd);
}

static void
serve(struct board *board, int listener)
{
	for (size_t n = 0;; n++) {
		size_t last = board->step_count - 1;
		int fd;

		if (board->steps[0].shape == DOUBLE_NO_ACCEPT) {
			pause();
			continue;
		}
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(1);
		take_step(board, &board->steps[n < last ? n : last], fd);
		close(fd);
	}
}

struct service_double *
double_start(const struct double_step *steps, size_t step_count)
{
	struct service_double *service = calloc(1, sizeof(*service));
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(service != NULL && step_count > 0 && step_count <= DOUBLE_STEPS_MAX, "double");
	service->board = mmap(NULL, sizeof(*service->board), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	require(service->board != MAP_FAILED, "mmap");
	memcpy(service->board->steps, steps, step_count * sizeof(*steps));
	service->board->step_count = step_count;
	strcpy(service->dir, "/tmp/service-double.XXXXXX");
	require(mkdtemp(service->dir) != NULL, "mkdtemp");
	snprintf(service->path, sizeof(service->path), "%s/login.sock", service->dir);
	memcpy(address.sun_path, service->path, strlen(service->path) + 1);
	require(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	require(listen(listener, steps[0].shape == DOUBLE_NO_ACCEPT ? 0 : 16) == 0, "listen");
	service->pid = fork();
	require(service->pid >= 0, "fork");
	if (service->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(service->board, listener);
	}
	close(listener);
	return service;
}

void
double_stop(struct service_double *service)
{
	if (service == NULL)
		return;
	kill(service->pid, SIGKILL);
	waitpid(service->pid, NULL, 0);
	unlink(service->path);
	rmdir(service->dir);
	munmap(service->board, sizeof(*service->board));
	free(service);
}

const char *
double_path(const struct service_double *service)
{
	return service->path;
}

size_t
double_request_count(const struct service_double *service)
{
	return atomic_load(&service->board->request_count);
}

struct frame
double_request(const struct service_double *service, size_t n)
{
	const struct request *request = &service->board->requests[n];
	struct frame frame;

	require(n < double_request_count(service) && n < REQUESTS_MAX, "request");
	require(frame_parse(request->bytes, request->len, &frame), "malformed request");
	return frame;
}

struct double_step
double_verdict(enum verdict verdict, const char *message, const unsigned char *ticket)
{
	struct double_step step = {.shape = DOUBLE_REPLY};
	struct frame_writer writer;
	unsigned char byte = (unsigned char)verdict;

	frame_begin(&writer, step.bytes, sizeof(step.bytes), PROTOCOL_REPLY);
	frame_add(&writer, PROTOCOL_TAG_VERDICT, &byte, 1);
	frame_add_string(&writer, PROTOCOL_TAG_REASON, "double");
	frame_add_string(&writer, PROTOCOL_TAG_MESSAGE, message);
	if (ticket != NULL)
		frame_add(&writer, PROTOCOL_TAG_TICKET, ticket, PROTOCOL_TICKET_LEN);
	step.len = frame_end(&writer);
	require(step.len > 0, "frame_end");
	return step;
}
