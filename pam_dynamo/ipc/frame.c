/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipc/frame.h"

#include <string.h>

#define FIELD_HEADER_LEN 4 /* tag and length */
#define BODY_MIN 2         /* version and operation */

static void
put_u16(unsigned char *to, uint16_t number)
{
	to[0] = (unsigned char)(number >> 8);
	to[1] = (unsigned char)(number & 0xff);
}

static void
put_u32(unsigned char *to, uint32_t number)
{
	put_u16(to, (uint16_t)(number >> 16));
	put_u16(to + 2, (uint16_t)(number & 0xffff));
}

static uint16_t
get_u16(const unsigned char *from)
{
	return (uint16_t)(from[0] << 8 | from[1]);
}

static uint32_t
get_u32(const unsigned char *from)
{
	return (uint32_t)get_u16(from) << 16 | get_u16(from + 2);
}

void
frame_begin(struct frame_writer *writer, void *data, size_t size, uint8_t operation)
{
	*writer = (struct frame_writer){
	    .data = data, .size = size < FRAME_SIZE ? size : FRAME_SIZE};
	if (writer->size < FRAME_HEADER_LEN + BODY_MIN) {
		writer->failed = true;
		return;
	}
	put_u32(writer->data, 0);
	writer->data[FRAME_HEADER_LEN] = PROTOCOL_VERSION;
	writer->data[FRAME_HEADER_LEN + 1] = operation;
	writer->len = FRAME_HEADER_LEN + BODY_MIN;
}

void
frame_add(struct frame_writer *writer, uint16_t tag, const void *value, size_t len)
{
	if (writer->failed || len > UINT16_MAX ||
	    writer->size - writer->len < FIELD_HEADER_LEN + len) {
		writer->failed = true;
		return;
	}
	put_u16(writer->data + writer->len, tag);
	put_u16(writer->data + writer->len + 2, (uint16_t)len);
	writer->len += FIELD_HEADER_LEN;
	if (len > 0)
		memcpy(writer->data + writer->len, value, len);
	writer->len += len;
}

void
frame_add_string(struct frame_writer *writer, uint16_t tag, const char *text)
{
	if (text != NULL)
		frame_add(writer, tag, text, strlen(text));
}

void
frame_add_u32(struct frame_writer *writer, uint16_t tag, uint32_t number)
{
	unsigned char value[4];

	put_u32(value, number);
	frame_add(writer, tag, value, sizeof(value));
}

size_t
frame_end(struct frame_writer *writer)
{
	if (writer->failed)
		return 0;
	put_u32(writer->data, (uint32_t)(writer->len - FRAME_HEADER_LEN));
	return writer->len;
}

size_t
frame_needed(const void *data, size_t len)
{
	uint32_t body;

	if (len < FRAME_HEADER_LEN)
		return 0;
	body = get_u32(data);
	if (body < BODY_MIN || body > PROTOCOL_FRAME_MAX)
		return FRAME_BAD_LENGTH;
	return FRAME_HEADER_LEN + (size_t)body;
}

bool
frame_parse(const void *data, size_t len, struct frame *out)
{
	const unsigned char *bytes = data;
	size_t at = FRAME_HEADER_LEN + BODY_MIN;

	memset(out, 0, sizeof(*out));
	/* 0 and FRAME_BAD_LENGTH are no possible len: len is below SIZE_MAX, and at least 4 here */
	if (len < FRAME_HEADER_LEN || frame_needed(data, len) != len)
		return false;
	out->version = bytes[FRAME_HEADER_LEN];
	out->operation = bytes[FRAME_HEADER_LEN + 1];
	while (at < len) {
		struct frame_field field;

		if (len - at < FIELD_HEADER_LEN)
			goto malformed;
		field.tag = get_u16(bytes + at);
		field.len = get_u16(bytes + at + 2);
		field.value = bytes + at + FIELD_HEADER_LEN;
		at += FIELD_HEADER_LEN;
		if (len - at < field.len || out->field_count == FRAME_FIELDS_MAX ||
		    frame_find(out, field.tag) != NULL)
			goto malformed;
		at += field.len;
		out->fields[out->field_count++] = field;
	}
	return true;
malformed:
	memset(out, 0, sizeof(*out));
	return false;
}

const struct frame_field *
frame_find(const struct frame *frame, uint16_t tag)
{
	for (size_t i = 0; i < frame->field_count; i++) {
		if (frame->fields[i].tag == tag)
			return &frame->fields[i];
	}
	return NULL;
}

bool
frame_string(const struct frame *frame, uint16_t tag, char *out, size_t out_size)
{
	const struct frame_field *field = frame_find(frame, tag);

	if (out_size > 0)
		out[0] = '\0';
	if (field == NULL || field->len >= out_size ||
	    memchr(field->value, '\0', field->len) != NULL)
		return false;
	memcpy(out, field->value, field->len);
	out[field->len] = '\0';
	return true;
}

bool
frame_u32(const struct frame *frame, uint16_t tag, uint32_t *out)
{
	const struct frame_field *field = frame_find(frame, tag);

	if (field == NULL || field->len != 4)
		return false;
	*out = get_u32(field->value);
	return true;
}
