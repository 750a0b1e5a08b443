/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PAM host for scripts: pam_host [-c CONFDIR] [-r RHOST] SERVICE USER STEP...
 *
 * STEP is auth, acct, open, close, cred or passwd. Each prompt takes the next line of standard
 * input, the last one again where there are no more. Prints the messages for the user and each
 * step's result by name; ends with 0 when every step succeeded, else with 1 at the first that did
 * not, and with 2 on wrong usage. A failed login does not wait as libpam would.
 */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/pam_names.h"

#define ANSWERS_MAX 8
#define ANSWER_SIZE 1024

struct answers {
	char text[ANSWERS_MAX][ANSWER_SIZE];
	size_t len;
	size_t next;
};

struct step {
	const char *name;
	int (*run)(pam_handle_t *pamh, int flags);
	int flags;
};

static const struct step steps[] = {
    {"auth", pam_authenticate, 0},
    {"acct", pam_acct_mgmt, 0},
    {"cred", pam_setcred, PAM_ESTABLISH_CRED},
    {"open", pam_open_session, 0},
    {"close", pam_close_session, 0},
    {"passwd", pam_chauthtok, 0},
};

static char *
next_answer(struct answers *answers)
{
	if (answers->len == 0)
		return NULL;
	size_t i = answers->next < answers->len ? answers->next++ : answers->len - 1;
	return strdup(answers->text[i]);
}

static int
converse(int count, const struct pam_message **messages, struct pam_response **replies, void *ctx)
{
	struct pam_response *made = calloc((size_t)count, sizeof(*made));

	if (made == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		int style = messages[i]->msg_style;

		if (style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON)
			made[i].resp = next_answer(ctx);
		else
			printf("message: %s\n", messages[i]->msg);
	}
	*replies = made;
	return PAM_SUCCESS;
}

static void
read_answers(struct answers *answers)
{
	while (answers->len < ANSWERS_MAX &&
	    fgets(answers->text[answers->len], ANSWER_SIZE, stdin) != NULL) {
		answers->text[answers->len][strcspn(answers->text[answers->len], "\n")] = '\0';
		answers->len++;
	}
}

static int
run_step(pam_handle_t *pamh, const char *name)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].name, name) != 0)
			continue;
		int code = steps[i].run(pamh, steps[i].flags);

		printf("%s: %s\n", name, pam_code_name(code));
		return code;
	}
	fprintf(stderr, "pam_host: no step %s\n", name);
	exit(2);
}

int
main(int argc, char **argv)
{
	static struct answers answers;
	const struct pam_conv conv = {converse, &answers};
	const char *confdir = NULL;
	const char *rhost = NULL;
	pam_handle_t *pamh = NULL;
	int code = PAM_SUCCESS;
	int opt;

	while ((opt = getopt(argc, argv, "c:r:")) != -1) {
		if (opt == 'c')
			confdir = optarg;
		else if (opt == 'r')
			rhost = optarg;
		else
			return 2;
	}
	if (argc - optind < 3) {
		fprintf(stderr, "usage: pam_host [-c CONFDIR] [-r RHOST] SERVICE USER STEP...\n");
		return 2;
	}
	read_answers(&answers);
	code = confdir != NULL
	    ? pam_start_confdir(argv[optind], argv[optind + 1], &conv, confdir, &pamh)
	    : pam_start(argv[optind], argv[optind + 1], &conv, &pamh);
	if (code == PAM_SUCCESS)
		code = pam_set_item(pamh, PAM_FAIL_DELAY, (const void *)pam_wait_not);
	if (code == PAM_SUCCESS && rhost != NULL)
		code = pam_set_item(pamh, PAM_RHOST, rhost);
	if (code != PAM_SUCCESS)
		printf("start: %s\n", pam_code_name(code));
	for (int i = optind + 2; i < argc && code == PAM_SUCCESS; i++)
		code = run_step(pamh, argv[i]);
	pam_end(pamh, code);
	return code == PAM_SUCCESS ? 0 : 1;
}
