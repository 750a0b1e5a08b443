/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

#define SIZE_FIRST 256

void
buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

void
buf_free(struct buf *buf)
{
	if (buf == NULL)
		return;
	secret_wipe(buf->data, buf->size);
	free(buf->data);
	buf_init(buf, buf->max);
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

/* Makes room for `extra` bytes and a NUL; false: failed is set. */
static bool
reserve(struct buf *buf, size_t extra)
{
	size_t max = buf->max > 0 ? buf->max : BUF_MAX_DEFAULT;
	size_t size = buf->size > 0 ? buf->size : SIZE_FIRST;
	char *data;

	if (buf->failed)
		return false;
	buf->failed = true;
	if (max == SIZE_MAX || buf->len > max || extra > max - buf->len)
		return false;
	if (buf->len + extra < buf->size) {
		buf->failed = false;
		return true;
	}
	while (size <= buf->len + extra)
		size = size > max / 2 ? max + 1 : size * 2;
	data = malloc(size);
	if (data == NULL)
		return false;
	if (buf->len > 0)
		memcpy(data, buf->data, buf->len);
	data[buf->len] = '\0';
	secret_wipe(buf->data, buf->size);
	free(buf->data);
	buf->data = data;
	buf->size = size;
	buf->failed = false;
	return true;
}

void
buf_add(struct buf *buf, const void *data, size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void
buf_add_string(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void
buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void
buf_add_format(struct buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0) {
		buf->failed = true;
		return;
	}
	if (!reserve(buf, (size_t)len))
		return;
	va_start(args, format);
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

const char *
buf_string(const struct buf *buf)
{
	return buf->data != NULL ? buf->data : "";
}
