/* SPDX-License-Identifier: BSD-2-Clause */
/* The stacks of conf/pam.d with the machine's own part behind them that says yes or no. Run from
 * the top folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/module/host.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOT_LOCAL "no_such_local"

static const char *const files[] = {"sshd", "sudo", "login"};

/* One line of the file as the test wants it; sessions touch the machine and are left out. */
static void
put_line(FILE *out, const char *line, const char *socket, const char *machine)
{
	static const char module[] = "pam_dynamo.so";
	static const char include[] = "@include common-";
	const char *found = strstr(line, module);

	if (strncmp(line, "session", 7) == 0 || line[0] == '#' || strstr(line, "faildelay") != NULL)
		return;
	if (strncmp(line, include, strlen(include)) == 0) {
		line += strlen(include);
		if (strncmp(line, "session", 7) != 0)
			fprintf(out, "%.*s required %s\n", (int)strcspn(line, "\n"), line, machine);
	} else if (found != NULL) {
		fprintf(out, "%.*s%s socket=%s%s", (int)(found - line), line, host_module_path(),
		    socket, found + strlen(module));
	} else {
		fputs(line, out);
	}
}

static void
open_stack(
    struct host *host, const char *name, const char *user, const char *socket, const char *machine)
{
	char path[64];
	char line[512];
	char stack[32768] = "";
	FILE *out = fmemopen(stack, sizeof(stack), "w");
	FILE *in;

	snprintf(path, sizeof(path), "conf/pam.d/%s", name);
	in = fopen(path, "re");
	if (in == NULL)
		fail_msg("%s: not here", path);
	while (fgets(line, sizeof(line), in) != NULL)
		put_line(out, line, socket, machine);
	fclose(in);
	fclose(out);
	host_open_stack(host, user, stack);
	host_answer(host, PAM_SUCCESS, "secret");
}

struct row {
	enum verdict verdict;
	const char *machine;
	int authenticate;
	int account;
};

static void
check(const struct row *rows, size_t count, const char *user)
{
	for (size_t i = 0; i < count * COUNT(files); i++) {
		const struct row *row = &rows[i / COUNT(files)];
		const char *file = files[i % COUNT(files)];
		struct double_step step = double_verdict(row->verdict, NULL, NULL);
		struct service_double *service = double_start(&step, 1);
		struct host host;
		int code;

		open_stack(&host, file, user, double_path(service), row->machine);
		code = host_call(&host, HOST_AUTHENTICATE, 0);
		if (code != row->authenticate)
			fail_msg("%s, verdict %d, %s: authenticate %d", file, (int)row->verdict,
			    row->machine, code);
		assert_int_equal(host.asked, 1);
		code = host_call(&host, HOST_ACCOUNT, 0);
		if (code != row->account)
			fail_msg("%s, verdict %d, %s: account %d", file, (int)row->verdict,
			    row->machine, code);
		host_close(&host);
		double_stop(service);
	}
}

static void
the_directory_decides_about_its_own(void **state)
{
	static const struct row rows[] = {
	    {VERDICT_SUCCESS, "pam_deny.so", PAM_SUCCESS, PAM_SUCCESS},
	    {VERDICT_DENY, "pam_permit.so", PAM_AUTH_ERR, PAM_PERM_DENIED},
	    {VERDICT_EXPIRED, "pam_permit.so", PAM_ACCT_EXPIRED, PAM_ACCT_EXPIRED},
	    {VERDICT_FORBIDDEN, "pam_permit.so", PAM_PERM_DENIED, PAM_PERM_DENIED},
	    {VERDICT_FAULT, "pam_permit.so", PAM_SERVICE_ERR, PAM_SERVICE_ERR},
	    {VERDICT_CHANGE, "pam_deny.so", PAM_SERVICE_ERR, PAM_NEW_AUTHTOK_REQD},
	    /* the machine still has its say on the password, the directory on the account */
	    {VERDICT_UNAVAILABLE, "pam_permit.so", PAM_SUCCESS, PAM_AUTHINFO_UNAVAIL},
	    {VERDICT_UNAVAILABLE, "pam_deny.so", PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL},
	};

	(void)state;
	check(rows, COUNT(rows), NOT_LOCAL);
}

static void
the_machine_decides_about_the_rest(void **state)
{
	static const struct row rows[] = {
	    {VERDICT_UNKNOWN, "pam_permit.so", PAM_SUCCESS, PAM_SUCCESS},
	    {VERDICT_UNKNOWN, "pam_deny.so", PAM_AUTH_ERR, PAM_AUTH_ERR},
	};

	(void)state;
	check(rows, COUNT(rows), NOT_LOCAL);
}

/* Nobody is locked out of the machine by a directory that is down or says no. */
static void
root_never_needs_the_directory(void **state)
{
	static const struct row rows[] = {
	    {VERDICT_UNAVAILABLE, "pam_permit.so", PAM_SUCCESS, PAM_SUCCESS},
	    {VERDICT_FAULT, "pam_permit.so", PAM_SUCCESS, PAM_SUCCESS},
	    {VERDICT_SUCCESS, "pam_deny.so", PAM_AUTH_ERR, PAM_AUTH_ERR},
	};

	(void)state;
	check(rows, COUNT(rows), "root");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_directory_decides_about_its_own),
	    cmocka_unit_test(the_machine_decides_about_the_rest),
	    cmocka_unit_test(root_never_needs_the_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
