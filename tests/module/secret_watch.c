/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/module/secret_watch.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/sanitized.h"

#define MASK 0x5b
#define LEN (SECRET_WATCH_SIZE - 1)

/* "hidden-hunter2-battery-staple-19", masked. */
static const unsigned char masked[LEN] = {0x33, 0x32, 0x3f, 0x3f, 0x3e, 0x35, 0x76, 0x33, 0x2e,
    0x35, 0x2f, 0x3e, 0x29, 0x69, 0x76, 0x39, 0x3a, 0x2f, 0x2f, 0x3e, 0x29, 0x22, 0x76, 0x28, 0x2f,
    0x3a, 0x2b, 0x37, 0x3e, 0x76, 0x6a, 0x62};

static bool watching;
static size_t found;

void
secret_watch_fill(char *out, size_t size)
{
	for (size_t i = 0; i < LEN && i + 1 < size; i++)
		out[i] = (char)(masked[i] ^ MASK);
	out[size - 1] = '\0';
}

static size_t
count_in(const unsigned char *memory, size_t len)
{
	size_t count = 0;

	for (size_t at = 0; at + LEN <= len; at++) {
		size_t same = 0;

		while (same < LEN && (memory[at + same] ^ MASK) == masked[same])
			same++;
		count += same == LEN;
	}
	return count;
}

#if !SANITIZED
void __libc_free(void *memory);
void *__libc_realloc(void *memory, size_t size);

static void
look(void *memory)
{
	if (watching && memory != NULL)
		found += count_in(memory, malloc_usable_size(memory));
}

/* Stand before libc's for the module and libpam. */
void
free(void *memory)
{
	look(memory);
	__libc_free(memory);
}

void *
realloc(void *memory, size_t size)
{
	look(memory);
	return __libc_realloc(memory, size);
}
#endif

bool
secret_watch_possible(void)
{
	return !SANITIZED;
}

void
secret_watch_begin(void)
{
	found = 0;
	watching = true;
}

size_t
secret_watch_end(void)
{
	watching = false;
	return found;
}

/* Through /proc, in pieces that overlap, so that nothing of it is touched that may not be. */
static size_t
count_in_range(int memory, uint64_t from, uint64_t to)
{
	static unsigned char piece[65536];
	size_t count = 0;

	while (from < to) {
		size_t want = to - from < sizeof(piece) ? (size_t)(to - from) : sizeof(piece);
		ssize_t got = pread(memory, piece, want, (off_t)from);

		if (got < LEN)
			break;
		count += count_in(piece, (size_t)got);
		if ((size_t)got < sizeof(piece))
			break;
		from += (size_t)got - (LEN - 1);
	}
	memset(piece, 0, sizeof(piece));
	return count;
}

size_t
secret_watch_count(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[512];
	size_t count = 0;

	if (maps == NULL || memory < 0)
		abort();
	if (SANITIZED)
		goto out;
	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from;
		unsigned long to;
		char rights[5];

		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3 &&
		    strcmp(rights, "rw-p") == 0)
			count += count_in_range(memory, from, to);
	}
out:
	fclose(maps);
	close(memory);
	return count;
}
