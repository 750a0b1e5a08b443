/* SPDX-License-Identifier: BSD-2-Clause */
/* A store on the failing engine for one unit test, with the lines that it logs. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/secret.h"
#include "tests/engines/engine_failing.h"
#include "unit.h"

#define NOW 1700000000
#define SLACK_MS 250 /* how late a call may return after its deadline */

#define assert_error(expected, call) \
	assert_string_equal(pd_error_text(expected), pd_error_text(call))

struct fixture {
	struct conf conf;
	struct log log;
	struct store *store;
	char lines[8192];
};

static inline void
keep_line(void *ctx, enum log_level level, const char *line)
{
	struct fixture *fixture = ctx;
	size_t len = strlen(fixture->lines);

	(void)level;
	snprintf(fixture->lines + len, sizeof(fixture->lines) - len, "%s\n", line);
}

static inline int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (fixture == NULL || !secret_init())
		return -1;
	fixture->conf.uid_min = 100000;
	fixture->conf.uid_max = 200000;
	fixture->log = (struct log){.level = LOG_LEVEL_DEBUG, .sink = keep_line, .ctx = fixture};
	engine_failing_reset();
	*state = fixture;
	return store_open_engine(&engine_failing, &fixture->conf, STORE_CALLER_SERVICE,
		   &fixture->log, &fixture->store) == PD_OK
	    ? 0
	    : -1;
}

static inline int
teardown(void **state)
{
	struct fixture *fixture = *state;

	store_close(fixture->store);
	free(fixture);
	engine_failing_reset();
	return 0;
}

static inline struct store_call
within(int ms)
{
	return (struct store_call){.deadline_ms = clock_monotonic_ms() + ms};
}

static inline void
set(char **text, const char *value)
{
	free(*text);
	*text = strdup(value);
}

static inline void
make_user(struct user *out, const char *name)
{
	memset(out, 0, sizeof(*out));
	set(&out->username, name);
	set(&out->status, "active");
}

static inline void
create(struct fixture *fixture, struct user *out, const char *name)
{
	struct store_call call = within(5000);

	make_user(out, name);
	assert_error(PD_OK, store_create_user(fixture->store, &call, out, false, NULL));
}

static inline void
assert_stored(struct fixture *fixture, const struct user *expected)
{
	struct store_call call = within(5000);
	struct user stored;

	assert_error(PD_OK, store_get_user(fixture->store, &call, expected->username, &stored));
	assert_true(record_equal(&user_type, expected, &stored));
	user_free(&stored);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
