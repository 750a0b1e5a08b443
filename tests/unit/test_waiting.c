/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/waiting.h"

#define NOW 1700000000

/* Changes the list as the store does. */
static enum pd_error
change(struct state *list, struct waiting_change *asked)
{
	struct state next = {0};
	enum pd_error error = waiting_step(list, asked, &next);

	if (error == PD_OK) {
		strlist_free(&list->entries);
		list->entries = next.entries;
		next.entries = (struct strlist){0};
		list->expires_at = next.expires_at;
	}
	state_free(&next);
	return error;
}

static struct state
make_list(void)
{
	return (struct state){.id = strdup(WAITING_REGISTRATIONS), .version = 1};
}

static void
test_add_and_remove(void **state)
{
	struct state list = make_list();
	struct waiting_change alice = {.add = "alice", .until = NOW + 5, .max = 2, .now = NOW};
	struct waiting_change bob = {.add = "bob", .until = NOW + 9, .max = 2, .now = NOW};
	struct waiting_change carol = {.add = "carol", .until = NOW + 7, .max = 2, .now = NOW};
	struct waiting_change gone = {.remove = "alice", .now = NOW};

	(void)state;
	assert_int_equal(change(&list, &alice), PD_OK);
	assert_int_equal(change(&list, &alice), PD_OK);
	assert_int_equal(list.entries.len, 1);
	assert_string_equal(list.entries.items[0], "alice 1700000005");
	assert_int_equal(change(&list, &bob), PD_OK);
	assert_int_equal(list.expires_at, NOW + 9);
	assert_int_equal(change(&list, &carol), PD_CONFLICT);
	assert_true(carol.full);
	assert_int_equal(list.entries.len, 2);
	assert_int_equal(change(&list, &gone), PD_OK);
	assert_int_equal(change(&list, &gone), PD_OK);
	assert_int_equal(change(&list, &carol), PD_OK);
	assert_false(carol.full);
	assert_string_equal(list.entries.items[0], "bob 1700000009");
	assert_string_equal(list.entries.items[1], "carol 1700000007");
	state_free(&list);
}

/* Old entries count for nothing; they stay where something is still to be deleted. */
static void
test_time(void **state)
{
	struct state list = make_list();
	struct waiting_change alice = {.add = "alice", .until = NOW + 5, .max = 1, .now = NOW};
	struct waiting_change bob = {
	    .add = "bob", .until = NOW + 90, .max = 1, .now = NOW + 5, .keep = true};

	(void)state;
	assert_int_equal(change(&list, &alice), PD_OK);
	assert_int_equal(change(&list, &bob), PD_OK);
	assert_int_equal(list.entries.len, 2);
	assert_true(list.expires_at > NOW + 90);
	bob.keep = false;
	assert_int_equal(change(&list, &bob), PD_OK);
	assert_int_equal(list.entries.len, 1);
	state_free(&list);
}

static void
test_an_empty_list_is_no_item(void **state)
{
	struct state list = make_list(), next = {0};
	struct waiting_change gone = {.remove = "alice", .now = NOW};

	(void)state;
	assert_int_equal(waiting_step(&list, &gone, &next), PD_OK);
	assert_null(next.id);
	state_free(&list);
}

static void
test_read(void **state)
{
	static const char *const bad[] = {
	    "", "alice", "alice ", " 5", "alice x", "alice -5", "alice 5 6", "alice 0"};
	char name[WAITING_NAME_SIZE];
	int64_t until = 0;

	(void)state;
	assert_true(waiting_read("alice 1700000005", name, &until));
	assert_string_equal(name, "alice");
	assert_int_equal(until, 1700000005);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (waiting_read(bad[i], name, &until))
			fail_msg("'%s'", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_add_and_remove),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_an_empty_list_is_no_item),
	    cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
