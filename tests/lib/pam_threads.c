/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PAM host with many threads: pam_threads SERVICE ROUNDS
 *
 * Each line of standard input, "USER PASSWORD", is one thread that logs in through a handle of its
 * own, all at once; so many rounds. Prints "USER | auth: CODE | acct: CODE" for each in the order
 * of the lines, and at last what the rounds left behind in the process. Ends with 2 on wrong usage.
 */
#include <dirent.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/pam_names.h"

#define LOGINS_MAX 64
#define LINE_SIZE 1024

struct login {
	const char *service;
	pthread_barrier_t *all;
	char user[LINE_SIZE];
	const char *password; /* within user, behind its end */
	int authenticate;
	int account; /* only after a good authenticate */
};

static int
converse(int count, const struct pam_message **messages, struct pam_response **replies, void *ctx)
{
	const struct login *login = ctx;
	struct pam_response *made = calloc((size_t)count, sizeof(*made));

	if (made == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			made[i].resp = strdup(login->password);
	}
	*replies = made;
	return PAM_SUCCESS;
}

static void *
log_in(void *ctx)
{
	struct login *login = ctx;
	const struct pam_conv conv = {converse, login};
	pam_handle_t *pamh = NULL;
	int code = pam_start(login->service, login->user, &conv, &pamh);

	pthread_barrier_wait(login->all);
	if (code == PAM_SUCCESS)
		code = pam_set_item(pamh, PAM_FAIL_DELAY, (const void *)pam_wait_not);
	if (code == PAM_SUCCESS)
		code = pam_authenticate(pamh, 0);
	login->authenticate = code;
	if (code == PAM_SUCCESS)
		code = login->account = pam_acct_mgmt(pamh, 0);
	pam_end(pamh, code);
	return NULL;
}

static void
print(const struct login *login)
{
	printf("%s | auth: %s", login->user, pam_code_name(login->authenticate));
	if (login->authenticate == PAM_SUCCESS)
		printf(" | acct: %s", pam_code_name(login->account));
	printf("\n");
}

static void
run_round(struct login *logins, size_t count)
{
	pthread_t threads[LOGINS_MAX];
	pthread_barrier_t all;

	pthread_barrier_init(&all, NULL, (unsigned)count);
	for (size_t i = 0; i < count; i++) {
		logins[i].all = &all;
		if (pthread_create(&threads[i], NULL, log_in, &logins[i]) != 0)
			exit(2);
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		print(&logins[i]);
	}
	pthread_barrier_destroy(&all);
}

static size_t
read_logins(struct login logins[LOGINS_MAX], const char *service)
{
	size_t count = 0;

	while (count < LOGINS_MAX && fgets(logins[count].user, LINE_SIZE, stdin) != NULL) {
		char *line = logins[count].user;
		size_t user_len = strcspn(line, " ");

		line[strcspn(line, "\n")] = '\0';
		if (line[user_len] != ' ')
			break;
		line[user_len] = '\0';
		logins[count].password = line + user_len + 1;
		logins[count].service = service;
		count++;
	}
	return count;
}

static int
entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

int
main(int argc, char **argv)
{
	static struct login logins[LOGINS_MAX];
	int descriptors;
	int threads;
	size_t count;

	if (argc != 3 || (count = read_logins(logins, argv[1])) == 0) {
		fprintf(stderr, "usage: pam_threads SERVICE ROUNDS <USERS-AND-PASSWORDS\n");
		return 2;
	}
	descriptors = entries("/proc/self/fd");
	threads = entries("/proc/self/task");
	for (int i = atoi(argv[2]); i > 0; i--)
		run_round(logins, count);
	printf("left: %d descriptors, %d threads\n", entries("/proc/self/fd") - descriptors,
	    entries("/proc/self/task") - threads);
	return 0;
}
