/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Logs in again and again, each time in a fresh process as sshd does: fork, pam_start,
 * authenticate, account if that was good, pam_end. The cases are interleaved, so that a noisy
 * machine is noisy for all of them, in another order each round, so that none always follows the
 * same one.
 *
 *   bench_login CONFDIR ROUNDS JOBS SERVICE:USER:PASSWORD...
 *
 * The service "@" is no login but the server's own answer, in turn with the logins so that it is as
 * cold or warm as they are: @:PORT:FILE sends FILE's request over a connection of the job's own.
 *
 * Prints "CASE NANOSECONDS AUTHENTICATE ACCOUNT" for every login (the two are PAM return values)
 * and at the end "wall NANOSECONDS". JOBS processes do ROUNDS rounds each. The time is the child's
 * own, from before pam_start to after pam_end, so neither fork nor exit is in it.
 */
#include <security/pam_appl.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "server_answer.h"

#define FIELDS 3
#define CASES_MAX 16
#define REQUEST_SIZE 65536

struct login_case {
	char *service;
	char *user;
	char *password;
	int server_fd; /* of a case "@" */
	char *request;
	size_t request_len;
};

struct sample {
	int64_t elapsed_ns;
	int32_t case_index;
	int32_t authenticate;
	int32_t account;
	int32_t padding;
};

static int
answer(int count, const struct pam_message **messages, struct pam_response **out, void *password)
{
	struct pam_response *replies = calloc((size_t)count, sizeof(*replies));

	if (replies == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			replies[i].resp = strdup(password);
	}
	*out = replies;
	return PAM_SUCCESS;
}

/* libpam's delay after a failure is none of what is measured. */
static void
wait_not(int code, unsigned delay_us, void *ctx)
{
	(void)code;
	(void)delay_us;
	(void)ctx;
}

static void
login_once(const char *confdir, const struct login_case *login, struct sample *out)
{
	const struct pam_conv conversation = {.conv = answer, .appdata_ptr = login->password};
	pam_handle_t *handle = NULL;
	int64_t start = clock_ns();

	out->authenticate = pam_start_confdir(
	    login->service, login->user, &conversation, confdir, &handle);
	if (out->authenticate == PAM_SUCCESS)
		out->authenticate = pam_set_item(handle, PAM_FAIL_DELAY, (const void *)wait_not);
	if (out->authenticate == PAM_SUCCESS)
		out->authenticate = pam_authenticate(handle, PAM_SILENT);
	out->account = out->authenticate;
	if (out->authenticate == PAM_SUCCESS)
		out->account = pam_acct_mgmt(handle, PAM_SILENT);
	pam_end(handle, out->account);
	out->elapsed_ns = clock_ns() - start;
}

/* One login in a process of its own; its sample goes to the pipe, whole (smaller than PIPE_BUF). */
static int
login_in_child(const char *confdir, const struct login_case *login, int case_index, int pipe_fd)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		struct sample sample = {.case_index = case_index};

		login_once(confdir, login, &sample);
		_exit(write(pipe_fd, &sample, sizeof(sample)) == (ssize_t)sizeof(sample) ? 0 : 1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static bool
is_server(const struct login_case *login)
{
	return strcmp(login->service, "@") == 0;
}

static int
open_server(struct login_case *login)
{
	FILE *file = fopen(login->password, "re");

	login->server_fd = server_connect((uint16_t)atoi(login->user));
	login->request = malloc(REQUEST_SIZE);
	if (file == NULL || login->request == NULL)
		return -1;
	login->request_len = fread(login->request, 1, REQUEST_SIZE, file);
	fclose(file);
	return login->server_fd < 0 ? -1 : 0;
}

static int
ask_server(const struct login_case *login, int case_index, int pipe_fd)
{
	struct sample sample = {.case_index = case_index};
	int64_t start = clock_ns();

	if (server_ask(login->server_fd, login->request, login->request_len) != 0)
		return -1;
	sample.elapsed_ns = clock_ns() - start;
	return write(pipe_fd, &sample, sizeof(sample)) == (ssize_t)sizeof(sample) ? 0 : -1;
}

static void
shuffle(int *order, int count)
{
	for (int i = count - 1; i > 0; i--) {
		int other = rand() % (i + 1), swap = order[i];

		order[i] = order[other];
		order[other] = swap;
	}
}

static int
run_rounds(const char *confdir, struct login_case *cases, int case_count, long rounds, int pipe_fd)
{
	int order[CASES_MAX], failed = 0;

	for (int i = 0; i < case_count; i++) {
		order[i] = i;
		if (is_server(&cases[i]) && open_server(&cases[i]) != 0)
			return 1;
	}
	for (long round = 0; round < rounds && !failed; round++) {
		shuffle(order, case_count);
		for (int i = 0; i < case_count && !failed; i++) {
			const struct login_case *next = &cases[order[i]];

			failed = is_server(next) ? ask_server(next, order[i], pipe_fd)
						 : login_in_child(confdir, next, order[i], pipe_fd);
		}
	}
	return failed != 0;
}

static int
parse_case(char *text, struct login_case *out)
{
	char **fields[FIELDS] = {&out->service, &out->user, &out->password};

	for (int i = 0; i < FIELDS; i++) {
		*fields[i] = text;
		if (i + 1 < FIELDS && (text = strchr(text, ':')) == NULL)
			return -1;
		if (i + 1 < FIELDS)
			*text++ = '\0';
	}
	return 0;
}

static int
print_samples(int pipe_fd)
{
	struct sample sample;
	ssize_t got;

	while ((got = read(pipe_fd, &sample, sizeof(sample))) == (ssize_t)sizeof(sample))
		printf("%d %lld %d %d\n", sample.case_index, (long long)sample.elapsed_ns,
		    sample.authenticate, sample.account);
	return got == 0 ? 0 : 1;
}

static int
wait_for_jobs(long jobs)
{
	int failed = 0, status;

	for (long job = 0; job < jobs; job++) {
		if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
			failed = 1;
	}
	return failed;
}

int
main(int argc, char **argv)
{
	struct login_case cases[CASES_MAX];
	int ends[2], case_count = argc - 4, failed;
	long rounds, jobs;
	int64_t start;

	if (case_count < 1 || case_count > CASES_MAX || pipe(ends) != 0) {
		fprintf(
		    stderr, "usage: bench_login CONFDIR ROUNDS JOBS SERVICE:USER:PASSWORD...\n");
		return 2;
	}
	rounds = atol(argv[2]);
	jobs = atol(argv[3]);
	for (int i = 0; i < case_count; i++) {
		if (parse_case(argv[4 + i], &cases[i]) != 0)
			return 2;
	}
	start = clock_ns();
	for (long job = 0; job < jobs; job++) {
		if (fork() == 0) {
			close(ends[0]);
			_exit(run_rounds(argv[1], cases, case_count, rounds, ends[1]));
		}
	}
	close(ends[1]);
	failed = print_samples(ends[0]);
	failed |= wait_for_jobs(jobs);
	printf("wall %lld\n", (long long)(clock_ns() - start));
	return failed;
}
