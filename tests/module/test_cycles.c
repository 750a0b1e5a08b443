/* SPDX-License-Identifier: BSD-2-Clause */
/* A host that lives long: libpam loads the module for each login and drops it again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <malloc.h>
#include <unistd.h>

#include "tests/lib/sanitized.h"
#include "tests/module/host.h"
#include "tests/module/host_state.h"

#define LOGINS (SANITIZED ? 1000 : 10000)
#define WARM_UP 500 /* logins until libpam, libc and the kernel have what they keep */
#define MAPPINGS_LIMIT 4
#define MEMORY_LIMIT 262144 /* bytes that LOGINS may add; one byte lost in each would be 10,000 */
#define HEAP_LIMIT (LOGINS / 2) /* bytes: less than one lost byte in each second login */

struct usage {
	size_t heap;     /* bytes in blocks that are not free */
	size_t resident; /* bytes */
	size_t mappings;
};

static struct usage
usage(void)
{
	struct usage now = {.heap = mallinfo2().uordblks};
	FILE *file = fopen("/proc/self/statm", "re");
	size_t pages = 0;
	int c;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %zu", &pages), 1);
	fclose(file);
	now.resident = pages * (size_t)sysconf(_SC_PAGESIZE);
	file = fopen("/proc/self/maps", "re");
	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		now.mappings += c == '\n';
	fclose(file);
	return now;
}

static void
not_more(const struct usage *before, const struct usage *after)
{
	if (!SANITIZED && after->heap >= before->heap + HEAP_LIMIT)
		fail_msg("%zu bytes became %zu", before->heap, after->heap);
	if (!SANITIZED && after->resident >= before->resident + MEMORY_LIMIT)
		fail_msg("resident %zu became %zu", before->resident, after->resident);
	if (after->mappings > before->mappings + MAPPINGS_LIMIT)
		fail_msg("%zu mappings became %zu", before->mappings, after->mappings);
}

static bool
is_loaded(void)
{
	void *module = dlopen(host_module_path(), RTLD_LAZY | RTLD_NOLOAD);

	if (module == NULL)
		return false;
	dlclose(module);
	return true;
}

static void
log_in(const char *dir, int code)
{
	struct host host;

	host_open_bare(&host, "alice", dir);
	assert_true(is_loaded());
	host_answer(&host, PAM_SUCCESS, "secret");
	assert_int_equal(host_call(&host, HOST_AUTHENTICATE, 0), code);
	host_call(&host, HOST_ACCOUNT, 0);
	host_close(&host);
}

static void
keeps_nothing(struct double_step step, int code, int count)
{
	struct service_double *service = double_start(&step, 1);
	struct usage before = {0};
	struct usage after;
	char stack[16384];
	char dir[HOST_DIR_SIZE];
	char *state_before = NULL;
	char *state_after;

	snprintf(stack, sizeof(stack),
	    "auth required %s socket=%s\naccount required %s socket=%s\n", host_module_path(),
	    double_path(service), host_module_path(), double_path(service));
	host_stack_write(dir, stack);
	for (int i = -WARM_UP; i < count; i++) {
		if (i == 0) {
			state_before = host_state();
			before = usage();
		}
		log_in(dir, code);
	}
	after = usage();
	state_after = host_state();
	host_stack_remove(dir);
	assert_false(is_loaded());
	host_state_same(state_before, state_after);
	not_more(&before, &after);
	free(state_before);
	free(state_after);
	double_stop(service);
}

static void
ten_thousand_logins_leave_nothing(void **state)
{
	static const unsigned char ticket[PROTOCOL_TICKET_LEN] = "0123456789abcde";

	(void)state;
	keeps_nothing(double_verdict(VERDICT_SUCCESS, "Welcome.", ticket), PAM_SUCCESS, LOGINS);
}

static void
logins_that_fail_leave_nothing(void **state)
{
	struct double_step rubbish = double_verdict(VERDICT_SUCCESS, NULL, NULL);

	(void)state;
	keeps_nothing(double_verdict(VERDICT_DENY, "No.", NULL), PAM_AUTH_ERR, LOGINS / 10);
	keeps_nothing(
	    (struct double_step){.shape = DOUBLE_CLOSE}, PAM_AUTHINFO_UNAVAIL, LOGINS / 10);
	rubbish.bytes[FRAME_HEADER_LEN]++;
	keeps_nothing(rubbish, PAM_SERVICE_ERR, LOGINS / 10);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ten_thousand_logins_leave_nothing),
	    cmocka_unit_test(logins_that_fail_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
