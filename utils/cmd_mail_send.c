/* SPDX-License-Identifier: BSD-2-Clause */
/* mail-send: hands what waits in the spool to sendmail, one program for each mail, without a shell.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/email.h"
#include "core/mail_spool.h"
#include "utils/command.h"

#define KEEP_S (3 * 86400)
#define FIRST_SIZE (sizeof(MAIL_SPOOL_FIRST) + EMAIL_SIZE)

struct sending {
	const struct session *session;
	int folder;
	unsigned sent;
	unsigned kept;
	enum exit_code code;
};

/* The first line: whom it is for, "" for nobody. The descriptor stands after it. */
static bool
read_address(int fd, char out[EMAIL_SIZE])
{
	const size_t mark = sizeof(MAIL_SPOOL_FIRST) - 1;
	char line[FIRST_SIZE + 1] = {0};
	ssize_t n = pread(fd, line, FIRST_SIZE, 0);
	const char *end = n <= 0 ? NULL : memchr(line, '\n', (size_t)n);
	size_t len;

	if (end == NULL || strncmp(line, MAIL_SPOOL_FIRST, mark) != 0)
		return false;
	len = (size_t)(end - line) - mark;
	memcpy(out, line + mark, len);
	out[len] = '\0';
	return (len == 0 || mail_spool_address(out)) && lseek(fd, end - line + 1, SEEK_SET) > 0;
}

/* The status that sendmail ends with; -1: it could not be started. */
static int
run_sendmail(const struct conf *conf, const char *to, int fd)
{
	char *const words[] = {conf->sendmail, (char[]){"-i"}, (char[]){"-f"}, conf->mail_sender,
	    (char[]){"--"}, (char *)(uintptr_t)to, NULL};
	char *const environment[] = {
	    (char[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, (char[]){"LANG=C.UTF-8"}, NULL};
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid = -1;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	if (posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO) == 0 &&
	    posix_spawn(&pid, conf->sendmail, &actions, NULL, words, environment) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
	(void)posix_spawn_file_actions_destroy(&actions);
	return status;
}

static void
give_up(struct sending *sending, const char *name, const char *why)
{
	session_warn("mail %s: %s; removed", name, why);
	(void)unlinkat(sending->folder, name, 0);
	sending->code = EXIT_CODE_REFUSED;
}

static void
send_one(struct sending *sending, const char *name, int fd, const struct stat *st)
{
	char to[EMAIL_SIZE];
	int status;

	if (!S_ISREG(st->st_mode) || st->st_size > MAIL_SPOOL_SIZE_MAX || !read_address(fd, to)) {
		give_up(sending, name, "is no mail of ours");
		return;
	}
	if (to[0] == '\0') {
		(void)unlinkat(sending->folder, name, 0);
		return;
	}
	status = run_sendmail(&sending->session->conf, to, fd);
	if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		sending->sent++;
		(void)unlinkat(sending->folder, name, 0);
	} else if (st->st_mtime + KEEP_S < time(NULL)) {
		give_up(sending, name, "refused by sendmail for three days");
	} else {
		session_warn("mail %s: %s refused it; it stays for the next run", name,
		    sending->session->conf.sendmail);
		sending->kept++;
		sending->code = EXIT_CODE_UNAVAILABLE;
	}
}

static bool
is_mail(const char *name)
{
	size_t len = strlen(name);
	size_t suffix = strlen(MAIL_SPOOL_SUFFIX);

	return name[0] != '.' && len > suffix &&
	    strcmp(name + len - suffix, MAIL_SPOOL_SUFFIX) == 0;
}

static void
send_all(struct sending *sending, DIR *folder)
{
	const struct dirent *entry;
	struct stat st;

	while ((entry = readdir(folder)) != NULL) {
		int fd;

		if (!is_mail(entry->d_name))
			continue;
		fd = openat(
		    sending->folder, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && fstat(fd, &st) == 0)
			send_one(sending, entry->d_name, fd, &st);
		if (fd >= 0)
			(void)close(fd);
	}
}

enum exit_code
command_mail_send(struct session *session)
{
	struct sending sending = {.session = session};
	const char *spool = session->conf.mail_spool;
	DIR *folder;

	if (spool[0] == '\0')
		return session_fail(EXIT_CODE_CONFIG, "no mail is configured; set spool in [mail]");
	sending.folder = mail_spool_open(spool, &session->log);
	if (sending.folder < 0)
		return EXIT_CODE_CONFIG;
	folder = fdopendir(sending.folder);
	if (folder == NULL) {
		(void)close(sending.folder);
		return session_fail_error(PD_NO_MEMORY, spool);
	}
	send_all(&sending, folder);
	(void)closedir(folder);
	session_say(session, "%u sent, %u kept.", sending.sent, sending.kept);
	return sending.code;
}
