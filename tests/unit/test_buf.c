/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/buf.h"

static void
an_empty_buffer_is_an_empty_string(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	assert_string_equal(buf_string(&buf), "");
	buf_add(&buf, NULL, 0);
	assert_string_equal(buf_string(&buf), "");
	assert_false(buf.failed);
	buf_free(&buf);
	buf_free(&buf);
	buf_free(NULL);
}

static void
what_is_added_follows_in_order(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	buf_add_string(&buf, "one ");
	buf_add_char(&buf, '2');
	buf_add(&buf, " t\0ree", 6);
	buf_add_format(&buf, " %d%s", 4, "!");
	assert_int_equal(buf.len, 14);
	assert_memory_equal(buf.data, "one 2 t\0ree 4!", 15);
	buf_free(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.len, 0);
}

static void
growth_keeps_every_byte(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	for (int i = 0; i < 10000; i++)
		buf_add_char(&buf, (char)('a' + i % 26));
	for (int i = 0; i < 1000; i++)
		buf_add_format(&buf, "%03d", i);
	assert_false(buf.failed);
	assert_int_equal(buf.len, 13000);
	assert_true(buf.size > buf.len);
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(buf.data[i], 'a' + (int)(i % 26));
	assert_string_equal(buf.data + 12994, "998999");
	buf_free(&buf);
}

static void
the_bound_is_exact_and_failure_sticks(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	buf_add_string(&buf, "0123456789");
	assert_false(buf.failed);
	buf_add_char(&buf, 'x');
	assert_true(buf.failed);
	assert_string_equal(buf_string(&buf), "0123456789");
	buf_reset(&buf);
	assert_false(buf.failed);
	assert_string_equal(buf_string(&buf), "");
	buf_add_format(&buf, "%s", "0123456789x");
	assert_true(buf.failed);
	buf_add_char(&buf, 'y');
	assert_true(buf.failed);
	assert_int_equal(buf.len, 0);
	buf_free(&buf);
}

static void
lengths_that_overflow_are_refused(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	buf_add_char(&buf, 'x');
	buf_add(&buf, "y", SIZE_MAX);
	assert_true(buf.failed);
	buf_reset(&buf);
	buf_add(&buf, "y", BUF_MAX_DEFAULT + 1);
	assert_true(buf.failed);
	buf_free(&buf);
	buf_init(&buf, SIZE_MAX);
	buf_add_char(&buf, 'x');
	assert_true(buf.failed);
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_buffer_is_an_empty_string),
	    cmocka_unit_test(what_is_added_follows_in_order),
	    cmocka_unit_test(growth_keeps_every_byte),
	    cmocka_unit_test(the_bound_is_exact_and_failure_sticks),
	    cmocka_unit_test(lengths_that_overflow_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
