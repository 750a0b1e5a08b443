/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the module costs the program that loads it: the time from before dlopen to the first byte
 * that the service's end of the socket sees, the shared objects it maps and the memory it keeps
 * resident.
 *
 *   bench_module MODULE CONFDIR SERVICE SOCKET ROUNDS
 *
 * CONFDIR/SERVICE names the module with socket=SOCKET; this program listens there itself, reads a
 * byte and closes, so that only the module's own way to the socket is measured. Prints one line a
 * round: "first_byte_ns N", then "objects N" and "resident_kib N".
 */
#include <security/pam_appl.h>

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

static int
answer(int count, const struct pam_message **messages, struct pam_response **out, void *unused)
{
	struct pam_response *replies = calloc((size_t)count, sizeof(*replies));

	(void)messages;
	(void)unused;
	if (replies == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++)
		replies[i].resp = strdup("benchmark password");
	*out = replies;
	return PAM_SUCCESS;
}

static int
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 4) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The host: sends the time before dlopen, then asks. libpam itself is loaded already. */
static void
ask(const char *confdir, const char *service, int pipe_fd)
{
	const struct pam_conv conversation = {.conv = answer};
	pam_handle_t *handle = NULL;
	int64_t start;

	if (pam_start_confdir(service, "alice", &conversation, confdir, &handle) != PAM_SUCCESS)
		_exit(1);
	start = clock_ns();
	if (write(pipe_fd, &start, sizeof(start)) != (ssize_t)sizeof(start))
		_exit(1);
	pam_authenticate(handle, PAM_SILENT);
	pam_end(handle, PAM_AUTHINFO_UNAVAIL);
	_exit(0);
}

static int
measure_first_byte(const char *confdir, const char *service, int listen_fd)
{
	int64_t start = 0, seen = 0;
	int ends[2], fd = -1, status = 1;
	char byte;
	pid_t child;

	if (pipe(ends) != 0)
		return 1;
	child = fork();
	if (child == 0)
		ask(confdir, service, ends[1]);
	fd = accept(listen_fd, NULL, NULL);
	if (fd >= 0 && read(fd, &byte, 1) == 1)
		seen = clock_ns();
	if (fd >= 0)
		close(fd);
	if (read(ends[0], &start, sizeof(start)) == (ssize_t)sizeof(start) && seen != 0)
		printf("first_byte_ns %lld\n", (long long)(seen - start));
	close(ends[0]);
	close(ends[1]);
	waitpid(child, &status, 0);
	return seen == 0 || status != 0;
}

static int
count_object(struct dl_phdr_info *info, size_t size, void *count)
{
	(void)info;
	(void)size;
	++*(int *)count;
	return 0;
}

static long
resident_kib(void)
{
	char line[256];
	long kib = -1;
	FILE *file = fopen("/proc/self/smaps_rollup", "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "Rss: %ld kB", &kib) == 1)
			break;
	}
	if (file != NULL)
		fclose(file);
	return kib;
}

/* Maps the module as libpam does and touches every entry point by address. */
static int
measure_maps(const char *module)
{
	int before = 0, after = 0;
	long resident;
	void *handle;

	(void)resident_kib();
	resident = resident_kib();
	dl_iterate_phdr(count_object, &before);
	handle = dlopen(module, RTLD_NOW);
	if (handle == NULL || dlsym(handle, "pam_sm_authenticate") == NULL)
		return 1;
	dl_iterate_phdr(count_object, &after);
	printf("objects %d\nresident_kib %ld\n", after - before, resident_kib() - resident);
	return dlclose(handle);
}

int
main(int argc, char **argv)
{
	int listen_fd, failed = 0;

	if (argc != 6 || (listen_fd = listen_at(argv[4])) < 0) {
		fprintf(stderr, "usage: bench_module MODULE CONFDIR SERVICE SOCKET ROUNDS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (long round = atol(argv[5]); round > 0; round--)
		failed |= measure_first_byte(argv[2], argv[3], listen_fd);
	close(listen_fd);
	unlink(argv[4]);
	return failed | measure_maps(argv[1]);
}
