/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/inflight.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/monotonic_cond.h"

#define BUCKETS 256
#define SWEEP_MIN 1024 /* entries; remembered failures are looked through from here on */

struct inflight_entry {
	struct inflight_entry *next;
	unsigned guesses; /* entered and not left */
	int64_t admitted; /* of these, those that may verify */
	uint64_t failed;  /* counted failures since the entry exists */
	int64_t uncounted;
	int64_t uncounted_until_ms;
	char recent[INFLIGHT_RECENT]
		   [SECRET_ID_SIZE]; /* the n-th failure's id at n % INFLIGHT_RECENT */
	char name[];
};

struct inflight {
	pthread_mutex_t mutex;
	pthread_cond_t left;
	size_t entries;
	size_t sweep_at;
	struct inflight_entry *buckets[BUCKETS];
};

bool
inflight_open(struct inflight **out)
{
	struct inflight *inflight = calloc(1, sizeof(*inflight));

	*out = NULL;
	if (inflight == NULL)
		return false;
	if (!monotonic_cond_init(&inflight->mutex, &inflight->left)) {
		free(inflight);
		return false;
	}
	inflight->sweep_at = SWEEP_MIN;
	*out = inflight;
	return true;
}

void
inflight_close(struct inflight *inflight)
{
	if (inflight == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct inflight_entry *entry = inflight->buckets[i], *next; entry != NULL;
		     entry = next) {
			next = entry->next;
			free(entry);
		}
	pthread_cond_destroy(&inflight->left);
	pthread_mutex_destroy(&inflight->mutex);
	free(inflight);
}

/* FNV-1a; names are short and few are under way. */
static struct inflight_entry **
find_bucket(struct inflight *inflight, const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return &inflight->buckets[hash % BUCKETS];
}

static struct inflight_entry *
find_entry(struct inflight *inflight, const char *name)
{
	struct inflight_entry *entry = *find_bucket(inflight, name);

	while (entry != NULL && strcmp(entry->name, name) != 0)
		entry = entry->next;
	return entry;
}

static struct inflight_entry *
add_entry(struct inflight *inflight, const char *name)
{
	struct inflight_entry **bucket = find_bucket(inflight, name);
	size_t size = strlen(name) + 1;
	struct inflight_entry *entry = calloc(1, sizeof(*entry) + size);

	if (entry == NULL)
		return NULL;
	memcpy(entry->name, name, size);
	entry->next = *bucket;
	*bucket = entry;
	inflight->entries++;
	return entry;
}

static void
forget_old(struct inflight_entry *entry, int64_t now_ms)
{
	if (entry->uncounted > 0 && now_ms >= entry->uncounted_until_ms)
		entry->uncounted = 0;
}

/* Frees the bucket's entries that nobody is in and that remember nothing. */
static void
clean_bucket(struct inflight *inflight, struct inflight_entry **link)
{
	while (*link != NULL) {
		struct inflight_entry *entry = *link;

		forget_old(entry, clock_monotonic_ms());
		if (entry->guesses > 0 || entry->uncounted > 0) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		inflight->entries--;
		free(entry);
	}
}

/* Keeps the table in proportion to what is remembered, at a cost that spreads over the entries. */
static void
sweep(struct inflight *inflight)
{
	if (inflight->entries < inflight->sweep_at)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		clean_bucket(inflight, &inflight->buckets[i]);
	inflight->sweep_at = inflight->entries > SWEEP_MIN / 2 ? 2 * inflight->entries : SWEEP_MIN;
}

bool
inflight_enter(struct inflight *inflight, const char *name, struct inflight_guess *out)
{
	struct inflight_entry *entry;

	*out = (struct inflight_guess){0};
	secret_random_id(out->attempt);
	pthread_mutex_lock(&inflight->mutex);
	sweep(inflight);
	entry = find_entry(inflight, name);
	if (entry == NULL)
		entry = add_entry(inflight, name);
	if (entry != NULL) {
		entry->guesses++;
		out->entry = entry;
		out->failed_before = entry->failed;
	}
	pthread_mutex_unlock(&inflight->mutex);
	return entry != NULL;
}

/* Failures since the guess entered that its read did not see. */
static int64_t
count_unseen(const struct inflight_guess *guess, const struct strlist *attempts)
{
	const struct inflight_entry *entry = guess->entry;
	uint64_t known = entry->failed > INFLIGHT_RECENT ? entry->failed - INFLIGHT_RECENT : 0;
	uint64_t first = guess->failed_before > known ? guess->failed_before : known;
	int64_t unseen = (int64_t)(first - guess->failed_before);

	for (uint64_t i = first; i < entry->failed; i++)
		if (!strlist_has(attempts, entry->recent[i % INFLIGHT_RECENT]))
			unseen++;
	return unseen;
}

/* LATE stands for "not yet" here. */
static enum inflight_answer
judge(
    const struct inflight_guess *guess, int64_t count, const struct strlist *attempts, int64_t max)
{
	struct inflight_entry *entry = guess->entry;
	int64_t used;

	forget_old(entry, clock_monotonic_ms());
	used = count + count_unseen(guess, attempts) + entry->uncounted;
	if (used >= max)
		return INFLIGHT_FULL;
	return used + entry->admitted < max ? INFLIGHT_ADMITTED : INFLIGHT_LATE;
}

enum inflight_answer
inflight_admit(struct inflight *inflight, struct inflight_guess *guess, int64_t count,
    const struct strlist *attempts, int64_t max, int64_t deadline_ms)
{
	enum inflight_answer answer;

	if (guess->entry == NULL)
		return INFLIGHT_FULL;
	pthread_mutex_lock(&inflight->mutex);
	do
		answer = judge(guess, count, attempts, max);
	while (answer == INFLIGHT_LATE &&
	    monotonic_cond_wait(&inflight->left, &inflight->mutex, deadline_ms));
	if (answer == INFLIGHT_ADMITTED) {
		guess->admitted = true;
		guess->entry->admitted++;
	}
	pthread_mutex_unlock(&inflight->mutex);
	return answer;
}

static void
note_end(const struct inflight_guess *guess, enum inflight_end end, int64_t window_s)
{
	struct inflight_entry *entry = guess->entry;

	switch (end) {
	case INFLIGHT_NO_FAILURE:
		break;
	case INFLIGHT_COUNTED:
		memcpy(entry->recent[entry->failed % INFLIGHT_RECENT], guess->attempt,
		    sizeof(guess->attempt));
		entry->failed++;
		break;
	case INFLIGHT_UNCOUNTED:
		entry->uncounted++;
		entry->uncounted_until_ms = clock_monotonic_ms() + window_s * 1000;
		break;
	}
}

void
inflight_leave(struct inflight *inflight, struct inflight_guess *guess, enum inflight_end end,
    int64_t window_s)
{
	struct inflight_entry *entry = guess->entry;

	if (entry == NULL)
		return;
	pthread_mutex_lock(&inflight->mutex);
	note_end(guess, end, window_s);
	if (guess->admitted)
		entry->admitted--;
	entry->guesses--;
	if (entry->guesses == 0 && entry->uncounted == 0)
		clean_bucket(inflight, find_bucket(inflight, entry->name));
	pthread_cond_broadcast(&inflight->left);
	pthread_mutex_unlock(&inflight->mutex);
	*guess = (struct inflight_guess){0};
}

void
inflight_forget(struct inflight *inflight, const char *name)
{
	struct inflight_entry *entry;

	pthread_mutex_lock(&inflight->mutex);
	entry = find_entry(inflight, name);
	if (entry != NULL) {
		entry->uncounted = 0;
		clean_bucket(inflight, find_bucket(inflight, name));
		pthread_cond_broadcast(&inflight->left);
	}
	pthread_mutex_unlock(&inflight->mutex);
}
