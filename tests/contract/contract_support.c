/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <pthread.h>

#include "core/secret.h"

struct contract contract;

static uint32_t
next_number(void)
{
	static uint32_t last;

	return __atomic_add_fetch(&last, 1, __ATOMIC_SEQ_CST);
}

struct store_call
contract_call(void)
{
	return (struct store_call){.deadline_ms = clock_monotonic_ms() + 10000};
}

void
contract_name(char out[USER_NAME_SIZE])
{
	snprintf(out, USER_NAME_SIZE, "c%04u_%08x", next_number(), secret_random_below(UINT32_MAX));
}

void
contract_email(char out[64])
{
	snprintf(out, 64, "c%u.%08x@example.org", next_number(), secret_random_below(UINT32_MAX));
}

void
contract_id(char out[64], const char *prefix)
{
	snprintf(out, 64, "%s%u.%08x", prefix, next_number(), secret_random_below(UINT32_MAX));
}

int64_t
contract_uid(void)
{
	return 100000 + secret_random_below(1000000000);
}

void
contract_set(char **text, const char *value)
{
	free(*text);
	*text = value == NULL ? NULL : strdup(value);
}

void
contract_small_user(struct user *out, const char *name)
{
	memset(out, 0, sizeof(*out));
	contract_set(&out->username, name);
	contract_set(&out->status, "active");
	out->schema = USER_SCHEMA;
}

static void
add_long_keys(struct strlist *keys)
{
	static const char begin[] = "ssh-rsa ";
	char *key = malloc(USER_KEY_MAX + 1);

	memset(key, 'A', USER_KEY_MAX);
	key[USER_KEY_MAX] = '\0';
	memcpy(key, begin, sizeof(begin) - 1);
	strlist_add(keys, key);
	key[USER_KEY_MAX - 1] = 'B';
	strlist_add(keys, key);
	strlist_add(keys, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@example \"quoted\" \\ 50%");
	free(key);
}

void
contract_full_user(struct user *out, const char *name)
{
	contract_small_user(out, name);
	contract_set(&out->password, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g");
	contract_set(&out->full_name, "Zoë Ångström 山田太郎 \U0001F600 'x' \"y\" \\ %s");
	contract_set(&out->home, "/home/zoë");
	contract_set(&out->shell, "/bin/bash");
	out->epoch = 7;
	out->password_changed_at = 1700000000;
	out->password_must_change = true;
	out->account_expires_at = 253402300799;
	out->gid = 5000;
	out->created_at = 1700000001;
	out->updated_at = 1700000002;
	strlist_add(&out->groups, "wheel");
	strlist_add(&out->groups, "größe");
	strlist_add(&out->services, "sshd");
	strlist_add(&out->hosts, "*.example.org");
	strlist_add(&out->hosts, "@web");
	strlist_add(&out->hosts, "db1");
	add_long_keys(&out->ssh_keys);
	pairs_set(&out->profile, "department", "Forschung & Lehre");
	pairs_set(&out->profile, "ключ", "значение");
	pairs_set(&out->profile, "comma", "a,b=c");
}

void
contract_create(struct user *out, const char *name)
{
	struct store_call call = contract_call();

	contract_small_user(out, name);
	assert_error(PD_OK, store_create_user(contract.store, &call, out, false, NULL));
}

void
contract_get(struct user *out, const char *name)
{
	struct store_call call = contract_call();

	assert_error(PD_OK, store_get_user(contract.store, &call, name, out));
}

struct thread {
	pthread_t thread;
	size_t number;
	void (*fn)(size_t thread, void *ctx);
	void *ctx;
	pthread_barrier_t *start;
};

static void *
run_thread(void *ctx)
{
	struct thread *thread = ctx;

	pthread_barrier_wait(thread->start);
	thread->fn(thread->number, thread->ctx);
	return NULL;
}

void
contract_threads(size_t count, void (*fn)(size_t thread, void *ctx), void *ctx)
{
	struct thread threads[CONTRACT_THREADS_MAX];
	pthread_barrier_t start;

	assert_true(count <= CONTRACT_THREADS_MAX);
	pthread_barrier_init(&start, NULL, (unsigned)count);
	for (size_t i = 0; i < count; i++) {
		threads[i] = (struct thread){.number = i, .fn = fn, .ctx = ctx, .start = &start};
		assert_int_equal(
		    0, pthread_create(&threads[i].thread, NULL, run_thread, &threads[i]));
	}
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i].thread, NULL);
	pthread_barrier_destroy(&start);
}

void
contract_email_owner(enum pd_error expected, const char *email, const char *name)
{
	struct store_call call = contract_call();
	char owner[USER_NAME_SIZE];

	assert_error(expected, store_email_owner(contract.store, &call, email, owner));
	assert_string_equal(name, owner);
}

void
contract_uid_owner(enum pd_error expected, int64_t uid, const char *name)
{
	struct store_call call = contract_call();
	char owner[USER_NAME_SIZE];

	assert_error(expected, store_uid_owner(contract.store, &call, uid, owner));
	assert_string_equal(name, owner);
}

void
contract_no_user(const char *name)
{
	struct store_call call = contract_call();
	struct user stored;

	assert_error(PD_NOT_FOUND, store_get_user(contract.store, &call, name, &stored));
}

enum pd_error
contract_create_with(struct user *out, const char *email, int64_t uid, enum store_taken *taken)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];

	contract_name(name);
	contract_small_user(out, name);
	contract_set(&out->email, email);
	out->uid = uid;
	return store_create_user(contract.store, &call, out, false, taken);
}

enum pd_error
contract_change(struct user *user, const char *email, int64_t uid, enum store_taken *taken)
{
	struct store_call call = contract_call();
	struct user after;
	enum pd_error error;

	assert_int_equal(PD_OK, user_copy(&after, user));
	contract_set(&after.email, email);
	after.uid = uid;
	error = store_update_user(contract.store, &call, user, &after, false, taken);
	if (error == PD_OK) {
		user_free(user);
		*user = after;
	} else {
		user_free(&after);
	}
	return error;
}
