/* SPDX-License-Identifier: BSD-2-Clause */
/* Every outcome through every entry point under every control, through libpam itself: the table of
 * return_codes.c holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/module/host.h"
#include "tests/module/host_state.h"
#include "tests/module/return_codes.h"

static const struct {
	const char *name;
	const char *type;
	enum host_step call;
} steps[RETURN_STEP_COUNT] = {
    [RETURN_AUTHENTICATE] = {"authenticate", "auth", HOST_AUTHENTICATE},
    [RETURN_ACCOUNT] = {"account", "account", HOST_ACCOUNT},
    [RETURN_CHANGE] = {"change", "password", HOST_CHANGE},
    [RETURN_UPDATE] = {"update", "password", HOST_CHANGE},
    [RETURN_CRED] = {"setcred", "auth", HOST_CRED},
    [RETURN_OPEN] = {"open_session", "session", HOST_OPEN},
    [RETURN_CLOSE] = {"close_session", "session", HOST_CLOSE},
    [RETURN_CRED_AFTER] = {"setcred after authenticate", "auth", HOST_CRED},
};

static struct double_step
reply_of(const struct return_outcome *outcome)
{
	struct double_step step = double_verdict(outcome->verdict, NULL, NULL);

	if (outcome->trouble == RETURN_UNREACHABLE)
		step.shape = DOUBLE_CLOSE;
	if (outcome->trouble == RETURN_RUBBISH)
		step.bytes[FRAME_HEADER_LEN] = PROTOCOL_VERSION + 1;
	return step;
}

static void
answer(struct host *host, const struct return_outcome *outcome, enum return_step step)
{
	if (step == RETURN_UPDATE)
		host_answer(host, PAM_SUCCESS, "secret"); /* the old one */
	host_answer(host, outcome->answer_code,
	    outcome->trouble == RETURN_CONVERSATION || outcome->trouble == RETURN_NO_ANSWER
		? NULL
		: "secret");
}

static void
open_form(struct host *host, const struct return_outcome *outcome, enum return_step step,
    const struct return_form *form, const struct service_double *service)
{
	const char *type = steps[step].type;
	char stack[16384];
	char dir[HOST_DIR_SIZE];
	size_t len;

	snprintf(stack, sizeof(stack), "%s %s %s socket=%s %s\n", type, form->control,
	    host_module_path(), double_path(service),
	    outcome->arguments != NULL ? outcome->arguments : "");
	for (const char *next = form->next; *next != '\0'; next += *next == '\n') {
		len = strlen(stack);
		assert_memory_equal(next, "%s", 2);
		next += 2;
		snprintf(stack + len, sizeof(stack) - len, "%s%.*s\n", type,
		    (int)strcspn(next, "\n"), next);
		next += strcspn(next, "\n");
	}
	host_stack_write(dir, stack);
	host_open_bare(host, outcome->trouble == RETURN_BAD_NAME ? "../alice" : "alice", dir);
	host_stack_remove(dir);
}

/* The module's code, and *step where it is what counts: setcred does nothing that could fail and
 * follows authenticate, and where the first pass of a change refuses there is no second. */
static int
module_code(const struct return_outcome *outcome, enum return_step *step)
{
	bool refused_before = outcome->trouble == RETURN_BAD_NAME;

	if (outcome->trouble == RETURN_BAD_ARGUMENT) {
		refused_before = true;
		if (*step == RETURN_CRED_AFTER)
			*step = RETURN_CRED;
	}
	if (*step == RETURN_UPDATE && refused_before)
		*step = RETURN_CHANGE;
	return outcome->code[*step == RETURN_CRED_AFTER ? RETURN_AUTHENTICATE : *step];
}

static void
check(const struct return_outcome *outcome, enum return_step step, size_t form,
    const struct service_double *service)
{
	enum return_step counts = step;
	int code = module_code(outcome, &counts);
	int expected = return_of_stack(counts, form, code);
	struct host host;
	int got;

	open_form(&host, outcome, step, &return_forms[form], service);
	answer(&host, outcome, step);
	if (step == RETURN_CRED_AFTER)
		host_call(&host, HOST_AUTHENTICATE, 0);
	got = host_call(&host, steps[step].call, 0);
	if (got != expected &&
	    (got != PAM_PERM_DENIED || !return_may_be_denied(counts, form, code)))
		fail_msg("%s, %s under %s, then '%s': %s instead of %s", outcome->name,
		    steps[step].name, return_forms[form].control, return_forms[form].next,
		    pam_strerror(NULL, got), pam_strerror(NULL, expected));
	host_close(&host);
}

/* A second pass needs a service that has just let the first one through. */
static void
check_forms(const struct return_outcome *outcome, enum return_step step)
{
	struct double_step replies[] = {
	    double_verdict(VERDICT_SUCCESS, NULL, NULL), reply_of(outcome)};
	bool update = step == RETURN_UPDATE;
	struct service_double *service = update ? NULL : double_start(replies + 1, 1);

	for (size_t form = 0; form < RETURN_FORM_COUNT; form++) {
		if (update)
			service = double_start(replies, 2);
		check(outcome, step, form, service);
		if (update)
			double_stop(service);
	}
	if (!update)
		double_stop(service);
}

/* The state is the step. */
static void
the_table_holds(void **state)
{
	enum return_step step = *(const enum return_step *)*state;

	for (size_t i = 0; i < return_outcome_count; i++) {
		char *before = host_state();
		char *after;

		check_forms(&return_outcomes[i], step);
		after = host_state();
		host_state_same(before, after);
		free(before);
		free(after);
	}
}

/* The table itself: what has failed never ends well, but under lines that do not count a failure
 * and then permit. */
static void
no_failure_becomes_a_success_by_itself(void **state)
{
	(void)state;
	for (size_t form = 0; form < RETURN_FORM_COUNT; form++) {
		const struct return_form *line = &return_forms[form];
		bool forgives = line->control[0] == 's' || line->control[0] == 'o' ||
		    strcmp(line->control, "[success=1 default=ignore]") == 0;
		bool permits = strstr(line->next, "pam_permit.so") != NULL &&
		    strstr(line->next, "pam_deny.so") == NULL;

		for (int step = 0; step < RETURN_STEP_COUNT; step++) {
			if (return_of_stack((enum return_step)step, form, PAM_AUTH_ERR) ==
			    PAM_SUCCESS)
				assert_true(forgives && permits);
		}
	}
}

int
main(void)
{
	static enum return_step each[RETURN_STEP_COUNT];
	struct CMUnitTest tests[RETURN_STEP_COUNT + 1] = {
	    [RETURN_STEP_COUNT] = cmocka_unit_test(no_failure_becomes_a_success_by_itself)};

	for (size_t i = 0; i < RETURN_STEP_COUNT; i++) {
		each[i] = (enum return_step)i;
		tests[i] = (struct CMUnitTest){
		    .name = steps[i].name, .test_func = the_table_holds, .initial_state = &each[i]};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
