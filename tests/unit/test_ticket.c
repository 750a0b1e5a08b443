/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/secret.h"
#include "service/ticket.h"

#define GENERATION 3

static const struct peer sshd = {.uid = 0, .gid = 0, .pid = 100};
static const struct peer other_process = {.uid = 0, .gid = 0, .pid = 101};
static const struct peer other_user = {.uid = 1000, .gid = 0, .pid = 100};

struct fixture {
	struct ticket_table *table;
	struct login_result result;
	unsigned char ticket[PROTOCOL_TICKET_LEN];
};

static int
setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	if (!secret_init() || ticket_open(&fixture.table) != PD_OK)
		return 1;
	fixture.result.verdict = VERDICT_SUCCESS;
	fixture.result.user.username = strdup("alice");
	fixture.result.user.password = strdup("$argon2id$secret");
	fixture.result.user.uid = 5;
	fixture.result.rehash = fixture.result.last_login = true;
	*state = &fixture;
	return ticket_put(fixture.table, GENERATION, &sshd, "alice", &fixture.result, 1000,
		   fixture.ticket) == PD_OK
	    ? 0
	    : 1;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	login_result_free(&fixture->result);
	ticket_free(fixture->table);
	return 0;
}

static bool
take(struct fixture *fixture, const struct peer *peer, const char *name, int64_t now_ms)
{
	struct login_result out;
	bool found = ticket_take(
	    fixture->table, GENERATION, peer, name, fixture->ticket, now_ms, &out);

	login_result_free(&out);
	return found;
}

static void
test_hands_the_record_over_without_its_secrets(void **state)
{
	struct fixture *fixture = *state;
	struct login_result out;

	assert_true(
	    ticket_take(fixture->table, GENERATION, &sshd, "alice", fixture->ticket, 1001, &out));
	assert_string_equal(out.user.username, "alice");
	assert_int_equal(out.user.uid, 5);
	assert_string_equal(out.user.password, "*");
	assert_false(out.rehash);
	assert_false(out.last_login);
	login_result_free(&out);
}

static void
test_good_once(void **state)
{
	assert_true(take(*state, &sshd, "alice", 1001));
	assert_false(take(*state, &sshd, "alice", 1001));
}

static void
test_good_for_its_own_peer_and_name(void **state)
{
	assert_false(take(*state, &other_process, "alice", 1001));
	assert_false(take(*state, &other_user, "alice", 1001));
	assert_false(take(*state, &sshd, "bob", 1001));
	assert_true(take(*state, &sshd, "alice", 1001)); /* left to its owner */
}

static void
test_good_for_five_seconds(void **state)
{
	struct fixture *fixture = *state;

	assert_false(take(fixture, &sshd, "alice", 1000 + TICKET_TTL_MS));
	assert_true(take(fixture, &sshd, "alice", 1000 + TICKET_TTL_MS - 1));
	assert_int_equal(ticket_put(fixture->table, GENERATION, &sshd, "alice", &fixture->result, 0,
			     fixture->ticket),
	    PD_OK);
	ticket_expire(fixture->table, TICKET_TTL_MS);
	assert_false(take(fixture, &sshd, "alice", 1));
}

static void
test_another_ticket_is_none(void **state)
{
	struct fixture *fixture = *state;

	fixture->ticket[PROTOCOL_TICKET_LEN - 1] ^= 1;
	assert_false(take(fixture, &sshd, "alice", 1001));
	memset(fixture->ticket, 0, sizeof(fixture->ticket)); /* an unused place holds zeros */
	assert_false(take(fixture, &sshd, "alice", 1001));
}

static void
test_the_oldest_makes_room(void **state)
{
	struct fixture *fixture = *state;
	unsigned char ticket[PROTOCOL_TICKET_LEN];
	int i;

	for (i = 0; i < TICKET_MAX - 1; i++)
		assert_int_equal(ticket_put(fixture->table, GENERATION, &sshd, "alice",
				     &fixture->result, 1001, ticket),
		    PD_OK);
	assert_true(take(fixture, &sshd, "alice", 1002));
	assert_int_equal(ticket_put(fixture->table, GENERATION, &sshd, "alice", &fixture->result,
			     1000, fixture->ticket),
	    PD_OK);
	assert_int_equal(
	    ticket_put(fixture->table, GENERATION, &sshd, "alice", &fixture->result, 1001, ticket),
	    PD_OK);
	assert_false(take(fixture, &sshd, "alice", 1002));
}

static void
test_a_name_that_is_none(void **state)
{
	struct fixture *fixture = *state;
	char name[USER_NAME_SIZE + 1] = {0};

	memset(name, 'a', USER_NAME_SIZE);
	assert_int_equal(ticket_put(fixture->table, GENERATION, &sshd, name, &fixture->result, 1000,
			     fixture->ticket),
	    PD_INVALID);
}

static void
test_good_for_its_own_generation(void **state)
{
	struct fixture *fixture = *state;
	struct login_result out;

	assert_false(ticket_take(
	    fixture->table, GENERATION + 1, &sshd, "alice", fixture->ticket, 1001, &out));
	assert_true(take(fixture, &sshd, "alice", 1001));
}

#define WITH_TICKET(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Every one of the name, and no other's. */
static void
test_dropped_by_name(void **state)
{
	struct fixture *fixture = *state;
	unsigned char again[PROTOCOL_TICKET_LEN];
	unsigned char others[PROTOCOL_TICKET_LEN];
	struct login_result out;

	assert_int_equal(ticket_put(fixture->table, GENERATION, &other_process, "alice",
			     &fixture->result, 1000, again),
	    PD_OK);
	assert_int_equal(
	    ticket_put(fixture->table, GENERATION, &sshd, "bob", &fixture->result, 1000, others),
	    PD_OK);
	ticket_drop(fixture->table, "alice");
	assert_false(take(fixture, &sshd, "alice", 1001));
	assert_false(
	    ticket_take(fixture->table, GENERATION, &other_process, "alice", again, 1001, &out));
	assert_true(ticket_take(fixture->table, GENERATION, &sshd, "bob", others, 1001, &out));
	login_result_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_TICKET(test_hands_the_record_over_without_its_secrets),
	    WITH_TICKET(test_good_once),
	    WITH_TICKET(test_good_for_its_own_peer_and_name),
	    WITH_TICKET(test_good_for_five_seconds),
	    WITH_TICKET(test_another_ticket_is_none),
	    WITH_TICKET(test_the_oldest_makes_room),
	    WITH_TICKET(test_a_name_that_is_none),
	    WITH_TICKET(test_good_for_its_own_generation),
	    WITH_TICKET(test_dropped_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
