/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/html.h"

#include <stdlib.h>
#include <string.h>

#include "web/secret.h"

#define FIRST_SIZE 16384

void
html_free(struct html *html)
{
	if (html->data != NULL)
		secret_wipe(html->data, html->size);
	free(html->data);
	*html = (struct html){0};
}

/* Never realloc: it would leave a copy behind that nobody wipes. */
static bool
grow(struct html *html, size_t more)
{
	size_t size = html->size == 0 ? FIRST_SIZE : html->size;
	char *data;

	while (size - html->len < more && size < HTML_SIZE_MAX)
		size *= 2;
	if (size - html->len < more)
		return false;
	data = malloc(size);
	if (data == NULL)
		return false;
	if (html->data != NULL) {
		memcpy(data, html->data, html->len);
		secret_wipe(html->data, html->size);
		free(html->data);
	}
	html->data = data;
	html->size = size;
	return true;
}

static void
append(struct html *html, const char *text, size_t len)
{
	if (html->failed || len == 0)
		return;
	if (html->size - html->len < len && !grow(html, len)) {
		html->failed = true;
		return;
	}
	memcpy(html->data + html->len, text, len);
	html->len += len;
}

static const char *
escape(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
html_literal(struct html *html, const char *text)
{
	append(html, text, strlen(text));
}

void
html_text_part(struct html *html, const char *text, size_t len)
{
	size_t start = 0;

	for (size_t i = 0; i < len; i++) {
		const char *escaped = escape(text[i]);

		if (escaped == NULL)
			continue;
		append(html, text + start, i - start);
		append(html, escaped, strlen(escaped));
		start = i + 1;
	}
	append(html, text + start, len - start);
}

void
html_text(struct html *html, const char *text)
{
	if (text != NULL)
		html_text_part(html, text, strlen(text));
}
