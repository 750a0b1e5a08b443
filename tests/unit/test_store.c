/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic layer's own work, on engines that fail as they are told: writes of unknown fate, the
 * pool, deadlines, drawn uids, records that are not what was asked for. What every engine must do
 * is in tests/contract. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/secret.h"
#include "core/store_pool.h"
#include "tests/engines/engine_failing.h"
#include "tests/engines/engine_memory.h"
#include "unit.h"

#define NOW 1700000000
#define SLACK_MS 250 /* how late a call may return after its deadline */

#define assert_error(expected, call) \
	assert_string_equal(pd_error_text(expected), pd_error_text(call))

/* One test's store, and the lines that it logged. */
struct fixture {
	struct conf conf;
	struct log log;
	struct store *store;
	char lines[8192];
};

static void
keep_line(void *ctx, enum log_level level, const char *line)
{
	struct fixture *fixture = ctx;
	size_t len = strlen(fixture->lines);

	(void)level;
	snprintf(fixture->lines + len, sizeof(fixture->lines) - len, "%s\n", line);
}

static int
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

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	store_close(fixture->store);
	free(fixture);
	engine_failing_reset();
	return 0;
}

static struct store_call
within(int ms)
{
	return (struct store_call){.deadline_ms = clock_monotonic_ms() + ms};
}

static void
set(char **text, const char *value)
{
	free(*text);
	*text = strdup(value);
}

static void
make_user(struct user *out, const char *name)
{
	memset(out, 0, sizeof(*out));
	set(&out->username, name);
	set(&out->status, "active");
}

static void
create(struct fixture *fixture, struct user *out, const char *name)
{
	struct store_call call = within(5000);

	make_user(out, name);
	assert_error(PD_OK, store_create_user(fixture->store, &call, out, false, NULL));
}

static void
assert_stored(struct fixture *fixture, const struct user *expected)
{
	struct store_call call = within(5000);
	struct user stored;

	assert_error(PD_OK, store_get_user(fixture->store, &call, expected->username, &stored));
	assert_true(record_equal(&user_type, expected, &stored));
	user_free(&stored);
}

/* --- Writes of unknown fate ------------------------------------------------------------------ */

/* done: it had happened; else it is made up for. */
static void
create_uncertain(struct fixture *fixture, const char *name, bool done)
{
	struct store_call call = within(5000);
	struct user user;

	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = done, .times = 1});
	make_user(&user, name);
	assert_error(PD_OK, store_create_user(fixture->store, &call, &user, true, NULL));
	assert_int_equal(1, user.version);
	assert_int_equal(done ? 1 : 2, engine_failing_calls(ENGINE_WRITE_USER));
	assert_stored(fixture, &user);
	user_free(&user);
}

static void
test_uncertain_create(void **state)
{
	create_uncertain(*state, "alice", true);
	create_uncertain(*state, "bob", false);
}

/* Somebody else took the name while the fate of our write was unknown. */
static void
test_uncertain_create_lost(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user theirs, ours;

	create(fixture, &theirs, "alice");
	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	make_user(&ours, "alice");
	set(&ours.full_name, "ours");
	assert_error(PD_CONFLICT, store_create_user(fixture->store, &call, &ours, false, &taken));
	assert_int_equal(STORE_TAKEN_NAME, taken);
	assert_int_equal(0, ours.version);
	assert_stored(fixture, &theirs);
	user_free(&theirs);
	user_free(&ours);
}

static void
update_uncertain(struct fixture *fixture, const char *name, bool done)
{
	struct store_call call = within(5000);
	struct user before, after;

	create(fixture, &before, name);
	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = done, .times = 1});
	assert_int_equal(PD_OK, user_copy(&after, &before));
	set(&after.shell, "/bin/sh");
	assert_error(PD_OK, store_update_user(fixture->store, &call, &before, &after, false, NULL));
	assert_int_equal(2, after.version);
	assert_int_equal(done ? 1 : 2, engine_failing_calls(ENGINE_WRITE_USER));
	assert_stored(fixture, &after);
	user_free(&before);
	user_free(&after);
}

static void
test_uncertain_update(void **state)
{
	update_uncertain(*state, "alice", true);
	update_uncertain(*state, "bob", false);
}

/* The first try arrives late, after the second was sent: the second's conflict is our own success.
 */
static void
test_uncertain_then_conflict(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user before, after;

	create(fixture, &before, "alice");
	assert_int_equal(PD_OK, user_copy(&after, &before));
	set(&after.shell, "/bin/sh");
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = true, .times = 1});
	engine_failing_set(
	    ENGINE_GET_USER, (struct engine_fault){.error = PD_UNAVAILABLE, .times = 1});
	assert_error(PD_OK, store_update_user(fixture->store, &call, &before, &after, false, NULL));
	assert_int_equal(3, engine_failing_calls(ENGINE_WRITE_USER)); /* create, lost, conflict */
	assert_stored(fixture, &after);
	user_free(&before);
	user_free(&after);
}

static void
test_uncertain_update_lost(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user before, theirs, ours;

	create(fixture, &before, "alice");
	assert_int_equal(PD_OK, user_copy(&theirs, &before));
	assert_int_equal(PD_OK, user_copy(&ours, &before));
	set(&theirs.shell, "/bin/sh");
	set(&ours.shell, "/bin/zsh");
	assert_error(
	    PD_OK, store_update_user(fixture->store, &call, &before, &theirs, false, NULL));
	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	assert_error(
	    PD_CONFLICT, store_update_user(fixture->store, &call, &before, &ours, false, &taken));
	assert_int_equal(STORE_TAKEN_VERSION, taken);
	assert_stored(fixture, &theirs);
	user_free(&before);
	user_free(&theirs);
	user_free(&ours);
}

static void
delete_uncertain(struct fixture *fixture, bool done)
{
	struct store_call call = within(5000);
	struct user user, stored;

	engine_failing_reset();
	create(fixture, &user, "alice");
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = done, .times = 1});
	assert_error(PD_OK, store_delete_user(fixture->store, &call, &user));
	assert_error(PD_NOT_FOUND, store_get_user(fixture->store, &call, "alice", &stored));
	user_free(&user);
}

static void
test_uncertain_delete(void **state)
{
	delete_uncertain(*state, true);
	delete_uncertain(*state, false);
}

/* What cannot be settled in time is unavailable, never uncertain, and in time. */
static void
test_uncertain_for_good(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(200);
	struct state before = {.id = (char[]){"rate#x"}};
	struct state after = {.id = (char[]){"rate#x"}, .expires_at = NOW};
	struct user user;

	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_UNCERTAIN});
	make_user(&user, "alice");
	assert_error(PD_UNAVAILABLE, store_create_user(fixture->store, &call, &user, true, NULL));
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
	assert_int_equal(0, user.version);
	assert_int_equal(0, user.uid);
	assert_true(engine_failing_calls(ENGINE_WRITE_USER) > 1);
	call = within(200);
	assert_error(
	    PD_UNAVAILABLE, store_swap_state(fixture->store, &call, &before, &after, NOW - 100));
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
	assert_int_equal(0, after.version);
	user_free(&user);
}

/* An answer that is no answer about the record ends the settling. */
static void
test_uncertain_reread_fails(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user user;

	engine_failing_set(ENGINE_WRITE_USER, (struct engine_fault){.error = PD_UNCERTAIN});
	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.error = PD_CONFIG});
	make_user(&user, "alice");
	assert_error(PD_CONFIG, store_create_user(fixture->store, &call, &user, false, NULL));
	user_free(&user);
}

static const struct state_limit limit = {.window_s = 100, .max = 3, .lockout_s = 50};

static void
count_uncertain(struct fixture *fixture, const char *name, bool done)
{
	struct store_call call = within(5000);
	struct state after;

	engine_failing_reset();
	engine_failing_set(ENGINE_SWAP_STATE,
	    (struct engine_fault){.error = PD_UNCERTAIN, .done = done, .times = 1});
	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, name, &limit, "a1", NOW, &after));
	assert_int_equal(1, after.count);
	state_free(&after);
	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, name, &limit, "a2", NOW, &after));
	assert_int_equal(2, after.count);
	state_free(&after);
}

static void
test_uncertain_failure(void **state)
{
	count_uncertain(*state, "alice", true);
	count_uncertain(*state, "bob", false);
}

/* Our count arrived and somebody counted on top of it before we could look. */
static void
test_uncertain_failure_overtaken(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct state before = {0};
	struct state next = {0};
	struct state after;

	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, &before));
	assert_int_equal(PD_OK, state_add_event(&before, &limit, "a2", NOW, &next));
	assert_error(PD_OK, store_swap_state(fixture->store, &call, &before, &next, NOW));
	/* The repetition of a1 after the answer of the first try was lost. */
	assert_error(
	    PD_OK, store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, &after));
	assert_int_equal(2, after.count);
	state_free(&before);
	state_free(&next);
	state_free(&after);
}

static void
test_uncertain_clear(void **state)
{
	struct fixture *fixture = *state;

	for (int done = 0; done < 2; done++) {
		struct store_call call = within(5000);
		struct state stored;

		assert_error(PD_OK,
		    store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, NULL));
		engine_failing_set(ENGINE_SWAP_STATE,
		    (struct engine_fault){.error = PD_UNCERTAIN, .done = done == 1, .times = 1});
		assert_error(PD_OK, store_clear_failures(fixture->store, &call, "alice"));
		assert_error(PD_NOT_FOUND,
		    store_get_state(fixture->store, &call, "fail#alice", NOW, &stored));
	}
}

/* Whoever took the token gets it, also when the first answer was lost. */
static void
test_uncertain_token(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	int64_t now = store_now(fixture->store);
	struct state token;

	for (int done = 0; done < 2; done++) {
		const char *secret = done == 1 ? "secret1" : "secret0";

		assert_error(PD_OK,
		    store_create_token(
			fixture->store, &call, secret, "reset", "alice", NULL, now + 100));
		engine_failing_set(ENGINE_SWAP_STATE,
		    (struct engine_fault){.error = PD_UNCERTAIN, .done = done == 1, .times = 1});
		assert_error(
		    PD_OK, store_take_token(fixture->store, &call, secret, "reset", now, &token));
		assert_string_equal("alice", token.owner);
		state_free(&token);
		assert_error(PD_NOT_FOUND,
		    store_take_token(fixture->store, &call, secret, "reset", now, &token));
	}
}

/* The event that fills the bucket is let in, also when its first answer was lost. */
static void
test_uncertain_rate(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	const struct state_limit one = {.window_s = 60, .max = 1};

	for (int done = 0; done < 2; done++) {
		const char *bucket = done == 1 ? "b1" : "b0";

		engine_failing_set(ENGINE_SWAP_STATE,
		    (struct engine_fault){.error = PD_UNCERTAIN, .done = done == 1, .times = 1});
		assert_error(
		    PD_OK, store_take_rate(fixture->store, &call, bucket, &one, NOW, NULL));
		assert_error(
		    PD_CONFLICT, store_take_rate(fixture->store, &call, bucket, &one, NOW, NULL));
	}
}

/* A swap that always loses ends with the deadline. */
static void
test_endless_conflict(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(150);

	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_CONFLICT});
	assert_error(PD_UNAVAILABLE,
	    store_count_failure(fixture->store, &call, "alice", &limit, "a1", NOW, NULL));
	assert_true(clock_monotonic_ms() <= call.deadline_ms + SLACK_MS);
}

/* --- Errors pass through ---------------------------------------------------------------------- */

static enum pd_error
do_get(struct store *store, struct store_call *call)
{
	struct user user;
	enum pd_error error = store_get_user(store, call, "alice", &user);

	assert_null(user.username);
	return error;
}

static enum pd_error
do_login(struct store *store, struct store_call *call)
{
	struct user user;
	struct state fail;
	enum pd_error error = store_get_login(store, call, "alice", &user, &fail);

	assert_null(user.username);
	assert_null(fail.id);
	return error;
}

static enum pd_error
do_write(struct store *store, struct store_call *call)
{
	struct user user;
	enum pd_error error;

	make_user(&user, "alice");
	error = store_create_user(store, call, &user, false, NULL);
	assert_int_equal(0, user.version);
	user_free(&user);
	return error;
}

static enum pd_error
do_list(struct store *store, struct store_call *call)
{
	struct store_page page;
	enum pd_error error = store_list_users(store, call, NULL, 10, &page);

	assert_null(page.users);
	assert_null(page.next);
	return error;
}

static enum pd_error
do_owner(struct store *store, struct store_call *call)
{
	char owner[USER_NAME_SIZE];
	enum pd_error error = store_uid_owner(store, call, 5000, owner);

	assert_string_equal("", owner);
	return error;
}

static enum pd_error
do_state(struct store *store, struct store_call *call)
{
	struct state stored;
	enum pd_error error = store_get_state(store, call, "rate#x", NOW, &stored);

	assert_null(stored.id);
	return error;
}

static enum pd_error
do_swap(struct store *store, struct store_call *call)
{
	struct state before = {.id = (char[]){"rate#x"}};
	struct state after = {.id = (char[]){"rate#x"}, .expires_at = NOW};

	return store_swap_state(store, call, &before, &after, NOW);
}

static enum pd_error
do_init(struct store *store, struct store_call *call)
{
	return store_init(store, call, NULL, NULL);
}

static void
test_errors_pass(void **state)
{
	static const struct {
		enum engine_call call;
		enum pd_error (*fn)(struct store *store, struct store_call *call);
	} operations[] = {
	    {ENGINE_GET_USER, do_get}, {ENGINE_GET_LOGIN, do_login}, {ENGINE_WRITE_USER, do_write},
	    {ENGINE_LIST_USERS, do_list}, {ENGINE_GET_OWNER, do_owner},
	    {ENGINE_GET_STATE, do_state}, {ENGINE_SWAP_STATE, do_swap}, {ENGINE_INIT, do_init},
	    {ENGINE_CONNECT, do_get}, /* last: it wants a pool without an idle connection */
	};
	static const enum pd_error errors[] = {PD_NOT_FOUND, PD_CONFLICT, PD_INVALID, PD_CONFIG,
	    PD_UNAVAILABLE, PD_CORRUPT, PD_NO_MEMORY, PD_BUG};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(operations); i++) {
		if (operations[i].call == ENGINE_CONNECT) {
			store_close(fixture->store);
			assert_error(PD_OK,
			    store_open_engine(&engine_failing, &fixture->conf, STORE_CALLER_SERVICE,
				NULL, &fixture->store));
		}
		for (size_t j = 0; j < COUNT_OF(errors); j++) {
			struct store_call call = within(5000);

			engine_failing_reset();
			engine_failing_set(
			    operations[i].call, (struct engine_fault){.error = errors[j]});
			assert_error(errors[j], operations[i].fn(fixture->store, &call));
			assert_int_equal(1, engine_failing_calls(operations[i].call));
		}
	}
}

static void
test_open_fails(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = NULL;

	engine_failing_set(ENGINE_OPEN, (struct engine_fault){.error = PD_CONFIG});
	assert_error(PD_CONFIG,
	    store_open_engine(
		&engine_failing, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	assert_null(store);
}

/* --- What comes back is judged ---------------------------------------------------------------- */

static void
test_wrong_name(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	struct user user;
	struct state fail;

	create(fixture, &user, "alice");
	user_free(&user);
	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.username = "mallory"});
	engine_failing_set(ENGINE_GET_LOGIN, (struct engine_fault){.username = "mallory"});
	assert_error(PD_CORRUPT, store_get_user(fixture->store, &call, "alice", &user));
	assert_null(user.username);
	assert_non_null(strstr(fixture->lines, "user alice: attribute username"));
	assert_error(PD_CORRUPT, store_get_login(fixture->store, &call, "alice", &user, &fail));
	assert_null(user.username);
}

/* An engine that answers what no store would have let in. */
static enum pd_error
forge_user(void *conn, struct store_call *call, const char *name, struct user *out)
{
	(void)conn;
	(void)call;
	make_user(out, name);
	out->schema = USER_SCHEMA;
	out->version = 1;
	set(&out->status, "sleeping");
	return PD_OK;
}

static enum pd_error
forge_state(void *conn, struct store_call *call, const char *id, struct state *out)
{
	(void)conn;
	(void)call;
	set(&out->id, id);
	out->version = 1;
	out->count = -5;
	out->expires_at = NOW;
	return PD_OK;
}

static enum pd_error
forge_login(void *conn, struct store_call *call, const char *name, const char *fail_id,
    struct user *user, struct state *fail)
{
	(void)name;
	(void)user;
	forge_state(conn, call, fail_id, fail);
	return PD_NOT_FOUND;
}

/* Two good records, one that breaks a rule, one whose name is none. */
static enum pd_error
forge_page(
    void *conn, struct store_call *call, const char *cursor, size_t count, struct store_page *out)
{
	static const char *const names[] = {"alice", "bob", "uid#5", "carol"};

	(void)conn;
	(void)call;
	(void)cursor;
	(void)count;
	out->users = calloc(COUNT_OF(names), sizeof(*out->users));
	out->len = COUNT_OF(names);
	out->corrupt = 1;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		make_user(&out->users[i], names[i]);
		out->users[i].schema = USER_SCHEMA;
		out->users[i].version = 1;
	}
	set(&out->users[1].home, "relative");
	return PD_OK;
}

static enum pd_error
forge_owner(void *conn, struct store_call *call, const char *key, char **out)
{
	(void)conn;
	(void)call;
	(void)key;
	*out = strdup("a-name-that-is-far-too-long-to-be-one");
	return PD_OK;
}

static void
test_corrupt(void **state)
{
	struct fixture *fixture = *state;
	struct store_engine forged = engine_memory;
	struct store_call call = within(5000);
	char owner[USER_NAME_SIZE];
	struct store *store = NULL;
	struct store_page page;
	struct user user;
	struct state item;

	forged.get_user = forge_user;
	forged.get_state = forge_state;
	forged.get_login = forge_login;
	forged.list_users = forge_page;
	forged.get_owner = forge_owner;
	assert_error(PD_OK,
	    store_open_engine(
		&forged, &fixture->conf, STORE_CALLER_SERVICE, &fixture->log, &store));
	assert_error(PD_CORRUPT, store_get_user(store, &call, "alice", &user));
	assert_non_null(strstr(fixture->lines, "user alice: attribute status"));
	assert_error(PD_CORRUPT, store_get_state(store, &call, "rate#x", NOW, &item));
	assert_non_null(strstr(fixture->lines, "state rate#x: attribute count"));
	assert_null(item.id);
	assert_error(PD_CORRUPT, store_get_login(store, &call, "alice", &user, &item));
	assert_error(
	    PD_CORRUPT, store_count_failure(store, &call, "alice", &limit, "a1", NOW, NULL));
	assert_error(PD_CORRUPT, store_uid_owner(store, &call, 5000, owner));
	assert_string_equal("", owner);
	assert_error(PD_OK, store_list_users(store, &call, NULL, 10, &page));
	assert_int_equal(2, page.len);
	assert_int_equal(3, page.corrupt);
	assert_string_equal("alice", page.users[0].username);
	assert_string_equal("carol", page.users[1].username);
	store_page_free(&page);
	store_close(store);
}

/* Neither a token's secret nor its digest stands in a log line. */
static void
test_log_keeps_tokens(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);

	engine_failing_set(ENGINE_SWAP_STATE, (struct engine_fault){.error = PD_UNAVAILABLE});
	assert_error(PD_UNAVAILABLE,
	    store_create_token(fixture->store, &call, "abc", "reset", "alice", NULL, NOW + 100));
	assert_non_null(strstr(fixture->lines, "create_token token#: unavailable"));
	assert_null(strstr(fixture->lines, "token#b")); /* SHA-256 of abc: ba78... */
}

/* --- Drawn uids --------------------------------------------------------------------------------
 */

static void
test_draw(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(5000);
	enum store_taken taken = STORE_TAKEN_NONE;
	struct user user;

	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_CONFLICT, .taken = STORE_TAKEN_UID, .times = 7});
	make_user(&user, "alice");
	assert_error(PD_OK, store_create_user(fixture->store, &call, &user, true, &taken));
	assert_int_equal(8, engine_failing_calls(ENGINE_WRITE_USER));
	assert_in_range((unsigned long)user.uid, 100000, 200000);
	user_free(&user);

	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_CONFLICT, .taken = STORE_TAKEN_UID});
	make_user(&user, "bob");
	assert_error(PD_CONFLICT, store_create_user(fixture->store, &call, &user, true, &taken));
	assert_int_equal(STORE_TAKEN_UID, taken);
	assert_int_equal(8, engine_failing_calls(ENGINE_WRITE_USER));
	assert_int_equal(0, user.uid);
	/* A uid that the caller chose is not drawn anew. */
	user.uid = 5000;
	engine_failing_reset();
	engine_failing_set(ENGINE_WRITE_USER,
	    (struct engine_fault){.error = PD_CONFLICT, .taken = STORE_TAKEN_UID});
	assert_error(PD_CONFLICT, store_create_user(fixture->store, &call, &user, true, &taken));
	assert_int_equal(1, engine_failing_calls(ENGINE_WRITE_USER));
	assert_int_equal(5000, user.uid);
	user_free(&user);
}

/* --- Deadlines and the pool --------------------------------------------------------------------
 */

static void
test_late(void **state)
{
	struct fixture *fixture = *state;
	struct store_call call = within(0);
	struct user user;

	assert_error(PD_UNAVAILABLE, store_get_user(fixture->store, &call, "alice", &user));
	assert_int_equal(0, engine_failing_calls(ENGINE_CONNECT));
	assert_int_equal(0, engine_failing_calls(ENGINE_GET_USER));
	assert_non_null(strstr(fixture->lines, "deadline passed"));
}

static void
test_one_connection(void **state)
{
	struct fixture *fixture = *state;
	struct user user;

	for (int i = 0; i < 5; i++) {
		struct store_call call = within(5000);

		assert_error(PD_NOT_FOUND, store_get_user(fixture->store, &call, "alice", &user));
	}
	assert_int_equal(1, engine_failing_calls(ENGINE_CONNECT));
}

static void *
slow_get(void *ctx)
{
	struct store_call call = within(5000);
	struct user user;

	store_get_user(ctx, &call, "alice", &user);
	return NULL;
}

/* Threads that are busy at once have a connection each; they are used again afterwards. */
static void
test_connections(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[3];

	engine_failing_set(ENGINE_GET_USER, (struct engine_fault){.delay_ms = 150});
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < COUNT_OF(threads); i++)
			assert_int_equal(
			    0, pthread_create(&threads[i], NULL, slow_get, fixture->store));
		for (size_t i = 0; i < COUNT_OF(threads); i++)
			pthread_join(threads[i], NULL);
		assert_int_equal(3, engine_failing_calls(ENGINE_CONNECT));
	}
}

static enum pd_error
count_connect(void *shared, void **conn)
{
	char *next = *(char **)shared;

	*conn = next;
	*(char **)shared = next + 1;
	return PD_OK;
}

static void
forget(void *conn)
{
	(void)conn;
}

/* The connection that was used last is the warmest and comes first. */
static void
test_pool_order(void **state)
{
	const struct store_engine engine = {.connect = count_connect, .disconnect = forget};
	static char conns[4];
	char *next = conns;
	struct store_pool *pool = NULL;
	void *first, *second, *again;

	(void)state;
	assert_error(PD_OK, store_pool_open(&engine, &next, &pool));
	assert_error(PD_OK, store_pool_take(pool, &first));
	assert_error(PD_OK, store_pool_take(pool, &second));
	assert_ptr_not_equal(first, second);
	store_pool_return(pool, first);
	store_pool_return(pool, second);
	store_pool_return(pool, NULL);
	assert_int_equal(2, store_pool_idle(pool));
	assert_error(PD_OK, store_pool_take(pool, &again));
	assert_ptr_equal(second, again);
	assert_int_equal(1, store_pool_idle(pool));
	store_pool_return(pool, again);
	store_pool_close(pool);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_uncertain_create),
	    TEST(test_uncertain_create_lost),
	    TEST(test_uncertain_update),
	    TEST(test_uncertain_then_conflict),
	    TEST(test_uncertain_update_lost),
	    TEST(test_uncertain_delete),
	    TEST(test_uncertain_for_good),
	    TEST(test_uncertain_reread_fails),
	    TEST(test_uncertain_failure),
	    TEST(test_uncertain_failure_overtaken),
	    TEST(test_uncertain_clear),
	    TEST(test_uncertain_token),
	    TEST(test_uncertain_rate),
	    TEST(test_endless_conflict),
	    TEST(test_errors_pass),
	    TEST(test_open_fails),
	    TEST(test_wrong_name),
	    TEST(test_corrupt),
	    TEST(test_log_keeps_tokens),
	    TEST(test_draw),
	    TEST(test_late),
	    TEST(test_one_connection),
	    TEST(test_connections),
	    cmocka_unit_test(test_pool_order),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
