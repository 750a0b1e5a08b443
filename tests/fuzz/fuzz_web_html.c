/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as values of any template: none becomes markup. The first byte chooses the template. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

static void
slot(struct html *html, const void *argument)
{
	html_text(html, argument);
}

/* Markup of an answer: how many of each character that can begin or end some. */
static void
count(const struct html *html, size_t counts[256])
{
	memset(counts, 0, 256 * sizeof(counts[0]));
	for (size_t i = 0; i < html->len; i++)
		counts[(unsigned char)html->data[i]]++;
}

static void
fill(struct html *html, const struct template *template, const char *text)
{
	struct template_values values = {0};

	for (const struct piece *at = template->pieces; at->kind != PIECE_END; at++) {
		if (at->kind == PIECE_SLOT)
			template_set_slot(&values, at->text, slot, text);
		else if (at->kind != PIECE_LITERAL && at->kind != PIECE_MESSAGE &&
		    values.count < TEMPLATE_VALUES_MAX)
			template_set(&values, at->text, text);
	}
	template_write(html, template, &values);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char risky[] = "<>\"'";
	struct html given = {0};
	struct html plain = {0};
	size_t in_given[256];
	size_t in_plain[256];
	size_t chosen = size == 0 ? 0 : data[0];
	const struct template *template = templates;
	char *text;

	if (size < 2 || size > 512 || data[1] == '\0')
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	require(text != NULL);
	while (chosen-- > 0)
		template = template[1].name == NULL ? templates : template + 1;
	fill(&given, template, text);
	fill(&plain, template, "x");
	require(!given.failed && !plain.failed);
	count(&given, in_given);
	count(&plain, in_plain);
	for (const char *at = risky; *at != '\0'; at++)
		require(in_given[(unsigned char)*at] == in_plain[(unsigned char)*at]);
	html_free(&given);
	html_free(&plain);
	free(text);
	return 0;
}
