/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/email.h"
#include "core/secret.h"

#define NAME_SIZE 64

int
mail_spool_open(const char *path, const struct log *log)
{
	const char *wrong = NULL;
	struct stat st;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		wrong = strerrordesc_np(errno);
	else if (st.st_uid != geteuid() && st.st_uid != 0 && geteuid() != 0)
		wrong = "of another user; chown it to the service's";
	else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		wrong = "open to others; chmod 0700 it";
	if (wrong == NULL)
		return fd;
	log_line(log, LOG_LEVEL_ERROR, "mail spool %s: %s", path, wrong);
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

bool
mail_spool_address(const char *to)
{
	char ascii[EMAIL_SIZE];

	return to[0] != '-' && email_ascii(to, ascii) && strcmp(ascii, to) == 0;
}

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* What root puts there belongs to the folder's owner, who sends it. */
static bool
hand_over(int folder, int fd)
{
	struct stat st;

	return geteuid() != 0 || (fstat(folder, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0);
}

static bool
write_file(int folder, const char *name, const char *to, const char *text, size_t len)
{
	char first[sizeof(MAIL_SPOOL_FIRST) + EMAIL_SIZE + 1];
	int first_len = snprintf(first, sizeof(first), "%s%s\n", MAIL_SPOOL_FIRST, to);
	bool good = false;
	int fd;

	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = first_len > 0 && (size_t)first_len < sizeof(first) &&
	    write_all(fd, first, (size_t)first_len) && write_all(fd, text, len) &&
	    hand_over(folder, fd) && fsync(fd) == 0;
	if (close(fd) != 0)
		good = false;
	if (!good)
		(void)unlinkat(folder, name, 0);
	return good;
}

enum pd_error
mail_spool_put(
    const char *path, const char *to, const char *text, size_t len, const struct log *log)
{
	enum pd_error error = PD_UNAVAILABLE;
	char hidden[NAME_SIZE], name[NAME_SIZE];
	char id[SECRET_ID_SIZE];
	int folder;

	if ((to[0] != '\0' && !mail_spool_address(to)) || len > MAIL_SPOOL_SIZE_MAX / 2)
		return PD_INVALID;
	folder = mail_spool_open(path, log);
	if (folder < 0)
		return PD_UNAVAILABLE;
	secret_random_id(id);
	(void)snprintf(hidden, sizeof(hidden), ".%s", id);
	(void)snprintf(name, sizeof(name), "%s%s", id, MAIL_SPOOL_SUFFIX);
	if (write_file(folder, hidden, to, text, len) &&
	    renameat(folder, hidden, folder, name) == 0)
		error = PD_OK;
	if (error != PD_OK) {
		log_line(log, LOG_LEVEL_ERROR, "mail spool %s: cannot be written: %s", path,
		    strerrordesc_np(errno));
		(void)unlinkat(folder, hidden, 0);
	}
	(void)close(folder);
	return error;
}
