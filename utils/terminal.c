/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "core/password.h"
#include "core/secret.h"

/* A terminal without echo. Signals that end or stop the process are taken as data, so that no
 * handler and no global is needed and the terminal is put back before they act. */
struct hidden {
	int tty;
	int signals;
	sigset_t mask; /* as before */
	struct termios before;
};

bool
terminal_present(void)
{
	return isatty(STDIN_FILENO) == 1;
}

static void
say(int fd, const char *text)
{
	/* A prompt that cannot be written is no reason to stop. */
	if (write(fd, text, strlen(text)) < 0)
		return;
}

static bool
hide(struct hidden *hidden)
{
	struct termios quiet;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGTSTP);
	if (tcgetattr(hidden->tty, &hidden->before) != 0)
		return false;
	if (sigprocmask(SIG_BLOCK, &set, &hidden->mask) != 0)
		return false;
	hidden->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (hidden->signals < 0) {
		(void)sigprocmask(SIG_SETMASK, &hidden->mask, NULL);
		return false;
	}
	quiet = hidden->before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	while (tcsetattr(hidden->tty, TCSAFLUSH, &quiet) != 0) {
		if (errno != EINTR) {
			(void)close(hidden->signals);
			(void)sigprocmask(SIG_SETMASK, &hidden->mask, NULL);
			return false;
		}
	}
	return true;
}

static void
unhide(const struct hidden *hidden)
{
	while (tcsetattr(hidden->tty, TCSAFLUSH, &hidden->before) != 0 && errno == EINTR)
		continue;
	say(hidden->tty, "\n");
	(void)close(hidden->signals);
	(void)sigprocmask(SIG_SETMASK, &hidden->mask, NULL);
}

/* Waits for a byte or a signal (signals -1: none are watched). False: a signal, its number in
 * *signo. */
static bool
wait_byte(int fd, int signals, int *signo)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return true; /* the read that follows says what is wrong */
		}
		if ((fds[1].revents & POLLIN) == 0)
			return true;
		if (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
			*signo = (int)info.ssi_signo;
			return false;
		}
	}
}

/* One line, byte by byte, so that nothing after it is taken from a pipe. */
static enum pd_error
take_line(int fd, int signals, char *out, size_t size, size_t *len, int *signo, const char **why)
{
	bool too_long = false;
	bool any = false;
	char c = '\0';
	ssize_t got;

	*len = 0;
	while (wait_byte(fd, signals, signo)) {
		got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || c == '\n')
			break;
		any = true;
		if (*len + 1 < size)
			out[(*len)++] = c;
		else
			too_long = true;
	}
	secret_wipe(&c, sizeof(c));
	out[*len] = '\0';
	if (*signo != 0)
		*why = "Interrupted.";
	else if (too_long)
		*why = "The password is too long.";
	else if (!any)
		*why = "The password is empty.";
	else if (strlen(out) != *len)
		*why = "A password cannot hold a NUL byte.";
	else
		return PD_OK;
	return PD_INVALID;
}

static enum pd_error
ask_hidden(int tty, const char *prompt, char *out, size_t size, size_t *len, const char **why)
{
	struct hidden hidden = {.tty = tty, .signals = -1};
	enum pd_error error;
	int signo;

	for (;;) {
		if (!hide(&hidden)) {
			*why = "The echo of the terminal cannot be switched off.";
			return PD_UNAVAILABLE;
		}
		signo = 0;
		say(tty, prompt);
		error = take_line(tty, hidden.signals, out, size, len, &signo, why);
		unhide(&hidden);
		if (signo == 0)
			return error;
		/* Now it does what it does to anybody; after a stop or where it is ignored, the
		 * question comes again. */
		secret_wipe(out, size);
		(void)raise(signo);
	}
}

enum pd_error
terminal_read_password(enum terminal_source source, const char *prompt, char *out, size_t size,
    size_t *len, const char **why)
{
	enum pd_error error;
	int signo = 0;
	int tty = -1;

	if (source == TERMINAL_ASK && terminal_present()) {
		tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
		if (tty < 0) {
			*why = "There is no terminal to ask on; use --password-stdin.";
			return PD_UNAVAILABLE;
		}
		error = ask_hidden(tty, prompt, out, size, len, why);
		(void)close(tty);
	} else {
		error = take_line(STDIN_FILENO, -1, out, size, len, &signo, why);
	}
	if (error != PD_OK) {
		secret_wipe(out, size);
		*len = 0;
	}
	return error;
}

enum pd_error
terminal_read_new_password(
    enum terminal_source source, char *out, size_t size, size_t *len, const char **why)
{
	char again[PASSWORD_NEW_MAX + 1];
	enum pd_error error;
	size_t again_len = 0;

	error = terminal_read_password(source, "New password: ", out, size, len, why);
	if (error != PD_OK || source == TERMINAL_STDIN || !terminal_present())
		return error;
	error = terminal_read_password(
	    source, "The same again: ", again, sizeof(again), &again_len, why);
	if (error == PD_OK && (again_len != *len || !secret_equal(out, again, *len))) {
		*why = "The two do not agree.";
		error = PD_INVALID;
	}
	secret_wipe(again, sizeof(again));
	if (error != PD_OK)
		secret_wipe(out, size);
	return error;
}

bool
terminal_confirm(const char *question)
{
	char answer[16] = "";
	char *end;

	if (!terminal_present())
		return false;
	say(STDERR_FILENO, question);
	say(STDERR_FILENO, " [y/N] ");
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return false;
	end = strchr(answer, '\n');
	if (end != NULL)
		*end = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
