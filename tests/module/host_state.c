/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/module/host_state.h"

static void
put_descriptors(FILE *out)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		char target[256] = "";
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || fd == dirfd(dir))
			continue;
		if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) < 0)
			target[0] = '\0';
		fprintf(out, "descriptor %d %s %d %d\n", fd, target, fcntl(fd, F_GETFD),
		    fcntl(fd, F_GETFL));
	}
	closedir(dir);
}

static void
put_threads(FILE *out)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			fprintf(out, "thread %s\n", entry->d_name);
	}
	closedir(dir);
}

static void
put_signals(FILE *out)
{
	struct itimerval timer;
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int number = 1; number <= SIGRTMAX; number++) {
		struct sigaction action;

		if (sigaction(number, NULL, &action) != 0)
			continue;
		fprintf(out, "signal %d %lx %d %d\n", number, (unsigned long)action.sa_handler,
		    action.sa_flags, sigismember(&mask, number));
	}
	getitimer(ITIMER_REAL, &timer);
	fprintf(out, "timer %ld %ld\n", (long)timer.it_value.tv_sec, (long)timer.it_value.tv_usec);
}

/* Read, not set and set back as umask(2) would have it. */
static void
put_umask(FILE *out)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];

	while (fgets(line, sizeof(line), status) != NULL) {
		if (strncmp(line, "Umask:", 6) == 0)
			fputs(line, out);
	}
	fclose(status);
}

static void
put_ids(FILE *out)
{
	uid_t uid[3];
	gid_t gid[3];
	gid_t groups[64];
	int count = getgroups(64, groups);

	getresuid(&uid[0], &uid[1], &uid[2]);
	getresgid(&gid[0], &gid[1], &gid[2]);
	fprintf(out, "uids %u %u %u\n", uid[0], uid[1], uid[2]);
	fprintf(out, "gids %u %u %u\n", gid[0], gid[1], gid[2]);
	for (int i = 0; i < count; i++)
		fprintf(out, "group %u\n", groups[i]);
}

char *
host_state(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	char cwd[4096];

	put_descriptors(out);
	put_threads(out);
	put_signals(out);
	put_umask(out);
	fprintf(out, "directory %s\n", getcwd(cwd, sizeof(cwd)));
	fprintf(out, "locale %s\n", setlocale(LC_ALL, NULL));
	for (char **pair = environ; *pair != NULL; pair++)
		fprintf(out, "environment %p %s\n", (void *)*pair, *pair);
	for (int i = 0; i < RLIMIT_NLIMITS; i++) {
		struct rlimit limit = {0};

		getrlimit((__rlimit_resource_t)i, &limit);
		fprintf(out, "limit %d %lu %lu\n", i, limit.rlim_cur, limit.rlim_max);
	}
	put_ids(out);
	fprintf(out, "dumpable %d\n", prctl(PR_GET_DUMPABLE));
	fclose(out);
	return text;
}

void
host_state_same(const char *before, const char *after)
{
	while (*before != '\0' || *after != '\0') {
		size_t before_len = strcspn(before, "\n");
		size_t after_len = strcspn(after, "\n");

		if (before_len != after_len || memcmp(before, after, before_len) != 0)
			fail_msg("the host changed: '%.*s' became '%.*s'", (int)before_len, before,
			    (int)after_len, after);
		before += before_len + (before[before_len] == '\n');
		after += after_len + (after[after_len] == '\n');
	}
}
