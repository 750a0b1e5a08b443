/* SPDX-License-Identifier: BSD-2-Clause */
#include "registration_fixture.h"

#include <pthread.h>

static void
test_off(void **state)
{
	struct desk *desk = *state;

	desk->conf.registration = CONF_REGISTRATION_OFF;
	assert_int_equal(desk_submit(desk, "alice", NULL, NULL)->outcome, REGISTRATION_SHUT);
	assert_false(desk_has(desk, "alice"));
}

static void
test_w51_open_gives_a_web_account(void **state)
{
	struct desk *desk = *state;
	struct user user;

	assert_true(pairs_set(&desk->fields, "family_name", "Fox"));
	assert_int_equal(
	    desk_submit(desk, "alice", "Alice@example.org", NULL)->outcome, REGISTRATION_DONE);
	desk_assert_status(desk, "alice", "active");
	user = desk_get(desk, "alice");
	assert_string_equal(user.full_name, "Zo\xc3\xab Fox");
	assert_string_equal(user.email, "Alice@example.org");
	assert_false(user.email_verified);
	assert_int_equal(user.epoch, 1);
	assert_int_equal(user.groups.len, 0);
	assert_string_equal(pairs_get(&user.profile, "family_name"), "Fox");
	assert_true(user.password != NULL && strncmp(user.password, "$argon2id$", 10) == 0);
	user_free(&user);
	assert_int_equal(desk_waiting(desk), 0);
}

/* The answers, and whether a hash was made, tell nothing apart. */
static void
test_w54_one_answer(void **state)
{
	static const char *const names[] = {"alice", "reserved", "localname", "root"};
	struct desk *desk = *state;

	assert_int_equal(desk_submit(desk, "alice", NULL, NULL)->outcome, REGISTRATION_DONE);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct registration_result *result = desk_submit(desk, names[i], NULL, NULL);

		assert_int_equal(result->outcome, REGISTRATION_TAKEN);
		assert_null(result->field);
		assert_null(result->text);
		assert_int_equal(result->retry_s, 0);
	}
	assert_false(desk_has(desk, "reserved"));
	assert_false(desk_has(desk, "localname"));
}

static void
test_bad_forms(void **state)
{
	static const char *const names[] = {"", "ab", "Alice", "root.x", "abc-", "a b", "1abc"};
	static const char *const emails[] = {"a", "-oQx@example.org", "a,b@example.org", "a@b,c@d",
	    "a@example.org\r\nBcc: x@example.org", "a@localhost"};
	struct desk *desk = *state;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_int_equal(
		    desk_submit(desk, names[i], NULL, NULL)->outcome, REGISTRATION_INVALID);
		assert_string_equal(desk->result.field, "username");
		assert_string_equal(desk->result.text, "name");
	}
	for (size_t i = 0; i < COUNT_OF(emails); i++) {
		assert_int_equal(
		    desk_submit(desk, "alice", emails[i], NULL)->outcome, REGISTRATION_INVALID);
		assert_string_equal(desk->result.field, "email");
		assert_string_equal(desk->result.text, "address");
	}
	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	assert_int_equal(desk_submit(desk, "alice", "", NULL)->outcome, REGISTRATION_INVALID);
	assert_string_equal(desk->result.text, "missing");
	desk->conf.registration = CONF_REGISTRATION_INVITE;
	assert_int_equal(desk_submit(desk, "alice", NULL, "")->outcome, REGISTRATION_INVALID);
	assert_string_equal(desk->result.field, "invite");
	assert_int_equal(engine_failing_calls(ENGINE_WRITE_USER), 0);
}

static void
test_bad_passwords(void **state)
{
	static const struct {
		const char *password;
		const char *text;
	} rows[] = {{"short", "too-short"}, {"aaaaaaaaaaaaaaaaaaaa", "too-easy"},
	    {"alicealicealicealice", "own-word"}};
	struct desk *desk = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct registration_form form = {.name = "alice",
		    .password = rows[i].password,
		    .password_len = strlen(rows[i].password),
		    .fields = &desk->fields,
		    .network = "192.0.2.1",
		    .deadline_ms = clock_monotonic_ms() + 10000};

		registration_submit(&desk->registration, &form, &desk->result);
		assert_int_equal(desk->result.outcome, REGISTRATION_INVALID);
		assert_string_equal(desk->result.field, "password");
		assert_string_equal(desk->result.text, rows[i].text);
	}
	assert_false(desk_has(desk, "alice"));
}

static void
test_limits(void **state)
{
	struct desk *desk = *state;
	char name[32];

	for (int i = 0; i < REGISTRATION_NETWORK_MAX; i++) {
		(void)snprintf(name, sizeof(name), "name%d", i);
		assert_int_equal(
		    desk_submit_from(
			desk, i % 2 == 0 ? "192.0.2.7" : "::ffff:192.0.2.7", name, NULL, NULL)
			->outcome,
		    REGISTRATION_DONE);
	}
	assert_int_equal(desk_submit_from(desk, "192.0.2.7", "another", NULL, NULL)->outcome,
	    REGISTRATION_LATER);
	assert_in_range((unsigned long)desk->result.retry_s, 3000, 3600);
	assert_false(desk_has(desk, "another"));
	for (int i = REGISTRATION_NETWORK_MAX; i < REGISTRATION_SITE_MAX; i++)
		assert_int_equal(
		    desk_submit(desk, "name0", NULL, NULL)->outcome, REGISTRATION_TAKEN);
	assert_int_equal(desk_submit(desk, "another", NULL, NULL)->outcome, REGISTRATION_FULL);
	assert_false(desk_has(desk, "another"));
}

/* A store that cannot count lets nobody register. */
static void
test_w35_outage(void **state)
{
	static const enum engine_call calls[] = {
	    ENGINE_GET_STATE, ENGINE_SWAP_STATE, ENGINE_GET_USER, ENGINE_WRITE_USER};
	struct desk *desk = *state;

	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		engine_failing_set(calls[i], (struct engine_fault){.error = PD_UNAVAILABLE});
		assert_int_equal(
		    desk_submit(desk, "alice", NULL, NULL)->outcome, REGISTRATION_UNAVAILABLE);
		assert_true(desk->result.retry_s > 0);
		engine_failing_reset();
		assert_false(desk_has(desk, "alice"));
	}
}

static void
test_approval(void **state)
{
	struct desk *desk = *state;

	desk->conf.registration = CONF_REGISTRATION_APPROVAL;
	assert_int_equal(desk_submit(desk, "alice", NULL, NULL)->outcome, REGISTRATION_DONE);
	desk_assert_status(desk, "alice", "pending_approval");
	assert_int_equal(desk_waiting(desk), 1);
	assert_null(desk->result.event);
	/* Nobody learns what is there already; it stays as it is. */
	assert_int_equal(desk_submit(desk, "alice", NULL, NULL)->outcome, REGISTRATION_DONE);
	assert_string_equal(desk->result.event, "taken");
	assert_int_equal(desk_submit(desk, "reserved", NULL, NULL)->outcome, REGISTRATION_DONE);
	assert_int_equal(desk_submit(desk, "localname", NULL, NULL)->outcome, REGISTRATION_DONE);
	assert_int_equal(desk_waiting(desk), 1);
	assert_false(desk_has(desk, "reserved"));
}

static void
test_w61_waiting_is_bounded_and_ends(void **state)
{
	struct desk *desk = *state;

	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	desk->conf.pending_max = 2;
	assert_int_equal(
	    desk_submit(desk, "alice", "alice@example.org", NULL)->outcome, REGISTRATION_DONE);
	assert_int_equal(
	    desk_submit(desk, "bob2", "bob@example.org", NULL)->outcome, REGISTRATION_DONE);
	assert_int_equal(
	    desk_submit(desk, "carol", "carol@example.org", NULL)->outcome, REGISTRATION_FULL);
	assert_false(desk_has(desk, "carol"));
	/* A day later the name and the address are anybody's. */
	desk_age(desk, "alice", REGISTRATION_CONFIRM_S + 1);
	desk->conf.pending_max = 3;
	assert_int_equal(
	    desk_submit(desk, "alice", "other@example.org", NULL)->outcome, REGISTRATION_DONE);
	assert_null(desk->result.event);
	assert_int_equal(
	    desk_submit(desk, "dave", "alice@example.org", NULL)->outcome, REGISTRATION_DONE);
	assert_null(desk->result.event);
	assert_int_equal(desk_waiting(desk), 3);
}

/* An entry whose time has passed takes its record with it. */
static void
test_w61_swept(void **state)
{
	struct desk *desk = *state;
	struct store_call call = within(5000);
	struct waiting_change change = {
	    .add = "alice", .until = store_now(desk->store) - 1, .max = 9, .keep = true};
	const struct store_companion row = {WAITING_REGISTRATIONS, waiting_step, &change};

	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	(void)desk_submit(desk, "alice", "alice@example.org", NULL);
	(void)desk_submit(desk, "bob2", "bob@example.org", NULL);
	desk_age(desk, "alice", REGISTRATION_CONFIRM_S + 1);
	assert_error(PD_OK, store_step_state(desk->store, &call, &row, 1, NULL));
	assert_int_equal(
	    desk_submit(desk, "carol", "alice@example.org", NULL)->outcome, REGISTRATION_DONE);
	assert_null(desk->result.event);
	assert_false(desk_has(desk, "alice"));
	assert_true(desk_has(desk, "bob2"));
	assert_true(desk_has(desk, "carol"));
	assert_int_equal(desk_waiting(desk), 2);
}

static void
test_email(void **state)
{
	struct desk *desk = *state;
	char token[ONE_TIME_SIZE];
	const char *mail;

	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	assert_int_equal(
	    desk_submit(desk, "alice", "Alice@Example.org", NULL)->outcome, REGISTRATION_DONE);
	desk_assert_status(desk, "alice", "pending_email");
	mail = desk_one_mail(desk, "Alice@example.org", token);
	assert_int_equal(strlen(token), ONE_TIME_SIZE - 1);
	/* W-60: nothing that was typed into the form */
	assert_null(strstr(mail, "alice\n"));
	assert_null(strstr(mail, "Zo"));

	assert_int_equal(desk_check(desk, token, "confirm"), REGISTRATION_DONE);
	assert_string_equal(desk->result.user.username, "alice");
	desk_assert_status(desk, "alice", "pending_email");
	assert_int_equal(desk_check(desk, token, "reset"), REGISTRATION_GONE);
	assert_int_equal(desk_check(desk, token, "invite"), REGISTRATION_GONE);
	/* W-58: the click alone is not enough. */
	assert_int_equal(desk_verify(desk, token, "not her password, no"), REGISTRATION_REFUSED);
	desk_assert_status(desk, "alice", "pending_email");
	assert_int_equal(desk_verify(desk, token, PASSWORD), REGISTRATION_DONE);
	assert_string_equal(desk->result.user.username, "alice");
	assert_true(desk->result.user.email_verified);
	desk_assert_status(desk, "alice", "active");
	assert_int_equal(desk_waiting(desk), 0);
	assert_int_equal(desk_verify(desk, token, PASSWORD), REGISTRATION_GONE);
	assert_int_equal(desk_check(desk, token, "confirm"), REGISTRATION_GONE);
}

static void
test_w58_five_wrong_passwords_kill_the_token(void **state)
{
	struct desk *desk = *state;
	char token[ONE_TIME_SIZE];

	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	(void)desk_submit(desk, "alice", "alice@example.org", NULL);
	(void)desk_one_mail(desk, "alice@example.org", token);
	for (int i = 0; i < ONE_TIME_TRIES; i++)
		assert_int_equal(
		    desk_verify(desk, token, "not her password, no"), REGISTRATION_REFUSED);
	assert_int_equal(desk_verify(desk, token, PASSWORD), REGISTRATION_GONE);
	desk_assert_status(desk, "alice", "pending_email");
}

static void
test_email_approval(void **state)
{
	struct desk *desk = *state;
	char token[ONE_TIME_SIZE];

	desk->conf.registration = CONF_REGISTRATION_EMAIL_APPROVAL;
	(void)desk_submit(desk, "alice", "alice@example.org", NULL);
	(void)desk_one_mail(desk, "alice@example.org", token);
	assert_int_equal(desk_verify(desk, token, PASSWORD), REGISTRATION_DONE);
	desk_assert_status(desk, "alice", "pending_approval");
	assert_int_equal(desk_waiting(desk), 1);
}

/* The mailbox's owner learns what the form does not say. */
static void
test_w56_mails_of_taken_ones(void **state)
{
	struct desk *desk = *state;
	char token[ONE_TIME_SIZE];

	(void)desk_submit(desk, "alice", "alice@example.org", NULL);
	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	assert_int_equal(
	    desk_submit(desk, "alice", "new@example.org", NULL)->outcome, REGISTRATION_DONE);
	assert_non_null(strstr(desk_one_mail(desk, "new@example.org", token), "/register"));
	assert_string_equal(token, "");
	assert_int_equal(
	    desk_submit(desk, "another", "ALICE@example.org", NULL)->outcome, REGISTRATION_DONE);
	assert_non_null(strstr(desk_one_mail(desk, "ALICE@example.org", token), "/signin"));
	assert_string_equal(token, "");
	assert_false(desk_has(desk, "another"));
	assert_int_equal(
	    desk_submit(desk, "reserved", "third@example.org", NULL)->outcome, REGISTRATION_DONE);
	(void)desk_one_mail(desk, "third@example.org", token);
	assert_string_equal(token, "");
	/* One message to an address in ten minutes; the next is a blank. */
	assert_int_equal(
	    desk_submit(desk, "reserved", "third@example.org", NULL)->outcome, REGISTRATION_DONE);
	desk_read_mails(desk);
	assert_int_equal(desk->mail_count, 1);
	assert_memory_equal(desk->mails[0], "To \n", 4);
}

/* Registering again is for who got no message; the older link is void. */
static void
test_w57_registered_again(void **state)
{
	struct desk *desk = *state;
	char first[ONE_TIME_SIZE];
	struct user user;

	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	(void)desk_submit(desk, "alice", "alice@example.org", NULL);
	(void)desk_one_mail(desk, "alice@example.org", first);
	assert_int_equal(
	    desk_submit(desk, "alice", "alice@example.org", NULL)->outcome, REGISTRATION_DONE);
	assert_null(desk->result.event);
	assert_int_equal(desk_waiting(desk), 1);
	assert_int_equal(desk_check(desk, first, "confirm"), REGISTRATION_GONE);
	assert_int_equal(desk_verify(desk, first, PASSWORD), REGISTRATION_GONE);
	user = desk_get(desk, "alice");
	assert_int_equal(user.version, 2);
	user_free(&user);
	/* With another address it is somebody else's. */
	(void)desk_submit(desk, "alice", "mallory@example.org", NULL);
	assert_string_equal(desk->result.event, "taken");
}

/* A token means nothing once its account waits no more. */
static void
test_w57_the_account_has_moved_on(void **state)
{
	static const char *const statuses[] = {"disabled", "closed", "active", "pending_approval"};
	struct desk *desk = *state;
	char token[ONE_TIME_SIZE];

	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	(void)desk_submit(desk, "alice", "alice@example.org", NULL);
	(void)desk_one_mail(desk, "alice@example.org", token);
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct store_call call = within(5000);
		struct user before = desk_get(desk, "alice"), after;

		assert_int_equal(user_copy(&after, &before), PD_OK);
		set(&after.status, statuses[i]);
		assert_error(
		    PD_OK, store_update_user(desk->store, &call, &before, &after, false, NULL));
		user_free(&before);
		user_free(&after);
		assert_int_equal(desk_check(desk, token, "confirm"), REGISTRATION_GONE);
		assert_int_equal(desk_verify(desk, token, PASSWORD), REGISTRATION_GONE);
		desk_assert_status(desk, "alice", statuses[i]);
	}
}

static void
test_w61_too_late(void **state)
{
	struct desk *desk = *state;
	char token[ONE_TIME_SIZE];

	desk->conf.registration = CONF_REGISTRATION_EMAIL;
	(void)desk_submit(desk, "alice", "alice@example.org", NULL);
	(void)desk_one_mail(desk, "alice@example.org", token);
	desk_age(desk, "alice", REGISTRATION_CONFIRM_S);
	assert_int_equal(desk_verify(desk, token, PASSWORD), REGISTRATION_GONE);
	desk_assert_status(desk, "alice", "pending_email");
}

static void
invite(struct desk *desk, int64_t uses, const char *email, char secret[ONE_TIME_SIZE])
{
	struct store_call call = within(5000);
	struct invitation invitation = {.uses = uses, .expires_at = store_now(desk->store) + 3600};

	(void)snprintf(invitation.email, sizeof(invitation.email), "%s", email);
	assert_true(strlist_add(&invitation.groups, "staff"));
	assert_error(PD_OK,
	    invitation_create(desk->store, &call, &invitation, store_now(desk->store), secret));
	invitation_free(&invitation);
}

static void
test_w59_invitations(void **state)
{
	struct desk *desk = *state;
	char secret[ONE_TIME_SIZE], bound[ONE_TIME_SIZE];
	struct user user;

	desk->conf.registration = CONF_REGISTRATION_INVITE;
	invite(desk, 2, "", secret);
	invite(desk, 1, "Bob@Example.org", bound);
	assert_int_equal(desk_check(desk, secret, "invite"), REGISTRATION_DONE);
	assert_int_equal(desk_check(desk, secret, "confirm"), REGISTRATION_GONE);
	assert_int_equal(desk_submit(desk, "reserved", NULL, secret)->outcome, REGISTRATION_TAKEN);
	assert_int_equal(desk_submit(desk, "alice", NULL, secret)->outcome, REGISTRATION_DONE);
	assert_int_equal(desk_submit(desk, "alice", NULL, secret)->outcome, REGISTRATION_TAKEN);
	assert_int_equal(desk_submit(desk, "another", NULL, bound)->outcome, REGISTRATION_INVALID);
	assert_int_equal(
	    desk_submit(desk, "bob2", "b@example.org", bound)->outcome, REGISTRATION_INVALID);
	assert_string_equal(desk->result.field, "invite");
	assert_int_equal(
	    desk_submit(desk, "bob2", "bob@example.ORG", bound)->outcome, REGISTRATION_DONE);
	assert_int_equal(desk_submit(desk, "carol", NULL, secret)->outcome, REGISTRATION_DONE);
	assert_int_equal(desk_submit(desk, "dave", NULL, secret)->outcome, REGISTRATION_INVALID);
	assert_string_equal(desk->result.text, "invite");
	assert_int_equal(desk_check(desk, secret, "invite"), REGISTRATION_GONE);
	assert_false(desk_has(desk, "dave"));
	user = desk_get(desk, "alice");
	assert_true(strlist_has(&user.groups, "staff"));
	assert_int_equal(user.hosts.len, 0);
	user_free(&user);
}

struct race {
	struct desk *desk;
	const char *secret;
	const char *email;
	bool one_name;
	enum registration_outcome outcomes[8];
};

struct runner {
	struct race *race;
	size_t number;
};

static void *
run(void *ctx)
{
	const struct runner *runner = ctx;
	struct race *race = runner->race;
	struct registration_result result;
	char name[32], network[32];
	const struct registration_form form = {.name = name,
	    .password = PASSWORD,
	    .password_len = strlen(PASSWORD),
	    .email = race->email,
	    .invitation = race->secret,
	    .fields = &race->desk->fields,
	    .network = network,
	    .deadline_ms = clock_monotonic_ms() + 60000};

	(void)snprintf(name, sizeof(name), "racer%zu", race->one_name ? 0 : runner->number);
	(void)snprintf(network, sizeof(network), "198.51.100.%zu", runner->number);
	registration_submit(&race->desk->registration, &form, &result);
	race->outcomes[runner->number] = result.outcome;
	registration_result_free(&result);
	return NULL;
}

static void
run_race(struct race *race)
{
	struct runner runners[8];
	pthread_t threads[8];
	size_t won = 0;

	for (size_t i = 0; i < 8; i++) {
		runners[i] = (struct runner){race, i};
		assert_int_equal(pthread_create(&threads[i], NULL, run, &runners[i]), 0);
	}
	for (size_t i = 0; i < 8; i++) {
		(void)pthread_join(threads[i], NULL);
		won += race->outcomes[i] == REGISTRATION_DONE;
	}
	assert_int_equal(won, 1);
}

static void
test_w55_w59_races(void **state)
{
	struct desk *desk = *state;
	char secret[ONE_TIME_SIZE];
	struct race names = {.desk = desk, .one_name = true};
	struct race invited = {.desk = desk, .secret = secret};
	struct race emails = {.desk = desk, .email = "one@example.org"};

	run_race(&names);
	assert_true(desk_has(desk, "racer0"));
	desk->conf.registration = CONF_REGISTRATION_INVITE;
	invite(desk, 1, "", secret);
	invited.one_name = false;
	{
		struct store_call call = within(5000);
		struct user user = desk_get(desk, "racer0");

		assert_error(PD_OK, store_delete_user(desk->store, &call, &user));
		user_free(&user);
	}
	run_race(&invited);
	desk->conf.registration = CONF_REGISTRATION_OPEN;
	for (size_t i = 0; i < 8; i++) {
		struct store_call call = within(5000);
		struct user user;
		char name[32];

		(void)snprintf(name, sizeof(name), "racer%zu", i);
		if (store_get_user(desk->store, &call, name, &user) == PD_OK)
			assert_error(PD_OK, store_delete_user(desk->store, &call, &user));
		user_free(&user);
	}
	run_race(&emails);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    DESK_TEST(test_off),
	    DESK_TEST(test_w51_open_gives_a_web_account),
	    DESK_TEST(test_w54_one_answer),
	    DESK_TEST(test_bad_forms),
	    DESK_TEST(test_bad_passwords),
	    DESK_TEST(test_limits),
	    DESK_TEST(test_w35_outage),
	    DESK_TEST(test_approval),
	    DESK_TEST(test_w61_waiting_is_bounded_and_ends),
	    DESK_TEST(test_w61_swept),
	    DESK_TEST(test_email),
	    DESK_TEST(test_w58_five_wrong_passwords_kill_the_token),
	    DESK_TEST(test_email_approval),
	    DESK_TEST(test_w56_mails_of_taken_ones),
	    DESK_TEST(test_w57_registered_again),
	    DESK_TEST(test_w57_the_account_has_moved_on),
	    DESK_TEST(test_w61_too_late),
	    DESK_TEST(test_w59_invitations),
	    DESK_TEST(test_w55_w59_races),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
