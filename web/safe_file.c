/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/safe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
judge(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "not a regular file";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "belongs to neither root nor the user of the page";
	if ((st.st_mode & (S_IWGRP | S_IRWXO)) != 0)
		return "others may read it or change it; chmod 0640";
	return NULL;
}

static const char *
read_all(int fd, char *out, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, out + len, size - len);

		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return "cannot be read";
		len += (size_t)n;
	}
	if (len == size)
		return "too long";
	out[len] = '\0';
	return memchr(out, '\0', len) == NULL ? NULL : "not text";
}

bool
safe_file_read(const char *path, char *out, size_t size, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0) {
		*why = errno == ELOOP ? "a symbolic link" : strerror(errno);
		return false;
	}
	*why = judge(fd);
	if (*why == NULL)
		*why = read_all(fd, out, size);
	close(fd);
	return *why == NULL;
}
