/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_failing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine_memory.h"

struct program {
	struct engine_fault fault;
	bool set;
	unsigned calls;     /* since the reset */
	unsigned since_set; /* since the fault was set */
};

/* Test code may have a global: there is one program per test process. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct program programs[ENGINE_CALL_COUNT];

void
engine_failing_set(enum engine_call call, struct engine_fault fault)
{
	pthread_mutex_lock(&mutex);
	programs[call].fault = fault;
	programs[call].set = true;
	programs[call].since_set = 0;
	pthread_mutex_unlock(&mutex);
}

void
engine_failing_reset(void)
{
	pthread_mutex_lock(&mutex);
	memset(programs, 0, sizeof(programs));
	pthread_mutex_unlock(&mutex);
}

unsigned
engine_failing_calls(enum engine_call call)
{
	unsigned calls;

	pthread_mutex_lock(&mutex);
	calls = programs[call].calls;
	pthread_mutex_unlock(&mutex);
	return calls;
}

/* Counts the call and says what is to happen to it; waits where the program says so. */
static struct engine_fault
next_fault(enum engine_call call)
{
	struct program *program = &programs[call];
	struct engine_fault fault = {0};
	struct timespec span = {0};
	unsigned nth;

	pthread_mutex_lock(&mutex);
	program->calls++;
	nth = program->since_set++;
	if (program->set && nth >= program->fault.after &&
	    (program->fault.times == 0 ||
		nth - program->fault.after < (unsigned)program->fault.times))
		fault = program->fault;
	pthread_mutex_unlock(&mutex);
	if (fault.delay_ms > 0) {
		span.tv_sec = fault.delay_ms / 1000;
		span.tv_nsec = fault.delay_ms % 1000 * 1000000L;
		nanosleep(&span, NULL);
	}
	return fault;
}

static bool
works(const struct engine_fault *fault)
{
	return fault->error == PD_OK || fault->done;
}

static enum pd_error
answer(const struct engine_fault *fault, enum pd_error error)
{
	return fault->error == PD_OK ? error : fault->error;
}

static enum pd_error
failing_open(
    const struct conf *conf, enum store_caller caller, const struct log *log, void **shared)
{
	struct engine_fault fault = next_fault(ENGINE_OPEN);

	if (fault.error != PD_OK)
		return fault.error;
	return engine_memory.open(conf, caller, log, shared);
}

static void
failing_close(void *shared)
{
	engine_memory.close(shared);
}

static enum pd_error
failing_connect(void *shared, void **conn)
{
	struct engine_fault fault = next_fault(ENGINE_CONNECT);

	if (fault.error != PD_OK)
		return fault.error;
	return engine_memory.connect(shared, conn);
}

static void
failing_disconnect(void *conn)
{
	engine_memory.disconnect(conn);
}

static enum pd_error
failing_init(void *conn, struct store_call *call, store_progress_fn *progress, void *ctx)
{
	struct engine_fault fault = next_fault(ENGINE_INIT);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.init(conn, call, progress, ctx);
	return answer(&fault, error);
}

static enum pd_error
failing_check(void *conn, struct store_call *call, store_check_fn *report, void *ctx)
{
	struct engine_fault fault = next_fault(ENGINE_CHECK);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.check(conn, call, report, ctx);
	return answer(&fault, error);
}

static void
rename_user(const struct engine_fault *fault, struct user *user)
{
	if (fault->username == NULL || user->username == NULL)
		return;
	free(user->username);
	user->username = strdup(fault->username);
}

static enum pd_error
failing_get_user(void *conn, struct store_call *call, const char *name, struct user *out)
{
	struct engine_fault fault = next_fault(ENGINE_GET_USER);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.get_user(conn, call, name, out);
	rename_user(&fault, out);
	return answer(&fault, error);
}

static enum pd_error
failing_get_login(void *conn, struct store_call *call, const struct store_login_read *read)
{
	struct engine_fault fault = next_fault(ENGINE_GET_LOGIN);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.get_login(conn, call, read);
	rename_user(&fault, read->user);
	return answer(&fault, error);
}

static enum pd_error
failing_write_user(void *conn, struct store_call *call, const struct store_user_write *write,
    enum store_taken *taken)
{
	struct engine_fault fault = next_fault(ENGINE_WRITE_USER);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.write_user(conn, call, write, taken);
	if (fault.error == PD_CONFLICT)
		*taken = fault.taken;
	return answer(&fault, error);
}

static enum pd_error
failing_list_users(
    void *conn, struct store_call *call, const char *cursor, size_t limit, struct store_page *out)
{
	struct engine_fault fault = next_fault(ENGINE_LIST_USERS);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.list_users(conn, call, cursor, limit, out);
	return answer(&fault, error);
}

static enum pd_error
failing_get_owner(void *conn, struct store_call *call, const char *key, char **out)
{
	struct engine_fault fault = next_fault(ENGINE_GET_OWNER);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.get_owner(conn, call, key, out);
	return answer(&fault, error);
}

static enum pd_error
failing_get_state(void *conn, struct store_call *call, const char *id, struct state *out)
{
	struct engine_fault fault = next_fault(ENGINE_GET_STATE);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.get_state(conn, call, id, out);
	return answer(&fault, error);
}

static enum pd_error
failing_swap_state(void *conn, struct store_call *call, const struct state *before,
    const struct state *after, int64_t now)
{
	struct engine_fault fault = next_fault(ENGINE_SWAP_STATE);
	enum pd_error error = PD_OK;

	if (works(&fault))
		error = engine_memory.swap_state(conn, call, before, after, now);
	return answer(&fault, error);
}

const struct store_engine engine_failing = {
    .name = "failing",
    .open = failing_open,
    .close = failing_close,
    .connect = failing_connect,
    .disconnect = failing_disconnect,
    .init = failing_init,
    .check = failing_check,
    .get_user = failing_get_user,
    .get_login = failing_get_login,
    .write_user = failing_write_user,
    .list_users = failing_list_users,
    .get_owner = failing_get_owner,
    .get_state = failing_get_state,
    .swap_state = failing_swap_state,
};
