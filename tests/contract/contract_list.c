/* SPDX-License-Identifier: BSD-2-Clause */
/* Page after page, every user comes exactly once, and nothing else comes. */
#include "contract.h"

#define USERS 250

/* How often each of our names came. */
struct seen {
	char names[USERS][USER_NAME_SIZE];
	unsigned times[USERS];
};

static void
note(struct seen *seen, const struct user *user)
{
	assert_null(strchr(user->username, '#'));
	for (size_t i = 0; i < USERS; i++)
		if (strcmp(seen->names[i], user->username) == 0)
			seen->times[i]++;
}

/* The number of pages. */
static size_t
walk(struct seen *seen, size_t limit)
{
	char *cursor = NULL;
	size_t pages = 0;

	memset(seen->times, 0, sizeof(seen->times));
	do {
		struct store_call call = contract_call();
		struct store_page page;

		assert_error(PD_OK, store_list_users(contract.store, &call, cursor, limit, &page));
		assert_true(page.len <= limit);
		assert_int_equal(0, page.corrupt);
		for (size_t i = 0; i < page.len; i++)
			note(seen, &page.users[i]);
		free(cursor);
		cursor = page.next;
		page.next = NULL;
		store_page_free(&page);
		assert_in_range(++pages, 1, 1000);
	} while (cursor != NULL);
	return pages;
}

static void
test_pages(void **state)
{
	static struct seen seen;

	(void)state;
	for (size_t i = 0; i < USERS; i++) {
		struct store_call call = contract_call();
		struct user user;
		char email[64];

		contract_name(seen.names[i]);
		contract_small_user(&user, seen.names[i]);
		if (i % 50 == 0 && contract.transactions) {
			contract_email(email);
			contract_set(&user.email, email);
			user.uid = contract_uid();
		}
		assert_error(PD_OK, store_create_user(contract.store, &call, &user, false, NULL));
		user_free(&user);
	}
	assert_in_range(walk(&seen, 100), 3, 1000);
	for (size_t i = 0; i < USERS; i++)
		assert_int_equal(1, seen.times[i]);
	walk(&seen, 7);
	for (size_t i = 0; i < USERS; i++)
		assert_int_equal(1, seen.times[i]);
}

static void
test_whole_records(void **state)
{
	struct store_call call = contract_call();
	char name[USER_NAME_SIZE];
	char *cursor = NULL;
	struct user user;
	bool found = false;

	(void)state;
	contract_name(name);
	contract_full_user(&user, name);
	assert_error(PD_OK, store_create_user(contract.store, &call, &user, false, NULL));
	do {
		struct store_page page;

		assert_error(PD_OK, store_list_users(contract.store, &call, cursor, 50, &page));
		for (size_t i = 0; i < page.len; i++)
			if (record_equal(&user_type, &user, &page.users[i]))
				found = true;
		free(cursor);
		cursor = page.next;
		page.next = NULL;
		store_page_free(&page);
	} while (cursor != NULL);
	assert_true(found);
	user_free(&user);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_pages),
    cmocka_unit_test(test_whole_records),
};

const struct contract_group contract_list = {
    .name = "list",
    .tests = tests,
    .count = COUNT_OF(tests),
};
