/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "service/crowd.h"
#include "service/operations.h"
#include "service/userdb.h"

struct fixture {
	struct crowd crowd;
	struct connection connections[CROWD_MAX + 1];
	size_t used;
};

static int
setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	*state = &fixture;
	return 0;
}

/* How many of `wanted` more connections there is room for. */
static size_t
come(struct fixture *fixture, const struct call_protocol *protocol, uid_t uid, size_t wanted)
{
	size_t came = 0;

	while (came < wanted && fixture->used < COUNT_OF(fixture->connections)) {
		struct connection *connection = &fixture->connections[fixture->used];

		connection->protocol = protocol;
		connection->peer.uid = uid;
		if (!crowd_add(&fixture->crowd, connection))
			break;
		fixture->used++;
		came++;
	}
	return came;
}

static void
test_one_uid_has_its_share_of_each(void **state)
{
	assert_int_equal(come(*state, &operations_protocol, 1000, 99), CROWD_LOGINS_PER_UID);
	assert_int_equal(come(*state, &userdb_protocol, 1000, 999), CROWD_LOOKUPS_PER_UID);
	assert_int_equal(come(*state, &operations_protocol, 1001, 99), CROWD_LOGINS_PER_UID);
	assert_int_equal(come(*state, &operations_protocol, 1000, 1), 0);
}

/* A database that everybody logs in to has one uid. */
static void
test_the_trusted_have_more(void **state)
{
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < COUNT_OF(fixture->connections); i++)
		fixture->connections[i].trusted = true;
	assert_int_equal(come(fixture, &operations_protocol, 1, 9999), CROWD_LOGINS_PER_TRUSTED);
	assert_int_equal(come(fixture, &userdb_protocol, 1, 9999), CROWD_LOOKUPS_PER_UID);
	for (i = fixture->used; i < COUNT_OF(fixture->connections); i++)
		fixture->connections[i].trusted = false;
	assert_int_equal(come(fixture, &operations_protocol, 1000, 99), CROWD_LOGINS_PER_UID);
}

static void
test_strangers_share(void **state)
{
	struct fixture *fixture = *state;
	size_t came = 0;
	uid_t uid;
	size_t i;

	for (i = 0; i < COUNT_OF(fixture->connections); i++)
		fixture->connections[i].stranger = true;
	for (uid = 700000; uid < 700100; uid++)
		came += come(fixture, &operations_protocol, uid, 9);
	assert_int_equal(came, CROWD_LOGINS_PER_UID);
	fixture->connections[fixture->used].stranger = false;
	assert_int_equal(come(fixture, &operations_protocol, 1000, 1), 1);
}

static void
test_lookups_leave_room_for_logins(void **state)
{
	size_t came = 0;
	uid_t uid;

	for (uid = 1000; uid < 1010; uid++)
		came += come(*state, &userdb_protocol, uid, 999);
	assert_int_equal(came, CROWD_LOOKUPS);
	for (came = 0, uid = 2000; uid < 2030; uid++)
		came += come(*state, &operations_protocol, uid, 99);
	assert_int_equal(came, CROWD_MAX - CROWD_ROOT - CROWD_LOOKUPS);
}

static void
test_roots_take_nobodys_share_and_have_their_own(void **state)
{
	assert_int_equal(come(*state, &userdb_protocol, 0, 600), 600);
	assert_int_equal(come(*state, &userdb_protocol, 1000, 100), 100);
	assert_int_equal(come(*state, &operations_protocol, 1000, 99), CROWD_LOGINS_PER_UID);
	assert_int_equal(
	    come(*state, &operations_protocol, 0, 9999), CROWD_MAX - 700 - CROWD_LOGINS_PER_UID);
	assert_int_equal(come(*state, &operations_protocol, 1001, 1), 0);
}

static void
test_who_goes_makes_room(void **state)
{
	struct fixture *fixture = *state;
	size_t i;

	assert_int_equal(come(fixture, &operations_protocol, 1000, 99), CROWD_LOGINS_PER_UID);
	crowd_remove(&fixture->crowd, &fixture->connections[3]);
	assert_int_equal(come(fixture, &operations_protocol, 1000, 99), 1);
	for (i = 0; i < fixture->used; i++)
		if (i != 3)
			crowd_remove(&fixture->crowd, &fixture->connections[i]);
	assert_int_equal(fixture->crowd.count, 0);
	assert_null(fixture->crowd.first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_one_uid_has_its_share_of_each, setup),
	    cmocka_unit_test_setup(test_the_trusted_have_more, setup),
	    cmocka_unit_test_setup(test_strangers_share, setup),
	    cmocka_unit_test_setup(test_lookups_leave_room_for_logins, setup),
	    cmocka_unit_test_setup(test_roots_take_nobodys_share_and_have_their_own, setup),
	    cmocka_unit_test_setup(test_who_goes_makes_room, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
