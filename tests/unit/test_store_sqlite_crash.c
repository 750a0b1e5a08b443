/* SPDX-License-Identifier: BSD-2-Clause */
/* Killed in the middle of writing. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "sqlite_fixture.h"

#define NAME_LEN 16

struct writer {
	struct store *store;
	int acknowledge; /* a pipe; a write of a name is atomic */
	char letter;
};

static void *
write_users(void *ctx)
{
	const struct writer *writer = ctx;

	for (unsigned i = 0;; i++) {
		struct store_call call = within(5000);
		char name[NAME_LEN + 1];
		struct user user;

		snprintf(name, sizeof(name), "%c%015u", writer->letter, i);
		make_user(&user, name);
		if (store_create_user(writer->store, &call, &user, true, NULL) != PD_OK ||
		    write(writer->acknowledge, name, NAME_LEN) != NAME_LEN)
			_exit(1);
		user_free(&user);
	}
	return NULL;
}

static void
child(const struct fixture *fixture, int acknowledge)
{
	struct writer first = {.acknowledge = acknowledge, .letter = 'a'};
	struct writer second = {.acknowledge = acknowledge, .letter = 'b'};
	pthread_t thread;

	if (store_open_engine(
		&store_sqlite, &fixture->conf, STORE_CALLER_SERVICE, NULL, &first.store) != PD_OK)
		_exit(1);
	second.store = first.store;
	if (pthread_create(&thread, NULL, write_users, &second) != 0)
		_exit(1);
	write_users(&first);
}

/* Killed in the middle of writing: what was acknowledged is there, whole, and nothing by halves. */
static void
test_crash(void **state)
{
	struct fixture *fixture = *state;
	char name[NAME_LEN + 1] = "";
	char text[16];
	size_t acknowledged = 0;
	int pipe_fds[2];
	pid_t pid;

	store_close(fixture->store); /* SQLite's handles do not cross a fork */
	fixture->store = NULL;
	assert_int_equal(0, pipe(pipe_fds));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(fixture, pipe_fds[1]);
	close(pipe_fds[1]);
	for (; acknowledged < 40; acknowledged++)
		assert_int_equal(NAME_LEN, read(pipe_fds[0], name, NAME_LEN));
	kill(pid, SIGKILL);
	assert_int_equal(pid, waitpid(pid, NULL, 0));
	reopen(fixture);
	assert_error(PD_OK, get(fixture, name));
	for (char letter = 'a'; letter <= 'b'; letter++) {
		/* Each writer goes on only after its last one was acknowledged: no gap. */
		char sql[160];

		snprintf(sql, sizeof(sql),
		    "SELECT count(*) = ifnull(max(CAST(substr(username, 2) AS INTEGER)) + 1, 0)"
		    " FROM users WHERE username LIKE '%c%%'",
		    letter);
		read_by_hand(fixture, sql, text, sizeof(text));
		assert_string_equal("1", text);
	}
	while (read(pipe_fds[0], name, NAME_LEN) == NAME_LEN)
		assert_error(PD_OK, get(fixture, name));
	close(pipe_fds[0]);
	read_by_hand(fixture,
	    "SELECT count(*) FROM users u LEFT JOIN aux a ON a.key = 'uid#' || u.uid"
	    " WHERE a.owner IS NOT u.username",
	    text, sizeof(text));
	assert_string_equal("0", text);
	read_by_hand(fixture, "PRAGMA integrity_check", text, sizeof(text));
	assert_string_equal("ok", text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_crash),
	};

	return cmocka_run_group_tests_name("store_sqlite_crash", tests, NULL, NULL);
}
