/* SPDX-License-Identifier: BSD-2-Clause */
/* What a denial costs: the same, whatever its reason. */
#include "login_fixture.h"

#include <time.h>

static void
be_good(struct user *user)
{
	user->uid = user->uid < 1000 ? 2000 : user->uid;
	user->account_expires_at = 0;
	fixture_set_text(&user->status, "active");
	if (user->password == NULL)
		fixture_set_text(&user->password, "$argon2id$");
}

static void
disable(struct user *user)
{
	fixture_set_text(&user->status, "disabled");
}

static void
expire(struct user *user)
{
	user->account_expires_at = 1;
}

static int64_t
thread_cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
lock(struct fixture *fixture, const char *name)
{
	for (int64_t i = 0; i < fixture->conf.max_failures; i++)
		fixture_authenticate(
		    fixture, name, FIXTURE_WRONG, VERDICT_DENY, REASON_WRONG_PASSWORD);
	fixture_authenticate(fixture, name, FIXTURE_PASSWORD, VERDICT_DENY, REASON_LOCKED);
}

/* The least of three, in the processor time of this thread: other programs do not disturb it. */
static int64_t
cost_of(struct fixture *fixture, const char *name, const char *password, size_t len)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < 3; i++) {
		struct login_request request = fixture_request(name, password);
		struct login_result result;
		int64_t start = thread_cpu_us();

		request.password_len = len;
		login_authenticate(fixture->login, &request, &result);
		assert_int_not_equal(result.verdict, VERDICT_SUCCESS);
		login_result_free(&result);
		if (thread_cpu_us() - start < least)
			least = thread_cpu_us() - start;
	}
	return least;
}

/* With a hash that costs visibly more than all the rest, each denial must cost one. */
static void
test_every_denial_costs_one_hash(void **state)
{
	static const struct {
		const char *name;
		fixture_edit_fn *edit;
		const char *password;
		size_t len;
	} rows[] = {
	    {"bob", fixture_nothing, FIXTURE_WRONG, sizeof(FIXTURE_WRONG) - 1},
	    {"alice", fixture_nothing, "", 0},
	    {"alice", fixture_nothing, "\b\n\r\177INCORRECT", 13},
	    {"alice", fixture_lower_uid, FIXTURE_WRONG, sizeof(FIXTURE_WRONG) - 1},
	    {"alice", fixture_take_password, FIXTURE_WRONG, sizeof(FIXTURE_WRONG) - 1},
	    {"alice", fixture_break_hash, FIXTURE_WRONG, sizeof(FIXTURE_WRONG) - 1},
	    {"alice", fixture_make_hash_expensive, FIXTURE_WRONG, sizeof(FIXTURE_WRONG) - 1},
	    {"dave", disable, FIXTURE_WRONG, sizeof(FIXTURE_WRONG) - 1},
	    {"dave", disable, FIXTURE_PASSWORD, sizeof(FIXTURE_PASSWORD) - 1},
	    {"dave", expire, FIXTURE_WRONG, sizeof(FIXTURE_WRONG) - 1},
	    {"erin", fixture_nothing, FIXTURE_PASSWORD, sizeof(FIXTURE_PASSWORD) - 1},
	};
	struct fixture *fixture = *state;
	const struct password_cost cost = {.memory_kib = 16384, .passes = 1};
	int64_t wrong;

	fixture->conf.memory_kib = cost.memory_kib;
	assert_int_equal(
	    password_make(&cost, FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), fixture->hash), PD_OK);
	fixture_add(fixture, "carol", 2001);
	fixture_add(fixture, "dave", 2002);
	fixture_add(fixture, "erin", 2003);
	lock(fixture, "erin");
	wrong = cost_of(fixture, "carol", FIXTURE_WRONG, strlen(FIXTURE_WRONG));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t took;

		if (strcmp(rows[i].name, "bob") != 0) {
			fixture_edit(fixture, rows[i].name, be_good);
			fixture_edit(fixture, rows[i].name, rows[i].edit);
		}
		took = cost_of(fixture, rows[i].name, rows[i].password, rows[i].len);
		if (took < wrong / 2 || took > wrong * 2)
			fail_msg(
			    "row %zu: %ld us, a wrong password %ld us", i, (long)took, (long)wrong);
	}
}

/* Never earlier than the first line of the grid, in authenticate and in a change. */
static void
test_denials_wait_for_the_grid(void **state)
{
	static const char *const names[] = {"alice", "bob"};
	static void (*const phases[])(struct login * login, const struct login_request *request,
	    struct login_result *out) = {login_authenticate, login_change};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 4; i++) {
		struct login_request request = fixture_request(names[i % 2], FIXTURE_WRONG);
		int64_t begun_us = clock_monotonic_us();
		struct login_result result;

		phases[i / 2](fixture->login, &request, &result);
		assert_int_not_equal(result.verdict, VERDICT_SUCCESS);
		assert_true(clock_monotonic_us() - begun_us >= LOGIN_DENIAL_GRID_US);
		login_result_free(&result);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_CASE(test_every_denial_costs_one_hash),
	    FIXTURE_CASE(test_denials_wait_for_the_grid),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
