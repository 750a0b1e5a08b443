/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON written into a buffer of our own, which wipes what it outgrows; json-c's does not. */
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"

#define INDENT "  "

struct writer {
	struct buf out;
	bool pretty;
	unsigned level;
	bool first; /* nothing was written yet at this level */
};

static void write_value(struct writer *writer, const struct json *json);

static void
write_escaped(struct buf *out, unsigned char c)
{
	static const char letters[0x20] = {
	    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

	if (c >= sizeof(letters))
		buf_add_format(out, "\\%c", c);
	else if (letters[c] != '\0')
		buf_add_format(out, "\\%c", letters[c]);
	else
		buf_add_format(out, "\\u%04x", c);
}

static void
write_string(struct buf *out, const char *text, size_t len)
{
	size_t done = 0;

	buf_add_char(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, text + done, i - done);
		write_escaped(out, c);
		done = i + 1;
	}
	buf_add(out, text + done, len - done);
	buf_add_char(out, '"');
}

static void
break_line(struct writer *writer)
{
	if (!writer->pretty)
		return;
	buf_add_char(&writer->out, '\n');
	for (unsigned i = 0; i < writer->level; i++)
		buf_add_string(&writer->out, INDENT);
}

static void
begin_list(struct writer *writer, char bracket)
{
	buf_add_char(&writer->out, bracket);
	writer->level++;
	writer->first = true;
}

static void
begin_element(struct writer *writer)
{
	if (!writer->first)
		buf_add_char(&writer->out, ',');
	break_line(writer);
}

static void
end_list(struct writer *writer, char bracket)
{
	writer->level--;
	if (!writer->first)
		break_line(writer);
	buf_add_char(&writer->out, bracket);
	writer->first = false;
}

static bool
write_member(void *ctx, const char *name, const struct json *value)
{
	struct writer *writer = ctx;

	begin_element(writer);
	write_string(&writer->out, name, strlen(name));
	buf_add_char(&writer->out, ':');
	write_value(writer, value);
	writer->first = false;
	return !writer->out.failed;
}

static void
write_array(struct writer *writer, const struct json *array)
{
	begin_list(writer, '[');
	for (size_t i = 0; i < json_length(array); i++) {
		begin_element(writer);
		write_value(writer, json_at(array, i));
		writer->first = false;
	}
	end_list(writer, ']');
}

static void
write_value(struct writer *writer, const struct json *json)
{
	struct buf *out = &writer->out;
	const char *text;
	size_t len = 0;
	bool truth = false;

	switch (json_type(json)) {
	case JSON_NULL:
		buf_add_string(out, "null");
		break;
	case JSON_BOOL:
		buf_add_string(out, json_bool(json, &truth) && truth ? "true" : "false");
		break;
	case JSON_NUMBER:
		text = json_number(json);
		if (text == NULL)
			out->failed = true;
		else
			buf_add_string(out, text);
		break;
	case JSON_STRING:
		text = json_string(json, &len);
		write_string(out, text, len);
		break;
	case JSON_ARRAY:
		write_array(writer, json);
		break;
	case JSON_OBJECT:
		begin_list(writer, '{');
		(void)json_each(json, write_member, writer);
		end_list(writer, '}');
		break;
	}
}

char *
json_text(const struct json *json, bool pretty)
{
	struct writer writer = {.pretty = pretty};
	char *text = NULL;

	buf_init(&writer.out, 0);
	write_value(&writer, json);
	if (writer.out.failed)
		buf_free(&writer.out);
	else
		text = writer.out.data; /* handed over */
	return text;
}
