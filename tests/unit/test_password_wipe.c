/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A password that was hashed is in no block of memory that was given back, and not on the stack;
 * neither is there what its hash was read into.
 * The allocator is glibc's behind our free; a sanitizer brings its own, which cannot be watched.
 */
#include "unit.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/password.h"
#include "core/password_text.h"
#include "core/secret.h"
#include "password_known.h"
#include "tests/lib/sanitized.h"

#define STACK_BYTES 65536
#define DIGEST_PART 16

/* NFC changes the accent, so that the form that is hashed is another text than the one typed. */
static char typed[] = "wipe me after use, cafe\xcc\x81";

static volatile bool watching;
static volatile unsigned found; /* blocks that held a copy when they were given back */

#if !SANITIZED
static const char part[] = "wipe me after us"; /* looked for; the NUL is not part of it */

void __libc_free(void *data);

void
free(void *data)
{
	if (watching && data != NULL &&
	    memmem(data, malloc_usable_size(data), part, sizeof(part) - 1) != NULL)
		found++;
	__libc_free(data);
}
#endif

/* What the calls that have returned left below our own frame. The sanitizers own both watched
 * places: there the formats are only run through. */
static __attribute__((noinline)) bool
bytes_are_on_stack(const void *bytes, size_t len)
{
#if SANITIZED
	(void)bytes;
	(void)len;
	return false;
#else
	const char *end = __builtin_frame_address(0);

	return memmem(end - STACK_BYTES, STACK_BYTES - 256, bytes, len) != NULL;
#endif
}

static bool
is_on_stack(void)
{
#if SANITIZED
	return false;
#else
	return bytes_are_on_stack(part, sizeof(part) - 1);
#endif
}

static __attribute__((noinline)) void
wipe_stack(void)
{
	char bytes[STACK_BYTES + 4096];

	secret_wipe(bytes, sizeof(bytes));
}

#if !SANITIZED
static __attribute__((noinline)) bool
forget_to_wipe(void)
{
	char copy[4096] = {0};

	memcpy(copy, typed, sizeof(typed));
	return secret_equal(copy, typed, sizeof(typed));
}

static void
test_the_watch_sees_copies(void **state)
{
	char *volatile copy = strdup(typed);

	(void)state;
	found = 0;
	watching = true;
	free(copy);
	watching = false;
	assert_int_equal(found, 1);
	wipe_stack();
	assert_false(is_on_stack());
	assert_true(forget_to_wipe());
	assert_true(is_on_stack());
}
#endif

static void
test_every_format_leaves_nothing(void **state)
{
	static const struct password_bound bound = {40000, 4, 20000};

	(void)state;
	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++) {
		bool left;

		wipe_stack();
		found = 0;
		watching = true;
		(void)password_verify(password_known[i].encoded, &bound, typed, sizeof(typed) - 1);
		left = is_on_stack();
		watching = false;
		if (found > 0 || left)
			fail_msg("%s: %u blocks, stack %d", password_known[i].encoded,
			    (unsigned)found, left);
	}
}

/* The digest that ends a hash in hex or base64, its first bytes; false: in another alphabet. */
static bool
decode_digest(const char *encoded, unsigned char out[DIGEST_PART])
{
	size_t len = strcspn(encoded, "}") + 1 < strlen(encoded) ? strcspn(encoded, "}") + 1 : 0;
	struct password_text text = {encoded + len, strlen(encoded + len)};
	const char *last = strrchr(text.at, '$');
	unsigned char bytes[256] = {0};
	size_t bytes_len = 0;
	bool ok;

	if (last != NULL)
		text = (struct password_text){last + 1, strlen(last + 1)};
	if (strspn(text.at, "0123456789abcdef") == text.len)
		ok = password_text_hex(&text.at, bytes, DIGEST_PART);
	else
		ok = password_text_decode(text, false, bytes, sizeof(bytes), &bytes_len) ||
		    password_text_decode(text, true, bytes, sizeof(bytes), &bytes_len);
	memcpy(out, bytes, DIGEST_PART);
	secret_wipe(bytes, sizeof(bytes));
	return ok;
}

static void
test_no_digest_is_left(void **state)
{
	static const struct password_bound bound = {40000, 4, 20000};
	static const struct password_cost cost = {8, 1};
	static unsigned char digest[DIGEST_PART];
	size_t decoded = 0;

	(void)state;
	for (size_t i = 0; i < PASSWORD_KNOWN_COUNT; i++) {
		const char *encoded = password_known[i].encoded;

		if (!decode_digest(encoded, digest))
			continue;
		decoded++;
		wipe_stack();
		(void)password_check(encoded, &bound);
		if (bytes_are_on_stack(digest, DIGEST_PART))
			fail_msg("%s: checked", encoded);
		(void)password_needs_rehash(encoded, &cost);
		if (bytes_are_on_stack(digest, DIGEST_PART))
			fail_msg("%s: looked at for its age", encoded);
		(void)password_verify(encoded, &bound, typed, sizeof(typed) - 1);
		if (bytes_are_on_stack(digest, DIGEST_PART))
			fail_msg("%s: verified", encoded);
	}
	assert_true(decoded > 10);
}

static void
test_our_own_leaves_nothing(void **state)
{
	static const struct password_cost least = {.memory_kib = 8, .passes = 1};
	static const struct password_bound bound = {8, 1, 0};
	char hash[PASSWORD_HASH_SIZE];
	enum password_match match;
	enum pd_error error;
	bool left;

	(void)state;
	wipe_stack();
	found = 0;
	watching = true;
	error = password_make(&least, typed, sizeof(typed) - 1, hash);
	left = is_on_stack();
	match = password_verify(hash, &bound, typed, sizeof(typed) - 1);
	left |= is_on_stack();
	password_verify_dummy(&least, typed, sizeof(typed) - 1);
	left |= is_on_stack();
	watching = false;
	assert_int_equal(error, PD_OK);
	assert_int_equal(match, PASSWORD_MATCH);
	assert_int_equal(found, 0);
	assert_false(left);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#if !SANITIZED
		cmocka_unit_test(test_the_watch_sees_copies),
#endif
		cmocka_unit_test(test_every_format_leaves_nothing),
		cmocka_unit_test(test_no_digest_is_left),
		cmocka_unit_test(test_our_own_leaves_nothing),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
