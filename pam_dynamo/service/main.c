/* SPDX-License-Identifier: BSD-2-Clause */
/* pam-dynamod: answers logins over an AF_UNIX socket; pam-dynamod(8). */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/secret.h"
#include "service/listener.h"
#include "service/operations.h"
#include "service/server.h"
#include "service/userdb.h"
#include "service/worker.h"

#define DESCRIPTORS 4096 /* connections, store connections, files; if the hard limit allows */
#define ARENAS 2         /* of malloc: more cost memory for nothing */
#define TOP_PAD (64 * 1024)
#define WORKER_EXTRA_MS 1000 /* beyond the deadline, for what follows a reply */

struct options {
	const char *conf_path;
	bool foreground;
	bool test;
	bool version;
};

/* What the hooks need. */
struct daemon {
	const char *conf_path;
	struct service service;
	struct queue *queue;
	struct server *server;
	struct worker_pool *workers;
	struct listener login;
	struct listener userdb;
};

static void
usage(void)
{
	fprintf(stderr, "usage: pam-dynamod [-ftV] [-c file]\n");
}

static bool
read_options(int argc, char **argv, struct options *out)
{
	int option;

	*out = (struct options){.conf_path = CONF_PATH_DEFAULT};
	while ((option = getopt(argc, argv, "c:ftV")) != -1) {
		if (option == 'c')
			out->conf_path = optarg;
		else if (option == 'f')
			out->foreground = true;
		else if (option == 't')
			out->test = true;
		else if (option == 'V')
			out->version = true;
		else
			return false;
	}
	return optind == argc;
}

static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Nothing of this process may end in a core file, a debugger of the same user, or a readable file;
 * and nothing of the environment may steer a library. Before any thread. */
static bool
harden(void)
{
	static const char *const kept[] = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
	    "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"};
	const struct rlimit no_core = {0, 0};
	char *values[sizeof(kept) / sizeof(kept[0])] = {NULL};
	bool ok = true;
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const char *value = secure_getenv(kept[i]);

		if (value != NULL && (values[i] = strdup(value)) == NULL)
			ok = false;
	}
	if (clearenv() != 0)
		ok = false;
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (values[i] != NULL && setenv(kept[i], values[i], 1) != 0)
			ok = false;
		free(values[i]);
	}
	umask(077);
	raise_descriptors();
	mallopt(M_ARENA_MAX, ARENAS);
	mallopt(M_TOP_PAD, TOP_PAD);
	return ok && setrlimit(RLIMIT_CORE, &no_core) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && signal(SIGPIPE, SIG_IGN) != SIG_ERR &&
	    secret_init();
}

static void
on_reload(void *ctx)
{
	struct daemon *daemon = ctx;
	struct generation *old;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic_us());
	(void)service_reload(&daemon->service, daemon->conf_path, &old);
	server_retire(daemon->server, old);
	sd_notify(0, "READY=1");
}

static void
on_stopping(void *ctx)
{
	const struct daemon *daemon = ctx;

	sd_notify(0, "STOPPING=1");
	log_line(&daemon->service.log, LOG_LEVEL_NOTICE, "stopping: finishing what was accepted");
}

static void
on_alive(void *ctx)
{
	(void)ctx;
	sd_notify(0, "WATCHDOG=1");
}

/* A socket from the service manager, or one of our own. */
static enum pd_error
open_socket(struct daemon *daemon, const char *path, const struct call_protocol *protocol,
    int handed_over, struct listener *listener)
{
	enum pd_error error;

	error = listener_adopt(path, SD_LISTEN_FDS_START, handed_over, listener);
	if (error == PD_NOT_FOUND)
		error = listener_bind(path, &daemon->service.log, listener);
	if (error == PD_OK)
		error = server_listen(daemon->server, listener, protocol);
	return error;
}

/* Nobody who connects to a socket that the configuration does not name is left waiting. */
static enum pd_error
refuse_foreign(struct daemon *daemon, int handed_over)
{
	enum pd_error error = PD_OK;
	struct listener foreign;
	int fd;

	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + handed_over; fd++) {
		if (fd == daemon->login.fd || fd == daemon->userdb.fd)
			continue;
		if (listener_adopt_foreign(fd, &foreign) == PD_OK)
			error = server_listen(daemon->server, &foreign, NULL);
		log_line(&daemon->service.log, LOG_LEVEL_WARNING,
		    "descriptor %d was handed over, but its address %s is neither [service] "
		    "socket nor userdb_socket: it is not served",
		    fd, foreign.path);
		if (error != PD_OK)
			break;
	}
	return error;
}

static enum pd_error
open_sockets(struct daemon *daemon)
{
	const struct conf *conf = &daemon->service.current->conf;
	int handed_over = sd_listen_fds(1);
	enum pd_error error;

	if (handed_over < 0)
		handed_over = 0;
	error = open_socket(
	    daemon, conf->socket, &operations_protocol, handed_over, &daemon->login);
	if (error == PD_OK && conf->userdb_socket[0] != '\0')
		error = open_socket(
		    daemon, conf->userdb_socket, &userdb_protocol, handed_over, &daemon->userdb);
	if (error == PD_OK)
		error = refuse_foreign(daemon, handed_over);
	return error;
}

static enum pd_error
open_daemon(struct daemon *daemon)
{
	const struct server_hooks hooks = {
	    .reload = on_reload, .stopping = on_stopping, .alive = on_alive, .ctx = daemon};
	const struct conf *conf = &daemon->service.current->conf;
	enum pd_error error;

	error = queue_open((size_t)conf->queue, (size_t)conf->workers, &daemon->queue);
	if (error == PD_OK)
		error = server_open(&daemon->service, daemon->queue, &hooks, &daemon->server);
	if (error == PD_OK)
		error = open_sockets(daemon);
	if (error == PD_OK)
		error = worker_start((size_t)conf->workers, daemon->queue, server_work,
		    daemon->server, &daemon->workers);
	if (error != PD_OK)
		log_line(&daemon->service.log, LOG_LEVEL_ERROR, "cannot start: %s",
		    pd_error_text(error));
	return error;
}

static void
close_daemon(struct daemon *daemon)
{
	listener_close(&daemon->login);
	listener_close(&daemon->userdb);
	server_close(daemon->server);
	queue_free(daemon->queue);
	service_free(&daemon->service);
}

/* Warnings for the administrator, whatever the level: they stand for lines that always pass. */
static void
tell_held(const struct daemon *daemon)
{
	log_limit_tell(daemon->service.log_limit, &daemon->service.local_log, INT64_MAX);
}

static int
serve(const struct options *options, const struct audit *audit, const struct log *log,
    struct login_guard *guard, struct generation *first)
{
	struct daemon daemon = {.conf_path = options->conf_path, .login.fd = -1, .userdb.fd = -1};
	struct log last; /* outlives the service */
	bool drained;

	if (service_init(&daemon.service, audit, log, guard, first) != PD_OK)
		return EX_OSERR;
	if (open_daemon(&daemon) != PD_OK) {
		worker_stop(daemon.workers, clock_monotonic_ms());
		close_daemon(&daemon);
		return EX_UNAVAILABLE;
	}
	log_line(&daemon.service.log, LOG_LEVEL_NOTICE, "pam-dynamod %s: listening on %s, store %s",
	    PD_VERSION, daemon.login.path, store_engine_name(first->store));
	sd_notify(0, "READY=1");
	drained = server_run(daemon.server);
	if (!worker_stop(daemon.workers,
		clock_monotonic_ms() + daemon.service.current->conf.deadline_ms +
		    WORKER_EXTRA_MS)) {
		log_line(
		    &daemon.service.log, LOG_LEVEL_WARNING, "stopped with requests unfinished");
		tell_held(&daemon);
		listener_close(&daemon.login);
		listener_close(&daemon.userdb);
		_exit(EX_TEMPFAIL); /* threads still use the rest, and what exit(3) would free */
	}
	tell_held(&daemon);
	last = daemon.service.log;
	close_daemon(&daemon);
	log_line(&last, LOG_LEVEL_NOTICE, "%s",
	    drained ? "stopped" : "stopped; idle connections were closed");
	return EX_OK;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct audit audit = {.fd = -1};
	struct log log = {.level = LOG_LEVEL_INFO, .sink = audit_log_sink, .ctx = &audit};
	struct login_guard *guard = NULL;
	struct generation *first = NULL;

	if (!read_options(argc, argv, &options)) {
		usage();
		return EX_USAGE;
	}
	if (options.version) {
		printf("pam-dynamod %s\n", PD_VERSION);
		return EX_OK;
	}
	if (options.foreground || options.test)
		audit.fd = STDERR_FILENO;
	openlog("pam-dynamod", LOG_PID, LOG_DAEMON);
	if (!harden()) {
		log_line(&log, LOG_LEVEL_ERROR, "cannot prepare the process: %s", strerror(errno));
		return EX_OSERR;
	}
	if (login_guard_open(&guard) != PD_OK)
		return EX_OSERR;
	if (generation_load(options.conf_path, guard, &log, NULL, &first) != PD_OK) {
		login_guard_close(guard);
		if (audit.fd < 0)
			fprintf(stderr, "pam-dynamod: refused to start, see the log (or use -t)\n");
		return EX_CONFIG;
	}
	if (options.test) {
		generation_drop(first);
		login_guard_close(guard);
		fprintf(stderr, "%s: good\n", options.conf_path);
		return EX_OK;
	}
	return serve(&options, &audit, &log, guard, first);
}
