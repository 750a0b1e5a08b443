/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

static int
start(void **state)
{
	(void)state;
	return secret_init() ? 0 : -1;
}

static void
starting_twice_is_fine(void **state)
{
	(void)state;
	assert_true(secret_init());
}

static void
wiping_overwrites_exactly_the_bytes(void **state)
{
	char text[] = "0123456789";

	(void)state;
	secret_wipe(text + 2, 5);
	assert_memory_equal(text,
	    "01\0\0\0\0\0"
	    "789",
	    10);
	secret_wipe(NULL, 5);
	secret_wipe(text, 0);
	assert_int_equal(text[0], '0');
}

/* The allocator hands the same memory out again: what it held must be gone. */
static void
freed_strings_leave_nothing(void **state)
{
	static const char secret[] = "correct horse battery staple, and more of it";
	char *text = strdup(secret);
	volatile char *again;
	size_t size = malloc_usable_size(text);

	(void)state;
	secret_free_string(text);
	secret_free_string(NULL);
	again = malloc(size);
	for (size_t i = 16; i + 8 < sizeof(secret); i++)
		assert_memory_not_equal((const char *)again + i, secret + i, 8);
	free((char *)again);
}

static void
comparison_is_of_all_bytes(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", "abc", 3));
	assert_false(secret_equal("abc", "abd", 3));
	assert_false(secret_equal("bbc", "abc", 3));
	assert_true(secret_equal("abc", "abd", 2));
	assert_true(secret_equal("a", "b", 0));
}

static void
random_numbers_stay_below_their_bound(void **state)
{
	bool seen[5] = {false};

	(void)state;
	assert_int_equal(secret_random_below(1), 0);
	for (int i = 0; i < 1000; i++) {
		uint32_t number = secret_random_below(5);

		assert_true(number < 5);
		seen[number] = true;
	}
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		assert_true(seen[i]);
}

static void
random_bytes_differ(void **state)
{
	unsigned char a[32] = {0};
	unsigned char b[32] = {0};

	(void)state;
	secret_random(a, sizeof(a));
	secret_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
ids_are_hex_and_differ(void **state)
{
	char a[SECRET_ID_SIZE];
	char b[SECRET_ID_SIZE];

	(void)state;
	secret_random_id(a);
	secret_random_id(b);
	assert_int_equal(strlen(a), SECRET_ID_SIZE - 1);
	assert_int_equal(strspn(a, "0123456789abcdef"), SECRET_ID_SIZE - 1);
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(starting_twice_is_fine),
	    cmocka_unit_test(wiping_overwrites_exactly_the_bytes),
	    cmocka_unit_test(freed_strings_leave_nothing),
	    cmocka_unit_test(comparison_is_of_all_bytes),
	    cmocka_unit_test(random_numbers_stay_below_their_bound),
	    cmocka_unit_test(random_bytes_differ),
	    cmocka_unit_test(ids_are_hex_and_differ),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
