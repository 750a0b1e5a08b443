/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/module/host_state.h"

/* Number and identity: an open file that was closed and opened anew is another one. */
static void
put_descriptor(FILE *out, int fd, const char *target)
{
	struct stat meta = {0};

	if (fstat(fd, &meta) != 0)
		return;
	fprintf(out, "descriptor %d %s %lx:%lx %ld flags %x %x\n", fd, target,
	    (unsigned long)meta.st_dev, (unsigned long)meta.st_ino,
	    (long)(S_ISREG(meta.st_mode) ? lseek(fd, 0, SEEK_CUR) : 0), fcntl(fd, F_GETFD),
	    fcntl(fd, F_GETFL));
}

static void
put_descriptors(FILE *out)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		char target[256] = "";

		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(dir))
			continue;
		if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) < 0)
			target[0] = '\0';
		put_descriptor(out, atoi(entry->d_name), target);
	}
	closedir(dir);
}

/* The lines of a file of /proc that begin with one of the names, all where there are none. */
static void
put_lines(FILE *out, const char *path, const char *const *names)
{
	FILE *in = fopen(path, "re");
	char line[1024];

	if (in == NULL)
		return;
	while (fgets(line, sizeof(line), in) != NULL) {
		bool wanted = names == NULL;

		for (size_t i = 0; !wanted && names[i] != NULL; i++)
			wanted = strncmp(line, names[i], strlen(names[i])) == 0;
		if (wanted)
			fputs(line, out);
	}
	fclose(in);
	if (names == NULL)
		fputs("\n", out);
}

static void
put_threads(FILE *out)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		char path[320];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/children", entry->d_name);
		fprintf(out, "thread %s children ", entry->d_name);
		put_lines(out, path, NULL);
	}
	closedir(dir);
}

static void
put_signals(FILE *out)
{
	stack_t stack = {0};

	for (int number = 1; number <= SIGRTMAX; number++) {
		struct sigaction action;
		unsigned long mask = 0;

		if (sigaction(number, NULL, &action) != 0)
			continue;
		memcpy(&mask, &action.sa_mask, sizeof(mask));
		fprintf(out, "signal %d %lx %x %lx\n", number, (unsigned long)action.sa_handler,
		    (unsigned)action.sa_flags, mask);
	}
	sigaltstack(NULL, &stack);
	fprintf(out, "signal stack %p %zu\n", stack.ss_sp, stack.ss_size);
}

/* A timer that runs has less left each time; that it runs, and how often, must stay. */
static void
put_timers(FILE *out)
{
	static const enum __itimer_which each[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};

	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		struct itimerval timer = {0};

		getitimer(each[i], &timer);
		fprintf(out, "timer %zu %s %ld %ld\n", i,
		    timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0 ? "runs" : "stands",
		    (long)timer.it_interval.tv_sec, (long)timer.it_interval.tv_usec);
	}
	fputs("timers ", out);
	put_lines(out, "/proc/self/timers", NULL);
}

static void
put_place(FILE *out, const char *name, const char *link, const char *path)
{
	char target[4096] = "";
	struct stat meta = {0};

	if (readlink(link, target, sizeof(target) - 1) < 0 || stat(path, &meta) != 0)
		target[0] = '\0';
	fprintf(out, "%s %s %lx:%lx\n", name, target, (unsigned long)meta.st_dev,
	    (unsigned long)meta.st_ino);
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
	fprintf(out, "session %d group %d parent %d\n", getsid(0), getpgrp(), getppid());
}

static void
put_settings(FILE *out)
{
	int subreaper = -1;
	int death_signal = -1;

	prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	prctl(PR_GET_PDEATHSIG, &death_signal);
	fprintf(out, "prctl dumpable %d keepcaps %d subreaper %d death signal %d securebits %d\n",
	    prctl(PR_GET_DUMPABLE), prctl(PR_GET_KEEPCAPS), subreaper, death_signal,
	    prctl(PR_GET_SECUREBITS));
	fprintf(out, "personality %x\n", (unsigned)personality(0xffffffff));
	fprintf(
	    out, "priority %d scheduler %d\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0));
	fprintf(out, "locale %s %p\n", setlocale(LC_ALL, NULL), (void *)uselocale((locale_t)0));
	fprintf(out, "stdio %zu %d %zu %d %zu %d\n", __fbufsize(stdin), __flbf(stdin) != 0,
	    __fbufsize(stdout), __flbf(stdout) != 0, __fbufsize(stderr), __flbf(stderr) != 0);
	for (int i = 0; i < RLIMIT_NLIMITS; i++) {
		struct rlimit limit = {0};

		getrlimit((__rlimit_resource_t)i, &limit);
		fprintf(out, "limit %d %lu %lu\n", i, limit.rlim_cur, limit.rlim_max);
	}
}

char *
host_state(void)
{
	/* umask is read here, not set and set back as umask(2) would have it */
	static const char *const status[] = {"Name:", "Umask:", "VmLck:", "SigPnd:", "ShdPnd:",
	    "SigBlk:", "Cap", "NoNewPrivs:", "Seccomp", "Cpus_allowed:", NULL};
	static const char *const spaces[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	put_descriptors(out);
	put_threads(out);
	put_signals(out);
	put_timers(out);
	put_lines(out, "/proc/self/status", status);
	put_place(out, "directory", "/proc/self/cwd", ".");
	put_place(out, "root", "/proc/self/root", "/");
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/self/ns/%s", spaces[i]);
		put_place(out, "namespace", path, path);
	}
	fprintf(out, "environment at %p\n", (void *)environ);
	for (char **pair = environ; *pair != NULL; pair++)
		fprintf(out, "environment %p %s\n", (void *)*pair, *pair);
	put_ids(out);
	put_settings(out);
	fclose(out);
	return text;
}

char *
host_state_difference(const char *before, const char *after)
{
	while (*before != '\0' || *after != '\0') {
		size_t before_len = strcspn(before, "\n");
		size_t after_len = strcspn(after, "\n");
		char *text = NULL;

		if (before_len != after_len || memcmp(before, after, before_len) != 0) {
			if (asprintf(&text, "'%.*s' became '%.*s'", (int)before_len, before,
				(int)after_len, after) < 0)
				abort();
			return text;
		}
		before += before_len + (before[before_len] == '\n');
		after += after_len + (after[after_len] == '\n');
	}
	return NULL;
}

void
host_state_same(const char *before, const char *after)
{
	char *difference = host_state_difference(before, after);

	if (difference != NULL)
		fail_msg("the host changed: %s", difference);
}
