/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wire format: u32 length (big-endian, of what follows), u8 version, u8 operation, then fields
 * of u16 tag, u16 length, value. Libc only. Every length is checked against the frame; a repeated
 * tag, a short field or trailing bytes make the frame malformed.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/protocol.h"

#define FRAME_HEADER_LEN 4
#define FRAME_SIZE (FRAME_HEADER_LEN + PROTOCOL_FRAME_MAX)
#define FRAME_FIELDS_MAX 32 /* fields of one frame */

/* Building, into memory of the caller: no allocation, nothing copied that the caller cannot wipe.
 */
struct frame_writer {
	unsigned char *data;
	size_t size;
	size_t len;
	bool failed; /* something did not fit; sticky */
};

void frame_begin(struct frame_writer *writer, void *data, size_t size, uint8_t operation);
void frame_add(struct frame_writer *writer, uint16_t tag, const void *value, size_t len);
void frame_add_string(
    struct frame_writer *writer, uint16_t tag, const char *text); /* NULL adds nothing */
void frame_add_u32(struct frame_writer *writer, uint16_t tag, uint32_t number);
size_t frame_end(struct frame_writer *writer); /* bytes of the whole frame; 0: failed */

struct frame_field {
	uint16_t tag;
	uint16_t len;
	const unsigned char *value;
};

struct frame {
	uint8_t version;
	uint8_t operation;
	size_t field_count;
	struct frame_field fields[FRAME_FIELDS_MAX]; /* point into the parsed memory */
};

/* Whole bytes that the frame beginning at data needs: 0 if fewer than 4 bytes are there,
 * FRAME_BAD_LENGTH if it lies. */
#define FRAME_BAD_LENGTH SIZE_MAX
size_t frame_needed(const void *data, size_t len);

/* Parses one whole frame with its length word; false: malformed. Any version parses: the caller
 * compares. */
bool frame_parse(const void *data, size_t len, struct frame *out);

const struct frame_field *frame_find(const struct frame *frame, uint16_t tag); /* NULL: absent */
/* Copies a text field with its NUL; false: absent, does not fit, or holds a NUL byte. out is ""
 * then. */
bool frame_string(const struct frame *frame, uint16_t tag, char *out, size_t out_size);
bool frame_u32(
    const struct frame *frame, uint16_t tag, uint32_t *out); /* false: absent or not 4 bytes */

#endif
