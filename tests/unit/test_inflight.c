/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/inflight.h"

#define MAX 3
#define WINDOW_S 900

static struct inflight *table;
static const struct strlist unseen; /* a read that saw nobody fail */

static int
setup(void **state)
{
	(void)state;
	return inflight_open(&table) ? 0 : 1;
}

static int
teardown(void **state)
{
	(void)state;
	inflight_close(table);
	return 0;
}

static void
pause_ms(long ms)
{
	const struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&span, NULL);
}

/* Deadline 0: the answer of this moment. */
static enum inflight_answer
admit(struct inflight_guess *guess, int64_t count)
{
	return inflight_admit(table, guess, count, &unseen, MAX, 0);
}

/* The same, by a read that saw who failed. */
static enum inflight_answer
admit_seen(struct inflight_guess *guess, int64_t count, const struct strlist *attempts)
{
	return inflight_admit(table, guess, count, attempts, MAX, 0);
}

static void
test_admits_up_to_the_allowance(void **state)
{
	struct inflight_guess guesses[MAX + 1];

	(void)state;
	for (size_t i = 0; i <= MAX; i++)
		assert_true(inflight_enter(table, "alice", &guesses[i]));
	for (size_t i = 0; i < MAX; i++)
		assert_int_equal(admit(&guesses[i], 0), INFLIGHT_ADMITTED);
	assert_int_equal(admit(&guesses[MAX], 0), INFLIGHT_LATE);
	for (size_t i = 0; i <= MAX; i++)
		inflight_leave(table, &guesses[i], INFLIGHT_NO_FAILURE, WINDOW_S);
}

static void
test_counts_what_the_state_says(void **state)
{
	struct inflight_guess first;
	struct inflight_guess second;

	(void)state;
	assert_true(inflight_enter(table, "alice", &first));
	assert_true(inflight_enter(table, "alice", &second));
	assert_int_equal(admit(&first, MAX), INFLIGHT_FULL);
	assert_int_equal(admit(&first, MAX - 1), INFLIGHT_ADMITTED);
	assert_int_equal(admit(&second, MAX - 1), INFLIGHT_LATE);
	inflight_leave(table, &first, INFLIGHT_NO_FAILURE, WINDOW_S);
	assert_int_equal(admit(&second, MAX - 1), INFLIGHT_ADMITTED);
	inflight_leave(table, &second, INFLIGHT_NO_FAILURE, WINDOW_S);
}

/* The state was read before the others' failures were written. */
static void
test_failures_since_enter_count(void **state)
{
	struct inflight_guess slow;
	struct inflight_guess other;

	(void)state;
	assert_true(inflight_enter(table, "alice", &slow));
	for (int i = 0; i < MAX; i++) {
		assert_true(inflight_enter(table, "alice", &other));
		assert_int_equal(admit(&other, i), INFLIGHT_ADMITTED);
		inflight_leave(table, &other, INFLIGHT_COUNTED, WINDOW_S);
	}
	assert_int_equal(admit(&slow, 0), INFLIGHT_FULL);
	inflight_leave(table, &slow, INFLIGHT_NO_FAILURE, WINDOW_S);
	/* nothing is left behind: the state says the rest */
	assert_true(inflight_enter(table, "alice", &other));
	assert_int_equal(admit(&other, 0), INFLIGHT_ADMITTED);
	inflight_leave(table, &other, INFLIGHT_NO_FAILURE, WINDOW_S);
}

/* One that was written after a guess entered and before it read is one failure, not two. */
static void
test_failures_that_the_read_saw_count_once(void **state)
{
	struct strlist attempts = {0};
	struct inflight_guess slow;
	struct inflight_guess other;

	(void)state;
	assert_true(inflight_enter(table, "alice", &slow));
	for (int i = 0; i < MAX - 1; i++) {
		assert_true(inflight_enter(table, "alice", &other));
		assert_int_equal(admit(&other, i), INFLIGHT_ADMITTED);
		assert_true(strlist_add(&attempts, other.attempt));
		inflight_leave(table, &other, INFLIGHT_COUNTED, WINDOW_S);
	}
	assert_int_equal(admit(&slow, MAX - 1), INFLIGHT_FULL);
	assert_int_equal(admit_seen(&slow, MAX - 1, &attempts), INFLIGHT_ADMITTED);
	inflight_leave(table, &slow, INFLIGHT_NO_FAILURE, WINDOW_S);
	strlist_free(&attempts);
}

/* Above the number of ids that are kept, a failure counts rather twice than never. */
static void
test_more_failures_than_ids(void **state)
{
	struct strlist attempts = {0};
	struct inflight_guess slow;
	struct inflight_guess other;
	int64_t max = INFLIGHT_RECENT + 10;

	(void)state;
	assert_true(inflight_enter(table, "alice", &slow));
	for (int i = 0; i < INFLIGHT_RECENT + 4; i++) {
		assert_true(inflight_enter(table, "alice", &other));
		assert_int_equal(
		    inflight_admit(table, &other, i, &unseen, max, 0), INFLIGHT_ADMITTED);
		assert_true(strlist_add(&attempts, other.attempt));
		inflight_leave(table, &other, INFLIGHT_COUNTED, WINDOW_S);
	}
	assert_int_equal(inflight_admit(table, &slow, (int64_t)attempts.len, &attempts,
			     (int64_t)attempts.len + 4, 0),
	    INFLIGHT_FULL);
	assert_int_equal(inflight_admit(table, &slow, (int64_t)attempts.len, &attempts,
			     (int64_t)attempts.len + 5, 0),
	    INFLIGHT_ADMITTED);
	inflight_leave(table, &slow, INFLIGHT_NO_FAILURE, WINDOW_S);
	strlist_free(&attempts);
}

static void
test_uncounted_failures_are_remembered(void **state)
{
	struct inflight_guess guess;

	(void)state;
	for (int i = 0; i < MAX; i++) {
		assert_true(inflight_enter(table, "alice", &guess));
		assert_int_equal(admit(&guess, 0), INFLIGHT_ADMITTED);
		inflight_leave(table, &guess, INFLIGHT_UNCOUNTED, WINDOW_S);
	}
	assert_true(inflight_enter(table, "alice", &guess));
	assert_int_equal(admit(&guess, 0), INFLIGHT_FULL);
	inflight_leave(table, &guess, INFLIGHT_NO_FAILURE, WINDOW_S);
	inflight_forget(table, "alice");
	assert_true(inflight_enter(table, "alice", &guess));
	assert_int_equal(admit(&guess, 0), INFLIGHT_ADMITTED);
	inflight_leave(table, &guess, INFLIGHT_NO_FAILURE, WINDOW_S);
}

static void
test_uncounted_failures_end_with_the_window(void **state)
{
	struct inflight_guess guess;
	struct inflight *brief;

	(void)state;
	assert_true(inflight_open(&brief));
	assert_true(inflight_enter(brief, "alice", &guess));
	assert_int_equal(inflight_admit(brief, &guess, 0, &unseen, 1, 0), INFLIGHT_ADMITTED);
	inflight_leave(brief, &guess, INFLIGHT_UNCOUNTED, 1);
	assert_true(inflight_enter(brief, "alice", &guess));
	assert_int_equal(inflight_admit(brief, &guess, 0, &unseen, 1, 0), INFLIGHT_FULL);
	inflight_leave(brief, &guess, INFLIGHT_NO_FAILURE, 1);
	pause_ms(1050);
	assert_true(inflight_enter(brief, "alice", &guess));
	assert_int_equal(inflight_admit(brief, &guess, 0, &unseen, 1, 0), INFLIGHT_ADMITTED);
	inflight_leave(brief, &guess, INFLIGHT_NO_FAILURE, 1);
	inflight_close(brief);
}

static void
test_names_are_apart(void **state)
{
	struct inflight_guess guess;
	char name[16];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		assert_true(inflight_enter(table, name, &guess));
		assert_int_equal(admit(&guess, MAX - 1), INFLIGHT_ADMITTED);
		inflight_leave(table, &guess, INFLIGHT_UNCOUNTED, WINDOW_S);
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		assert_true(inflight_enter(table, name, &guess));
		assert_int_equal(admit(&guess, MAX - 1), INFLIGHT_FULL);
		assert_int_equal(admit(&guess, MAX - 2), INFLIGHT_ADMITTED);
		inflight_leave(table, &guess, INFLIGHT_NO_FAILURE, WINDOW_S);
	}
}

static void
test_never_entered(void **state)
{
	struct inflight_guess guess = {0};

	(void)state;
	assert_int_equal(admit(&guess, 0), INFLIGHT_FULL);
	inflight_leave(table, &guess, INFLIGHT_COUNTED, WINDOW_S);
	inflight_forget(table, "nobody");
}

static void
test_wait_ends_at_the_deadline(void **state)
{
	struct inflight_guess first;
	struct inflight_guess second;
	int64_t start = clock_monotonic_ms();
	int64_t took;

	(void)state;
	assert_true(inflight_enter(table, "alice", &first));
	assert_true(inflight_enter(table, "alice", &second));
	assert_int_equal(admit(&first, MAX - 1), INFLIGHT_ADMITTED);
	assert_int_equal(
	    inflight_admit(table, &second, MAX - 1, &unseen, MAX, start + 60), INFLIGHT_LATE);
	took = clock_monotonic_ms() - start;
	assert_in_range(took, 60, 10000);
	inflight_leave(table, &first, INFLIGHT_NO_FAILURE, WINDOW_S);
	inflight_leave(table, &second, INFLIGHT_NO_FAILURE, WINDOW_S);
}

/* A store of one counter; every guess is wrong, and reading, verifying and writing take time. */
struct siege {
	pthread_mutex_t mutex;
	struct strlist stored; /* ids of attempts */
	atomic_int verified;
	atomic_int late;
};

static void
read_stored(struct siege *siege, struct strlist *out)
{
	pthread_mutex_lock(&siege->mutex);
	assert_true(strlist_copy(out, &siege->stored));
	pthread_mutex_unlock(&siege->mutex);
}

static void
write_stored(struct siege *siege, const char *attempt)
{
	pthread_mutex_lock(&siege->mutex);
	assert_true(strlist_add(&siege->stored, attempt));
	pthread_mutex_unlock(&siege->mutex);
}

static void
guess_once(struct siege *siege)
{
	enum inflight_end end = INFLIGHT_NO_FAILURE;
	struct strlist seen = {0};
	struct inflight_guess guess;
	enum inflight_answer answer;

	assert_true(inflight_enter(table, "alice", &guess));
	pause_ms(1);
	read_stored(siege, &seen);
	pause_ms(1);
	answer = inflight_admit(
	    table, &guess, (int64_t)seen.len, &seen, MAX, clock_monotonic_ms() + 60000);
	if (answer == INFLIGHT_ADMITTED) {
		atomic_fetch_add(&siege->verified, 1);
		pause_ms(1);
		write_stored(siege, guess.attempt);
		pause_ms(1);
		end = INFLIGHT_COUNTED;
	} else if (answer == INFLIGHT_LATE) {
		atomic_fetch_add(&siege->late, 1);
	}
	inflight_leave(table, &guess, end, WINDOW_S);
	strlist_free(&seen);
}

static void *
guess_wrong(void *arg)
{
	for (int i = 0; i < 10; i++)
		guess_once(arg);
	return NULL;
}

static void
test_parallel_guesses_gain_nothing(void **state)
{
	struct siege siege = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[32];

	(void)state;
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, guess_wrong, &siege), 0);
	for (size_t i = 0; i < 32; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(siege.verified, MAX);
	assert_int_equal(siege.late, 0);
	strlist_free(&siege.stored);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_admits_up_to_the_allowance),
	    CASE(test_counts_what_the_state_says),
	    CASE(test_failures_since_enter_count),
	    CASE(test_failures_that_the_read_saw_count_once),
	    CASE(test_more_failures_than_ids),
	    CASE(test_uncounted_failures_are_remembered),
	    CASE(test_uncounted_failures_end_with_the_window),
	    CASE(test_names_are_apart),
	    CASE(test_never_entered),
	    CASE(test_wait_ends_at_the_deadline),
	    CASE(test_parallel_guesses_gain_nothing),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
