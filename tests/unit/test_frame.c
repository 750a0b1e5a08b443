/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ipc/frame.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
builds_the_bytes_of_the_protocol(void **state)
{
	static const unsigned char expected[] = {0, 0, 0, 19, /* length */
	    1, 2,                                             /* version, operation */
	    0, 1, 0, 5, 'a', 'l', 'i', 'c', 'e',              /* USER */
	    0, 8, 0, 4, 0, 0, 3, 0xe8};                       /* MINIMUM_UID 1000 */
	unsigned char data[64];
	struct frame_writer writer;

	(void)state;
	frame_begin(&writer, data, sizeof(data), PROTOCOL_AUTHENTICATE);
	frame_add_string(&writer, PROTOCOL_TAG_USER, "alice");
	frame_add_string(&writer, PROTOCOL_TAG_RHOST, NULL);
	frame_add_u32(&writer, PROTOCOL_TAG_MINIMUM_UID, 1000);
	assert_int_equal(frame_end(&writer), sizeof(expected));
	assert_memory_equal(data, expected, sizeof(expected));
}

static void
reads_what_it_built(void **state)
{
	unsigned char data[64];
	struct frame_writer writer;
	struct frame frame;
	char text[8];
	uint32_t number = 0;
	size_t len;

	(void)state;
	frame_begin(&writer, data, sizeof(data), PROTOCOL_ACCOUNT);
	frame_add_string(&writer, PROTOCOL_TAG_USER, "alice");
	frame_add(&writer, PROTOCOL_TAG_PASSWORD, "", 0);
	frame_add_u32(&writer, PROTOCOL_TAG_DEADLINE, UINT32_MAX);
	len = frame_end(&writer);
	assert_true(frame_parse(data, len, &frame));
	assert_int_equal(frame.version, PROTOCOL_VERSION);
	assert_int_equal(frame.operation, PROTOCOL_ACCOUNT);
	assert_int_equal(frame.field_count, 3);
	assert_true(frame_string(&frame, PROTOCOL_TAG_USER, text, sizeof(text)));
	assert_string_equal(text, "alice");
	assert_non_null(frame_find(&frame, PROTOCOL_TAG_PASSWORD));
	assert_int_equal(frame_find(&frame, PROTOCOL_TAG_PASSWORD)->len, 0);
	assert_null(frame_find(&frame, PROTOCOL_TAG_TTY));
	assert_true(frame_u32(&frame, PROTOCOL_TAG_DEADLINE, &number));
	assert_int_equal(number, UINT32_MAX);
	assert_false(frame_u32(&frame, PROTOCOL_TAG_USER, &number));
	assert_false(frame_u32(&frame, PROTOCOL_TAG_TTY, &number));
}

static void
a_text_must_fit_and_hold_no_nul(void **state)
{
	unsigned char data[64];
	struct frame_writer writer;
	struct frame frame;
	char text[6];

	(void)state;
	frame_begin(&writer, data, sizeof(data), PROTOCOL_PING);
	frame_add(&writer, 1, "alice", 5);
	frame_add(&writer, 2, "alices", 6);
	frame_add(&writer, 3, "a\0b", 3);
	assert_true(frame_parse(data, frame_end(&writer), &frame));
	assert_true(frame_string(&frame, 1, text, sizeof(text)));
	for (uint16_t tag = 2; tag <= 4; tag++) {
		memset(text, 'x', sizeof(text));
		assert_false(frame_string(&frame, tag, text, sizeof(text)));
		assert_string_equal(text, "");
	}
}

static void
a_writer_that_overflows_stays_failed(void **state)
{
	unsigned char data[16];
	static const unsigned char big[PROTOCOL_FRAME_MAX + 1];
	static unsigned char room[FRAME_SIZE + 64];
	struct frame_writer writer;

	(void)state;
	frame_begin(&writer, data, sizeof(data), PROTOCOL_PING);
	frame_add(&writer, 1, "1234567", 7); /* 6 + 4 + 7 > 16 */
	frame_add(&writer, 2, "", 0);
	assert_int_equal(frame_end(&writer), 0);
	frame_begin(&writer, data, sizeof(data), PROTOCOL_PING);
	frame_add(&writer, 1, "123456", 6); /* just fits */
	assert_int_equal(frame_end(&writer), sizeof(data));
	frame_begin(&writer, data, 5, PROTOCOL_PING);
	assert_int_equal(frame_end(&writer), 0);
	frame_begin(&writer, room, sizeof(room), PROTOCOL_PING);
	frame_add(&writer, 1, big, sizeof(big)); /* more than a field's length can say */
	assert_int_equal(frame_end(&writer), 0);
	frame_begin(&writer, room, sizeof(room), PROTOCOL_PING);
	frame_add(&writer, 1, big, UINT16_MAX); /* a field, but no frame */
	assert_int_equal(frame_end(&writer), 0);
	frame_begin(&writer, room, sizeof(room), PROTOCOL_PING);
	frame_add(&writer, 1, big, PROTOCOL_FRAME_MAX - 6);
	assert_int_equal(frame_end(&writer), FRAME_SIZE);
	assert_int_equal(frame_needed(room, FRAME_SIZE), FRAME_SIZE);
}

static void
the_length_word_is_bounded(void **state)
{
	static const struct {
		unsigned char word[4];
		size_t needed;
	} rows[] = {
	    {{0, 0, 0, 0}, FRAME_BAD_LENGTH},
	    {{0, 0, 0, 1}, FRAME_BAD_LENGTH},
	    {{0, 0, 0, 2}, 6},
	    {{0, 1, 0, 0}, FRAME_SIZE},
	    {{0, 1, 0, 1}, FRAME_BAD_LENGTH},
	    {{0xff, 0xff, 0xff, 0xff}, FRAME_BAD_LENGTH},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(frame_needed(rows[i].word, 4) == rows[i].needed);
		assert_int_equal(frame_needed(rows[i].word, 3), 0);
	}
}

static void
malformed_frames_do_not_parse(void **state)
{
	static const struct {
		const char *what;
		size_t len;
		unsigned char data[24];
	} rows[] = {
	    {"nothing", 0, {0}},
	    {"half a length word", 3, {0, 0, 0}},
	    {"length word alone", 4, {0, 0, 0, 2}},
	    {"no operation", 5, {0, 0, 0, 1, 1}},
	    {"fewer bytes than said", 6, {0, 0, 0, 3, 1, 1}},
	    {"more bytes than said", 7, {0, 0, 0, 2, 1, 1, 0}},
	    {"field header cut", 9, {0, 0, 0, 5, 1, 1, 0, 1, 0}},
	    {"value cut", 11, {0, 0, 0, 7, 1, 1, 0, 1, 0, 2, 'a'}},
	    {"value beyond everything", 10, {0, 0, 0, 6, 1, 1, 0, 1, 0xff, 0xff}},
	    {"tag twice", 14, {0, 0, 0, 10, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0}},
	};
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&frame, 0xff, sizeof(frame));
		if (frame_parse(rows[i].data, rows[i].len, &frame))
			fail_msg("parsed: %s", rows[i].what);
		assert_int_equal(frame.field_count, 0);
	}
}

static void
at_most_thirty_two_fields(void **state)
{
	unsigned char data[256];
	struct frame_writer writer;
	struct frame frame;

	(void)state;
	for (uint16_t fields = 32; fields <= 33; fields++) {
		frame_begin(&writer, data, sizeof(data), PROTOCOL_PING);
		for (uint16_t tag = 1; tag <= fields; tag++)
			frame_add(&writer, tag, "", 0);
		assert_true(frame_parse(data, frame_end(&writer), &frame) == (fields == 32));
	}
}

static void
another_version_parses(void **state)
{
	static const unsigned char data[] = {0, 0, 0, 2, 9, 128};
	struct frame frame;

	(void)state;
	assert_true(frame_parse(data, sizeof(data), &frame));
	assert_int_equal(frame.version, 9);
	assert_int_equal(frame.operation, 128);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(builds_the_bytes_of_the_protocol),
	    cmocka_unit_test(reads_what_it_built),
	    cmocka_unit_test(a_text_must_fit_and_hold_no_nul),
	    cmocka_unit_test(a_writer_that_overflows_stays_failed),
	    cmocka_unit_test(the_length_word_is_bounded),
	    cmocka_unit_test(malformed_frames_do_not_parse),
	    cmocka_unit_test(at_most_thirty_two_fields),
	    cmocka_unit_test(another_version_parses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
