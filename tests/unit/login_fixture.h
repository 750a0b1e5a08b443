/* SPDX-License-Identifier: BSD-2-Clause */
/* A login over the failing engine - memory behind programmable faults - with alice in it. */
#ifndef LOGIN_FIXTURE_H
#define LOGIN_FIXTURE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/login.h"
#include "core/password.h"
#include "core/secret.h"
#include "tests/engines/engine_failing.h"

#define FIXTURE_PASSWORD "right as rain, every day"
#define FIXTURE_WRONG "wrong as rain, every day"

struct fixture {
	struct conf conf;
	struct log log;
	pthread_mutex_t mutex;
	char lines[65536]; /* everything logged */
	struct store *store;
	struct login_guard *guard;
	struct login *login;
	struct store_call call;
	char hash[PASSWORD_HASH_SIZE]; /* of FIXTURE_PASSWORD */
};

static inline void
fixture_log(void *ctx, enum log_level level, const char *line)
{
	struct fixture *fixture = ctx;
	size_t len;

	(void)level;
	pthread_mutex_lock(&fixture->mutex);
	len = strlen(fixture->lines);
	snprintf(fixture->lines + len, sizeof(fixture->lines) - len, "%s\n", line);
	pthread_mutex_unlock(&fixture->mutex);
}

static inline void
fixture_add(struct fixture *fixture, const char *name, int64_t uid)
{
	struct user user = {.uid = uid, .created_at = 1, .updated_at = 1, .epoch = 1};

	user.username = strdup(name);
	user.status = strdup("active");
	user.password = strdup(fixture->hash);
	user.password_changed_at = 1;
	assert_true(strlist_add(&user.hosts, "web1"));
	assert_int_equal(
	    store_create_user(fixture->store, &fixture->call, &user, false, NULL), PD_OK);
	user_free(&user);
}

/* Reads a record, hands it to `edit`, writes it. */
typedef void fixture_edit_fn(struct user *user);

static inline void
fixture_edit(struct fixture *fixture, const char *name, fixture_edit_fn *edit)
{
	struct user before;
	struct user after;

	fixture->call.deadline_ms = clock_monotonic_ms() + 60000;
	assert_int_equal(store_get_user(fixture->store, &fixture->call, name, &before), PD_OK);
	assert_int_equal(user_copy(&after, &before), PD_OK);
	edit(&after);
	assert_int_equal(
	    store_update_user(fixture->store, &fixture->call, &before, &after, false, NULL), PD_OK);
	user_free(&before);
	user_free(&after);
}

static inline struct user
fixture_user(struct fixture *fixture, const char *name)
{
	struct user user;

	assert_int_equal(store_get_user(fixture->store, &fixture->call, name, &user), PD_OK);
	return user;
}

/* The stored failures of a name; zeroed if there are none. Free with state_free. */
static inline struct state
fixture_fail(struct fixture *fixture, const char *name)
{
	struct state fail;
	char id[STATE_ID_MAX + 1];

	snprintf(id, sizeof(id), "fail#%s", name);
	store_get_state(fixture->store, &fixture->call, id, store_now(fixture->store), &fail);
	return fail;
}

static inline int64_t
fixture_failures(struct fixture *fixture, const char *name)
{
	struct state fail = fixture_fail(fixture, name);
	int64_t count = fail.count;

	state_free(&fail);
	return count;
}

static inline void
fixture_set_text(char **text, const char *value)
{
	free(*text);
	*text = value == NULL ? NULL : strdup(value);
}

/* Edits that several tests need. */
static inline void
fixture_nothing(struct user *user)
{
	(void)user;
}

static inline void
fixture_lower_uid(struct user *user)
{
	user->uid = 999;
}

static inline void
fixture_take_password(struct user *user)
{
	fixture_set_text(&user->password, NULL);
}

static inline void
fixture_break_hash(struct user *user)
{
	fixture_set_text(&user->password, "$argon2id$v=19$m=8,t=1$broken");
}

static inline void
fixture_make_hash_expensive(struct user *user)
{
	fixture_set_text(&user->password,
	    "$argon2id$v=19$m=999999,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA");
}

static inline struct login_request
fixture_request(const char *name, const char *password)
{
	return (struct login_request){
	    .name = name,
	    .password = password,
	    .password_len = password == NULL ? 0 : strlen(password),
	    .service = "sshd",
	    .rhost = "client.example.net",
	    .deadline_ms = clock_monotonic_ms() + 20000,
	};
}

/* Asks and checks the answer; the caller frees *result. */
static inline void
fixture_expect_result(const char *label, const struct login_result *result, enum verdict verdict,
    enum policy_reason reason)
{
	if (result->verdict != verdict || result->reason != reason)
		fail_msg("%s: verdict %d, %s", label, (int)result->verdict,
		    policy_reason_word(result->reason));
}

static inline void
fixture_authenticate(struct fixture *fixture, const char *name, const char *password,
    enum verdict verdict, enum policy_reason reason)
{
	struct login_request request = fixture_request(name, password);
	struct login_result result;

	login_authenticate(fixture->login, &request, &result);
	fixture_expect_result(password == NULL ? "NULL" : password, &result, verdict, reason);
	login_result_free(&result);
}

static inline void
fixture_account(
    struct fixture *fixture, const char *name, enum verdict verdict, enum policy_reason reason)
{
	struct login_request request = fixture_request(name, NULL);
	struct login_result result;

	login_account(fixture->login, &request, &result);
	fixture_expect_result("account", &result, verdict, reason);
	login_result_free(&result);
}

/* One more login as a reload opens it, while the first one still serves. */
static inline struct login *
fixture_open_again(struct fixture *fixture)
{
	struct login *login = NULL;

	assert_int_equal(
	    login_open(&fixture->conf, fixture->store, fixture->guard, NULL, &fixture->log, &login),
	    PD_OK);
	return login;
}

static inline int
fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct password_cost cost = {.memory_kib = 8, .passes = 1};

	engine_failing_reset();
	if (fixture == NULL || conf_init(&fixture->conf) != PD_OK)
		return 1;
	pthread_mutex_init(&fixture->mutex, NULL);
	fixture->log = (struct log){LOG_LEVEL_DEBUG, fixture_log, fixture};
	fixture->conf.memory_kib = 8;
	fixture->conf.passes = 1;
	fixture->conf.hashes = 2;
	free(fixture->conf.host_name);
	fixture->conf.host_name = strdup("web1.example.org");
	fixture->call.deadline_ms = clock_monotonic_ms() + 60000;
	if (store_open_engine(&engine_failing, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log,
		&fixture->store) != PD_OK ||
	    login_guard_open(&fixture->guard) != PD_OK ||
	    login_open(&fixture->conf, fixture->store, fixture->guard, NULL, &fixture->log,
		&fixture->login) != PD_OK ||
	    password_make(&cost, FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), fixture->hash) !=
		PD_OK)
		return 1;
	fixture_add(fixture, "alice", 2000);
	engine_failing_reset();
	*state = fixture;
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	/* whatever a test did, no line holds a password or a hash */
	if (strstr(fixture->lines, FIXTURE_PASSWORD) != NULL ||
	    strstr(fixture->lines, FIXTURE_WRONG) != NULL ||
	    strstr(fixture->lines, "argon2") != NULL)
		return 1;
	login_close(fixture->login);
	login_guard_close(fixture->guard);
	store_close(fixture->store);
	conf_free(&fixture->conf);
	pthread_mutex_destroy(&fixture->mutex);
	free(fixture);
	return 0;
}

#define FIXTURE_CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

#endif
