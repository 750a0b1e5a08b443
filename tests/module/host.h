/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PAM host with the built module in its stack, through pam_start_confdir(3), without root. Around
 * every call it holds that the process is as it was (host_state.h).
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <security/pam_appl.h>

#include "tests/lib/service_double.h"

#define HOST_TEXTS_MAX 16
#define HOST_DIR_SIZE 64

/* Answer to one prompt; the last one is given again. */
struct host_answer {
	int code;                             /* of the conversation */
	const char *text;                     /* NULL: no answer; else given beside a failure too */
	void (*fill)(char *out, size_t size); /* not NULL: writes the answer instead of text */
	size_t size;                          /* of what fill writes, with its NUL */
	int item;                             /* not 0: the conversation sets this item first */
	const char *value;
};

enum host_step {
	HOST_AUTHENTICATE,
	HOST_ACCOUNT,
	HOST_CRED,
	HOST_OPEN,
	HOST_CLOSE,
	HOST_CHANGE,
};

struct host_text {
	int style;
	char text[256];
};

struct host {
	pam_handle_t *pamh;
	char *state;
	struct host_answer answers[HOST_TEXTS_MAX];
	size_t answer_count;
	size_t asked; /* prompts so far */
	struct host_text prompts[HOST_TEXTS_MAX];
	size_t told; /* messages so far */
	struct host_text messages[HOST_TEXTS_MAX];
	const char *told_user; /* not NULL: the conversation sets PAM_USER when told something */
	int64_t elapsed_ms;    /* of the last call */
	unsigned delay_us;     /* that libpam would have waited; nothing waits here */
	bool unwatched;        /* calls: the test looks itself. Open and close still compare */
};

/* What getuid(2) tells the module, which leaves out a question where it is not root: not root's,
 * whoever runs the tests, unless a test says so. */
extern uid_t host_uid;

/* A stack of our module alone, with socket= (NULL: left out) and further arguments, that hands
 * every code through. */
void host_open(struct host *host, const char *user, const char *socket, const char *arguments);
/* The lines of /etc/pam.d/SERVICE as they are. */
void host_open_stack(struct host *host, const char *user, const char *stack);
/* The same in two parts and without a look at the state: for thousands of hosts of one stack, with
 * one look around all. */
void host_stack_write(char dir[HOST_DIR_SIZE], const char *stack);
void host_open_bare(struct host *host, const char *user, const char *dir);
void host_stack_remove(const char *dir);
void host_close(struct host *host);

/* Adds an answer. */
void host_answer(struct host *host, int code, const char *text);

/* The PAM code of libpam's function. */
int host_call(struct host *host, enum host_step step, int flags);

/* "/.../pam_dynamo.so" beside this program. */
const char *host_module_path(void);

/* All at once: a double of one step, one answer, one call. */
int host_once(const struct double_step *step, enum host_step which, const char *password,
    const char *arguments);

#endif
