/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that only root or the effective user may have written: judged on the open descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/conf_private.h"

/* What is wrong with the file behind a descriptor; NULL: nothing. */
static const char *
judge(const struct stat *st, bool secret)
{
	if (!S_ISREG(st->st_mode))
		return "not a regular file; put the file itself there";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "owned by somebody else; chown it to root";
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "writable by others; chmod go-w it";
	if (secret && (st->st_mode & S_IRWXO) != 0)
		return "open to everybody; chmod o= it";
	return NULL;
}

/* Opens and judges. -1: errno is set and why says what is wrong. */
static int
open_private(const char *path, bool secret, char why[CONF_WHY_SIZE])
{
	const char *wrong = NULL;
	struct stat st;
	int error;
	int fd;

	/* O_NONBLOCK: a FIFO in that place must not stop us before it is judged. */
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && fstat(fd, &st) == 0) {
		wrong = judge(&st, secret);
		if (wrong == NULL)
			return fd;
		errno = EPERM;
	}
	error = errno;
	if (wrong == NULL && error == ELOOP)
		wrong = "a symbolic link; name the file itself";
	if (wrong != NULL)
		(void)snprintf(why, CONF_WHY_SIZE, "%s", wrong);
	else
		(void)snprintf(why, CONF_WHY_SIZE, "cannot be read: %s", strerrordesc_np(error));
	if (fd >= 0)
		(void)close(fd);
	errno = error;
	return -1;
}

int
conf_open_private(const char *path, bool secret, const struct log *log)
{
	char why[CONF_WHY_SIZE];
	int fd = open_private(path, secret, why);
	int error = errno;

	if (fd < 0) {
		log_line(
		    log, error == ENOENT ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR, "%s: %s", path, why);
		errno = error;
	}
	return fd;
}

/* Reads to the end, at most one byte over the limit, so that conf_parse sees that it is too long.
 */
static bool
read_all(int fd, struct buf *text)
{
	char block[4096];
	ssize_t n;

	while (text->len <= CONF_FILE_MAX && !text->failed) {
		n = read(fd, block, sizeof(block));
		if (n == 0)
			return true;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		buf_add(text, block, (size_t)n);
	}
	if (text->failed)
		errno = ENOMEM;
	return !text->failed;
}

enum pd_error
conf_load(
    const char *path, const struct log *log, char *reason, size_t reason_size, struct conf *out)
{
	char why[CONF_WHY_SIZE] = "";
	enum pd_error error = PD_CONFIG;
	struct buf text;
	int fd;

	memset(out, 0, sizeof(*out));
	buf_init(&text, 0);
	fd = open_private(path, false, why);
	if (fd >= 0 && !read_all(fd, &text))
		(void)snprintf(why, sizeof(why), "cannot be read: %s", strerrordesc_np(errno));
	if (why[0] == '\0') {
		error = conf_parse(
		    path, buf_string(&text), text.len, log, reason, reason_size, out);
	} else {
		char line[LOG_LINE_MAX];

		(void)snprintf(line, sizeof(line), "%s: %s", path, why);
		log_line(log, LOG_LEVEL_ERROR, "%s", line);
		if (reason != NULL && reason_size > 0)
			(void)log_escape(reason, reason_size, line, strlen(line));
	}
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
	return error;
}
