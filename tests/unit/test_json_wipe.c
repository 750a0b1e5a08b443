/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What passes through JSON is wiped before its memory is given back: free and realloc look for it.
 * The allocator is glibc's behind them; a sanitizer brings its own, which cannot be watched.
 */
#include "unit.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/secret.h"
#include "tests/lib/sanitized.h"

#define HASH "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA"
#define PART "c2FsdHNhbHQxMjM0"

static bool watching;
static unsigned found; /* blocks that held PART when they were given back */

#if !SANITIZED
void *__libc_malloc(size_t size);
void __libc_free(void *data);

void
free(void *data)
{
	if (watching && data != NULL &&
	    memmem(data, malloc_usable_size(data), PART, strlen(PART)) != NULL)
		found++;
	__libc_free(data);
}

/* Always moves, so that no copy hides in a block that happened to have room. */
void *
realloc(void *old, size_t size)
{
	void *data = __libc_malloc(size);
	size_t len;

	if (data == NULL || old == NULL)
		return data;
	len = malloc_usable_size(old);
	memcpy(data, old, len < size ? len : size);
	free(old);
	return data;
}
#endif

static int
watch(void **state)
{
	(void)state;
	found = 0;
	watching = true;
	return secret_init() ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	watching = false;
	return 0;
}

/* The watch itself: an unwiped copy is found. */
static void
an_unwiped_copy_is_found(void **state)
{
	char *volatile copy = strdup(HASH);

	(void)state;
	free(copy);
#if !SANITIZED
	assert_int_equal(found, 1);
#endif
}

static void
parsed_strings_are_wiped(void **state)
{
	static const char *const rows[] = {
	    "{\"password\":{\"S\":\"" HASH "\"}}",
	    "[{\"a\":[\"" HASH "\"]},\"" HASH "\"]",
	    "\"" HASH "\"",
	    /* with an escape, and with a longer string after it */
	    "[\"\\n" HASH "\\u0041" HASH "\",\"" HASH "\",\"................................"
	    "................................................................................"
	    "................................................................................\"]",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json *json = NULL;
		struct json *copy;

		(void)json_parse(rows[i], strlen(rows[i]), &json);
		copy = json_copy(json);
		json_free(copy);
		json_free(json);
		if (found != 0)
			fail_msg("left behind by %s", rows[i]);
	}
}

static void
built_and_written_strings_are_wiped(void **state)
{
	struct json *root = json_new_object();
	struct json *list = json_new_array();
	char *text;

	(void)state;
	assert_true(json_put(root, "password", json_new_string(HASH)));
	assert_true(json_put(root, "password", json_new_string(HASH)));
	assert_false(json_put(list, "password", json_new_string(HASH)));
	for (int i = 0; i < 100; i++)
		assert_true(json_append(list, json_new_string(HASH)));
	assert_true(json_put(root, "list", list));
	text = json_text(root, false);
	assert_non_null(text);
	secret_free_string(text);
	json_free(root);
	assert_int_equal(found, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, watch, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(an_unwiped_copy_is_found),
	    CASE(parsed_strings_are_wiped),
	    CASE(built_and_written_strings_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
