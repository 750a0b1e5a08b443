/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/module/host.h"
#include "tests/module/host_log.h"
#include "tests/module/host_state.h"

#define SERVICE "host"

/* libpam hands PAM_IGNORE to nobody; the line that is reached only then gives a code of its own. */
#define IGNORED_CODE PAM_MODULE_UNKNOWN
#define IGNORED                                                                  \
	"%s [default=die] pam_debug.so auth=module_unknown acct=module_unknown " \
	"prechauthtok=module_unknown chauthtok=module_unknown\n"

uid_t host_uid = 1000;

/* In the place of libc's, for the module. */
uid_t
getuid(void)
{
	return host_uid;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *
host_module_path(void)
{
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 32);

	for (int up = 0; up < 2 && len > 0; up++) {
		path[len] = '\0';
		len = strrchr(path, '/') - path;
	}
	strcpy(path + len, "/pam_dynamo.so");
	return path;
}

static void
note(struct host_text texts[HOST_TEXTS_MAX], size_t *count, const struct pam_message *message)
{
	struct host_text *text = &texts[*count < HOST_TEXTS_MAX ? *count : HOST_TEXTS_MAX - 1];

	text->style = message->msg_style;
	snprintf(text->text, sizeof(text->text), "%s", message->msg);
	(*count)++;
}

static void
set_item(struct host *host, int item, const char *value)
{
	if (item != 0)
		assert_int_equal(pam_set_item(host->pamh, item, value), PAM_SUCCESS);
}

static int
converse(int count, const struct pam_message **messages, struct pam_response **out, void *data)
{
	struct host *host = data;
	const struct host_answer *answer;

	assert_int_equal(count, 1);
	*out = NULL;
	if (messages[0]->msg_style == PAM_TEXT_INFO || messages[0]->msg_style == PAM_ERROR_MSG) {
		note(host->messages, &host->told, messages[0]);
		set_item(host, host->told_user != NULL ? PAM_USER : 0, host->told_user);
		*out = calloc(1, sizeof(**out));
		return PAM_SUCCESS;
	}
	assert_true(host->answer_count > 0);
	answer =
	    &host->answers[host->asked < host->answer_count ? host->asked : host->answer_count - 1];
	note(host->prompts, &host->asked, messages[0]);
	set_item(host, answer->item, answer->value);
	if (answer->code != PAM_SUCCESS && answer->text == NULL)
		return answer->code;
	*out = calloc(1, sizeof(**out));
	if (answer->fill != NULL) {
		(*out)->resp = malloc(answer->size);
		answer->fill((*out)->resp, answer->size);
	} else if (answer->text != NULL) {
		(*out)->resp = strdup(answer->text);
	}
	return answer->code;
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
remove_file(const char *dir, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

void
host_stack_write(char dir[HOST_DIR_SIZE], const char *stack)
{
	strcpy(dir, "/tmp/pam-host.XXXXXX");
	assert_non_null(mkdtemp(dir));
	write_file(dir, "other", "auth required pam_deny.so\n"); /* libpam asks for it */
	write_file(dir, SERVICE, stack);
}

void
host_stack_remove(const char *dir)
{
	remove_file(dir, "other");
	remove_file(dir, SERVICE);
	rmdir(dir);
}

/* In libpam's place, which waits after a failure alone. */
static void
note_delay(int code, unsigned delay_us, void *data)
{
	struct host *host = data;

	host->delay_us = code != PAM_SUCCESS ? delay_us : 0;
}

void
host_open_bare(struct host *host, const char *user, const char *dir)
{
	struct pam_conv conversation = {.conv = converse, .appdata_ptr = host};

	memset(host, 0, sizeof(*host));
	host->unwatched = true;
	host_log_clear();
	assert_int_equal(
	    pam_start_confdir(SERVICE, user, &conversation, dir, &host->pamh), PAM_SUCCESS);
	assert_int_equal(
	    pam_set_item(host->pamh, PAM_FAIL_DELAY, (const void *)note_delay), PAM_SUCCESS);
}

void
host_open_stack(struct host *host, const char *user, const char *stack)
{
	char *state = host_state();
	char dir[HOST_DIR_SIZE];

	host_stack_write(dir, stack);
	host_open_bare(host, user, dir);
	host_stack_remove(dir);
	host->state = state;
	host->unwatched = false;
}

void
host_open(struct host *host, const char *user, const char *socket, const char *arguments)
{
	static const char *const types[] = {"auth", "account", "password", "session"};
	char stack[16384];
	size_t len = 0;

	for (size_t i = 0; i < 4; i++) {
		int n = snprintf(stack + len, sizeof(stack) - len,
		    "%s [success=done ignore=ignore default=die] %s %s%s %s\n" IGNORED, types[i],
		    host_module_path(), socket != NULL ? "socket=" : "",
		    socket != NULL ? socket : "", arguments != NULL ? arguments : "", types[i]);

		assert_true(n > 0 && (size_t)n < sizeof(stack) - len);
		len += (size_t)n;
	}
	host_open_stack(host, user, stack);
}

void
host_close(struct host *host)
{
	char *state;

	assert_int_equal(pam_end(host->pamh, PAM_SUCCESS), PAM_SUCCESS);
	if (host->state == NULL)
		return;
	state = host_state();
	host_state_same(host->state, state);
	free(state);
	free(host->state);
}

void
host_answer(struct host *host, int code, const char *text)
{
	assert_true(host->answer_count < HOST_TEXTS_MAX);
	host->answers[host->answer_count++] = (struct host_answer){.code = code, .text = text};
}

static int
call(pam_handle_t *pamh, enum host_step step, int flags)
{
	switch (step) {
	case HOST_AUTHENTICATE:
		return pam_authenticate(pamh, flags);
	case HOST_ACCOUNT:
		return pam_acct_mgmt(pamh, flags);
	case HOST_CRED:
		return pam_setcred(pamh, flags);
	case HOST_OPEN:
		return pam_open_session(pamh, flags);
	case HOST_CLOSE:
		return pam_close_session(pamh, flags);
	case HOST_CHANGE:
		return pam_chauthtok(pamh, flags);
	}
	return PAM_ABORT;
}

int
host_call(struct host *host, enum host_step step, int flags)
{
	char *before = host->unwatched ? NULL : host_state();
	int64_t begun = now_ms();
	int code = call(host->pamh, step, flags);
	char *after;

	host->elapsed_ms = now_ms() - begun;
	if (code == IGNORED_CODE)
		code = PAM_IGNORE;
	if (host->unwatched)
		return code;
	after = host_state();
	host_state_same(before, after);
	free(before);
	free(after);
	return code;
}

int
host_once(const struct double_step *step, enum host_step which, const char *password,
    const char *arguments)
{
	struct service_double *service = double_start(step, 1);
	struct host host;
	int code;

	host_open(&host, "alice", double_path(service), arguments);
	host_answer(&host, PAM_SUCCESS, password);
	code = host_call(&host, which, 0);
	host_close(&host);
	double_stop(service);
	return code;
}
