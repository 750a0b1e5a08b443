/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames from anyone: what parses must lie inside the input and build again to the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

static void
build_again(const uint8_t *data, size_t size, const struct frame *frame)
{
	static unsigned char copy[FRAME_SIZE];
	struct frame_writer writer;

	frame_begin(&writer, copy, sizeof(copy), frame->operation);
	for (size_t i = 0; i < frame->field_count; i++) {
		const struct frame_field *field = &frame->fields[i];

		require(field->value >= data && field->value + field->len <= data + size);
		require(frame_find(frame, field->tag) == field);
		frame_add(&writer, field->tag, field->value, field->len);
	}
	require(frame_end(&writer) == size);
	copy[FRAME_HEADER_LEN] = frame->version;
	require(memcmp(copy, data, size) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t needed = frame_needed(data, size);
	struct frame frame;
	char text[32];
	uint32_t number;

	require(needed == 0 || needed == FRAME_BAD_LENGTH || needed <= FRAME_SIZE);
	if (!frame_parse(data, size, &frame)) {
		require(frame.field_count == 0);
		return 0;
	}
	require(needed == size);
	build_again(data, size, &frame);
	for (uint16_t tag = 0; tag < 80; tag++) {
		if (frame_string(&frame, tag, text, sizeof(text)))
			require(strlen(text) == frame_find(&frame, tag)->len);
		(void)frame_u32(&frame, tag, &number);
	}
	return 0;
}
