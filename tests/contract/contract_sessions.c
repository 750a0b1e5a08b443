/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions of the self-service page. */
#include "contract.h"

#include "core/web_session.h"

#define NOW 1700000000

static const struct web_session_from from = {.network = "192.0.2.7", .agent = "firefox"};

static void
create(const struct user *user, int64_t now, unsigned char secret[WEB_SESSION_SECRET_LEN])
{
	struct store_call call = contract_call();

	assert_error(PD_OK, web_session_create(contract.store, &call, user, &from, now, secret));
}

static enum pd_error
check(const unsigned char secret[WEB_SESSION_SECRET_LEN], int64_t now)
{
	struct store_call call = contract_call();
	struct web_session session;
	enum pd_error error = web_session_check(contract.store, &call, secret, now, &session);

	web_session_free(&session);
	return error;
}

static void
make_user(struct user *out)
{
	char name[USER_NAME_SIZE];

	contract_name(name);
	contract_create(out, name);
}

static void
test_begins_and_ends(void **ctx)
{
	struct store_call call = contract_call();
	unsigned char secret[WEB_SESSION_SECRET_LEN], other[WEB_SESSION_SECRET_LEN];
	struct web_session session;
	struct user user;

	(void)ctx;
	make_user(&user);
	create(&user, NOW, secret);
	create(&user, NOW, other);
	assert_memory_not_equal(secret, other, sizeof(secret));
	assert_error(PD_OK, web_session_check(contract.store, &call, secret, NOW, &session));
	assert_string_equal(user.username, session.user.username);
	assert_string_equal(user.username, session.state.owner);
	assert_string_equal("192.0.2.7", session.state.source);
	assert_string_equal("firefox", session.state.agent);
	assert_int_equal(NOW, session.state.at);
	web_session_free(&session);
	assert_error(PD_OK, web_session_end(contract.store, &call, secret, NOW));
	assert_error(PD_NOT_FOUND, check(secret, NOW));
	assert_error(PD_OK, check(other, NOW));
	assert_error(PD_OK, web_session_end(contract.store, &call, secret, NOW));
	secret[0] ^= 1;
	assert_error(PD_NOT_FOUND, check(secret, NOW));
	user_free(&user);
}

/* 15 minutes without use, 8 hours in all; the use is noted once a minute. */
static void
test_grows_old(void **ctx)
{
	unsigned char secret[WEB_SESSION_SECRET_LEN];
	struct user user;
	int64_t now = NOW;

	(void)ctx;
	make_user(&user);
	create(&user, NOW, secret);
	assert_error(PD_OK, check(secret, NOW + 59)); /* not noted */
	assert_error(PD_NOT_FOUND, check(secret, NOW + WEB_SESSION_IDLE_S));
	create(&user, NOW, secret);
	assert_error(PD_OK, check(secret, NOW + 60)); /* noted */
	assert_error(PD_OK, check(secret, NOW + 60 + WEB_SESSION_IDLE_S - 1));
	assert_error(PD_NOT_FOUND, check(secret, NOW + 60 + 2 * WEB_SESSION_IDLE_S));
	create(&user, NOW, secret);
	for (; now < NOW + WEB_SESSION_LIFE_S; now += 840)
		assert_error(PD_OK, check(secret, now));
	assert_error(PD_OK, check(secret, NOW + WEB_SESSION_LIFE_S - 1));
	assert_error(PD_NOT_FOUND, check(secret, NOW + WEB_SESSION_LIFE_S));
	user_free(&user);
}

typedef void edit_fn(struct user *user);

static void
raise_epoch(struct user *user)
{
	user->epoch++;
}

static void
disable(struct user *user)
{
	contract_set(&user->status, "disabled");
}

static void
close_account(struct user *user)
{
	contract_set(&user->status, "closed");
}

static void
expire(struct user *user)
{
	user->account_expires_at = NOW;
}

/* All of a user's sessions, when her record says that they are over. */
static void
test_follows_the_record(void **ctx)
{
	static edit_fn *const edits[] = {raise_epoch, disable, close_account, expire};

	(void)ctx;
	for (size_t i = 0; i < COUNT_OF(edits); i++) {
		struct store_call call = contract_call();
		unsigned char one[WEB_SESSION_SECRET_LEN], two[WEB_SESSION_SECRET_LEN];
		struct user user, after;

		make_user(&user);
		create(&user, NOW, one);
		create(&user, NOW, two);
		assert_error(PD_OK, user_copy(&after, &user));
		edits[i](&after);
		assert_error(
		    PD_OK, store_update_user(contract.store, &call, &user, &after, false, NULL));
		assert_error(PD_NOT_FOUND, check(one, NOW));
		assert_error(PD_NOT_FOUND, check(two, NOW));
		user_free(&user);
		user_free(&after);
	}
}

static void
test_the_oldest_makes_room(void **ctx)
{
	unsigned char secrets[WEB_SESSION_MAX + 2][WEB_SESSION_SECRET_LEN];
	struct store_call call = contract_call();
	struct web_session session;
	struct user user;
	size_t others;

	(void)ctx;
	make_user(&user);
	for (size_t i = 0; i < COUNT_OF(secrets); i++)
		create(&user, NOW + (int64_t)i, secrets[i]);
	for (size_t i = 0; i < COUNT_OF(secrets); i++)
		assert_error(i < 2 ? PD_NOT_FOUND : PD_OK, check(secrets[i], NOW + 20));
	assert_error(
	    PD_OK, web_session_check(contract.store, &call, secrets[5], NOW + 20, &session));
	assert_error(PD_OK, web_session_others(contract.store, &call, &session, NOW + 20, &others));
	assert_int_equal(WEB_SESSION_MAX - 1, others);
	assert_error(PD_OK,
	    web_session_end_all(contract.store, &call, user.username, session.state.id, NOW + 20));
	for (size_t i = 0; i < COUNT_OF(secrets); i++)
		assert_error(i == 5 ? PD_OK : PD_NOT_FOUND, check(secrets[i], NOW + 20));
	assert_error(PD_OK, web_session_others(contract.store, &call, &session, NOW + 20, &others));
	assert_int_equal(0, others);
	assert_error(
	    PD_OK, web_session_end_all(contract.store, &call, user.username, NULL, NOW + 20));
	assert_error(PD_NOT_FOUND, check(secrets[5], NOW + 20));
	web_session_free(&session);
	user_free(&user);
}

static void
test_five_wrong_passwords_end_it(void **ctx)
{
	unsigned char secret[WEB_SESSION_SECRET_LEN];
	struct store_call call = contract_call();
	struct web_session session;
	struct user user;

	(void)ctx;
	make_user(&user);
	create(&user, NOW, secret);
	assert_error(PD_OK, web_session_check(contract.store, &call, secret, NOW, &session));
	for (int i = 0; i < 4; i++) {
		assert_error(PD_OK, web_session_try(contract.store, &call, &session, NOW));
		assert_error(PD_OK, web_session_wrong(contract.store, &call, &session, NOW));
	}
	assert_error(PD_OK, web_session_forget_tries(contract.store, &call, &session, NOW));
	for (int i = 0; i < 4; i++) {
		assert_error(PD_OK, web_session_try(contract.store, &call, &session, NOW));
		assert_error(PD_OK, web_session_wrong(contract.store, &call, &session, NOW));
	}
	assert_error(PD_OK, web_session_try(contract.store, &call, &session, NOW));
	assert_error(PD_NOT_FOUND, web_session_wrong(contract.store, &call, &session, NOW));
	web_session_free(&session);
	assert_error(PD_NOT_FOUND, check(secret, NOW));
	user_free(&user);
}

struct tries {
	unsigned char secret[WEB_SESSION_SECRET_LEN];
	enum pd_error errors[CONTRACT_THREADS_MAX];
};

static void
try_once(size_t thread, void *ctx)
{
	struct tries *tries = ctx;
	struct store_call call = contract_call();
	struct web_session session;

	tries->errors[thread] = web_session_check(
	    contract.store, &call, tries->secret, NOW, &session);
	if (tries->errors[thread] == PD_OK)
		tries->errors[thread] = web_session_try(contract.store, &call, &session, NOW);
	web_session_free(&session);
}

/* Side by side no more passwords are verified than one after the other. */
static void
test_tries_side_by_side(void **ctx)
{
	struct tries tries;
	struct user user;
	size_t good = 0;

	(void)ctx;
	make_user(&user);
	create(&user, NOW, tries.secret);
	contract_threads(8, try_once, &tries);
	for (size_t i = 0; i < 8; i++)
		good += tries.errors[i] == PD_OK;
	assert_in_range(good, 1, WEB_SESSION_WRONG_MAX);
	assert_error(PD_NOT_FOUND, check(tries.secret, NOW));
	user_free(&user);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_begins_and_ends),
    cmocka_unit_test(test_grows_old),
    cmocka_unit_test(test_follows_the_record),
    cmocka_unit_test(test_the_oldest_makes_room),
    cmocka_unit_test(test_five_wrong_passwords_end_it),
    cmocka_unit_test(test_tries_side_by_side),
};

const struct contract_group contract_sessions = {
    .name = "sessions", .tests = tests, .count = COUNT_OF(tests)};
